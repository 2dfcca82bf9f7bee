"""SparseCtrl: a ControlNet of AnimateDiff's UNet."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, per_block, sizes, whole
from llmmem.architectures.diffusion.controlnet.unet_like import HINT, hint, taps
from llmmem.architectures.diffusion.unet.levels import channels, depths
from llmmem.architectures.diffusion.unet.motion import DOWN
from llmmem.architectures.diffusion.unet.video import WIDTHS, crossing
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv2d, under
from llmmem.parts.unet import resnet, transformer
from llmmem.parts.unet_video import ladder, level_of, temporal_transformer
from llmmem.tensors import Block, ModelSpec


def sparse_controlnet(c: Config, head: str | None = None) -> ModelSpec:
    """SparseControlNetModel (arXiv:2311.16933; diffusers 0.42, models/controlnets/controlnet_sparsectrl.py)."""
    down = crossing(c, "down_block_types", DOWN, "DownBlockMotion")
    count = len(down)
    widths, seen = channels(c, WIDTHS, count), c.int("motion_max_seq_length", default=32)
    time, linear = 4 * widths[0], c.bool("use_linear_projection")
    layers = c.count("layers_per_block", default=2, least=1)
    given = "num_attention_heads" if c.get("num_attention_heads") is not None else "attention_head_dim"
    heads = [whole(given, v) for v in per_block(c, given, count, 8)]
    moving = [whole("motion_num_attention_heads", v) for v in per_block(c, "motion_num_attention_heads", count, 8)]
    cross = [whole("cross_attention_dim", v) for v in per_block(c, "cross_attention_dim", count, 768)]
    only = [bool(v) for v in per_block(c, "only_cross_attention", count, False)]
    shift = c.str("resnet_time_scale_shift", default="default")
    tall, long = (per_block(c, f"{n}transformer_layers_per_block", count, 1) for n in ("", "temporal_"))

    def res(name: str, inputs: int, outputs: int) -> Tensors:
        return resnet(name, inputs, outputs, time, shift)

    def read(name: str, i: int, deep: int, alone: bool) -> Tensors:
        return transformer(name, widths[i], heads[i], deep, cross[i], linear=linear, only_cross=alone)

    def level(i: int) -> Tensors:
        width, deep, later = widths[i], depths(tall[i], layers), depths(long[i], layers)
        inner = width // moving[i] * moving[i]

        def beside(n: int) -> Tensors:
            # Unlike a UNet's, these modules attend to themselves once.
            module = temporal_transformer(f"motion_modules.{n}", width, inner, later[n], double=False, seen=seen)
            return (*(read(f"attentions.{n}", i, deep[n], only[i]) if down[i] else ()), *module)

        return level_of("down", falling[i], res, beside)

    falling, _ = ladder(widths, [layers] * count)
    given_mid = c.get("transformer_layers_per_mid_block")
    last = tall[-1] if isinstance(tall[-1], int) else 1
    deepest = depths(last if given_mid is None else given_mid, 1)[0]
    pictures = c.int("conditioning_channels", default=4) + c.bool("concat_conditioning_mask", default=True)
    name, top = "controlnet_cond_embedding", widths[-1]
    simple = c.bool("use_simplified_condition_embedding", default=True)
    steps = sizes(c, "conditioning_embedding_out_channels", HINT)
    return component(
        c,
        "controlnet",
        conv2d("conv_in", c.int("in_channels", default=4, least=1), widths[0]),
        conv2d(name, pictures, widths[0]) if simple else hint(name, pictures, steps, widths[0]),
        two_layers("time_embedding", widths[0], time),
        *(Block("", f"down_blocks.{i}.", level(i)) for i in range(count)),
        under(
            "mid_block",
            res("resnets.0", top, top),
            read("attentions.0", count - 1, deepest, False),
            res("resnets.1", top, top),
        ),
        taps(widths, layers),
        hidden=widths[0],
    )
