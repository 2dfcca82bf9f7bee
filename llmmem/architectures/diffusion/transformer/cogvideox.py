"""CogVideoX."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.architectures.diffusion.transformer.pixart import activation
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer
from llmmem.parts.denoise import attention, feed_forward, modulation, norms_of, two_layers
from llmmem.parts.modules import conv2d, dense, layer_norm
from llmmem.tensors import ModelSpec


def modulated_norm(name: str, width: int, time: int, *, affine: bool) -> Tensors:
    """CogVideoXLayerNormZero: shifts and scales for video and text."""
    return (*modulation(name, width, 6, time), *(layer_norm(f"{name}.norm", width) if affine else ()))


def block(c: Config, width: int, head: int, time: int) -> Tensors:
    """CogVideoXBlock."""
    affine = c.bool("norm_elementwise_affine", default=True)
    bias = c.bool("attention_bias", default=True)
    return (
        *modulated_norm("norm1", width, time, affine=affine),
        *attention("attn1", width, width, bias=bias, extra=norms_of("layer_norm", head, width)),
        *modulated_norm("norm2", width, time, affine=affine),
        *feed_forward("ff", width, act=activation(c, "gelu-approximate")),
    )


def stem(c: Config, width: int) -> Tensors:
    """Patches and text; positions are in the checkpoint only where they are learned."""
    inputs, side = c.int("in_channels", default=16, least=1), c.int("patch_size", default=2, least=1)
    frames = c.optional("patch_size_t")
    if frames is None:
        proj = conv2d("patch_embed.proj", inputs, width, side, c.bool("patch_bias", default=True))
    else:
        proj = dense("patch_embed.proj", inputs * side * side * frames, width)
    learned: Tensors = ()
    if c.bool("use_learned_positional_embeddings"):
        seen = (c.int("sample_frames", default=49, least=1) - 1) // c.int(
            "temporal_compression_ratio", default=4, least=1
        ) + 1
        high, wide = c.int("sample_height", default=60) // side, c.int("sample_width", default=90) // side
        length = c.int("max_text_seq_length", default=226) + high * wide * seen
        learned = buffer("patch_embed.pos_embedding", 1, length, width)
    return (*proj, *dense("patch_embed.text_proj", c.int("text_embed_dim", default=4096, least=1), width), *learned)


def cogvideox(c: Config, head: str | None = None) -> ModelSpec:
    """CogVideoXTransformer3DModel (arXiv:2408.06072; diffusers 0.42, transformers/cogvideox_transformer_3d.py)."""
    _, one, width = width_of(c, 30, 64)
    time = c.int("time_embed_dim", default=512, least=1)
    more = c.int("ofs_embed_dim", default=0)
    side, frames = c.int("patch_size", default=2, least=1), c.optional("patch_size_t") or 1
    affine = c.bool("norm_elementwise_affine", default=True)
    return component(
        c,
        "transformer",
        stem(c, width),
        two_layers("time_embedding", width, time),
        two_layers("ofs_embedding", more, more) if more else (),
        layers("transformer_blocks", c.count("num_layers", default=30), block(c, width, one, time)),
        layer_norm("norm_final", width) if affine else (),
        modulation("norm_out", width, 2, time),
        layer_norm("norm_out.norm", width) if affine else (),
        dense("proj_out", width, side * side * frames * c.int("out_channels", default=16, least=1)),
        hidden=width,
    )
