"""The frame of wrappers whose base model stands in ``model`` and whose head stands at the top."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.tensors import Block, Images, ModelSpec


def inner(
    c: Config,
    head: str | None,
    text: ModelSpec,
    others: Sequence[Block],
    *,
    tied: bool,
    images: Images | None,
    top: Tensors | None = None,
) -> ModelSpec:
    """A language model beside towers and projectors.

    Args:
        others: relative to the base model.
        images: None: pictures are cut into pieces that are not counted here.
        top: the head, where it is not as large as the language model's table.
    """
    kind = head_of(c, head)
    prefix = "" if kind == "base" else "model."
    blocks = [b._replace(prefix=prefix + b.prefix) for b in others]
    own = top is not None and kind == "lm"
    if top is not None and own:
        blocks.append(Block("language", "", top))
    return multimodal(
        c,
        kind,
        text,
        blocks,
        text_prefix=f"{prefix}language_model.",
        head_prefix=None if own else "",
        tied=tied,
        images=images,
        notes=() if images else (NOT_SIZED,),
    )
