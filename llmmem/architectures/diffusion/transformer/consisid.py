"""ConsisID: CogVideoX that is shown a face."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.architectures.diffusion.transformer.cogvideox import block, stem
from llmmem.config import Config
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import modulation, two_layers
from llmmem.parts.modules import dense, each, layer_norm, under
from llmmem.tensors import ModelSpec


def _perceive(width: int, inner: int, source: int) -> Tensors:
    return (
        *layer_norm("norm1", source),
        *layer_norm("norm2", width),
        *dense("to_q", width, inner, False),
        *dense("to_kv", source, 2 * inner, False),
        *dense("to_out", inner, width, False),
    )


def _mapping(name: str, inputs: int, width: int, out: int) -> Tensors:
    return under(
        name,
        dense("0", inputs, width),
        layer_norm("1", width),
        dense("3", width, width),
        layer_norm("4", width),
        dense("6", width, out),
    )


def _face(c: Config, width: int, count: int) -> tuple[Tensors, Tensors]:
    """What reads the face, and what brings it into every few layers."""
    side, scales = c.int("LFE_vit_dim", default=1024, least=1), c.int("LFE_num_scale", default=5, least=1)
    inner = c.int("LFE_dim_head", default=64, least=1) * c.int("LFE_num_heads", default=16, least=1)
    wide, tokens = side * c.int("LFE_ff_mult", default=4, least=1), c.int("LFE_num_id_token", default=5, least=1)
    layer = (
        *under("0", _perceive(side, inner, side)),
        *under("1", layer_norm("0", side), dense("1", side, wide, False), dense("3", wide, side, False)),
    )
    reader = under(
        "local_facial_extractor",
        scalars("latents", 1, c.int("LFE_num_querie", default=32, least=1), side),
        scalars("proj_out", side, c.int("LFE_output_dim", default=2048, least=1)),
        each("layers", c.count("LFE_depth", default=10), layer),
        *(_mapping(f"mapping_{i}", side, side, side) for i in range(min(scales, 4096))),
        _mapping("id_embedding_mapping", c.int("LFE_id_dim", default=1280, least=1), side, side * tokens),
    )
    heads = c.int("cross_attn_dim_head", default=128, least=1) * c.int("cross_attn_num_heads", default=16, least=1)
    times = count // c.int("cross_attn_interval", default=2, least=1)
    return reader, each("perceiver_cross_attention", times, _perceive(width, heads, int(width / 3 * 2)))


def consisid(c: Config, head: str | None = None) -> ModelSpec:
    """ConsisIDTransformer3DModel (arXiv:2411.17440; diffusers 0.42, transformers/consisid_transformer_3d.py)."""
    _, one, width = width_of(c, 30, 64)
    time, count = c.int("time_embed_dim", default=512, least=1), c.count("num_layers", default=30)
    side, affine = c.int("patch_size", default=2, least=1), c.bool("norm_elementwise_affine", default=True)
    face = _face(c, width, count) if c.bool("is_train_face") else ()
    return component(
        c,
        "transformer",
        stem(c, width),
        two_layers("time_embedding", width, time),
        layers("transformer_blocks", count, block(c, width, one, time)),
        layer_norm("norm_final", width) if affine else (),
        modulation("norm_out", width, 2, time),
        layer_norm("norm_out.norm", width) if affine else (),
        dense("proj_out", width, side * side * c.int("out_channels", default=16, least=1)),
        *face,
        hidden=width,
    )
