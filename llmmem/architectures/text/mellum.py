"""Mellum 2: Qwen3's attention, and experts or an MLP as a list says."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import linear, norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import Block, ModelSpec, Part, join


def mellum(c: Config, head: str | None = None) -> ModelSpec:
    """MellumForCausalLM (transformers 5.23, models/mellum).

    Raises:
        ConfigError: more deep prediction layers than the one the class knows.
    """
    s = sizes(c, hidden=2304, heads=32, intermediate=7168, kv_heads=4, head_dim=128)
    bias = c.bool("attention_bias")
    inner = c.int("moe_intermediate_size", default=896)
    count = c.int("num_local_experts", "num_experts", default=64)
    top_k = c.int("num_experts_per_tok", default=8)

    def layer(mlp: str, cache: str, window: int | None) -> Part:
        sparse = mlp == "sparse"
        return join(
            norm("input_layernorm", s.hidden),
            attention(
                "self_attn",
                s.hidden,
                s.heads,
                s.kv_heads,
                s.head_dim,
                bias=bias,
                out_bias=bias,
                extra=qk_norm(s.head_dim),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", s.hidden),
            router("mlp.gate", s.hidden, count) if sparse else (),
            experts("mlp.experts", s.hidden, inner, count, top_k)
            if sparse
            else gated_mlp("mlp", s.hidden, s.intermediate),
        )

    n = c.count("num_hidden_layers", default=28)
    windows = layer_windows(c, n, c.optional("sliding_window", default=1024), pattern=["full_attention"] * n)
    mlps = c.each_layer("mlp_layer_types", layers=n) or ["sparse"] * n
    kinds = [(str(mlp), *window) for mlp, window in zip(mlps, windows, strict=True)]
    spec = language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=98304, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
    deep = c.int("num_nextn_predict_layers", "num_mtp_layers", default=0)
    if deep > 1:
        raise ConfigError(
            f"num_nextn_predict_layers is {deep:,}, but Mellum has one at most.", "Check the config.json."
        )
    if not deep:
        return spec
    mlp = str((c.each_layer("mtp_mlp_layer_types", layers=1) or ["sparse"])[0])
    predict = (
        # The joining matrix stays unquantised like a router.
        *linear("fc", 2 * s.hidden, s.hidden, role="router"),
        *norm("pre_fc_norm_embedding", s.hidden),
        *norm("pre_fc_norm_hidden", s.hidden),
        *(t._replace(name=f"layers.0.{t.name}") for t in layer(mlp, "full", None).tensors),
        *norm("norm", s.hidden),
    )
    return spec._replace(blocks=(*spec.blocks, Block("mtp", "mtp.", predict, loaded=False)))
