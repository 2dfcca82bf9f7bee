"""Muse Spark's audio tower: from a waveform, by patches of patches with convolutions between, to tokens."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec


def muse_spark_audio(c: Config, head: str | None = None) -> ModelSpec:
    """MuseSparkAudioModel (transformers 5.23, models/muse_spark).

    Raises:
        ConfigError: the lists do not have one entry per stage.
    """
    no_head(c, head)
    stages = c.count("num_hidden_layers", default=4)
    patches = c.ints("patch_sizes") or [16, 6, 5, 4]
    widths = c.ints("hidden_sizes") or [256, 512, 1024, 2048]
    depths = c.ints("depths") or [2] * 4
    if not len(patches) == len(widths) == len(depths) == stages:
        raise ConfigError(
            f"patch_sizes, hidden_sizes and depths should have an entry for each of {stages} layers.",
            "Check the config.json.",
        )
    kernel, ratio = c.int("conv_kernel_size", default=7, least=1), c.number("mlp_ratio", default=4.0)
    blocks = []
    for i, (before, width) in enumerate(zip([1, *widths], widths, strict=False)):
        stem = (*linear("proj", before * patches[i], width, bias=True), *norm("norm", width))
        mix = (
            *conv("conv", width, 1, kernel, bias=True),
            *norm("norm", width),
            *mlp(("mlp.fc1", "mlp.fc2"), width, int(width * ratio)).tensors,
        )
        blocks += [
            Block("audio", f"layers.{i}.patch_embedder.", stem),
            Block("audio", f"layers.{i}.conv_blocks.{{}}.", mix, range(depths[i])),
        ]
    hidden = c.int("out_hidden_size", default=8192)
    final = (
        *norm("norm", widths[-1]),
        *linear("proj", widths[-1], hidden, bias=True),
        *norm("post_proj_norm", hidden),
    )
    return model_spec(c, [*blocks, Block("audio", "", final)], hidden=hidden)
