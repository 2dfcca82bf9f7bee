"""DreamLite's UNet: separable convolutions, few key heads, no self attention where pictures are large."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, kinds, per_block, qk_kind, unknown, whole
from llmmem.architectures.diffusion.unet.condition import unet_style
from llmmem.architectures.diffusion.unet.embeddings import condition_embeddings, time_embedding
from llmmem.architectures.diffusion.unet.levels import channels, depths, heads
from llmmem.config import MOST_LAYERS, Config
from llmmem.parts.modules import conv2d, layer_norm, under
from llmmem.parts.unet_lite import Lite, LiteLevel, lite_resnet, lite_transformer, stage
from llmmem.tensors import Block, ModelSpec

DOWN = ("CrossAttnNoSelfAttnDownBlock2D", "CrossAttnNoSelfAttnDownBlock2D", "CrossAttnDownBlock2D")
UP = ("CrossAttnUpBlock2D", "CrossAttnNoSelfAttnUpBlock2D", "UpBlock2D")
OWN = "DreamLite"
MIDDLE = "DreamLiteUNetMidBlock2DCrossAttn"


def _kinds(c: Config, key: str, default: tuple[str, ...], last: str) -> list[str]:
    found = [n.removeprefix(OWN) for n in kinds(c, key, default)]
    known = (f"CrossAttn{last}", f"CrossAttnNoSelfAttn{last}", last)
    for n in found:
        if n not in known:
            raise unknown(c, key, n, [OWN + k for k in known])
    return found


def _style(c: Config, time: int) -> Lite:
    s = unet_style(c, time)
    if s.dual or s.gated:
        raise unknown(c, "dual_cross_attention" if s.dual else "attention_type", s.dual or "gated")
    keys = c.optional("num_kv_heads", default=1)
    separable, mult = c.bool("use_sep_conv", default=True), c.int("ff_mult", default=6, least=1)
    return Lite(time, s.shift, separable, s.linear, qk_kind(c, "rms_norm"), keys, mult)


def dreamlite_unet(c: Config, head: str | None = None) -> ModelSpec:
    """DreamLiteUNetModel (diffusers 0.42, models/unets/unet_dreamlite.py)."""
    down, up = _kinds(c, "down_block_types", DOWN, "DownBlock2D"), _kinds(c, "up_block_types", UP, "UpBlock2D")
    count = len(down)
    if len(up) != count:
        raise unknown(c, "up_block_types of length", len(up))
    widths = channels(c, (320, 640, 1280), count)
    time, stem = time_embedding(c, widths[0])
    s = _style(c, time)
    many, _ = heads(c, count, 64, widths)
    deep = [whole("layers_per_block", v, most=MOST_LAYERS) for v in per_block(c, "layers_per_block", count, 2)]
    cross = [whole("cross_attention_dim", v) for v in per_block(c, "cross_attention_dim", count, 2048)]
    only = [bool(v) for v in per_block(c, "only_cross_attention", count, False)]
    tall = per_block(c, "transformer_layers_per_block", count, 1)
    blocks, turned = [], widths[::-1]
    for i, kind in enumerate(down):
        level = LiteLevel(kind, widths[i], many[i], cross[i], only[i], depths(tall[i], deep[i]))
        inputs = [widths[max(i - 1, 0)], *[widths[i]] * (deep[i] - 1)]
        blocks.append(Block("", f"down_blocks.{i}.", stage(level, inputs, "downsamplers" * (i < count - 1), s)))
    for i, kind in enumerate(up):
        layers, at = deep[-1 - i] + 1, count - 1 - i
        level = LiteLevel(kind, turned[i], many[at], cross[at], only[at], depths(tall[at], layers))
        before = [turned[max(i - 1, 0)], *[turned[i]] * (layers - 1)]
        across = [*[turned[i]] * (layers - 1), turned[min(i + 1, count - 1)]]
        inputs = [b + a for b, a in zip(before, across, strict=True)]
        blocks.append(Block("", f"up_blocks.{i}.", stage(level, inputs, "upsamplers" * (i < count - 1), s)))
    mids = c.count("num_mid_layers", default=1)
    if c.str("mid_block_type", default=MIDDLE) != MIDDLE:
        raise unknown(c, "mid_block_type", c.str("mid_block_type"), (MIDDLE,))
    center = LiteLevel("CrossAttn", widths[-1], many[-1], cross[-1], False, depths(tall[-1], mids))
    middle = [lite_resnet(f"resnets.{i}", widths[-1], widths[-1], s) for i in range(mids + 1)]
    middle += [lite_transformer("attentions", center, i, s) for i in range(mids)]
    kernel_in, kernel_out = c.int("conv_in_kernel", default=3, least=1), c.int("conv_out_kernel", default=3, least=1)
    return component(
        c,
        "unet",
        conv2d("conv_in", c.int("in_channels", default=4, least=1), widths[0], kernel_in),
        stem,
        condition_embeddings(c, time, widths[0], cross[0]),
        *blocks,
        under("mid_block", *middle),
        layer_norm("conv_norm_out", widths[0]),
        conv2d("conv_out", widths[0], c.int("out_channels", default=4, least=1), kernel_out),
        hidden=widths[0],
    )
