"""Segment Anything's encoder as DeepSeek-OCR 2 and Unlimited OCR have it: with two convolutions of stride 2 on it."""

from __future__ import annotations

from llmmem.architectures.base import no_head, renamed
from llmmem.architectures.vision.got_ocr2 import got_ocr2_vision
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import conv
from llmmem.tensors import Block, ModelSpec

_OLDER = (("layers.", "blocks."), ("layer_norm", "norm"), ("patch_embed.projection", "patch_embed.proj"))
_OLDER_NECK = (("conv1", "0"), ("layer_norm1", "1"), ("conv2", "2"), ("layer_norm2", "3"))
_OLDER_ENDS = (("proj.", ""), ("conv1", "net_2"), ("conv2", "net_3"))


def deepseek_ocr2_sam_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekOcr2SamVisionEncoder (arXiv:2601.20552; transformers 5.23, models/deepseek_ocr2)."""
    inner = int(c.int("hidden_size", default=768, least=1) * c.number("mlp_ratio", default=4.0))
    return _sam(Config({**c.raw, "mlp_dim": c.int("mlp_dim", default=inner)}, c.path, c.reads), head, 896)


def unlimited_ocr_sam_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """UnlimitedOcrSamVisionEncoder, stored under the original's names (transformers 5.23, models/unlimited_ocr)."""
    tower = _sam(c, head, 1024)
    return tower._replace(blocks=under_older_names(tower.blocks))


def under_older_names(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Segment Anything's blocks as published files of both models name them."""
    by_place = {"neck.": _OLDER_NECK, "proj.": _OLDER_ENDS}
    return tuple(r for b in blocks for r in renamed((b,), *by_place.get(b.prefix, _OLDER)))


def _sam(c: Config, head: str | None, outputs: int) -> ModelSpec:
    """The encoder, and two convolutions of stride 2 on it; ``outputs`` is the class default of the second."""
    no_head(c, head)
    if isinstance(c.get("image_size"), list) or isinstance(c.get("patch_size"), list):
        raise ConfigError("image_size and patch_size of this tower are one number each.", "Check the config.json.")
    tower = got_ocr2_vision(c, "base")
    widths = downsampled(c, outputs)
    ends = (
        *conv("conv1", widths[0], c.int("output_channels", default=256), 3, 3),
        *conv("conv2", widths[1], widths[0], 3, 3),
    )
    return tower._replace(blocks=(*tower.blocks, Block("vision", "proj.", ends)))


def downsampled(c: Config, outputs: int) -> tuple[int, int]:
    """Channels of the two convolutions.

    Raises:
        ConfigError: fewer than two.
    """
    widths = c.ints("downsample_channels")
    if widths is not None and len(widths) < 2:
        raise ConfigError("downsample_channels should have two entries.", "Check the config.json.")
    return (512, outputs) if widths is None else (widths[0], widths[1])
