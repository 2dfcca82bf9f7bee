"""LFM2 with experts."""

from __future__ import annotations

from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.lfm2 import W1_W3_W2, conv_model, lfm2_attention, respelled
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.basic import buffer
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, join


def lfm2_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Lfm2MoeForCausalLM (transformers 5.23, models/lfm2_moe); its class has no default pattern."""
    c = respelled(c, tie_embedding="tie_word_embeddings")
    s = sizes(c, hidden=2048, heads=32, kv_heads=8, intermediate=7168)
    n = c.count("num_hidden_layers", default=32)
    kinds = layer_kinds(c, "layer_types", known=("full_attention", "conv"), layers=n)
    count, inner = c.int("num_experts", default=32), c.int("moe_intermediate_size", default=1792)
    top_k = c.int("num_experts_per_tok", default=4)
    correction = c.bool("use_expert_bias", default=True)
    parts = {
        "mlp": gated_mlp("feed_forward", s.hidden, s.intermediate, names=W1_W3_W2),
        "moe": join(
            router("feed_forward.gate", s.hidden, count),
            buffer("feed_forward.expert_bias", count, dtype="fp32") if correction else (),
            experts("feed_forward.experts", s.hidden, inner, count, top_k, names=W1_W3_W2),
        ),
    }
    dense = c.int("num_dense_layers", default=2)
    sparse = ["mlp" if i < dense else "moe" for i in range(n)]
    return conv_model(c, head, s, kinds, lfm2_attention(s), sparse, parts, kernel=3, vocab=65536)
