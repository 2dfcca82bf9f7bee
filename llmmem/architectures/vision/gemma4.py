"""Gemma 4's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import head_of, head_width, model_spec, refuse_head, uniform
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import buffer, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.parts.usm import bounds
from llmmem.tensors import Block, Film, Images, ModelSpec, Tensor, join

_QKVO = ("q_proj", "k_proj", "v_proj", "o_proj")
_GATE_UP_DOWN = ("gate_proj", "up_proj", "down_proj")
#: tokens of a picture where the wrapper does not say, and of a frame of a film (transformers 5.23)
TOKENS, FRAME_TOKENS = 280, 70


def pictures(tokens: int, hidden: int, patch: int, pool: int) -> Images:
    """Pictures that keep their ratio and fill so many tokens, their patches filled up to as many."""
    cell = (patch * pool) ** 2
    film = Film(patches=FRAME_TOKENS * pool**2, max_pixels=FRAME_TOKENS * cell)
    return Images(
        tokens * pool**2, tokens, hidden, patch=patch, merge=pool, max_pixels=tokens * cell, fit="filled", film=film
    )


def gemma4_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma4VisionModel: its linear layers may clip (transformers 5.23, models/gemma4)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    kv_heads = c.int("num_key_value_heads", default=12, least=1)
    head_dim = head_width(c, hidden, heads, 64)
    patch = c.int("patch_size", default=16, least=1)
    pool = c.int("pooling_kernel_size", default=3, least=1)
    q, k, v, o = (f"{n}.linear" for n in _QKVO)
    gate, up, down = (f"{n}.linear" for n in _GATE_UP_DOWN)
    clipped = (*(f"self_attn.{n}" for n in _QKVO), *(f"mlp.{n}" for n in _GATE_UP_DOWN))
    layer = join(
        attention(
            "self_attn", hidden, heads, kv_heads, head_dim, names=(q, k, v, o), extra=qk_norm(head_dim), cache=None
        ),
        gated_mlp("mlp", hidden, c.int("intermediate_size", default=3072), names=(gate, up, down)),
        bounds(*clipped) if c.bool("use_clipped_linears") else (),
        norm("input_layernorm", hidden),
        norm("post_attention_layernorm", hidden),
        norm("pre_feedforward_layernorm", hidden),
        norm("post_feedforward_layernorm", hidden),
    )
    rows = c.int("position_embedding_size", default=10240)
    stem = (
        *linear("patch_embedder.input_proj", 3 * patch**2, hidden),
        Tensor("patch_embedder.position_embedding_table", (2, rows, hidden), "position"),
        *((*buffer("std_bias", hidden), *buffer("std_scale", hidden)) if c.bool("standardize") else ()),
    )
    blocks = [
        Block("vision", "", stem),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=16), layer),
    ]
    images = pictures(TOKENS, hidden, patch, pool)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
