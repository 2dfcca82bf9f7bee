"""Flux 3: early layers per kind of token."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.config import Config
from llmmem.parts.denoise import (
    attention,
    modulation,
    qk_norms,
    two_layers,
)
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec


def flux3(c: Config, head: str | None = None) -> ModelSpec:
    """Flux3Transformer2DModel (diffusers 0.42, models/transformers/transformer_flux3.py)."""
    _, one, width = width_of(c, 24, 128)
    inner = int(width * c.number("mlp_ratio", default=3.0))
    waves, inputs = c.int("timestep_channels", default=256, least=1), c.int("in_channels", default=128, least=1)
    block = (
        *attention("attn", width, width, out_bias=False, extra=qk_norms(one)),
        *(*dense("ff.linear_in", width, 2 * inner, False), *dense("ff.linear_out", inner, width, False)),
    )
    kinds, count = ("image", "image_cond", "txt"), c.count("num_layers", default=5)
    target = two_layers("target_timestep_embedder", waves, width, bias=False)
    return component(
        c,
        "transformer",
        two_layers("timestep_embedder", waves, width, bias=False),
        target if c.bool("flow_map") else (),
        tuple(
            t
            for n in ("early_stream_modulations", "single_stream_modulations")
            for k in kinds
            for t in modulation(f"{n}.{k}", width, 3, bias=False)
        ),
        dense("x_embedders.image", inputs, width, False),
        dense("x_embedders.image_cond", c.int("cond_in_channels", default=128, least=1), width, False),
        dense("context_embedder", c.int("joint_attention_dim", default=20480, least=1), width, False),
        *(layers(f"mode_blocks.{k}", count, block) for k in kinds[:2]),
        layers("txt_mode_blocks", count, block),
        layers("single_transformer_blocks", c.count("num_single_layers", default=28), block),
        modulation("norm_out", width, 2, bias=False),
        dense("proj_out", width, inputs, False),
        hidden=width,
    )
