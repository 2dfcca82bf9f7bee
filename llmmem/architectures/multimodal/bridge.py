"""The usual shape of the frame: one vision tower, a projector, a language model."""

from __future__ import annotations

from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.tensors import Block, Images, ModelSpec


def bridged(
    c: Config,
    head: str | None,
    text: ModelSpec,
    tower: ModelSpec,
    projector: Tensors,
    *,
    tied: bool = False,
    extra: Tensors = (),
    images: Images | None = None,
) -> ModelSpec:
    """A vision tower, a projector and a language model under LLaVA's names.

    Args:
        extra: what stands beside them.
        images: None: pictures are cut into pieces that are not counted here.
    """
    others = (
        *tower.placed("vision_tower."),
        Block("projector", "multi_modal_projector.", projector),
        Block("projector", "", extra),
    )
    notes = () if images else (NOT_SIZED,)
    return multimodal(c, head, text, others, tied=tied, images=images, notes=notes)
