"""Higgs Audio v2: a Llama whose layers have norms and a feed-forward part of their own for sound."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, embedding, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, join


def higgs_audio_v2(c: Config, head: str | None = None) -> ModelSpec:
    """HiggsAudioV2ForConditionalGeneration and its base model (transformers 5.23, models/higgs_audio_v2)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    s = sizes(c, hidden=3072, heads=24, kv_heads=8, head_dim=128, intermediate=8192)
    divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads)
    bias, wide = c.bool("attention_bias"), c.bool("mlp_bias")
    layer = join(
        attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, bias=bias, out_bias=bias),
        gated_mlp("mlp", s.hidden, s.intermediate, bias=wide),
        norm("input_layernorm", s.hidden),
        norm("post_attention_layernorm", s.hidden),
        # A token is text or sound, but which of the two is not known beforehand.
        gated_mlp("audio_mlp", s.hidden, s.intermediate, bias=wide).tensors,
        norm("audio_input_layernorm", s.hidden),
        norm("audio_post_attention_layernorm", s.hidden),
    )
    vocab = c.int("vocab_size", default=128256)
    codes = c.int("num_codebooks", default=8) * c.int("codebook_size", default=1024)
    base = "model." if kind == "lm" else ""
    tables = (
        *embedding("embed_tokens", vocab, s.hidden),
        *embedding("embed_audio_tokens.embed_audio_tokens", codes, s.hidden),
    )
    top = linear("audio_lm_head", s.hidden, codes, cut=COLUMN, role="head") if kind == "lm" else ()
    blocks = [
        Block("language", base, tables),
        *uniform("language", f"{base}layers.{{}}.", c.count("num_hidden_layers", default=28), layer),
        Block("language", base, norm("norm", s.hidden)),
        Block("language", "", top),
    ]
    length = c.int("max_position_embeddings", default=2048)
    return model_spec(c, blocks, hidden=s.hidden, vocab=vocab, max_context=length)
