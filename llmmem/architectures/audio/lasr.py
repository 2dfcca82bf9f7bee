"""LASR: conformers with rotary positions."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.audio.parakeet import fast_conformer
from llmmem.architectures.audio.spelling import ctc_head, spelling
from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.parts.basic import conv, linear, norm
from llmmem.tensors import Block, ModelSpec


def lasr_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """LasrEncoder (transformers 5.23, models/lasr)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=512, least=1)
    channels = c.int("subsampling_conv_channels", default=256)
    kernel = c.int("subsampling_conv_kernel_size", default=5, least=1)
    stem = (
        *linear("dense_0", c.int("num_mel_bins", default=128), hidden, bias=True),
        *conv("conv_0", hidden, hidden, kernel, bias=True),
        *conv("conv_1", channels, hidden, kernel, bias=True),
        *linear("dense_1", channels, hidden, bias=True),
    )
    layer = fast_conformer(c, hidden, intermediate=2048, biased=False, kernel=32, relative=False, norm_bias=False)
    blocks = [
        Block("audio", "subsampler.", stem),
        *uniform("audio", "layers.{}.", c.count("num_hidden_layers", default=17), layer),
        Block("audio", "", norm("out_norm", hidden)),
    ]
    return model_spec(c, blocks, hidden=hidden)


def lasr_ctc(c: Config, head: str | None = None) -> ModelSpec:
    """LasrForCTC (transformers 5.23, models/lasr)."""
    encoder = build(c.sub("encoder_config", model_type="lasr_encoder"), "base")
    return spelling(c, "ForCTC", encoder, [ctc_head(c, encoder.hidden_size, 512)])
