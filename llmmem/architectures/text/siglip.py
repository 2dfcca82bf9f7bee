"""SigLIP's text tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import COLUMN, embedding, linear, norm, positions
from llmmem.parts.vision import vit_layer
from llmmem.tensors import Block, ModelSpec


def siglip_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """SiglipTextModel (arXiv:2303.15343; transformers 5.23, models/siglip)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    vocab = c.int("vocab_size", default=32000)
    length = c.int("max_position_embeddings", default=64)
    layer = vit_layer(hidden, heads, head_dim, c.int("intermediate_size", default=3072))
    stem = (*embedding("token_embedding", vocab, hidden), *positions("position_embedding", length, hidden))
    top = linear("head", hidden, c.int("projection_size", default=hidden), bias=True, cut=COLUMN)
    blocks = [
        Block("encoder", "embeddings.", stem),
        *uniform("encoder", "encoder.layers.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("encoder", "", (*norm("final_layer_norm", hidden, bias=True), *top)),
    ]
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)
