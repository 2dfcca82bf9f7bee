"""Pix2Struct: a picture is read by an encoder, and T5's decoder writes."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import blocks_by_kind, dtype_of, head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, embedding, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, Images, ModelSpec, Part, Tensor, join

_NAMES = ("query", "key", "value", "output")


def pix2struct_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """Pix2StructTextModel, which always has its head (arXiv:2210.03347; transformers 5.23, models/pix2struct)."""
    kind = head_of(c, head, "base")
    if kind not in ("base", "lm"):
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=768, least=1)
    # The general names are aliases that win over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "num_heads", default=12, least=1)
    inner = c.int("d_ff", default=2048)
    # Whatever d_kv says, its matrices are as wide as the stack.
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    buckets = c.int("relative_attention_num_buckets", default=32)
    vocab = c.int("vocab_size", default=50244, least=1)
    table = Tensor("relative_attention_bias.weight", (buckets, heads), "position", 1)

    def attend(name: str, cache: str | None, first: bool) -> Part:
        extra = (table,) if first else ()
        inside = f"{name}.attention"
        own = attention(inside, hidden, heads, heads, head_dim, names=_NAMES, extra=extra, cache=cache, biased=True)
        return join(own, norm(f"{name}.layer_norm", hidden))

    def layer(first: bool) -> Part:
        return join(
            attend("self_attention", "full", first),
            # By itself it has nothing to read; else keys and values of every patch are kept.
            attend("encoder_decoder_attention", "image" if head == "decoder" else None, False),
            gated_mlp("mlp.DenseReluDense", hidden, inner, names=("wi_0", "wi_1", "wo")),
            norm("mlp.layer_norm", hidden),
        )

    depth = c.count("num_hidden_layers", "num_layers", default=12)
    tied = c.bool("tie_word_embeddings")
    top = () if tied else linear("lm_head", hidden, vocab, cut=COLUMN, role="head")
    blocks = [
        Block("decoder", "", embedding("embed_tokens", vocab, hidden)),
        *blocks_by_kind("decoder", "layer.{}.", [i == 0 for i in range(depth)], layer),
        Block("decoder", "", (*norm("final_layer_norm", hidden), *top)),
    ]
    ties = (("lm_head.weight", "embed_tokens.weight"),) if tied else ()
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, tied=ties)


def pix2struct(c: Config, head: str | None = None) -> ModelSpec:
    """Pix2StructForConditionalGeneration (arXiv:2210.03347; transformers 5.23, models/pix2struct)."""
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    encoder = build(typed(c, "vision_config", "pix2struct_vision_model"), "base")
    writer = typed(c, "text_config", "pix2struct_text_model")
    # The wrapper's flag replaces the decoder's.
    tied = c.bool("tie_word_embeddings")
    text = build(Config({**writer.raw, "tie_word_embeddings": tied}, writer.path, writer.reads), "decoder")
    spec = model_spec(
        c,
        (*encoder.placed("encoder."), *text.placed("decoder.")),
        hidden=text.hidden_size,
        vocab=text.vocab_size,
        tied=[(f"decoder.{alias}", f"decoder.{name}") for alias, name in text.tied],
    )
    # Its processor fills every picture up to so many patches.
    images = Images(2048, 0, encoder.hidden_size)
    return spec._replace(images=images, dtype=dtype_of(c) or text.dtype)
