"""Models built as Wan is: SkyReels-V2, Helios, AnyFlow."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, outputs, unknown, width_of
from llmmem.architectures.diffusion.transformer.wan import block, condition, triple, wan_blocks, wan_width
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, scalars
from llmmem.parts.denoise import feed_forward, two_layers
from llmmem.parts.modules import conv3d, dense
from llmmem.tensors import ModelSpec


def _frame(c: Config, width: int, layer: Tensors, count: int, *more: Tensors) -> ModelSpec:
    patch, inputs = triple(c, "patch_size", (1, 2, 2)), c.int("in_channels", default=16, least=1)
    return component(
        c,
        "transformer",
        conv3d("patch_embedding", inputs, width, patch),
        condition(c, width),
        layers("blocks", count, layer),
        dense("proj_out", width, outputs(c, inputs, 16) * prod(patch)),
        *more,
        hidden=width,
    )


def skyreels_v2(c: Config, head: str | None = None) -> ModelSpec:
    """SkyReelsV2Transformer3DModel (arXiv:2504.13074; diffusers 0.42, transformers/transformer_skyreels_v2.py)."""
    width = width_of(c, 16, 128)[2]
    layer = block(
        width,
        c.int("ffn_dim", default=8192, null=4 * width, least=1),
        cross_norm=c.bool("cross_attn_norm", default=True),
        picture=c.optional("added_kv_proj_dim"),
    )
    rate: Tensors = ()
    if c.bool("inject_sample_info"):
        rate = (
            *embedding("fps_embedding", 2, width),
            *feed_forward("fps_projection", width, inner=width, out=6 * width, act="linear-silu"),
        )
    table = scalars("scale_shift_table", 1, 2, width)
    return _frame(c, width, layer, c.count("num_layers", default=32), table, rate)


def helios(c: Config, head: str | None = None) -> ModelSpec:
    """HeliosTransformer3DModel (diffusers 0.42, transformers/transformer_helios.py): memory of earlier frames."""
    many, width, patch = (
        c.int("num_attention_heads", default=40, least=1),
        wan_width(c),
        triple(c, "patch_size", (1, 2, 2)),
    )
    inputs = c.int("in_channels", default=16, least=1)
    layer = wan_blocks(c)
    if c.bool("is_amplify_history"):
        mode = c.str("history_scale_mode", default="per_head")
        if mode not in ("per_head", "scalar"):
            raise unknown(c, "history_scale_mode", mode, ("per_head", "scalar"))
        layer = (*layer, *scalars("attn1.history_key_scale", many if mode == "per_head" else 1))
    memory: Tensors = ()
    if c.bool("has_multi_term_memory_patch", default=True):
        first, second, third = patch
        memory = tuple(
            t
            for name, times in (("patch_short", 1), ("patch_mid", 2), ("patch_long", 4))
            for t in conv3d(name, inputs, width, (times * first, times * second, times * third))
        )
    table = scalars("norm_out.scale_shift_table", 1, 2, width)
    return _frame(c, width, layer, c.count("num_layers", default=40), table, memory)


def anyflow(c: Config, head: str | None = None) -> ModelSpec:
    """AnyFlowTransformer3DModel (diffusers 0.42, models/transformers/transformer_anyflow.py): two timesteps."""
    return _anyflow(c)


def anyflow_far(c: Config, head: str | None = None) -> ModelSpec:
    """AnyFlowFARTransformer3DModel: earlier frames come in coarser patches."""
    width, inputs = width_of(c, 40, 128)[2], c.int("in_channels", default=16, least=1)
    coarse = triple(c, "compressed_patch_size", (1, 4, 4))
    return _anyflow(c, conv3d("far_patch_embedding", inputs, width, coarse))


def _anyflow(c: Config, *more: Tensors) -> ModelSpec:
    width, waves = width_of(c, 40, 128)[2], c.int("freq_dim", default=256, least=1)
    inner = c.int("ffn_dim", default=13824, null=4 * width, least=1)
    crossed = c.bool("cross_attn_norm", default=True)
    layer = block(width, inner, cross_norm=crossed, picture=None)
    delta = two_layers("condition_embedder.delta_embedder", waves, width)
    table = scalars("scale_shift_table", 1, 2, width)
    return _frame(c, width, layer, c.count("num_layers", default=40), delta, table, *more)
