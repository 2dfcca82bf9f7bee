"""Kandinsky 6: video and sound."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, sizes
from llmmem.architectures.diffusion.transformer.kandinsky import attend, modulated, text
from llmmem.architectures.diffusion.transformer.wan import triple
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, scalars
from llmmem.parts.denoise import feed_forward, two_layers
from llmmem.parts.modules import dense, under
from llmmem.tensors import Block, ModelSpec


def _feed(width: int, inner: int) -> Tensors:
    return feed_forward("feed_forward", width, inner=inner, act="gelu", bias=False)


def kandinsky6(c: Config, head: str | None = None) -> ModelSpec:
    """Kandinsky6Transformer3DModel (diffusers 0.42, models/transformers/transformer_kandinsky6.py): video and sound."""
    heard = {"model_dim": 4096, "time_dim": 1024, "ff_dim": 16384}
    video = [c.int(key, default=value, least=1) for key, value in heard.items()]
    sound = [c.int(f"{key}_a", default=0) or own for key, own in zip(heard, video, strict=True)]
    axes = sizes(c, "axes_dims", (32, 48, 48))
    heads = [sum(axes), sum(sizes(c, "axes_dims_a", axes) or axes)]
    patch, seen = prod(triple(c, "patch_size", (1, 2, 2))), c.int("in_visual_dim", default=16, least=1)
    inputs = 2 * seen + 1 if c.bool("visual_cond", default=True) else seen
    words, pooled = c.int("in_text_dim", default=3584, least=1), c.int("in_text_dim2", default=768, least=1)
    count, gates = c.count("num_text_blocks", default=4), c.bool("cross_gates")
    blocks: list[Block | Tensors] = []
    fused: list[Tensors] = []
    for prefix, (width, time, inner), one in (("video", video, heads[0]), ("audio", sound, heads[1])):
        encoder = (*modulated("text_modulation", time, width, 6), *attend("attn", width, one), *_feed(width, inner))
        blocks += [
            two_layers(f"{prefix}_time_embeddings.timestep_embedder", width, time),
            text(f"{prefix}_text_embeddings", words, width),
            text(f"{prefix}_pooled_text_embeddings", pooled, time),
            layers(f"{prefix}_text_transformer_blocks", count, encoder),
        ]
        fused.append(
            under(
                f"{prefix}_dec_block",
                modulated("visual_modulation", time, width, 9),
                attend("self_attention", width, one),
                attend("cross_attention", width, one),
                _feed(width, inner),
            )
        )
    for name, (width, time, _), one, other in (("va", video, heads[0], sound[0]), ("av", sound, heads[1], video[0])):
        size = 2 * width + other if gates else 3 * width
        fused.append(attend(f"{name}_cross_attention", width, one, other))
        fused.append(dense(f"{name}_modulation.out_layer", time, size))
    kinds = c.int("visual_token_type_num_embeddings", default=0)
    out = c.int("out_audio_dim", default=20, least=1)
    levels = tuple(t for part in fused for t in part)
    return component(
        c,
        "transformer",
        dense("visual_embeddings.in_layer", patch * inputs, video[0]),
        embedding("visual_token_type_embeddings", kinds, video[0]) if kinds else (),
        text("audio_embeddings", c.int("in_audio_dim", default=20, least=1), sound[0]),
        *blocks,
        layers("visual_transformer_blocks", c.count("num_visual_blocks", default=60), levels),
        modulated("out_layer.modulation", video[1], video[0], 2),
        dense("out_layer.out_layer", video[0], patch * c.int("out_visual_dim", default=16, least=1)),
        modulated("audio_out_layer.modulation", sound[1], sound[0], 2),
        dense("audio_out_layer.out_layer", sound[0], out),
        hidden=video[0],
    )


def kandinsky6_sr(c: Config, head: str | None = None) -> ModelSpec:
    """Kandinsky6SRTransformer3DModel: sharpens a video, without text or sound."""
    width, time = c.int("model_dim", default=1792, least=1), c.int("time_dim", default=512, least=1)
    patch, inner = prod(triple(c, "patch_size", (1, 1, 1))), c.int("ff_dim", default=7168, least=1)
    block = (
        *modulated("visual_modulation", time, width, 6),
        *attend("self_attention", width, sum(sizes(c, "axes_dims", (16, 24, 24)))),
        *_feed(width, inner),
    )
    return component(
        c,
        "transformer",
        two_layers("time_embeddings.timestep_embedder", width, time),
        scalars("pooled_bias", time),
        dense("visual_embeddings.in_layer", patch * (2 * c.int("in_visual_dim", default=64, least=1) + 1), width),
        layers("visual_transformer_blocks", c.count("num_visual_blocks", default=32), block),
        modulated("out_layer.modulation", time, width, 2),
        dense("out_layer.out_layer", width, patch * c.int("out_visual_dim", default=640, least=1)),
        hidden=width,
    )
