"""Gemma 4's language model with embeddings per layer, or experts beside the MLP."""

from __future__ import annotations

from llmmem.architectures.text.gemma4_unified import gemma4_model
from llmmem.config import Config
from llmmem.parts.altup import per_layer_input, per_layer_tables
from llmmem.parts.basic import norm, scalars
from llmmem.parts.mlp import router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join


def gemma4_text(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma4ForCausalLM (transformers 5.23, models/gemma4)."""
    size = c.int("hidden_size_per_layer_input", default=256)
    rows = c.int("vocab_size_per_layer_input", default=262144)

    def beside(hidden: int) -> Part:
        own = per_layer_input(hidden, size) if size else ()
        return join(own, _experts(c, hidden) if c.bool("enable_moe_block") else ())

    return gemma4_model(
        c,
        head,
        window=512,
        context=131072,
        beside=beside,
        tables=lambda hidden, layers: per_layer_tables(hidden, layers, rows, size) if size else (),
    )


def _experts(c: Config, hidden: int) -> Part:
    count, inner = c.int("num_experts", least=1), c.int("moe_intermediate_size")
    return join(
        router("router.proj", hidden, count),
        scalars("router.scale", hidden),
        scalars("router.per_expert_scale", count),
        stacked_experts("experts", hidden, inner, count, c.int("top_k_experts", default=count), layout="oi"),
        norm("post_feedforward_layernorm_1", hidden),
        norm("post_feedforward_layernorm_2", hidden),
        norm("pre_feedforward_layernorm_2", hidden),
    )


def diffusion_gemma_text(c: Config, head: str | None = None) -> ModelSpec:
    """DiffusionGemmaEncoderTextModel: experts, and the keys again as values without a window (transformers 5.23)."""
    others = ("num_kv_shared_layers", "use_double_wide_mlp")  # Gemma 4's, which this class does not heed
    own = {key: value for key, value in c.raw.items() if key not in others}
    return gemma4_model(
        Config({**own, "attention_k_eq_v": True}, c.path, c.reads),
        head or "base",
        window=512,
        context=131072,
        beside=lambda hidden: _experts(c, hidden),
    )
