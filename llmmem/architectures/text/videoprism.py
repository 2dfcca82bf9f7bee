"""VideoPrism's text tower."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.architectures.vision.videoprism import videoprism_layer
from llmmem.config import Config
from llmmem.parts.basic import buffer, embedding, norm
from llmmem.tensors import Block, ModelSpec, Tensor


def videoprism_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """VideoPrismTextModel, which keeps its computed positions in the file (transformers 5.23, models/videoprism)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    vocab = c.int("vocab_size", default=32000)
    length = c.int("max_position_embeddings", default=64)
    layer = videoprism_layer(c, hidden, heads, c.int("intermediate_size", default=3072))
    stem = (
        *embedding("token_embedding", vocab, hidden),
        # Sines beside cosines: one column more than an odd width.
        *buffer("position_embedding", length, hidden + hidden % 2),
        *buffer("position_ids", 1, length, dtype="int64"),
        # It stands at the end of the text, and its output sums the text up.
        Tensor("cls_emb", (1, 1, hidden), "position"),
    )
    blocks = [
        Block("encoder", "embeddings.", stem),
        *uniform("encoder", "layers.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("encoder", "", norm("layernorm", hidden, bias=True)),
    ]
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)
