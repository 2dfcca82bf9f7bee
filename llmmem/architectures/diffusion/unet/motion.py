"""AnimateDiff: a picture's UNet with motion modules, and the adapter that holds these alone."""

from __future__ import annotations

from typing import Any

from llmmem.architectures.diffusion.base import component, per_block, sizes, unknown, whole
from llmmem.architectures.diffusion.unet.levels import channels, depths
from llmmem.architectures.diffusion.unet.video import WIDTHS, crossing
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv2d, dense, gather, layer_norm, under
from llmmem.parts.unet import resnet, transformer
from llmmem.parts.unet_video import ladder, level_of, temporal_transformer
from llmmem.tensors import Block, ModelSpec

DOWN = (*("CrossAttnDownBlockMotion",) * 3, "DownBlockMotion")
UP = ("UpBlockMotion", *("CrossAttnUpBlockMotion",) * 3)


def _module(index: int, width: int, heads: int, depth: int, seen: int) -> Tensors:
    return temporal_transformer(f"motion_modules.{index}", width, width // heads * heads, depth, seen=seen)


def motion_adapter(c: Config, head: str | None = None) -> ModelSpec:
    """MotionAdapter (arXiv:2307.04725; diffusers 0.42, models/unets/unet_motion_model.py)."""
    widths = sizes(c, "block_out_channels", WIDTHS)
    count, seen = len(widths), c.int("motion_max_seq_length", default=32)
    layers = [whole("motion_layers_per_block", v) for v in per_block(c, "motion_layers_per_block", count, 2)]
    tall = per_block(c, "motion_transformer_layers_per_block", count, 1)
    heads = [whole("motion_num_attention_heads", v) for v in per_block(c, "motion_num_attention_heads", count, 8)]
    middle = c.count("motion_mid_block_layers_per_block", default=1)

    def modules(at: int, many: int, value: Any) -> Tensors:
        deep = depths(value, many)
        return gather(_module(i, widths[at], heads[at], deep[i], seen) for i in range(many))

    inputs = c.int("conv_in_channels", default=0)
    mid = c.get("motion_transformer_layers_per_mid_block") or 1
    return component(
        c,
        "motion_adapter",
        conv2d("conv_in", inputs, widths[0]) if inputs else (),
        *(Block("", f"down_blocks.{i}.", modules(i, layers[i], tall[i])) for i in range(count)),
        under("mid_block", modules(-1, middle, mid)) if c.bool("use_motion_mid_block", default=True) else (),
        *(Block("", f"up_blocks.{i}.", modules(-1 - i, layers[-1 - i] + 1, tall[-1 - i])) for i in range(count)),
        hidden=widths[0],
    )


def unet_motion(c: Config, head: str | None = None) -> ModelSpec:
    """UNetMotionModel (arXiv:2307.04725; diffusers 0.42, models/unets/unet_motion_model.py)."""
    down = crossing(c, "down_block_types", DOWN, "DownBlockMotion")
    up = crossing(c, "up_block_types", UP, "UpBlockMotion")
    count = len(down)
    if len(up) != count:
        raise unknown(c, "up_block_types of length", len(up))
    widths, seen = channels(c, WIDTHS, count), c.int("motion_max_seq_length", default=32)
    time, linear = 4 * widths[0], c.bool("use_linear_projection")
    layers = [whole("layers_per_block", v) for v in per_block(c, "layers_per_block", count, 2)]
    cross = [whole("cross_attention_dim", v) for v in per_block(c, "cross_attention_dim", count, 1280)]
    heads = [whole("num_attention_heads", v) for v in per_block(c, "num_attention_heads", count, 8)]
    moving = [whole("motion_num_attention_heads", v) for v in per_block(c, "motion_num_attention_heads", count, 8)]
    tall, long = (per_block(c, f"{n}transformer_layers_per_block", count, 1) for n in ("", "temporal_"))
    tall_up = per_block(c, "reverse_transformer_layers_per_block", count, tall[::-1])
    long_up = per_block(c, "reverse_temporal_transformer_layers_per_block", count, long[::-1])
    falling, rising = ladder(widths, layers)

    def res(name: str, inputs: int, outputs: int) -> Tensors:
        return resnet(name, inputs, outputs, time)

    def both(n: int, at: int, attends: bool, deep: int, later: int) -> Tensors:
        own = transformer(f"attentions.{n}", widths[at], heads[at], deep, cross[at], linear=linear) if attends else ()
        return (*own, *(_module(n, widths[at], moving[at], later, seen) if later else ()))

    def level(way: str, i: int) -> Tensors:
        first = way == "down"
        one, at, attends = (falling[i], i, down[i]) if first else (rising[i], count - 1 - i, up[i])
        deep = depths((tall if first else tall_up)[i], one.layers)
        later = depths((long if first else long_up)[i], one.layers)
        return level_of(way, one, res, lambda n: both(n, at, attends, deep[n], later[n]))

    middle = c.count("mid_block_layers", default=1)
    last = tall[-1] if isinstance(tall[-1], int) else 1
    given = c.get("transformer_layers_per_mid_block")
    mid = depths(last if given is None else given, middle)
    inner = depths(c.get("temporal_transformer_layers_per_mid_block") or 1, middle)
    moves = c.bool("use_motion_mid_block", default=True)
    top = widths[-1]
    extra = c.optional("time_cond_proj_dim")
    sized = c.str("addition_embed_type") == "text_time"
    return component(
        c,
        "unet",
        conv2d("conv_in", c.int("in_channels", default=4, least=1), widths[0]),
        two_layers("time_embedding", widths[0], time),
        () if extra is None else dense("time_embedding.cond_proj", extra, widths[0], False),
        two_layers("add_embedding", c.int("projection_class_embeddings_input_dim"), time) if sized else (),
        *(Block("", f"down_blocks.{i}.", level("down", i)) for i in range(count)),
        under(
            "mid_block",
            *(res(f"resnets.{i}", top, top) for i in range(middle + 1)),
            *(both(i, count - 1, True, mid[i], inner[i] if moves else 0) for i in range(middle)),
        ),
        *(Block("", f"up_blocks.{i}.", level("up", i)) for i in range(count)),
        layer_norm("conv_norm_out", widths[0]) if c.optional("norm_num_groups", default=32) is not None else (),
        conv2d("conv_out", widths[0], c.int("out_channels", default=4, least=1)),
        hidden=widths[0],
    )
