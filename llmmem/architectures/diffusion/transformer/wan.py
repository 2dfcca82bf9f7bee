"""Wan 2.1 and 2.2."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, outputs, unknown, width_of
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import attention, feed_forward, qk_norms, two_layers
from llmmem.parts.modules import conv3d, dense, layer_norm, under
from llmmem.tensors import ModelSpec


def triple(c: Config, name: str, default: tuple[int, int, int]) -> tuple[int, int, int]:
    """A patch over time, height and width.

    Raises:
        ConfigError: another number of sides.
    """
    sides = c.ints(name, least=1) or list(default)
    if len(sides) != 3:
        raise ConfigError(f"{name} should have three entries.", "Check the config.json.")
    return sides[0], sides[1], sides[2]


def wan_attention(name: str, width: int, picture: int | None = None) -> Tensors:
    """q and k normed across heads; pictures may be read beside the text."""
    extra = qk_norms(width)
    if picture is not None:
        extra = (
            *extra,
            *dense("add_k_proj", picture, width),
            *dense("add_v_proj", picture, width),
            *norm("norm_added_k", width),
        )
    return attention(name, width, width, bias=True, extra=extra)


def block(width: int, inner: int, *, cross_norm: bool, picture: int | None) -> Tensors:
    """WanTransformerBlock."""
    return (
        *wan_attention("attn1", width),
        *wan_attention("attn2", width, picture),
        *(layer_norm("norm2", width) if cross_norm else ()),
        *feed_forward("ffn", width, inner=inner),
        *scalars("scale_shift_table", 1, 6, width),
    )


def condition(c: Config, width: int) -> Tensors:
    """Timestep, text and, for pictures to video, the first frame."""
    waves, text = c.int("freq_dim", default=256, least=1), c.int("text_dim", default=4096, least=1)
    picture = c.optional("image_dim")
    own: Tensors = ()
    if picture is not None:
        seen = c.optional("pos_embed_seq_len")
        own = under(
            "image_embedder",
            layer_norm("norm1", picture),
            feed_forward("ff", picture, inner=picture, out=width, act="gelu"),
            layer_norm("norm2", width),
            () if seen is None else scalars("pos_embed", 1, seen, picture),
        )
    return under(
        "condition_embedder",
        two_layers("time_embedder", waves, width),
        dense("time_proj", width, 6 * width),
        two_layers("text_embedder", text, width),
        own,
    )


def wan_width(c: Config) -> int:
    """Width of the stream; queries and keys are normed in the one way the class knows."""
    kind = c.str("qk_norm", default="rms_norm_across_heads")
    if kind != "rms_norm_across_heads":
        raise unknown(c, "qk_norm", kind, ("rms_norm_across_heads",))
    return width_of(c, 40, 128)[2]


def wan_blocks(c: Config) -> Tensors:
    """One layer, as the config describes it."""
    width = wan_width(c)
    return block(
        width,
        c.int("ffn_dim", default=13824, null=4 * width, least=1),
        cross_norm=c.bool("cross_attn_norm", default=True),
        picture=c.optional("added_kv_proj_dim"),
    )


def wan(c: Config, head: str | None = None) -> ModelSpec:
    """WanTransformer3DModel (arXiv:2503.20314; diffusers 0.42, models/transformers/transformer_wan.py)."""
    width, patch = wan_width(c), triple(c, "patch_size", (1, 2, 2))
    inputs = c.int("in_channels", default=16, least=1)
    return component(
        c,
        "transformer",
        conv3d("patch_embedding", inputs, width, patch),
        condition(c, width),
        layers("blocks", c.count("num_layers", default=40), wan_blocks(c)),
        dense("proj_out", width, outputs(c, inputs, 16) * prod(patch)),
        scalars("scale_shift_table", 1, 2, width),
        hidden=width,
    )
