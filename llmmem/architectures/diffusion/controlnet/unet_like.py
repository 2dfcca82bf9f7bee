"""ControlNets of UNets: a copy of the way down that reads a control picture (arXiv:2302.05543)."""

from __future__ import annotations

from itertools import pairwise

from llmmem.architectures.diffusion.base import component, per_block, sizes, unknown
from llmmem.architectures.diffusion.unet.condition import DOWN, WIDTHS, unet_style
from llmmem.architectures.diffusion.unet.embeddings import added_embedding, class_embedding, text_projection
from llmmem.architectures.diffusion.unet.levels import channels, depths, heads, names, way_down
from llmmem.config import Config
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv2d, dense, gather, layer_norm, under
from llmmem.parts.unet import Level, resnet
from llmmem.parts.unet_levels import cross_middle
from llmmem.tensors import Block, ModelSpec, Tensor

HINT = (16, 32, 96, 256)


def hint(name: str, pictures: int, widths: list[int], out: int) -> Tensors:
    """ControlNetConditioningEmbedding: from the control picture's size to the latent's."""
    steps = enumerate(pairwise(widths))
    blocks = (conv2d(f"blocks.{2 * i + n}", pair[0], pair[n]) for i, pair in steps for n in (0, 1))
    return under(name, conv2d("conv_in", pictures, widths[0]), *blocks, conv2d("conv_out", widths[-1], out))


def taps(widths: list[int], layers: int) -> Tensors:
    """controlnet_down_blocks and controlnet_mid_block: one convolution for each of the UNet's skip connections."""
    outs = [widths[0]]
    for i, width in enumerate(widths):
        outs += [width] * (layers + (i < len(widths) - 1))
    down = gather(conv2d(f"controlnet_down_blocks.{i}", w, w, 1) for i, w in enumerate(outs))
    return (*down, *conv2d("controlnet_mid_block", widths[-1], widths[-1], 1))


def _blocks(c: Config, default_hint: tuple[int, ...]) -> tuple[list[int], int, list[Block | Tensors]]:
    """Widths, the timestep's width and everything both kinds have."""
    down = names(c, "down_block_types", DOWN)
    count = len(down)
    widths = channels(c, WIDTHS, count)
    time, layers = 4 * widths[0], c.count("layers_per_block", default=2, least=1)
    cross = c.int("cross_attention_dim", default=1280, least=1)
    style = unet_style(c, time)
    many, sides = heads(c, count, 8, widths)
    only = [bool(v) for v in per_block(c, "only_cross_attention", count, False)]
    tall = per_block(c, "transformer_layers_per_block", count, 1)
    levels = [
        Level(
            widths[max(i - 1, 0)],
            widths[i],
            layers,
            step=i < count - 1,
            depths=depths(tall[i], layers),
            heads=many[i],
            head_dim=sides[i],
            cross=cross,
            only_cross=only[i],
        )
        for i in range(count)
    ]
    kind = c.get("mid_block_type") or "UNetMidBlock2DCrossAttn"
    if kind == "UNetMidBlock2DCrossAttn":
        last = levels[-1]._replace(only_cross=False, depths=depths(tall[-1], 1))
        middle = cross_middle(kind, last, style)
    elif kind == "UNetMidBlock2D":
        middle = under("mid_block", resnet("resnets.0", widths[-1], widths[-1], time, style.shift))
    else:
        raise unknown(c, "mid_block_type", kind, ("UNetMidBlock2DCrossAttn", "UNetMidBlock2D"))
    steps = sizes(c, "conditioning_embedding_out_channels", default_hint)
    return (
        widths,
        time,
        [
            conv2d("conv_in", c.int("in_channels", default=4, least=1), widths[0]),
            two_layers("time_embedding", widths[0], time),
            class_embedding(c, time, widths[0]),
            added_embedding(c, time, cross),
            hint("controlnet_cond_embedding", c.int("conditioning_channels", default=3), steps, widths[0]),
            *way_down(down, levels, style),
            middle,
            taps(widths, layers),
        ],
    )


def controlnet(c: Config, head: str | None = None) -> ModelSpec:
    """ControlNetModel (diffusers 0.42, models/controlnets/controlnet.py)."""
    widths, _, blocks = _blocks(c, HINT)
    text = text_projection(c, c.int("cross_attention_dim", default=1280, least=1))
    return component(c, "controlnet", *blocks, text, hidden=widths[0])


def controlnet_union(c: Config, head: str | None = None) -> ModelSpec:
    """ControlNetUnionModel (diffusers 0.42, models/controlnets/controlnet_union.py): many kinds of control in one."""
    widths, time, blocks = _blocks(c, (48, 96, 192, 384))
    width, kinds = c.int("num_trans_channel", default=320, least=1), c.int("num_control_type", default=6, least=1)
    layer = (
        # Bare parameters, as torch.nn.MultiheadAttention has them: conversions pass them by.
        Tensor("attn.in_proj_weight", (3 * width, width), "scalar"),
        Tensor("attn.in_proj_bias", (3 * width,), "bias"),
        *dense("attn.out_proj", width, width),
        *layer_norm("ln_1", width),
        *dense("mlp.c_fc", width, 4 * width),
        *dense("mlp.c_proj", 4 * width, width),
        *layer_norm("ln_2", width),
    )
    return component(
        c,
        "controlnet",
        *blocks,
        scalars("task_embedding", kinds, width),
        # spelled so in the class
        Block("", "transformer_layes.{}.", layer, range(c.count("num_trans_layer", default=1))),
        dense("spatial_ch_projs", width, c.int("num_proj_channel", default=320, least=1)),
        two_layers("control_add_embedding", c.int("addition_time_embed_dim") * kinds, time),
        hidden=widths[0],
    )
