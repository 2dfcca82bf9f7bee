"""CLIP's text tower."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import embedding, norm, positions
from llmmem.parts.vision import projection, vit_layer
from llmmem.tensors import Block, ModelSpec


def clip_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """CLIPTextModel, with a projection or without (arXiv:2103.00020; transformers 5.23, models/clip)."""
    kind = head_of(c, head, "base")
    if kind not in ("base", "projection"):
        raise refuse_head(c, kind)
    prefix = "text_model." if kind == "projection" else ""
    hidden = c.int("hidden_size", default=512)
    heads = c.int("num_attention_heads", default=8, least=1)
    vocab = c.int("vocab_size", default=49408)
    length = c.int("max_position_embeddings", default=77)
    layer = vit_layer(
        hidden,
        heads,
        divide(c, "hidden_size over num_attention_heads", hidden, heads),
        c.int("intermediate_size", default=2048),
    )
    stem = (*embedding("token_embedding", vocab, hidden), *positions("position_embedding", length, hidden))
    blocks = [
        Block("encoder", f"{prefix}embeddings.", stem),
        *uniform("encoder", f"{prefix}encoder.layers.{{}}.", c.count("num_hidden_layers", default=12), layer),
        Block("encoder", prefix, norm("final_layer_norm", hidden, bias=True)),
    ]
    if kind == "projection":
        shared = c.int("projection_dim", default=512)
        blocks.append(Block("projector", "", projection("text_projection", hidden, shared)))
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)
