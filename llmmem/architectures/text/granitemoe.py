"""Granite with experts stored as stacks, some beside a shared MLP, some with windows and sinks."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import Sizes, llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.attention import sinks
from llmmem.parts.basic import Tensors
from llmmem.parts.mlp import fused_gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join


def _experts(
    c: Config, s: Sizes, *, gate: str = "router", names: tuple[str, str] = ("experts.gate_up_proj", "experts.down_proj")
) -> Part:
    count = c.int("num_local_experts", default=8, least=1)
    stacks = stacked_experts(
        "block_sparse_moe",
        s.hidden,
        s.intermediate,
        count,
        c.int("num_experts_per_tok", default=2),
        names=names,
        layout="oi",
    )
    return join(router(f"block_sparse_moe.{gate}", s.hidden, count), stacks)


def _shared(c: Config, s: Sizes) -> Part:
    """An MLP beside the experts, where it has a size."""
    width = c.int("shared_intermediate_size", default=0)
    return (
        fused_gated_mlp("shared_mlp", s.hidden, width, names=("input_linear", "output_linear")) if width else Part(())
    )


def _model(
    c: Config, head: str | None, s: Sizes, windows: list[tuple[str, int | None]], moe: Part, extra: Tensors = ()
) -> ModelSpec:
    bias = c.bool("attention_bias")
    return language_model(
        c,
        head,
        llama_layers(s, windows, bias=bias, out_bias=bias, extra=extra, feed_forward=moe),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )


def _plain(c: Config) -> tuple[Sizes, list[tuple[str, int | None]], Part]:
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    return s, windows, _experts(c, s, gate="router.layer", names=("input_linear.weight", "output_linear.weight"))


def granitemoe(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteMoeForCausalLM (transformers 5.23, models/granitemoe)."""
    s, windows, moe = _plain(c)
    return _model(c, head, s, windows, moe)


def granitemoeshared(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteMoeSharedForCausalLM (transformers 5.23, models/granitemoeshared)."""
    s, windows, moe = _plain(c)
    return _model(c, head, s, windows, join(moe, _shared(c, s)))


def granitemoe_swa(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteMoeSWAForCausalLM: a window in three of four layers (transformers 5.23, models/granitemoe_swa)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    n = c.count("num_hidden_layers", default=32)
    pattern = ["sliding_attention" if i % 4 else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window", default=128), pattern=pattern)
    return _model(c, head, s, windows, join(_experts(c, s), _shared(c, s)), sinks(s.heads))
