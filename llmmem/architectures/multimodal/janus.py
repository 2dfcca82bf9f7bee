"""Janus: a tower to read pictures, a codebook to paint them, and one language model for both."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, Tensors, linear
from llmmem.tensors import Block, ModelSpec, Tensor


def _aligner(inputs: int, outputs: int, depth: int) -> Tensors:
    """As many matrices as ``depth``, with an activation between; at least one."""
    tensors: list[Tensor] = [*linear("fc1", inputs, outputs, bias=True, cut=COLUMN)]
    for i in range(depth - 1):
        tensors += linear(f"hidden_layers.{i}", outputs, outputs, bias=True)
    return tuple(tensors)


def janus(c: Config, head: str | None = None) -> ModelSpec:
    """JanusForConditionalGeneration (arXiv:2410.13848; transformers 5.23, models/janus)."""
    text = build(c.sub("text_config", model_type="llama"), "base")
    seen, painted = typed(c, "vision_config", "janus_vision_model"), typed(c, "vq_config", "janus_vqgan")
    tower, tokenizer = build(seen, "base"), build(painted, "base")
    codes = painted.int("num_embeddings", default=16384)
    size, shared = painted.int("embed_dim", default=8), painted.int("projection_dim", default=2048)
    reads = _aligner(tower.hidden_size, seen.int("projection_dim", default=2048), seen.count("depth", default=2))
    paints = (
        *linear("proj_out", painted.int("image_token_embed_dim", default=2048), shared, bias=True, cut=COLUMN),
        *linear("vision_head", shared, codes, bias=True, cut=COLUMN, role="head"),
    )
    others = (
        *tower.placed("vision_model."),
        Block("projector", "aligner.", reads),
        *tokenizer.placed("vqmodel."),
        Block("projector", "generation_embeddings.", (Tensor("weight", (codes, size), "embedding", 0),)),
        Block(
            "projector", "generation_aligner.", _aligner(size, shared, painted.count("num_hidden_layers", default=2))
        ),
        Block("projector", "generation_head.", paints),
    )
    # A token stands on either side of a picture.
    images = tower.images and tower.images._replace(around=2)
    return inner(c, head, text, others, tied=c.bool("tie_word_embeddings", default=True), images=images)
