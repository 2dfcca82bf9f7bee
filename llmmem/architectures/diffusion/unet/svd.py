"""Stable Video Diffusion."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, per_block, unknown, whole
from llmmem.architectures.diffusion.unet.levels import channels, depths
from llmmem.architectures.diffusion.unet.video import WIDTHS, crossing
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv2d, layer_norm, under
from llmmem.parts.unet_video import ladder, level_of, spatio_temporal_transformer
from llmmem.parts.video import spatio_temporal_resnet
from llmmem.tensors import Block, ModelSpec

DOWN = (*("CrossAttnDownBlockSpatioTemporal",) * 3, "DownBlockSpatioTemporal")
UP = ("UpBlockSpatioTemporal", *("CrossAttnUpBlockSpatioTemporal",) * 3)


def unet_spatio_temporal(c: Config, head: str | None = None) -> ModelSpec:
    """UNetSpatioTemporalConditionModel (arXiv:2311.15127; models/unets/unet_spatio_temporal_condition.py)."""
    down = crossing(c, "down_block_types", DOWN, "DownBlockSpatioTemporal")
    up = crossing(c, "up_block_types", UP, "UpBlockSpatioTemporal")
    count = len(down)
    if len(up) != count:
        raise unknown(c, "up_block_types of length", len(up))
    widths = channels(c, WIDTHS, count)
    time = 4 * widths[0]
    default = (5, 10, 20, 20) if count == 4 else 8
    heads = [whole("num_attention_heads", v) for v in per_block(c, "num_attention_heads", count, default)]
    cross = [whole("cross_attention_dim", v) for v in per_block(c, "cross_attention_dim", count, 1024)]
    layers = [whole("layers_per_block", v) for v in per_block(c, "layers_per_block", count, 2)]
    tall = per_block(c, "transformer_layers_per_block", count, 1)
    falling, rising = ladder(widths, layers)

    def res(name: str, inputs: int, outputs: int) -> Tensors:
        return spatio_temporal_resnet(name, inputs, outputs, time)

    def level(way: str, i: int) -> Tensors:
        one, attends, at = (falling[i], down[i], i) if way == "down" else (rising[i], up[i], count - 1 - i)
        deep = depths(tall[at], one.layers)

        def beside(n: int) -> Tensors:
            if not attends:
                return ()
            return spatio_temporal_transformer(f"attentions.{n}", one.outputs, heads[at], deep[n], cross[at])

        return level_of(way, one, res, beside)

    top = widths[-1]
    return component(
        c,
        "unet",
        conv2d("conv_in", c.int("in_channels", default=8, least=1), widths[0]),
        two_layers("time_embedding", widths[0], time),
        two_layers("add_embedding", c.int("projection_class_embeddings_input_dim", default=768, least=1), time),
        *(Block("", f"down_blocks.{i}.", level("down", i)) for i in range(count)),
        under(
            "mid_block",
            res("resnets.0", top, top),
            spatio_temporal_transformer("attentions.0", top, heads[-1], depths(tall[-1], 1)[0], cross[-1]),
            res("resnets.1", top, top),
        ),
        *(Block("", f"up_blocks.{i}.", level("up", i)) for i in range(count)),
        layer_norm("conv_norm_out", widths[0]),
        conv2d("conv_out", widths[0], c.int("out_channels", default=4, least=1)),
        hidden=widths[0],
    )
