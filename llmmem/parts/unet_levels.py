"""The kinds of levels a UNet's config can name, on the way down, in the middle and on the way up."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, gather, layer_norm, under
from llmmem.parts.unet import (
    Level,
    Style,
    cross_attention,
    k_attention,
    resnet,
    self_attention,
    text_attention,
    transformer,
)

#: the attention after one resnet: name, level, index of the layer, style
Attend = Callable[[str, Level, int, Style], Tensors]


def _none(name: str, level: Level, index: int, style: Style) -> Tensors:
    return ()


def _own(name: str, level: Level, index: int, style: Style) -> Tensors:
    return self_attention(name, level.outputs, level.head_dim)


def _cross(name: str, level: Level, index: int, style: Style) -> Tensors:
    depth, count = level.depths[index], len(level.several)
    if count == 0:
        return cross_attention(name, level, depth, style)
    stem, width = name.rpartition(".")[0], level.outputs
    return gather(
        transformer(
            f"{stem}.{index * count + j}", width, level.heads, depth, cross, linear=style.linear, double=not cross
        )
        for j, cross in enumerate(level.several)
    )


def _text(name: str, level: Level, index: int, style: Style) -> Tensors:
    return text_attention(name, level.outputs, level.head_dim, level.cross or 0, level.only_cross, style.cross_norm)


def _latent(name: str, level: Level, index: int, style: Style) -> Tensors:
    return self_attention(name, level.outputs, level.head_dim, latent=style.temb if style.shift == "spatial" else None)


#: kind of level -> its attention, how it steps, whether the timestep comes in
DOWN: dict[str, tuple[Attend, str, bool]] = {
    "DownBlock2D": (_none, "conv", True),
    "ResnetDownsampleBlock2D": (_none, "resnet", True),
    "AttnDownBlock2D": (_own, "style", True),
    "CrossAttnDownBlock2D": (_cross, "conv", True),
    "SimpleCrossAttnDownBlock2D": (_text, "resnet", True),
    "SkipDownBlock2D": (_none, "skip", True),
    "AttnSkipDownBlock2D": (_own, "skip", True),
    "DownEncoderBlock2D": (_none, "conv", False),
    "AttnDownEncoderBlock2D": (_own, "conv", False),
}
UP: dict[str, tuple[Attend, str, bool]] = {
    "UpBlock2D": (_none, "conv", True),
    "ResnetUpsampleBlock2D": (_none, "resnet", True),
    "AttnUpBlock2D": (_own, "style", True),
    "CrossAttnUpBlock2D": (_cross, "conv", True),
    "SimpleCrossAttnUpBlock2D": (_text, "resnet", True),
    "SkipUpBlock2D": (_none, "skip", True),
    "AttnSkipUpBlock2D": (_own, "skip", True),
    "UpDecoderBlock2D": (_none, "conv", True),
    "AttnUpDecoderBlock2D": (_latent, "conv", True),
}
#: those without a connection across from the way down
DECODERS = ("UpDecoderBlock2D", "AttnUpDecoderBlock2D")
K_DOWN = ("KDownBlock2D", "KCrossAttnDownBlock2D")
K_UP = ("KUpBlock2D", "KCrossAttnUpBlock2D")


def _step(way: str, kind: str, level: Level, style: Style) -> Tensors:
    """The step to the next resolution."""
    if kind == "style":
        kind = style.sampler
    width = level.outputs
    if kind == "conv":
        return conv2d(f"{way}samplers.0.conv", width, width)
    if kind == "resnet":
        return resnet(f"{way}samplers.0", width, width, style.temb, style.shift)
    return ()


def down_level(kind: str, level: Level, style: Style) -> Tensors:
    """A level on the way down, by the name its config gives it."""
    if kind in K_DOWN:
        return _k_down(kind, level, style)
    attend, step, timed = DOWN[kind]
    temb = style.temb if timed else None
    tensors: list[Tensors] = []
    for i in range(level.layers):
        tensors.append(
            resnet(f"resnets.{i}", level.inputs if i == 0 else level.outputs, level.outputs, temb, style.shift)
        )
        tensors.append(attend(f"attentions.{i}", level, i, style))
    if level.step and step == "skip":
        tensors.append(resnet("resnet_down", level.outputs, level.outputs, temb, style.shift, shortcut=True))
        tensors.append(conv2d("skip_conv", 3, level.outputs, 1))
    elif level.step:
        tensors.append(_step("down", step, level, style))
    return gather(tensors)


def up_level(kind: str, level: Level, style: Style) -> Tensors:
    """A level on the way up, by the name its config gives it."""
    if kind in K_UP:
        return _k_up(kind, level, style)
    attend, step, _ = UP[kind]
    tensors: list[Tensors] = []
    for i in range(level.layers):
        before = level.previous if i == 0 else level.outputs
        across = level.inputs if i == level.layers - 1 else level.outputs
        inputs = (level.inputs if i == 0 else level.outputs) if kind in DECODERS else before + across
        tensors.append(resnet(f"resnets.{i}", inputs, level.outputs, style.temb, style.shift))
        if step != "skip" or i == 0:  # a skipping level attends once
            tensors.append(attend(f"attentions.{i}", level, i, style))
    if level.step and step == "skip":
        tensors.append(resnet("resnet_up", level.outputs, level.outputs, style.temb, style.shift, shortcut=True))
        tensors.append((*conv2d("skip_conv", level.outputs, 3), *layer_norm("skip_norm", level.outputs)))
    elif level.step:
        tensors.append(_step("up", step, level, style))
    return gather(tensors)


def _k_down(kind: str, level: Level, style: Style) -> Tensors:
    tensors: list[Tensors] = []
    for i in range(level.layers):
        inputs = level.inputs if i == 0 else level.outputs
        tensors.append(resnet(f"resnets.{i}", inputs, level.outputs, style.temb, "ada_group"))
        if kind == "KCrossAttnDownBlock2D":
            name = f"attentions.{i}"
            tensors.append(
                k_attention(name, level.outputs, level.head_dim, level.cross or 0, style.temb or 0, not level.step)
            )
    return gather(tensors)


def _k_up(kind: str, level: Level, style: Style) -> Tensors:
    attends = kind == "KCrossAttnUpBlock2D"
    width, out = level.outputs, level.inputs
    first = attends and width == out == style.temb
    layers = level.layers - 1
    tensors: list[Tensors] = []
    for i in range(layers):
        inputs = (width if first else 2 * width) if i == 0 else width
        last = i == layers - 1
        name = f"resnets.{i}"
        if attends:
            final = out if last and width != out else None
            tensors.append(resnet(name, inputs, width, style.temb, "ada_group", final=final))
            own = out if last else width
            tensors.append(
                k_attention(f"attentions.{i}", own, level.head_dim, level.cross or 0, style.temb or 0, first)
            )
        else:
            tensors.append(resnet(name, inputs, out if last else width, style.temb, "ada_group"))
    return gather(tensors)


def middle(
    channels: int, style: Style, *, head_dim: int, layers: int = 1, attend: bool = True, grouped: bool = True
) -> Tensors:
    """UNetMidBlock2D: two resnets and, where it attends, self attention between them."""
    latent = style.temb if style.shift == "spatial" else None
    return under(
        "mid_block",
        resnet("resnets.0", channels, channels, style.temb, style.shift),
        self_attention("attentions.0", channels, head_dim, grouped=grouped, latent=latent) if attend else (),
        resnet("resnets.1", channels, channels, style.temb, style.shift),
    )


def cross_middle(kind: str, level: Level, style: Style) -> Tensors:
    """UNetMidBlock2DCrossAttn or UNetMidBlock2DSimpleCrossAttn: two resnets around one attention."""
    attend = _text if kind == "UNetMidBlock2DSimpleCrossAttn" else _cross
    width = level.outputs
    return under(
        "mid_block",
        resnet("resnets.0", width, width, style.temb, style.shift),
        attend("attentions.0", level, 0, style),
        resnet("resnets.1", width, width, style.temb, style.shift),
    )
