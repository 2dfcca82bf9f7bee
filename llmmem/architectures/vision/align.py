"""ALIGN's vision tower: EfficientNet without its last convolution."""

from __future__ import annotations

from math import ceil, prod

from llmmem.architectures.base import blocks_by_kind, model_spec, no_head
from llmmem.config import MOST_LAYERS, Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, batch_norm, conv
from llmmem.tensors import Block, Images, ModelSpec, Part, Work

#: what the class takes for the lists of its seven stages
_STAGES = {
    "kernel_sizes": [3, 3, 5, 3, 5, 5, 3],
    "in_channels": [32, 16, 24, 40, 80, 112, 192],
    "out_channels": [16, 24, 40, 80, 112, 192, 320],
    "strides": [1, 2, 2, 2, 1, 2, 1],
    "num_block_repeats": [1, 2, 2, 3, 3, 4, 1],
    "expand_ratios": [1, 6, 6, 6, 6, 6, 6],
}


def align_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """AlignVisionModel (arXiv:2102.05918, arXiv:1905.11946; transformers 5.23, models/align)."""
    no_head(c, head)
    stages = _stages(c)
    deeper = c.number("depth_coefficient", default=3.1)
    squeeze = c.number("squeeze_expansion_ratio", default=0.25)
    first = _filters(c, 32)
    shrink = 2 * prod(stride for _, _, _, stride, _, _ in stages)
    if deeper * sum(repeats for *_, repeats, _ in stages) > MOST_LAYERS:
        raise ConfigError("num_block_repeats ask for more layers than any model has.", "Check the config.json.")
    side, kinds = 2, []
    for kernel, inputs, outputs, stride, repeats, expand in stages:
        for repeat in range(ceil(deeper * repeats)):
            source = _filters(c, outputs if repeat else inputs)
            # Points of its grid for one of the last.
            points = (shrink // side) ** 2
            kinds.append((source, _filters(c, outputs), kernel, expand, max(1, int(source * squeeze)), points))
            side *= 1 if repeat else stride
    stem = (
        *conv("convolution", first, c.int("num_channels", default=3), 3, 3),
        *batch_norm("batchnorm", first),
    )
    blocks = [Block("vision", "embeddings.", stem), *blocks_by_kind("vision", "encoder.blocks.{}.", kinds, _layer)]
    hidden = kinds[-1][1] if kinds else first
    high, wide = c.pair("image_size", default=600)
    grid = -(-high // shrink) * -(-wide // shrink)
    return model_spec(c, blocks, hidden=hidden)._replace(images=Images(grid, grid, hidden, (high, wide)))


def _stages(c: Config) -> list[tuple[int, ...]]:
    """Kernel, channels in and out, stride, repeats and expansion of every stage.

    Raises:
        ConfigError: fewer entries than stages.
    """
    lists = [c.ints(name, least=1) or default for name, default in _STAGES.items()]
    if any(len(values) < len(lists[1]) for values in lists):
        raise ConfigError(f"{', '.join(_STAGES)} should have one entry for every stage.", "Check the config.json.")
    return list(zip(*lists, strict=False))[: len(lists[1])]


def _filters(c: Config, channels: int) -> int:
    """Channels of a wider or narrower network, rounded as EfficientNet does."""
    divisor = c.int("depth_divisor", default=8, least=1)
    wide = channels * c.number("width_coefficient", default=2.0)
    rounded = max(divisor, int(wide + divisor / 2) // divisor * divisor)
    return int(rounded + divisor if rounded < 0.9 * wide else rounded)


def _layer(inputs: int, outputs: int, kernel: int, expand: int, narrow: int, points: int) -> Part:
    """Widen, look around in every channel, weigh the channels, narrow."""
    wide = inputs * expand
    widens: Tensors = (
        *conv("expansion.expand_conv", wide, inputs, 1, 1),
        *batch_norm("expansion.expand_bn", wide),
    )
    tensors = (
        *(widens if expand != 1 else ()),
        *conv("depthwise_conv.depthwise_conv", wide, 1, kernel, kernel),
        *batch_norm("depthwise_conv.depthwise_norm", wide),
        *conv("squeeze_excite.reduce", narrow, wide, 1, 1, bias=True),
        *conv("squeeze_excite.expand", wide, narrow, 1, 1, bias=True),
        *conv("projection.project_conv", outputs, wide, 1, 1),
        *batch_norm("projection.project_bn", outputs),
    )
    return Part(tensors, (), (Work("conv", points * (2 * wide + outputs)),))
