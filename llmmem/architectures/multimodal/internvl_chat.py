"""InternVL chat models with their own code: InternViT, a projector, any language model."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal, typed
from llmmem.architectures.multimodal.tiled import beside_whole
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, Film, Images, ModelSpec, Tiles

#: no published config cuts a picture into more
MOST_TILES = 128


def _images(c: Config, tower: Images | None, ratio: float) -> Images | None:
    """Tiles beside a thumbnail, as the config bounds them; a frame of a film is not cut."""
    if tower is None or not tower.patches:
        return None
    side = c.int("force_image_size", default=0) or tower.size[0]
    patches = tower.patches * side * side // (tower.size[0] * tower.size[1])
    tokens = int(patches * ratio**2)
    view = tower._replace(patches=patches, tokens=tokens, size=(side, side), around=2)
    view = view._replace(film=Film(patches=patches, tokens=tokens + 2))
    if not c.bool("dynamic_image_size"):
        return view
    most, least = c.count("max_dynamic_patch", default=6, least=1), c.count("min_dynamic_patch", default=1, least=1)
    if not c.bool("use_thumbnail") or not least <= most <= MOST_TILES:
        return None
    return beside_whole(view, Tiles("closest", most, least), around=2)


def internvl_chat(c: Config, head: str | None = None) -> ModelSpec:
    """InternVLChatModel (arXiv:2404.16821; code that comes with OpenGVLab/InternVL2-8B).

    Reproduces the published counts of InternVL2-8B and InternVL3-8B.
    """
    text = build(c.sub("llm_config"), "lm")
    tower = build(typed(c, "vision_config", "intern_vit_6b"), "base")
    # Squares of neighbouring vectors come in side by side.
    ratio = c.ratio("downsample_ratio", default=0.5)
    cell = tower.hidden_size * int(1 / ratio) ** 2
    projector = (
        *norm("0", cell, bias=True),
        *linear("1", cell, text.hidden_size, bias=True, cut=COLUMN),
        *linear("3", text.hidden_size, text.hidden_size, bias=True, cut=ROW),
    )
    others = (*tower.placed("vision_model."), Block("projector", "mlp1.", projector))
    images = _images(c, tower.images, ratio)
    notes = () if images else (NOT_SIZED,)
    return multimodal(
        c, "lm", text, others, text_prefix="language_model.", head_prefix=None, images=images, notes=notes
    )
