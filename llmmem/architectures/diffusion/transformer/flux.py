"""FLUX.1 and FLUX.2: layers of two streams, then layers of one in which attention and feed-forward run side by side."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, width_of
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import attention, feed_forward, joint_attention, modulation, qk_norms, timestep, two_layers
from llmmem.parts.modules import dense, under
from llmmem.tensors import ModelSpec


def double_block(width: int, head: int, *, modulated: bool = True) -> Tensors:
    """FluxTransformerBlock: picture and text with weights of their own.

    Args:
        modulated: the block computes its shifts and scales itself.
    """
    return (
        *(modulation("norm1", width, 6) if modulated else ()),
        *(modulation("norm1_context", width, 6) if modulated else ()),
        *joint_attention("attn", width, head),
        *feed_forward("ff", width),
        *feed_forward("ff_context", width),
    )


def single_block(width: int, head: int, inner: int, *, modulated: bool = True, norms: bool = True) -> Tensors:
    """FluxSingleTransformerBlock: one stream; its output reads attention and feed-forward at once."""
    own = attention("attn", width, width, bias=True, extra=qk_norms(head) if norms else ())
    return (
        *(modulation("norm", width, 3) if modulated else ()),
        *dense("proj_mlp", width, inner),
        *dense("proj_out", width + inner, width),
        *(t for t in own if ".to_out." not in t.name),
    )


def time_text(width: int, pooled: int, *, guidance: bool, name: str = "time_text_embed") -> Tensors:
    """Timestep, pooled prompt and, where it was distilled, guidance."""
    return (
        *timestep(f"{name}.timestep_embedder", width),
        *(timestep(f"{name}.guidance_embedder", width) if guidance else ()),
        *two_layers(f"{name}.text_embedder", pooled, width),
    )


def flux(c: Config, head: str | None = None) -> ModelSpec:
    """FluxTransformer2DModel (diffusers 0.42, models/transformers/transformer_flux.py)."""
    _, one, width = width_of(c, 24, 128)
    inputs = c.int("in_channels", default=64, least=1)
    patch = c.int("patch_size", default=1, least=1)
    pooled = c.int("pooled_projection_dim", default=768, least=1)
    return component(
        c,
        "transformer",
        time_text(width, pooled, guidance=c.bool("guidance_embeds")),
        dense("context_embedder", c.int("joint_attention_dim", default=4096, least=1), width),
        dense("x_embedder", inputs, width),
        layers("transformer_blocks", c.count("num_layers", default=19), double_block(width, one)),
        layers(
            "single_transformer_blocks",
            c.count("num_single_layers", default=38),
            single_block(width, one, 4 * width),
        ),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * outputs(c, inputs)),
        hidden=width,
    )


def flux2(c: Config, head: str | None = None) -> ModelSpec:
    """Flux2Transformer2DModel: modulations shared by all layers, gated feed-forwards, no biases."""
    _, one, width = width_of(c, 48, 128)
    inputs = c.int("in_channels", default=128, least=1)
    patch = c.int("patch_size", default=1, least=1)
    inner = int(width * c.number("mlp_ratio", default=3.0))
    waves = c.int("timestep_guidance_channels", default=256, least=1)
    double = (
        *joint_attention("attn", width, one, bias=False),
        *(
            t
            for name in ("ff", "ff_context")
            for t in under(name, dense("linear_in", width, 2 * inner, False), dense("linear_out", inner, width, False))
        ),
    )
    single = under(
        "attn",
        dense("to_qkv_mlp_proj", width, 3 * width + 2 * inner, False),
        dense("to_out", width + inner, width, False),
        qk_norms(one),
    )
    guided = ("guidance_embedder",) if c.bool("guidance_embeds", default=True) else ()
    return component(
        c,
        "transformer",
        tuple(
            t
            for name in ("timestep_embedder", *guided)
            for t in two_layers(f"time_guidance_embed.{name}", waves, width, bias=False)
        ),
        modulation("double_stream_modulation_img", width, 6, bias=False),
        modulation("double_stream_modulation_txt", width, 6, bias=False),
        modulation("single_stream_modulation", width, 3, bias=False),
        dense("x_embedder", inputs, width, False),
        dense("context_embedder", c.int("joint_attention_dim", default=15360, least=1), width, False),
        layers("transformer_blocks", c.count("num_layers", default=8), double),
        layers("single_transformer_blocks", c.count("num_single_layers", default=48), single),
        modulation("norm_out", width, 2, bias=False),
        dense("proj_out", width, patch * patch * outputs(c, inputs), False),
        hidden=width,
    )
