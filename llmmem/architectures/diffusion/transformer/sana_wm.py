"""Sana WM: a world model whose layers remember by a gated delta rule, every fourth one by softmax attention."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, sizes, unknown
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, conv, norm, scalars
from llmmem.parts.denoise import timestep
from llmmem.parts.modules import conv2d, conv3d, dense, gather, under
from llmmem.parts.sana import conv2d_in_time
from llmmem.tensors import Block, ModelSpec


def _attention(c: Config, width: int, heads: int, *, recurrent: bool) -> Tensors:
    """Attention to the video, and one to the camera's path beside it."""
    normed, kernel = c.bool("qk_norm", default=True), c.int("conv_kernel_size", default=4)
    short = ("k",) if c.bool("k_conv_only", default=True) else ("q", "k", "v")
    return under(
        "attn",
        *(scalars(n, heads) for n in ("A_log", "dt_bias")),
        buffer("recall_gate", 1),
        dense("qkv", width, 3 * width, False),
        dense("proj", width, width),
        *(norm(f"{n}_norm{way}", width) for n in ("q", "k") for way in ("", "_cam") if normed),
        *(dense(n, width, heads) for n in ("beta_proj", "gate_proj")),
        dense("output_gate", width, width),
        *(dense(f"{n}_proj_cam", width, width) for n in ("q", "k", "v", "out")),
        *(conv(f"conv_{n}{way}", width, 1, kernel) for n in short for way in ("", "_cam") if recurrent and kernel),
    )


def _mlp(c: Config, width: int) -> Tensors:
    inner, kind = int(width * c.number("mlp_ratio", default=3.0)), c.str("ffn_type", default="GLUMBConvTemp")
    if kind == "mlp":
        return (*dense("mlp.fc1", width, inner), *dense("mlp.fc2", inner, width))
    if kind != "GLUMBConvTemp":
        raise unknown(c, "ffn_type", kind, ("GLUMBConvTemp", "mlp"))
    return under(
        "mlp",
        conv2d("inverted_conv.conv", width, 2 * inner, 1),
        conv2d("depth_conv.conv", 2 * inner, 2 * inner, 3, groups=2 * inner),
        conv2d("point_conv.conv", inner, width, 1, False),
        conv2d_in_time("t_conv", width, c.int("t_kernel_size", default=3, least=1)),
    )


def _rays(c: Config, count: int) -> range:
    """Blocks in which the camera's rays come in after the attention: the first so many (below zero: all)."""
    limit = c.get("chunk_plucker_post_attn_blocks")
    limit = 20 if limit is None else limit
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise ConfigError("chunk_plucker_post_attn_blocks should be a whole number.", "Check the config.json.")
    used = c.bool("use_chunk_plucker_post_attn", default=True)
    return range((count if limit < 0 else limit) if used else 0)


def _blocks(c: Config, width: int) -> list[Block]:
    count, every = c.count("num_layers", default=20), c.int("softmax_every_n", default=4)
    heads = width // c.int("linear_head_dim", default=112, least=1)
    if c.int("cam_attn_compress", default=1) != 1:  # the class shares its weights, so it has no other
        raise unknown(c, "cam_attn_compress", c.get("cam_attn_compress"), ("1",))
    crossed = (*norm("q_norm", width), *norm("k_norm", width)) if c.bool("cross_norm", default=True) else ()
    shared = (
        *scalars("scale_shift_table", 6, width),
        *under(
            "cross_attn",
            dense("q_linear", width, width),
            dense("kv_linear", width, 2 * width),
            dense("proj", width, width),
            crossed,
        ),
        *_mlp(c, width),
    )
    rays = _rays(c, count)
    kinds: dict[tuple[bool, bool], list[int]] = {}
    for i in range(count):
        kinds.setdefault((every == 0 or (i + 1) % every > 0, i in rays), []).append(i)
    return [
        layers(
            "blocks",
            indices,
            (
                *shared,
                *_attention(c, width, heads, recurrent=recurrent),
                *(dense("plucker_proj", width, width) if rayed else ()),
            ),
        )
        for (recurrent, rayed), indices in kinds.items()
    ]


def sana_wm(c: Config, head: str | None = None) -> ModelSpec:
    """SanaWMTransformer3DModel (diffusers 0.42, models/transformers/transformer_sana_wm.py)."""
    width, inputs = c.int("hidden_size", default=2240, least=1), c.int("in_channels", default=128, least=1)
    divide(c, "hidden_size", width, c.int("num_attention_heads", default=20, least=1))
    sides = sizes(c, "patch_size", (1, 1, 1))
    if len(sides) != 3:
        raise ConfigError("patch_size should hold three numbers.", "Check the config.json.")
    patch, text = (sides[0], sides[1], sides[2]), c.int("caption_channels", default=2304, least=1)
    rays, shown = c.int("chunk_plucker_channels", default=48, least=1), inputs * (2 if c.bool("pred_sigma") else 1)
    embedders = [conv3d("x_embedder.proj", inputs, width, patch), conv3d("raymap_embedder.proj", 3, width, patch)]
    if c.bool("use_chunk_plucker_post_attn", default=True):
        embedders.append(conv3d("plucker_embedder.proj", rays, width, patch))
    return component(
        c,
        "transformer",
        timestep("t_embedder", width),
        norm("attention_y_norm", width) if c.bool("y_norm", default=True) else (),
        dense("t_block.1", width, 6 * width),
        gather(embedders),
        (*dense("y_embedder.y_proj.fc1", text, width), *dense("y_embedder.y_proj.fc2", width, width)),
        *_blocks(c, width),
        scalars("final_layer.scale_shift_table", 2, width),
        dense("final_layer.linear", width, prod(sides) * shown),
        hidden=width,
    )
