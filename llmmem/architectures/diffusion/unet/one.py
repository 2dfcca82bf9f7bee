"""UNets in one dimension: waveforms (Dance Diffusion), and plans of movements (Diffuser, arXiv:2205.09991)."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, kinds, unknown
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv1d, dense, gather, layer_norm, under
from llmmem.parts.unet_1d import conv_block, mid_wave, temporal
from llmmem.tensors import ModelSpec

DOWN = ("DownBlock1DNoSkip", "DownBlock1D", "AttnDownBlock1D")
UP = ("AttnUpBlock1D", "UpBlock1D", "UpBlock1DNoSkip")
MIDDLES = ("UNetMidBlock1D", "MidResTemporalBlock1D", "ValueFunctionMidBlock1D")


def _down(c: Config, kind: str, inputs: int, outputs: int, time: int, depth: int, step: bool) -> Tensors:
    if kind == "DownResnetBlock1D":
        blocks = [temporal(f"resnets.{n}", outputs if n else inputs, outputs, time) for n in range(depth + 1)]
        return gather((*blocks, conv1d("downsample.conv", outputs, outputs) if step else ()))
    if kind not in DOWN:
        raise unknown(c, "down_block_types", kind, (*DOWN, "DownResnetBlock1D"))
    return conv_block(inputs, outputs, outputs, attend="Attn" in kind, step="" if "NoSkip" in kind else "down")


def _up(c: Config, kind: str, inputs: int, outputs: int, time: int, depth: int, step: bool) -> Tensors:
    if kind == "UpResnetBlock1D":
        blocks = [temporal(f"resnets.{n}", outputs if n else 2 * inputs, outputs, time) for n in range(depth + 1)]
        return gather((*blocks, conv1d("upsample.conv", outputs, outputs, 4) if step else ()))
    if kind not in UP:
        raise unknown(c, "up_block_types", kind, (*UP, "UpResnetBlock1D"))
    attend, skips = "Attn" in kind, "NoSkip" not in kind
    middle = outputs if attend else inputs
    return conv_block(2 * inputs, middle, outputs, attend=attend, step="up" if skips else "", last=not skips)


def _middle(c: Config, width: int, time: int, depth: int, step: bool) -> Tensors:
    kind = c.str("mid_block_type", default=MIDDLES[0])
    if kind == "UNetMidBlock1D":
        return mid_wave(width)
    if kind == "MidResTemporalBlock1D":
        blocks = [temporal(f"resnets.{n}", width, width, time) for n in range(depth + 1)]
        return gather((*blocks, conv1d("downsample.conv", width, width) if step else ()))
    if kind != "ValueFunctionMidBlock1D":
        raise unknown(c, "mid_block_type", kind, MIDDLES)
    half, quarter = width // 2, width // 4
    return (
        *temporal("res1", width, half, time),
        *conv1d("down1.conv", half, half),
        *temporal("res2", half, quarter, time),
        *conv1d("down2.conv", quarter, quarter),
    )


def _out(c: Config, kind: str, width: int, outputs: int, inner: int) -> Tensors:
    if kind == "OutConv1DBlock":
        return (
            *conv1d("final_conv1d_1", width, width, 5),
            *layer_norm("final_conv1d_gn", width),
            *conv1d("final_conv1d_2", width, outputs, 1),
        )
    if kind == "ValueFunction":
        return (*dense("final_block.0", inner + width, inner // 2), *dense("final_block.2", inner // 2, 1))
    raise unknown(c, "out_block_type", kind, ("OutConv1DBlock", "ValueFunction"))


def _time(c: Config, width: int) -> Tensors:
    kind = c.str("time_embedding_type", default="fourier")
    if kind not in ("fourier", "positional"):
        raise unknown(c, "time_embedding_type", kind, ("fourier", "positional"))
    sines = c.int("time_embedding_dim", default=0) or 2 * width
    weights = scalars("time_proj.weight", sines // 2) if kind == "fourier" else ()
    if not c.bool("use_timestep_embedding"):
        return weights
    return (*weights, *two_layers("time_mlp", sines if kind == "fourier" else width, 4 * width, width))


def unet_1d(c: Config, head: str | None = None) -> ModelSpec:
    """UNet1DModel (diffusers 0.42, models/unets/unet_1d.py)."""
    down, up = kinds(c, "down_block_types", DOWN), UP if c.list("up_block_types") is None else c.list("up_block_types")
    widths = filled(c, "block_out_channels", (32, 32, 64))
    count, ups = len(widths), list(up or ())
    if len(down) != count or len(ups) > count or min(widths) < 1:
        raise ConfigError(f"{len(down)} and {len(ups)} block types for {count} widths.", "Check the config.json.")
    first, turned = widths[0], widths[::-1]
    depth, step = c.count("layers_per_block", default=1), c.bool("downsample_each_block")
    seen, shown = c.int("in_channels", default=2, least=1), c.int("out_channels", default=2, least=1)
    seen += c.int("extra_in_channels", default=0)
    out = c.str("out_block_type")
    steps = list(zip([seen, *widths], widths, strict=False))
    path = [*turned[: len(ups)], first if out else shown] if ups else []
    return component(
        c,
        "unet",
        _time(c, first),
        *(
            under(f"down_blocks.{i}", _down(c, down[i], *pair, first, depth, i < count - 1 or step))
            for i, pair in enumerate(steps)
        ),
        under("mid_block", _middle(c, widths[-1], first, depth, step)),
        *(
            under(f"up_blocks.{i}", _up(c, str(kind), path[i], path[i + 1], first, depth, i < count - 1))
            for i, kind in enumerate(ups)
        ),
        under("out_block", _out(c, out, first, shown, widths[-1] // 4)) if out else (),
        hidden=first,
    )
