"""The two halves of Mimi, the codec of Moshi: convolutions, a transformer, and a step to the codec's own rate."""

from __future__ import annotations

from math import ceil, prod

from llmmem.architectures.base import head_of, model_spec, no_head, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, conv, norm, scalars
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.mlp import mlp
from llmmem.parts.seanet import SeaNet, seanet_decoder, seanet_encoder
from llmmem.tensors import Block, ModelSpec, join

RATIOS = (8, 6, 5, 4)


def _net(c: Config) -> SeaNet:
    return SeaNet(
        channels=c.int("audio_channels", default=1),
        filters=c.int("num_filters", default=64),
        hidden=c.int("hidden_size", default=512, least=1),
        ratios=c.ints("upsampling_ratios") or RATIOS,
        residuals=c.count("num_residual_layers", default=1),
        kernel=c.int("kernel_size", default=7),
        last_kernel=c.int("last_kernel_size", default=3),
        residual_kernel=c.int("residual_kernel_size", default=3),
        compress=c.int("compress", default=2, least=1),
        shortcut=c.bool("use_conv_shortcut"),
    )


def _step(c: Config, net: SeaNet) -> int | None:
    """How many vectors of the convolutions become one of the codec; None where both have the same rate.

    Raises:
        ConfigError: rates that are no numbers above zero.
    """
    sampling, hop = c.int("sampling_rate", default=24000, least=1), prod(net.ratios)
    # Files written by the class itself have the underscore; null is half the rate of the convolutions.
    rate = c.get("_frame_rate" if c.has("_frame_rate") else "frame_rate")
    if rate is None and hop:
        rate = sampling / (2 * hop)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or rate <= 0:
        raise ConfigError("frame_rate or upsampling_ratios of a Mimi codec make no sense.", "Check the config.json.")
    coarse = ceil(sampling / hop)
    return None if coarse == rate else int(coarse / rate)


def _transformer(c: Config, prefix: str, hidden: int) -> tuple[Block, ...]:
    heads = c.int("num_attention_heads", default=8, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    bias = c.bool("attention_bias")
    window = c.optional("sliding_window", default=250)
    layer = join(
        norm("input_layernorm", hidden, bias=True),
        attention(
            "self_attn",
            hidden,
            heads,
            kv_heads,
            c.int("head_dim", default=0) or hidden // heads,
            bias=bias,
            out_bias=bias,
            cache=None,
            window=window,
        ),
        scalars("self_attn_layer_scale.scale", hidden),
        norm("post_attention_layernorm", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=2048), bias=False),
        scalars("mlp_layer_scale.scale", hidden),
    )
    return uniform("audio", f"{prefix}layers.{{}}.", c.count("num_hidden_layers", default=8), layer)


def encoder_half(c: Config) -> list[Block]:
    """From sound to vectors."""
    net = _net(c)
    step = _step(c, net)
    down = conv("downsample.conv", net.hidden, net.hidden, 2 * step) if step is not None else ()
    return [
        Block("audio", "encoder.", seanet_encoder(net)),
        *_transformer(c, "encoder_transformer.", net.hidden),
        Block("audio", "", down),
    ]


def decoder_half(c: Config) -> list[Block]:
    """From vectors to sound."""
    net = _net(c)
    step = _step(c, net)
    groups = c.int("upsample_groups", default=512, least=1)
    divide(c, "hidden_size over upsample_groups", net.hidden, groups)
    up: Tensors = ()
    if step is not None:
        up = conv_transpose("upsample.conv", net.hidden, net.hidden, 2 * step, bias=False, groups=groups)
    return [
        Block("audio", "", up),
        *_transformer(c, "decoder_transformer.", net.hidden),
        Block("audio", "decoder.", seanet_decoder(net)),
    ]


def mimi_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """MimiEncoderModel (transformers 5.23, models/mimi)."""
    kind = head_of(c, head, "base")
    if kind not in ("base", "encoder"):
        raise refuse_head(c, kind)
    return model_spec(c, encoder_half(c), hidden=c.int("hidden_size", default=512))


def mimi_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """MimiDecoderModel (transformers 5.23, models/mimi)."""
    no_head(c, head)
    return model_spec(c, decoder_half(c), hidden=c.int("hidden_size", default=512))
