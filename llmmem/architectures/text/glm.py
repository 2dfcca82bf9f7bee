"""GLM-4, dense: biases on q, k and v, gate and up in one matrix, in the 0414 models norms on either side."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import ModelSpec


def _glm(c: Config, head: str | None, norms: tuple[str, ...]) -> ModelSpec:
    s = sizes(c, hidden=4096, heads=32, kv_heads=2, head_dim=128, intermediate=13696)
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=40), c.optional("sliding_window")),
        norms=norms,
        bias=c.bool("attention_bias", default=True),
        feed_forward=fused_gated_mlp("mlp", s.hidden, s.intermediate, names=("gate_up_proj", "down_proj")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=151552, least=1),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=131072),
    )


def glm(c: Config, head: str | None = None) -> ModelSpec:
    """GlmForCausalLM (arXiv:2406.12793; transformers 5.23, models/glm)."""
    return _glm(c, head, ("input_layernorm", "post_attention_layernorm"))


def glm4(c: Config, head: str | None = None) -> ModelSpec:
    """Glm4ForCausalLM (transformers 5.23, models/glm4)."""
    between = ("post_self_attn_layernorm", "post_attention_layernorm")
    return _glm(c, head, ("input_layernorm", *between, "post_mlp_layernorm"))
