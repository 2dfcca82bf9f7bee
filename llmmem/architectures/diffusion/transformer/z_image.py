"""Z-Image."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, sizes
from llmmem.architectures.diffusion.transformer.lumina import gated
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import attention, qk_norms
from llmmem.parts.modules import dense, gather
from llmmem.tensors import Block, ModelSpec

#: widest vector of a timestep
LUMINA, ZIMAGE = 1024, 256

#: widest vector of a timestep
ZIMAGE = 256


def zimage_time(width: int) -> Tensors:
    """The timestep's vector, never wider than ``ZIMAGE``."""
    return (*dense("t_embedder.mlp.0", 256, 1024), *dense("t_embedder.mlp.2", 1024, min(width, ZIMAGE)))


def z_image(c: Config, head: str | None = None) -> ModelSpec:
    """ZImageTransformer2DModel (diffusers 0.42, models/transformers/transformer_z_image.py)."""
    width, many = c.int("dim", default=3840, least=1), c.int("n_heads", default=30, least=1)
    one, time = divide(c, "dim over n_heads", width, many), min(width, ZIMAGE)
    inputs, caption = c.int("in_channels", default=16, least=1), c.int("cap_feat_dim", default=2560, least=1)
    sides, frames = sizes(c, "all_patch_size", (2,)), sizes(c, "all_f_patch_size", (1,))
    if len(sides) != len(frames):
        raise ConfigError("all_patch_size and all_f_patch_size differ in length.", "Check the config.json.")
    plain = (
        *attention(
            "attention", width, width, out_bias=False, extra=qk_norms(one) if c.bool("qk_norm", default=True) else ()
        ),
        *gated("feed_forward", width, int(width / 3 * 8), ("w1", "w2", "w3")),
        *(t for n in ("attention_norm1", "ffn_norm1", "attention_norm2", "ffn_norm2") for t in norm(n, width)),
    )
    modulated = (*plain, *dense("adaLN_modulation.0", time, 4 * width))
    ends: list[Tensors] = []
    for side, frame in zip(sides, frames, strict=True):
        size = frame * side * side * inputs
        ends.append(dense(f"all_x_embedder.{side}-{frame}", size, width))
        ends.append(dense(f"all_final_layer.{side}-{frame}.linear", width, size))
        ends.append(dense(f"all_final_layer.{side}-{frame}.adaLN_modulation.1", time, width))
    refine, seen = c.count("n_refiner_layers", default=2), c.optional("siglip_feat_dim")
    pictures: tuple[Block | Tensors, ...] = ()
    if seen is not None:
        pictures = (
            (*norm("siglip_embedder.0", seen), *dense("siglip_embedder.1", seen, width)),
            layers("siglip_refiner", refine, plain),
            scalars("siglip_pad_token", 1, width),
        )
    return component(
        c,
        "transformer",
        gather(ends),
        layers("noise_refiner", refine, modulated),
        layers("context_refiner", refine, plain),
        zimage_time(width),
        (*norm("cap_embedder.0", caption), *dense("cap_embedder.1", caption, width)),
        *pictures,
        (*scalars("x_pad_token", 1, width), *scalars("cap_pad_token", 1, width)),
        layers("layers", c.count("n_layers", default=30), modulated),
        hidden=width,
    )
