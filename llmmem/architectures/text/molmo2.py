"""The language model of Molmo 2: Qwen3's layers with fused matrices, and a table of words in two parts."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import ModelSpec, Tensor, join


def molmo2_text(c: Config, head: str | None = None) -> ModelSpec:
    """Molmo2TextModel, which has no head of its own (transformers 5.23, models/molmo2, under the checkpoint's names).

    Raises:
        ConfigError: norms of q and k of a kind the class does not know.
    """
    s = sizes(c, hidden=4096, heads=32, intermediate=12288, kv_heads=8, head_dim=128)
    kind = c.str("qk_norm_type", default="qwen3")
    if kind not in ("qwen3", "olmo"):
        raise ConfigError(f"qk_norm_type is {kind[:40]!r}: neither qwen3 nor olmo.", "Check the config.json.")
    whole = kind == "olmo"  # over all heads at once
    bias = c.bool("attention_bias", "qkv_bias")
    layer = join(
        norm("attn_norm", s.hidden),
        fused_attention(
            ("self_attn.att_proj", "self_attn.attn_out"),
            s.hidden,
            s.heads,
            s.kv_heads,
            s.head_dim,
            bias=bias,
            out_bias=False,
        ),
        norm("self_attn.q_norm", s.heads * s.head_dim if whole else s.head_dim),
        norm("self_attn.k_norm", s.kv_heads * s.head_dim if whole else s.head_dim),
        norm("ff_norm", s.hidden),
        fused_gated_mlp("mlp", s.hidden, s.intermediate, names=("ff_proj", "ff_out")),
    )
    vocab = c.int("vocab_size", default=151936, least=1)
    rows = vocab + c.int("additional_vocab_size", default=128)
    # transformers joins the two tables, and writes the joined one as halves.
    half = -(-rows // 2)
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=36), layer),
        hidden=s.hidden,
        vocab=vocab,
        stem=(
            Tensor("wte.embedding", (half, s.hidden), "embedding", 0),
            Tensor("wte.new_embedding", (rows - half, s.hidden), "embedding", 0),
        ),
        heads=(),
        max_context=c.int("max_position_embeddings", default=36864),
        default_head="base",
    )
