"""Models built as FLUX.1 is: Chroma, Bria, LongCat-Image, Ovis-Image."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, width_of
from llmmem.architectures.diffusion.transformer.flux import double_block, single_block
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.denoise import attention, feed_forward, joint_attention, modulation, qk_norms, timestep, two_layers
from llmmem.parts.modules import dense, each, under
from llmmem.tensors import ModelSpec


def _plain(c: Config, text: int, *more: Tensors) -> ModelSpec:
    """The frame: embedders, two stacks, output."""
    _, one, width = width_of(c, 24, 128)
    inputs, patch = c.int("in_channels", default=64, least=1), c.int("patch_size", default=1, least=1)
    return component(
        c,
        "transformer",
        dense("context_embedder", c.int("joint_attention_dim", default=text, least=1), width),
        dense("x_embedder", inputs, width),
        layers("transformer_blocks", c.count("num_layers", default=19), double_block(width, one)),
        layers(
            "single_transformer_blocks", c.count("num_single_layers", default=38), single_block(width, one, 4 * width)
        ),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * inputs),
        *more,
        hidden=width,
    )


def _guidance(c: Config, width: int) -> Tensors:
    return timestep("guidance_embed.timestep_embedder", width) if c.bool("guidance_embeds") else ()


def bria(c: Config, head: str | None = None) -> ModelSpec:
    """BriaTransformer2DModel (diffusers 0.42, models/transformers/transformer_bria.py)."""
    width = width_of(c, 24, 128)[2]
    return _plain(c, 4096, timestep("time_embed.timestep_embedder", width), _guidance(c, width))


def bria_fibo(c: Config, head: str | None = None) -> ModelSpec:
    """BriaFiboTransformer2DModel: every layer reads a layer of the text encoder of its own."""
    width = width_of(c, 24, 128)[2]
    count = c.count("num_layers", default=19) + c.count("num_single_layers", default=38)
    text = c.int("text_encoder_dim", default=2048, least=1)
    captions = each("caption_projection", count, dense("linear", text, width // 2, False))
    return _plain(c, 4096, timestep("time_embed.timestep_embedder", width), _guidance(c, width), captions)


def longcat_image(c: Config, head: str | None = None) -> ModelSpec:
    """LongCatImageTransformer2DModel (diffusers 0.42, models/transformers/transformer_longcat_image.py)."""
    return _plain(c, 3584, timestep("time_embed.timestep_embedder", width_of(c, 24, 128)[2]))


def chroma(c: Config, head: str | None = None) -> ModelSpec:
    """ChromaTransformer2DModel: one small network computes the modulations of all layers."""
    _, one, width = width_of(c, 24, 128)
    inputs, patch = c.int("in_channels", default=64, least=1), c.int("patch_size", default=1, least=1)
    hidden = c.int("approximator_hidden_dim", default=5120, least=1)
    deep = c.count("approximator_layers", default=5)
    approximator = under(
        "distilled_guidance_layer",
        dense("in_proj", c.int("approximator_num_channels", default=64, least=1), hidden),
        *((*two_layers(f"layers.{i}", hidden, hidden), *norm(f"norms.{i}", hidden)) for i in range(deep)),
        dense("out_proj", hidden, width),
    )
    double, single = double_block(width, one, modulated=False), single_block(width, one, 4 * width, modulated=False)
    return component(
        c,
        "transformer",
        approximator,
        dense("context_embedder", c.int("joint_attention_dim", default=4096, least=1), width),
        dense("x_embedder", inputs, width),
        layers("transformer_blocks", c.count("num_layers", default=19), double),
        layers("single_transformer_blocks", c.count("num_single_layers", default=38), single),
        dense("proj_out", width, patch * patch * outputs(c, inputs)),
        hidden=width,
    )


def ovis_image(c: Config, head: str | None = None) -> ModelSpec:
    """OvisImageTransformer2DModel: gated feed-forwards."""
    _, one, width = width_of(c, 24, 128)
    inputs, patch = c.int("in_channels", default=64, least=1), c.int("patch_size", default=1, least=1)
    text = c.int("joint_attention_dim", default=2048, least=1)
    double = (
        *modulation("norm1", width, 6),
        *modulation("norm1_context", width, 6),
        *joint_attention("attn", width, one),
        *feed_forward("ff", width, act="swiglu"),
        *feed_forward("ff_context", width, act="swiglu"),
    )
    own = attention("attn", width, width, bias=True, extra=qk_norms(one))
    single = (
        *modulation("norm", width, 3),
        *dense("proj_mlp", width, 8 * width),
        *dense("proj_out", 5 * width, width),
        *(t for t in own if ".to_out." not in t.name),
    )
    return component(
        c,
        "transformer",
        timestep("timestep_embedder", width),
        norm("context_embedder_norm", text),
        dense("context_embedder", text, width),
        dense("x_embedder", inputs, width),
        layers("transformer_blocks", c.count("num_layers", default=6), double),
        layers("single_transformer_blocks", c.count("num_single_layers", default=27), single),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * outputs(c, inputs, 64)),
        hidden=width,
    )
