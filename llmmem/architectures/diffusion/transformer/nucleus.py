"""Nucleus-Image: routed experts in most layers."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, unknown, width_of
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import ADDED_NORMS, attention, feed_forward, modulation, qk_norms, two_layers
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec

#: strategy -> how many of the first and of the last layers have no experts
DENSE = {
    "leave_first_three_and_last_block_dense": (3, 1),
    "leave_first_three_blocks_dense": (3, 0),
    "leave_first_block_dense": (1, 0),
    "all_moe": (0, 0),
}


def nucleus_moe_image(c: Config, head: str | None = None) -> ModelSpec:
    """NucleusMoEImageTransformer2DModel (diffusers 0.42, models/transformers/transformer_nucleusmoe_image.py)."""
    many, one, width = width_of(c, 16, 128)
    kv, text = one * c.int("num_key_value_heads", default=many), c.int("joint_attention_dim", default=3584, least=1)
    inputs, patch = c.int("in_channels", default=64, least=1), c.int("patch_size", default=2, least=1)
    routed, wide = c.int("num_experts", default=128), c.int("moe_intermediate_dim", default=1344, least=1)
    rate = c.number("mlp_ratio", default=4.0)
    seen = (
        *dense("add_k_proj", width, kv, False),
        *dense("add_v_proj", width, kv, False),
        *(*qk_norms(one), *qk_norms(one, names=ADDED_NORMS)),
    )
    shared = (
        *dense("img_mod.1", width, 4 * width),
        *dense("encoder_proj", text, width),
        *attention("attn", width, width, kv=kv, out_bias=False, extra=seen),
    )
    plain = feed_forward("img_mlp", width, inner=int(width * rate * 2 / 3) // 128 * 128, act="swiglu", bias=False)
    # Experts choose their tokens, so each may be read: all of them count as active.
    experts: Tensors = (
        *scalars("img_mlp.gate.weight", routed, 2 * width),
        *scalars("img_mlp.experts.gate_up_proj", routed, width, 2 * wide),
        *scalars("img_mlp.experts.down_proj", routed, wide, width),
        *feed_forward("img_mlp.shared_expert", width, inner=wide, act="swiglu", bias=False),
    )
    count, way = (
        c.count("num_layers", default=24),
        c.get("dense_moe_strategy") if c.has("dense_moe_strategy") else next(iter(DENSE)),
    )
    way = "all_moe" if way is None else way
    if way not in DENSE and way != "all_dense":
        raise unknown(c, "dense_moe_strategy", way, (*DENSE, "all_dense"))
    before, after = DENSE.get(way, (count, 0)) if c.bool("moe_enabled", default=True) else (count, 0)
    mixed = range(min(before, count), max(count - after, min(before, count)))
    return component(
        c,
        "transformer",
        two_layers("time_text_embed.timestep_embedder", width, 4 * width, width),
        norm("time_text_embed.norm", width),
        norm("txt_norm", text),
        dense("img_in", inputs, width),
        layers("transformer_blocks", range(mixed.start), (*shared, *plain)),
        layers("transformer_blocks", mixed, (*shared, *experts)),
        layers("transformer_blocks", range(mixed.stop, count), (*shared, *plain)),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * outputs(c, inputs), False),
        hidden=width,
    )
