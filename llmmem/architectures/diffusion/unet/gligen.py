"""Boxes a picture is to have something in (GLIGEN, arXiv:2301.07093)."""

from __future__ import annotations

from llmmem.config import Config
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.modules import dense, under

#: sinusoids of a box: 8 frequencies, sine and cosine, 4 sides
_BOX = 64


def boxes(c: Config, cross: int) -> Tensors:
    """position_net: boxes and what is in them (GLIGEN, arXiv:2301.07093)."""
    kind = c.str("attention_type", default="default")
    if kind not in ("gated", "gated-text-image"):
        return ()

    def mlp(name: str) -> Tensors:
        return under(name, dense("0", cross + _BOX, 512), dense("2", 512, 512), dense("4", 512, cross))

    if kind == "gated":
        own: Tensors = (*mlp("linears"), *scalars("null_positive_feature", cross))
    else:
        own = (
            *mlp("linears_text"),
            *mlp("linears_image"),
            *scalars("null_text_feature", cross),
            *scalars("null_image_feature", cross),
        )
    return under("position_net", own, scalars("null_position_feature", _BOX))
