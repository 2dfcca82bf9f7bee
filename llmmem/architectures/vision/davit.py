"""DaViT: attention over windows of places in turn with attention over groups of channels."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import conv, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join


def florence_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Florence2VisionBackbone (arXiv:2204.03645; transformers 5.23, models/florence2).

    Raises:
        ConfigError: lists of different lengths, one entry being a stage.
    """
    no_head(c, head)
    widths = _stages(c, "embed_dim", (128, 256, 512, 1024))
    depths, patches = _stages(c, "depths", (1, 1, 9, 1)), _stages(c, "patch_size", (7, 3, 3, 3))
    heads, groups = _stages(c, "num_heads", (4, 8, 16, 32)), _stages(c, "num_groups", (4, 8, 16, 32))
    before = c.list("patch_prenorm") or [False, True, True, True]
    if len({len(s) for s in (widths, heads, groups)}) > 1 or min(map(len, (depths, patches, before))) < len(widths):
        raise ConfigError("The stages of vision_config differ in number.", "Check embed_dim, depths and the like.")
    bias, ratio = c.bool("qkv_bias", default=True), c.number("mlp_ratio", default=4.0)
    area = c.int("window_size", default=12) ** 2

    def half(name: str, attends: Part, width: int) -> Part:
        part = join(
            conv("conv1", width, 1, 3, 3, bias=True),
            norm("norm1", width, bias=True),
            attends,
            conv("conv2", width, 1, 3, 3, bias=True),
            norm("norm2", width, bias=True),
            mlp(("ffn.fc1", "ffn.fc2"), width, int(width * ratio)),
        )
        return part._replace(tensors=tuple(t._replace(name=f"{name}.{t.name}") for t in part.tensors))

    blocks = []
    inputs = c.int("in_channels", default=3)
    for i, width in enumerate(widths):
        stem = (
            *conv("conv", width, inputs, patches[i], patches[i], bias=True),
            *norm("norm", inputs if before[i] else width, bias=True),
        )
        names = ("window_attn.qkv", "window_attn.proj")
        of_head = divide(c, "embed_dim over num_heads", width, heads[i])
        windows = fused_attention(
            names, width, heads[i], heads[i], of_head, bias=bias, out_bias=True, cache=None, window=area
        )
        # Channels are the keys here, a group of them at a time; its rows need not come out even.
        names = ("channel_attn.qkv", "channel_attn.proj")
        channels = fused_attention(names, width, 1, 1, width, bias=bias, out_bias=True, cache=None, window=1)
        layer = join(half("spatial_block", windows, width), half("channel_block", channels, width))
        blocks += [Block("vision", f"convs.{i}.", stem), *uniform("vision", f"blocks.{i}.{{}}.", depths[i], layer)]
        inputs = width
    return model_spec(c, blocks, hidden=widths[-1])


def _stages(c: Config, name: str, default: tuple[int, ...]) -> list[int]:
    return c.ints(name, least=1) or list(default)
