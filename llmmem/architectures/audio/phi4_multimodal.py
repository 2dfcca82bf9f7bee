"""The audio tower of Phi-4 Multimodal: conformers that share one table of relative positions."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, buffer, conv, linear, norm, positions, scalars
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, Work, join


def phi4_multimodal_audio(c: Config, head: str | None = None) -> ModelSpec:
    """Phi4MultimodalAudioModel (arXiv:2503.01743; transformers 5.23, models/phi4_multimodal)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    head_dim = c.int("head_dim", default=hidden // heads)
    intermediate = c.int("intermediate_size", default=1536)
    shared = attention("self_attn", hidden, heads, heads, head_dim, bias=True, out_bias=True, cache=None)
    attend = shared._replace(work=tuple(w._replace(kind="biased_attention") for w in shared.work))

    def feed_forward(name: str) -> Part:
        return join(
            norm(f"{name}.layer_norm", hidden, bias=True),
            fused_gated_mlp(name, hidden, intermediate, names=("gate_up_proj", "down_proj"), bias=True),
        )

    gates, narrow = c.int("ext_pw_out_channel", default=1024), c.int("depthwise_separable_out_channel", default=1024)
    wide = hidden * c.int("depthwise_multiplier", default=1)
    module = (
        *norm("conv.layer_norm", hidden, bias=True),
        *conv("conv.glu.ext_pw_conv_1d", 2 * gates, hidden, 1, bias=True),
        *scalars("conv.glu.b1", 1, gates, 1),
        *scalars("conv.glu.b2", 1, gates, 1),
        *conv("conv.dw_sep_conv_1d.dw_conv", wide, 1, c.int("kernel_size", default=3), bias=True),
        *conv("conv.dw_sep_conv_1d.pw_conv", narrow, wide, 1, bias=True),
        *conv("conv.ext_pw_conv_1d", gates, hidden, 1, bias=True),
    )
    layer = join(
        feed_forward("feed_forward_in"),
        norm("layer_norm_att", hidden, bias=True),
        attend,
        Part(module, (), (Work("conv", 3 * gates),)),
        feed_forward("feed_forward_out"),
        norm("layer_norm", hidden, bias=True),
    )
    buckets = c.int("bias_max_distance", default=1000) * (1 if c.bool("bias_symmetric") else 2)
    inputs = c.int("input_size", default=80)
    blocks = [
        Block("audio", "encoder_embedding.", (*buffer("global_mean", inputs), *buffer("global_invstd", inputs))),
        Block("audio", "embed.", _subsampling(c, inputs, hidden)),
        Block("audio", "relative_attention_bias_layer.", positions("bias_values", buckets, heads)),
        *uniform("audio", "encoders.{}.", c.count("num_blocks", default=24), layer),
    ]
    return model_spec(c, blocks, hidden=hidden)


def _subsampling(c: Config, inputs: int, hidden: int) -> Tensors:
    """Convolutions that halve time and pitch, all but the first split into depth and point.

    Raises:
        ConfigError: time_reduction is odd.
    """
    reduction = c.int("time_reduction", default=8, least=1)
    if reduction % 2:
        raise ConfigError(f"time_reduction is {reduction}, but it should be even.", "Check the config.json.")
    channels, steps = c.int("nemo_conv_channels", default=1024), reduction.bit_length() - 1
    tensors: list[Tensor] = [*conv("conv.0", channels, 1, 3, 3, bias=True)]
    for i in range(steps - 1):
        tensors += conv(f"conv.{3 * i + 2}", channels, 1, 3, 3, bias=True)
        tensors += conv(f"conv.{3 * i + 3}", channels, channels, 1, 1, bias=True)
    for _ in range(steps):
        inputs = (inputs + 1) // 2
    return (*tensors, *linear("out", channels * c.int("nemo_final_size", default=inputs), hidden, bias=True))
