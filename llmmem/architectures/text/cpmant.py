"""CPM-Ant: prompts of its own before every text, relative positions between segments as a bias per head."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import embedding, norm, positions
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Cache, ModelSpec, Tensor, join


def cpmant(c: Config, head: str | None = None) -> ModelSpec:
    """CpmAntForCausalLM (transformers 5.23, models/cpmant)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    head_dim = c.int("dim_head", default=128, least=1)
    vocab = c.int("vocab_size", default=30720, least=1)
    prompt = c.int("prompt_length", default=32)
    segments = c.int("segment_types", default=32)
    names = ("project_q", "project_k", "project_v", "attention_out")
    attends = attention("self_att.self_attention", hidden, heads, heads, head_dim, names=names, biased=True)
    # The prompt's keys and values stand before the text's.
    caches = (Cache("full", heads, size=2 * prompt * head_dim), *attends.caches)
    layer = join(
        norm("self_att.layernorm_before_attention", hidden),
        attends._replace(caches=caches),
        norm("ffn.layernorm_before_ffn", hidden),
        gated_mlp("ffn.ffn", hidden, c.int("dim_ff", default=10240), names=("w_in.w_0", "w_in.w_1", "w_out")),
    )
    table = (segments * segments + c.int("position_bias_num_buckets", default=512), heads)
    return language_model(
        c,
        head,
        uniform("language", "encoder.layers.{}.", c.count("num_hidden_layers", default=48), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(
            *embedding("input_embedding", vocab + c.int("prompt_types", default=32) * prompt, hidden),
            *positions("segment_embedding", segments, hidden),
            Tensor("position_bias.relative_attention_bias", table, "position", 1),
        ),
        final=norm("encoder.output_layernorm", hidden),
        base="cpmant.",
        tied=None,
        heads=(),
        max_context=c.int("position_bias_max_distance", default=2048),
    )
