"""Dia: from bytes of text to the codes of a neural codec."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of, model_spec, no_head, refuse_head, uniform
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, embedding, linear, norm
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, join

_MLP = ("gate_up_proj", "down_proj")


def _attention(c: Config, hidden: int, heads: int, kv_heads: int, cache: str | None) -> Part:
    heads = c.int("num_attention_heads", default=heads, least=1)
    kv_heads = c.int("num_key_value_heads", default=kv_heads, least=1)
    head_dim = c.int("head_dim", default=128, least=1)
    return attention("self_attention", hidden, heads, kv_heads, head_dim, cache=cache)


def dia_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """DiaEncoder (transformers 5.23, models/dia)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024)
    layer = join(
        norm("pre_sa_norm", hidden),
        _attention(c, hidden, 16, 16, None),
        norm("post_sa_norm", hidden),
        fused_gated_mlp("mlp", hidden, c.int("intermediate_size", default=4096), names=_MLP),
    )
    blocks = [
        Block("encoder", "", embedding("embedding", c.int("vocab_size", default=256), hidden)),
        *uniform("encoder", "layers.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("encoder", "", norm("norm", hidden)),
    ]
    return model_spec(c, blocks, hidden=hidden)


def _codes(c: Config) -> int:
    """Entries of the codebooks of all channels, which stand in one table."""
    return c.int("vocab_size", default=1028) * c.int("num_channels", default=9)


def dia_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """DiaDecoder (transformers 5.23, models/dia)."""
    if not architecture_of(c).endswith("Decoder"):
        no_head(c, head)
    hidden = c.int("hidden_size", default=2048)
    layer = join(
        norm("pre_sa_norm", hidden),
        _attention(c, hidden, 16, 4, "full"),
        norm("pre_ca_norm", hidden),
        attention(
            "cross_attention",
            hidden,
            c.int("cross_num_attention_heads", default=16, least=1),
            c.int("cross_num_key_value_heads", default=16, least=1),
            c.int("cross_head_dim", default=128, least=1),
            source=c.int("cross_hidden_size", default=1024),
            cache="cross",
        ),
        norm("pre_mlp_norm", hidden),
        fused_gated_mlp("mlp", hidden, c.int("intermediate_size", default=8192), names=_MLP),
    )
    blocks = [
        Block("decoder", "embeddings.", embedding("embed", _codes(c), hidden)),
        *uniform("decoder", "layers.{}.", c.count("num_hidden_layers", default=18), layer),
        Block("decoder", "", norm("norm", hidden)),
    ]
    length = c.int("max_position_embeddings", default=3072)
    return model_spec(c, blocks, hidden=hidden, vocab=c.int("vocab_size", default=1028), max_context=length)


def dia(c: Config, head: str | None = None) -> ModelSpec:
    """DiaForConditionalGeneration and its base model (transformers 5.23, models/dia)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    writes = typed(c, "decoder_config", "dia_decoder")
    encoder, decoder = build(typed(c, "encoder_config", "dia_encoder"), "base"), build(writes, "base")
    base = "" if kind == "base" else "model."
    top = linear("logits_dense", decoder.hidden_size, _codes(writes), cut=COLUMN, role="head") if kind == "lm" else ()
    blocks = [*encoder.placed(f"{base}encoder."), *decoder.placed(f"{base}decoder."), Block("decoder", "", top)]
    return model_spec(c, blocks, hidden=decoder.hidden_size, vocab=decoder.vocab_size, max_context=decoder.max_context)
