"""Cosmos."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, sizes, width_of
from llmmem.architectures.diffusion.transformer.wan import triple
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import attention, feed_forward, qk_norms
from llmmem.parts.modules import dense, under
from llmmem.tensors import ModelSpec


def adaptive(name: str, width: int, rank: int, times: int) -> Tensors:
    """Adaptive layer norm through a narrow middle."""
    return (*dense(f"{name}.linear_1", width, rank, False), *dense(f"{name}.linear_2", rank, times * width, False))


def block(c: Config, before: bool = False, after: bool = False) -> Tensors:
    """CosmosTransformerBlock.

    Args:
        before, after: matrices of a ControlNet around it.
    """
    _, one, width = width_of(c, 32, 128)
    rank, text = (
        c.int("adaln_lora_dim", default=256, least=1),
        c.int("text_embed_dim", default=1024, null=width, least=1),
    )
    inner = int(width * c.number("mlp_ratio", default=4.0))
    picture: Tensors = ()
    if c.int("img_context_dim_in", default=0):
        picture = (
            *(t for n in ("q_img", "k_img", "v_img") for t in dense(n, width, width, False)),
            *qk_norms(one, names=("q_img_norm", "k_img_norm")),
        )
    return (
        *(t for i in (1, 2, 3) for t in adaptive(f"norm{i}", width, rank, 3)),
        *attention("attn1", width, width, out_bias=False, extra=qk_norms(one)),
        *attention("attn2", width, width, source=text, out_bias=False, extra=(*qk_norms(one), *picture)),
        *feed_forward("ff", width, inner=inner, act="gelu", bias=False),
        *(dense("before_proj", width, width) if before else ()),
        *(dense("after_proj", width, width) if after else ()),
    )


def time_embed(width: int) -> Tensors:
    """CosmosEmbedding."""
    return under("time_embed", adaptive("t_embedder", width, width, 3), norm("norm", width))


def positions(c: Config, width: int, patch: tuple[int, int, int], default: str | None) -> Tensors:
    """Learned positions along each axis, where there are any."""
    kind = c.get("extra_pos_embed_type") if c.has("extra_pos_embed_type") else default
    if kind != "learnable":
        return ()
    most = sizes(c, "max_size", (128, 240, 240))
    if len(most) != 3:
        raise ConfigError("max_size should have three entries.", "Check the config.json.")
    axes = zip("thw", most, patch, strict=True)
    return tuple(t for a, n, p in axes for t in scalars(f"learnable_pos_embed.pos_emb_{a}", n // p, width))


def projections(c: Config) -> Tensors:
    """What text and pictures pass on their way to cross attention."""
    seen = c.int("img_context_dim_in", default=0)
    text = dense(
        "crossattn_proj.0",
        c.int("crossattn_proj_in_channels", default=1024, least=1),
        c.int("encoder_hidden_states_channels", default=1024, least=1),
    )
    return (
        *(text if c.bool("use_crossattn_projection") else ()),
        *(dense("img_context_proj.0", seen, c.int("img_context_dim_out", default=2048, least=1)) if seen else ()),
    )


def cosmos(c: Config, head: str | None = None) -> ModelSpec:
    """CosmosTransformer3DModel (arXiv:2501.03575; diffusers 0.42, models/transformers/transformer_cosmos.py)."""
    width, patch = width_of(c, 32, 128)[2], triple(c, "patch_size", (1, 2, 2))
    inputs = c.int("in_channels", default=16, least=1) + c.bool("concat_padding_mask", default=True)
    return component(
        c,
        "transformer",
        dense("patch_embed.proj", inputs * prod(patch), width, False),
        positions(c, width, patch, "learnable"),
        time_embed(width),
        layers("transformer_blocks", c.count("num_layers", default=28), block(c)),
        adaptive("norm_out", width, c.int("adaln_lora_dim", default=256, least=1), 2),
        dense("proj_out", width, prod(patch) * c.int("out_channels", default=16, least=1), False),
        projections(c),
        hidden=width,
    )
