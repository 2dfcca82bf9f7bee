"""Kandinsky 5, and parts it shares with Kandinsky 6."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, sizes
from llmmem.architectures.diffusion.transformer.wan import triple
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.modules import dense, layer_norm, under
from llmmem.tensors import ModelSpec


def attend(name: str, width: int, head: int, source: int | None = None) -> Tensors:
    """Attention as Kandinsky spells it."""
    source = width if source is None else source
    return under(
        name,
        dense("to_query", width, width),
        dense("to_key", source, width),
        dense("to_value", source, width),
        norm("query_norm", head),
        norm("key_norm", head),
        dense("out_layer", width, width),
    )


def text(name: str, inputs: int, width: int) -> Tensors:
    """A projected and normed embedding."""
    return (*dense(f"{name}.in_layer", inputs, width), *layer_norm(f"{name}.norm", width))


def _plain(name: str, width: int, inner: int) -> Tensors:
    return (*dense(f"{name}.in_layer", width, inner, False), *dense(f"{name}.out_layer", inner, width, False))


def modulated(name: str, time: int, width: int, times: int) -> Tensors:
    """Shifts, scales and gates from the timestep's vector."""
    return dense(f"{name}.out_layer", time, times * width)


def kandinsky5(c: Config, head: str | None = None) -> ModelSpec:
    """Kandinsky5Transformer3DModel (arXiv:2511.14993; diffusers 0.42, models/transformers/transformer_kandinsky.py)."""
    width, time = c.int("model_dim", default=2048, least=1), c.int("time_dim", default=512, least=1)
    inner, one = c.int("ff_dim", default=5120, least=1), sum(sizes(c, "axes_dims", (16, 24, 24)))
    patch, seen = prod(triple(c, "patch_size", (1, 2, 2))), c.int("in_visual_dim", default=4, least=1)
    inputs = 2 * seen + 1 if c.bool("visual_cond") else seen
    encoder = (
        *modulated("text_modulation", time, width, 6),
        *attend("self_attention", width, one),
        *_plain("feed_forward", width, inner),
    )
    decoder = (
        *modulated("visual_modulation", time, width, 9),
        *attend("self_attention", width, one),
        *attend("cross_attention", width, one),
        *_plain("feed_forward", width, inner),
    )
    return component(
        c,
        "transformer",
        (*dense("time_embeddings.in_layer", width, time), *dense("time_embeddings.out_layer", time, time)),
        text("text_embeddings", c.int("in_text_dim", default=3584, least=1), width),
        text("pooled_text_embeddings", c.int("in_text_dim2", default=768, least=1), time),
        dense("visual_embeddings.in_layer", patch * inputs, width),
        layers("text_transformer_blocks", c.count("num_text_blocks", default=2), encoder),
        layers("visual_transformer_blocks", c.count("num_visual_blocks", default=32), decoder),
        modulated("out_layer.modulation", time, width, 2),
        dense("out_layer.out_layer", width, patch * c.int("out_visual_dim", default=4, least=1)),
        hidden=width,
    )
