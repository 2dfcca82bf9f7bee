"""ControlNet-XS: a slim way down that exchanges features with the UNet's own at every layer (arXiv:2312.06573)."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import component, per_block, sizes, whole
from llmmem.architectures.diffusion.controlnet.unet_like import HINT, hint
from llmmem.architectures.diffusion.unet.condition import DOWN, WIDTHS
from llmmem.architectures.diffusion.unet.levels import depths, names
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv2d, gather, under
from llmmem.parts.unet import resnet, transformer
from llmmem.tensors import Block, ModelSpec

#: resnets of a level, as the classes have it
LAYERS = 2


def settings(c: Config, base: str, slim: str) -> tuple[list[bool], list[int], list[int], list[int], list[list[int]]]:
    """Which levels attend, both widths, cross widths and depths."""
    down = names(c, "down_block_types", DOWN)
    wide, thin = sizes(c, base, WIDTHS), sizes(c, slim, (4, 8, 16, 16))
    count = len(down)
    if len(wide) != count or len(thin) != count:
        raise ConfigError(f"{base} and {slim} should have {count} entries.", "Check the config.json.")
    cross = [whole("cross_attention_dim", v) for v in per_block(c, "cross_attention_dim", count, 1024)]
    deep = [depths(v, LAYERS + 1) for v in per_block(c, "transformer_layers_per_block", count, 1)]
    return ["CrossAttn" in n for n in down], wide, thin, cross, deep


def heads_of(c: Config, name: str, count: int, default: int) -> list[int]:
    """A number of heads for each level."""
    return [whole(name, v) for v in per_block(c, name, count, default)]


def zero(name: str, inputs: int, outputs: int) -> Tensors:
    """What features pass from one way to the other; it starts at zero."""
    return conv2d(name, inputs, outputs, 1)


def middle_of(
    name: str, inputs: int, width: int, time: int, heads: int, deep: int, cross: int, linear: bool
) -> Tensors:
    """Two resnets around one attention, the first of which may narrow."""
    return under(
        name,
        resnet("resnets.0", inputs, width, time),
        transformer("attentions.0", width, heads, deep, cross, linear=linear),
        resnet("resnets.1", width, width, time),
    )


def skips_of(thin: Sequence[int]) -> list[list[int]]:
    """Widths of the slim way's outputs that each level on the way up reads, the deepest first."""
    outs = [thin[0]]
    for i, width in enumerate(thin):
        outs += [width] * (3 if i < len(thin) - 1 else 2)
    return [[outs.pop() for _ in range(3)] for _ in thin]


def controlnet_xs_adapter(c: Config, head: str | None = None) -> ModelSpec:
    """ControlNetXSAdapter (diffusers 0.42, models/controlnets/controlnet_xs.py)."""
    attends, wide, thin, cross, deep = settings(c, "base_block_out_channels", "block_out_channels")
    count, time, linear = len(wide), 4 * wide[0], c.bool("use_linear_projection", default=True)
    heads = heads_of(c, "num_attention_heads", count, 4)
    blocks: list[Block | Tensors] = []
    for i in range(count):
        own: list[Tensors] = []
        for n in range(LAYERS):
            base, slim = (wide[max(i - 1, 0)], thin[max(i - 1, 0)]) if n == 0 else (wide[i], thin[i])
            own.append(zero(f"base_to_ctrl.{n}", base, base))
            own.append(resnet(f"resnets.{n}", slim + base, thin[i], time))
            if attends[i]:
                own.append(transformer(f"attentions.{n}", thin[i], heads[i], deep[i][n], cross[i], linear=linear))
            own.append(zero(f"ctrl_to_base.{n}", thin[i], wide[i]))
        if i < count - 1:
            own.append(zero(f"base_to_ctrl.{LAYERS}", wide[i], wide[i]))
            own.append(conv2d("downsamplers.conv", thin[i] + wide[i], thin[i]))
            own.append(zero(f"ctrl_to_base.{LAYERS}", thin[i], wide[i]))
        blocks.append(Block("", f"down_blocks.{i}.", gather(own)))
    turned = wide[::-1]
    ups = (
        zero(f"up_connections.{i}.ctrl_to_base.{n}", skip, turned[max(i - 1, 0)] if n == 0 else turned[i])
        for i, skips in enumerate(skips_of(thin))
        for n, skip in enumerate(skips)
    )
    middle = middle_of("midblock", thin[-1] + wide[-1], thin[-1], time, heads[-1], deep[-1][0], cross[-1], linear)
    return component(
        c,
        "controlnet",
        hint(
            "controlnet_cond_embedding",
            c.int("conditioning_channels", default=3),
            sizes(c, "conditioning_embedding_out_channels", HINT),
            thin[0],
        ),
        two_layers("time_embedding", wide[0], time) if c.bool("learn_time_embedding") else (),
        conv2d("conv_in", 4, thin[0]),
        zero("control_to_base_for_conv_in", thin[0], wide[0]),
        *blocks,
        under("mid_block", zero("base_to_ctrl", wide[-1], wide[-1]), middle, zero("ctrl_to_base", thin[-1], wide[-1])),
        gather(ups),
        hidden=wide[0],
    )
