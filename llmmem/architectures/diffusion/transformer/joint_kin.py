"""Further transformers of two streams: Mochi and JoyImage."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, outputs, width_of
from llmmem.architectures.diffusion.transformer.wan import triple
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import (
    ADDED_NORMS,
    added,
    attention,
    feed_forward,
    modulation,
    patches,
    qk_norms,
    timestep,
    two_layers,
)
from llmmem.parts.modules import conv3d, dense, under
from llmmem.tensors import ModelSpec


def mochi(c: Config, head: str | None = None) -> ModelSpec:
    """MochiTransformer3DModel (diffusers 0.42, models/transformers/transformer_mochi.py): a narrower text."""
    many, one, width = width_of(c, 24, 128)
    slim, text = c.int("pooled_projection_dim", default=1536, least=1), c.int("text_embed_dim", default=4096, least=1)
    patch, inputs = c.int("patch_size", default=2, least=1), c.int("in_channels", default=12, least=1)
    norms = (*qk_norms(one), *qk_norms(one, names=ADDED_NORMS))

    def block(last: bool) -> Tensors:
        extra = (*added(slim, width, bias=False, last=last), *norms)
        return (
            *modulation("norm1", width, 4),
            *(dense("norm1_context.linear_1", width, slim) if last else dense("norm1_context.linear", width, 4 * slim)),
            *attention("attn1", width, width, extra=extra),
            *feed_forward("ff", width, inner=8 * width // 3, act="swiglu", bias=False),
            *(() if last else feed_forward("ff_context", slim, inner=8 * slim // 3, act="swiglu", bias=False)),
        )

    count = c.count("num_layers", default=48)
    pool = (
        *dense("to_kv", text, 2 * text),
        *dense("to_q", text, text),
        *dense("to_out", text, width),
    )
    return component(
        c,
        "transformer",
        patches("patch_embed", inputs, width, patch),
        timestep("time_embed.timestep_embedder", width, c.int("time_embed_dim", default=256)),
        under("time_embed.pooler", pool),
        dense("time_embed.caption_proj", text, slim),
        scalars("pos_frequencies", 3, many, one // 2),
        layers("transformer_blocks", range(max(count - 1, 0)), block(False)),
        layers("transformer_blocks", range(max(count - 1, 0), count), block(True)),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * outputs(c, inputs)),
        hidden=width,
    )


def joyimage(c: Config, head: str | None = None) -> ModelSpec:
    """JoyImageEditTransformer3DModel and its Plus, which differ in no weight."""
    width, many = c.int("hidden_size", default=3072, least=1), c.int("num_attention_heads", default=24, least=1)
    one, patch = divide(c, "hidden_size over num_attention_heads", width, many), triple(c, "patch_size", (1, 2, 2))
    inputs, inner = c.int("in_channels", default=16, least=1), int(width * c.number("mlp_width_ratio", default=4.0))
    block = tuple(
        t
        for n in ("img", "txt")
        for t in (
            *scalars(f"{n}_mod.modulate_table", 1, 6, width),
            *feed_forward(f"{n}_mlp", width, inner=inner),
            *dense(f"attn.{n}_attn_qkv", width, 3 * width),
            *norm(f"attn.{n}_attn_q_norm", one),
            *norm(f"attn.{n}_attn_k_norm", one),
            *dense(f"attn.{n}_attn_proj", width, width),
        )
    )
    return component(
        c,
        "transformer",
        conv3d("img_in", inputs, width, patch),
        timestep("condition_embedder.time_embedder", width),
        dense("condition_embedder.time_proj", width, 6 * width),
        two_layers("condition_embedder.text_embedder", c.int("text_dim", default=4096, least=1), width),
        layers("double_blocks", c.count("num_layers", default=20), block),
        dense("proj_out", width, outputs(c, inputs) * prod(patch)),
        hidden=width,
    )
