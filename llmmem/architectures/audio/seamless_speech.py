"""What Seamless M4T hears with: conformers."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Part, Work, join

NAMES = ("linear_q", "linear_k", "linear_v", "linear_out")


def speech_heads(c: Config, hidden: int) -> tuple[int, int]:
    """Heads of the speech encoder and their width."""
    heads = c.int("speech_encoder_attention_heads", default=16, least=1)
    return heads, divide(c, "hidden_size over speech_encoder_attention_heads", hidden, heads)


def speech_encoder(c: Config, hidden: int, *, places: Tensors, middle: Tensors) -> list[Block]:
    """Conformers, and an adapter that shortens what they give.

    Args:
        places: how attention knows positions; named relative to it.
        middle: the norm within a convolution module.
    """
    heads, head_dim = speech_heads(c, hidden)
    intermediate = c.int("speech_encoder_intermediate_size", default=4096)
    kernel = c.int("conv_depthwise_kernel_size", default=31)
    if kernel % 2 == 0:
        raise ConfigError(f"conv_depthwise_kernel_size is {kernel}, but it should be odd.", "Check the config.json.")

    def feed_forward(name: str) -> Part:
        return mlp((f"{name}.intermediate_dense", f"{name}.output_dense"), hidden, intermediate)

    def attend(extra: Tensors) -> Part:
        return attention(
            "self_attn",
            hidden,
            heads,
            heads,
            head_dim,
            names=NAMES,
            bias=True,
            out_bias=True,
            extra=extra,
            cache=None,
        )

    module = (
        *norm("layer_norm", hidden, bias=True),
        *conv("pointwise_conv1", 2 * hidden, hidden, 1),
        *conv("depthwise_conv", hidden, 1, kernel),
        *middle,
        *conv("pointwise_conv2", hidden, hidden, 1),
    )
    convolution = Part(tuple(t._replace(name=f"conv_module.{t.name}") for t in module), (), (Work("conv", 3 * hidden),))
    layer = join(
        norm("ffn1_layer_norm", hidden, bias=True),
        feed_forward("ffn1"),
        norm("self_attn_layer_norm", hidden, bias=True),
        attend(places),
        convolution,
        norm("ffn2_layer_norm", hidden, bias=True),
        feed_forward("ffn2"),
        norm("final_layer_norm", hidden, bias=True),
    )
    width = c.int("adaptor_kernel_size", default=8)
    adapter = join(
        norm("residual_layer_norm", hidden, bias=True),
        conv("residual_conv", 2 * hidden, hidden, width, bias=True),
        norm("self_attn_layer_norm", hidden, bias=True),
        conv("self_attn_conv", 2 * hidden, hidden, width, bias=True),
        attend(()),
        norm("ffn_layer_norm", hidden, bias=True),
        feed_forward("ffn"),
    )
    adapters = c.count("num_adapter_layers", default=1) if c.bool("add_adapter", default=True) else 0
    inputs = c.int("feature_projection_input_dim", default=160)
    stem = (
        *norm("layer_norm", inputs, bias=True),
        *linear("projection", inputs, hidden, bias=True),
    )
    return [
        Block("audio", "feature_projection.", stem),
        *uniform("audio", "encoder.layers.{}.", c.count("speech_encoder_layers", default=24), layer),
        Block("audio", "encoder.", norm("layer_norm", hidden, bias=True)),
        Block("audio", "", feed_forward("intermediate_ffn").tensors),
        *uniform("audio", "adapter.layers.{}.", adapters, adapter),
        Block("audio", "", norm("inner_layer_norm", hidden, bias=True)),
    ]
