"""Gemma 3n's audio tower: the conformer of the Universal Speech Model."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import conv, linear, norm
from llmmem.parts.usm import feed_forward, light_convolution, local_attention
from llmmem.tensors import Block, ModelSpec, Tensor, join


def _sides(c: Config, name: str, default: list[list[int]]) -> list[list[int]]:
    """Height and width for each of the two convolutions."""
    sides = c.list(name) or default
    if [len(s) if isinstance(s, list) else 0 for s in sides] != [2, 2] or not all(
        isinstance(n, int) and 0 < n < 1 << 20 for s in sides for n in s
    ):
        raise ConfigError(f"{name} should be two pairs of whole numbers.", "Check the config.json.")
    return sides


def conv_channels(c: Config, name: str) -> list[int]:
    """Channels of the two convolutions that thin out the frames."""
    channels = c.ints(name) or [128, 32]
    if len(channels) != 2:
        raise ConfigError(f"{name} should have two entries.", "Check the config.json.")
    return channels


def gemma3n_audio(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma3nAudioEncoder (transformers 5.23, models/gemma3n)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=1536, least=1)
    heads = c.int("conf_num_attention_heads", default=8, least=1)
    kernel = c.int("conf_conv_kernel_size", default=5, least=1)
    past = max(0, c.int("conf_attention_context_left", default=13) - 1)
    span = c.int("conf_attention_chunk_size", default=12) + past + c.int("conf_attention_context_right", default=0)
    channels = [1, *conv_channels(c, "sscp_conv_channel_size")]
    kernels = _sides(c, "sscp_conv_kernel_size", [[3, 3], [3, 3]])
    strides = _sides(c, "sscp_conv_stride_size", [[2, 2], [2, 2]])
    frequencies = c.int("input_feat_size", default=128)
    stem: list[Tensor] = []
    for i, ((high, wide), (_, stride)) in enumerate(zip(kernels, strides, strict=True)):
        stem += [
            *conv(f"conv_{i}.conv", channels[i + 1], channels[i], high, wide),
            *norm(f"conv_{i}.norm", channels[i + 1]),
        ]
        frequencies = max((frequencies + 2 - wide) // stride + 1, 0)  # padded by one on either side
    layer = join(
        feed_forward("ffw_layer_start", hidden, linear),
        norm("attention.pre_attn_norm", hidden),
        local_attention(
            "attention.attn",
            hidden,
            heads,
            span,
            linear,
            relative="attention.attn.relative_position_embedding.pos_proj",
            post="attention.post",
        ),
        norm("attention.post_norm", hidden),
        light_convolution("lconv1d", hidden, kernel, linear),
        feed_forward("ffw_layer_end", hidden, linear),
        norm("norm", hidden),
    )
    stem += linear("input_proj_linear", channels[-1] * frequencies, hidden)
    blocks = [
        Block("audio", "subsample_conv_projection.", tuple(stem)),
        *uniform("audio", "conformer.{}.", c.count("conf_num_hidden_layers", default=12), layer),
    ]
    return model_spec(c, blocks, hidden=hidden)
