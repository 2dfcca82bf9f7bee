"""Gemma 4's audio tower: the conformer of the Universal Speech Model, whose linear layers may clip."""

from __future__ import annotations

from functools import partial

from llmmem.architectures.audio.gemma3n import conv_channels
from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config
from llmmem.parts.basic import conv, linear, norm
from llmmem.parts.usm import clipped_linear, feed_forward, light_convolution, local_attention
from llmmem.tensors import Block, ModelSpec, Sound, join


def gemma4_audio(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma4AudioModel (transformers 5.23, models/gemma4)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    kernel = c.int("conv_kernel_size", default=5, least=1)
    past = max(0, c.int("attention_context_left", default=13) - 1)
    span = c.int("attention_chunk_size", default=12) + past + c.int("attention_context_right", default=0)
    make = partial(clipped_linear, clips=c.bool("use_clipped_linears", default=True))
    first, second = conv_channels(c, "subsampling_conv_channels")
    stem = (
        *conv("layer0.conv", first, 1, 3, 3),
        *norm("layer0.norm", first),
        *conv("layer1.conv", second, first, 3, 3),
        *norm("layer1.norm", second),
        # The class reads the frequencies that are left off the channels.
        *linear("input_proj_linear", first // 4 * second, hidden),
    )
    layer = join(
        feed_forward("feed_forward1", hidden, make),
        feed_forward("feed_forward2", hidden, make),
        local_attention(
            "self_attn", hidden, heads, span, make, relative="self_attn.relative_k_proj", post="self_attn.post"
        ),
        light_convolution("lconv1d", hidden, kernel, make),
        norm("norm_pre_attn", hidden),
        norm("norm_post_attn", hidden),
        norm("norm_out", hidden),
    )
    blocks = [
        Block("audio", "subsample_conv_projection.", stem),
        *uniform("audio", "layers.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("audio", "", linear("output_proj", hidden, c.int("output_proj_dims", default=1536), bias=True)),
    ]
    # The processor hears half a minute, and a window of the spectrogram is two of its steps and a sample long.
    sound = Sound(hidden, padding=-1, convs=((3, 2, 1), (3, 2, 1)), most=30)
    return model_spec(c, blocks, hidden=hidden)._replace(sound=sound)
