"""EnCodec."""

from __future__ import annotations

from math import ceil, log2, prod

from llmmem.architectures.base import model_spec, no_head
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, norm
from llmmem.parts.seanet import SeaNet, plain, seanet_decoder, seanet_encoder, weight_norm
from llmmem.tensors import Block, ModelSpec


def _group_norm(name: str, inputs: int, outputs: int, kernel: int, transposed: bool) -> Tensors:
    return (*plain(name, inputs, outputs, kernel, transposed), *norm(f"{name}.norm", outputs, bias=True))


#: norm_type -> what a convolution is made of
CONVOLUTIONS = {"weight_norm": weight_norm, "time_group_norm": _group_norm}


def encodec(c: Config, head: str | None = None) -> ModelSpec:
    """EncodecModel (arXiv:2210.13438; transformers 5.23, models/encodec)."""
    no_head(c, head)
    ratios = c.ints("upsampling_ratios")
    hidden = c.int("hidden_size", default=128)
    net = SeaNet(
        channels=c.int("audio_channels", default=1),
        filters=c.int("num_filters", default=32),
        hidden=hidden,
        ratios=(8, 5, 4, 2) if ratios is None else ratios,
        residuals=c.count("num_residual_layers", default=1),
        kernel=c.int("kernel_size", default=7),
        last_kernel=c.int("last_kernel_size", default=7),
        residual_kernel=c.int("residual_kernel_size", default=3),
        compress=c.int("compress", default=2, least=1),
        shortcut=c.bool("use_conv_shortcut", default=True),
        lstm=c.count("num_lstm_layers", default=2),
    )
    kind = c.str("norm_type", default="weight_norm")
    if kind not in CONVOLUTIONS:
        raise ConfigError(f"norm_type is {kind[:40]!r}.", f"Known: {', '.join(CONVOLUTIONS)}.")
    size = c.int("codebook_size", default=1024, least=2)
    if size & (size - 1):
        raise ConfigError(f"codebook_size is {size:,}, which is no power of 2.", "Check the config.json.")
    width = c.int("codebook_dim", default=hidden)
    book = (
        *buffer("inited", 1),
        *buffer("cluster_size", size),
        *buffer("embed", size, width),
        *buffer("embed_avg", size, width),
    )
    make = CONVOLUTIONS[kind]
    blocks = [
        Block("audio", "encoder.", seanet_encoder(net, make)),
        Block("audio", "decoder.", seanet_decoder(net, make)),
        Block("audio", "quantizer.layers.{}.codebook.", book, range(_quantizers(c, prod(net.ratios), size))),
    ]
    return model_spec(c, blocks, hidden=hidden)


def _quantizers(c: Config, hop: int, size: int) -> int:
    """As many as the widest band has room for.

    Raises:
        ConfigError: a band that is no number.
    """
    bands = c.list("target_bandwidths") or [24.0]
    if isinstance(bands[-1], bool) or not isinstance(bands[-1], int | float) or hop < 1:
        raise ConfigError("target_bandwidths or upsampling_ratios make no sense.", "Check the config.json.")
    rate = ceil(c.int("sampling_rate", default=24000, least=1) / hop)
    return int(1000 * bands[-1] // (rate * ceil(log2(size))))
