"""LFM2-VL and Command A Vision: neighbouring patches are put side by side before they become tokens."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.inner import inner
from llmmem.architectures.multimodal.tiled import beside_whole, shuffled
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, Images, ModelSpec, Tiles

#: SigLIP at 512 pixels, which Command A Vision takes when there is no vision_config
_SIGLIP = {
    "model_type": "siglip_vision_model",
    "hidden_size": 1152,
    "intermediate_size": 3072,
    "image_size": 512,
    "num_hidden_layers": 27,
    "num_attention_heads": 12,
}

#: side of the tiles that LFM2-VL's processor cuts, in pixels
_TILE = 512


def lfm2_vl(c: Config, head: str | None = None) -> ModelSpec:
    """Lfm2VlForConditionalGeneration (transformers 5.23, models/lfm2_vl)."""
    text = build(c.sub("text_config", model_type="lfm2"), "base")
    tower = build(c.sub("vision_config", model_type="siglip2_vision_model"), "base")
    by = c.int("downsample_factor", default=2, least=1)
    cell = tower.hidden_size * by**2
    inside, bias = c.int("projector_hidden_size", default=2560), c.bool("projector_bias", default=True)
    projector = two_layers(cell, inside, text.hidden_size, bias=bias)
    if c.bool("projector_use_layernorm", default=True):
        projector = (*norm("layer_norm", cell, bias=True), *projector)
    others = (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector))
    # Its older spelling wins.
    tied = c.bool("tie_embedding", "tie_word_embeddings", default=True)
    patch, _ = c.sub("vision_config").pair("patch_size", default=16, least=1)
    return inner(c, head, text, others, tied=tied, images=_pieces(tower.hidden_size, patch, by))


def _pieces(hidden: int, patch: int, by: int) -> Images:
    """A picture of 64 to 256 tokens; one twice as large is cut into tiles of 512 pixels, all of it seen beside them."""
    cell = (patch * by) ** 2
    side = _TILE // patch
    tiles = Tiles("closest", 10, 2, tokens=(-(-side // by)) ** 2, each=1, whole=1, side=_TILE, above=2)
    return Images(
        max(256 * by**2, side * side), 0, hidden, patch=patch, merge=by, min_pixels=64 * cell, max_pixels=256 * cell,
        fit="whole cells", around=2, tiles=tiles,
    )  # fmt: skip


def cohere2_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Cohere2VisionForConditionalGeneration (transformers 5.23, models/cohere2_vision)."""
    text = build(c.sub("text_config", model_type="cohere2"), "base")
    tower = build(filled(c, "vision_config", _SIGLIP), "base")
    by = c.int("downsample_factor", default=2, least=1)
    cell = tower.hidden_size * by**2
    inside = c.int("alignment_intermediate_size", default=36864)
    projector = (
        *linear("linear_1", cell, inside, bias=True, cut=COLUMN),
        # Half of it gates the other half.
        *linear("linear_2", inside // 2, text.hidden_size, bias=True, cut=ROW),
    )
    others = (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector))
    tied = c.bool("tie_word_embeddings", default=True)
    images = beside_whole(shuffled(tower.images, by), Tiles("enlarging", 12, each=1), around=3)
    return inner(c, head, text, others, tied=tied, images=images)
