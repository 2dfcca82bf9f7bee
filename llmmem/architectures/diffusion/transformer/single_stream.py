"""Transformers of one stream with gated feed-forwards: Bria FIBO 2, Ideogram 4."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, sizes, width_of
from llmmem.architectures.diffusion.transformer.lumina import gated
from llmmem.architectures.diffusion.transformer.z_image import ZIMAGE, zimage_time
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, norm, scalars
from llmmem.parts.denoise import attention, qk_norms
from llmmem.parts.modules import dense, gather
from llmmem.tensors import ModelSpec

W = ("w1", "w2", "w3")


def norms(width: int, *names: str) -> Tensors:
    """RMS norms of one width."""
    return gather(norm(n, width) for n in names)


def bria_fibo2(c: Config, head: str | None = None) -> ModelSpec:
    """BriaFibo2Transformer2DModel (diffusers 0.42, models/transformers/transformer_bria_fibo2.py)."""
    width, many = c.int("dim", default=3584, least=1), c.int("n_heads", default=28, least=1)
    one, time = width // many, min(width, ZIMAGE)
    inner, wide = one * many, width * 8 // 3 // 64 * 64
    text, patch = c.int("cap_feat_dim", default=7680, least=1), c.int("patch_size", default=2, least=1)
    size = patch * patch * c.int("in_channels", default=32, least=1)

    def attend(name: str, source: int) -> Tensors:
        return attention(name, width, inner, source=source, out_bias=False, extra=qk_norms(one))

    block = (
        *attend("attention", width),
        *gated("feed_forward", width, wide, W),
        *norms(width, "attention_norm1", "ffn_norm1", "attention_norm2", "ffn_norm2"),
        *dense("adaLN_modulation.0", time, 4 * width),
    )
    reading = (
        *block,
        *norms(width, "cross_attn_norm1", "cross_attn_norm2"),
        *attend("cross_attention", text),
        *scalars("cross_attn_gate", 1),
    )
    perceiver = (
        *norms(width, "cross_attn_norm", "self_attn_norm", "ffn_norm"),
        *attend("cross_attention", text),
        *attend("self_attention", width),
        *gated("ffn", width, wide, W),
    )
    count, reads = c.count("n_layers", default=44), set(sizes(c, "injection_layer_ids", (6, 14, 22, 30, 38)))
    return component(
        c,
        "transformer",
        dense("x_embedder", size, width),
        zimage_time(width),
        layers("noise_refiner", c.count("n_refiner_layers", default=2), block),
        scalars("perceiver.latent_queries", c.int("max_num_gist_tokens", default=512), width),
        layers("perceiver.layers", c.count("perceiver_num_layers", default=2), perceiver),
        norm("perceiver.norm_out", width),
        layers("layers", [i for i in range(count) if i not in reads], block),
        layers("layers", [i for i in range(count) if i in reads], reading),
        (*dense("final_layer.linear", width, size), *dense("final_layer.adaLN_modulation.1", time, width)),
        hidden=width,
    )


def ideogram4(c: Config, head: str | None = None) -> ModelSpec:
    """Ideogram4Transformer2DModel (diffusers 0.42, models/transformers/transformer_ideogram4.py)."""
    _, one, width = width_of(c, 18, 256)
    time, text = c.int("adaln_dim", default=512, least=1), c.int("llm_features_dim", default=53248, least=1)
    inputs = c.int("in_channels", default=128, least=1)
    block = (
        *attention("attention", width, width, out_bias=False, extra=qk_norms(one)),
        *gated("feed_forward", width, c.int("intermediate_size", default=12288, least=1), W),
        *norms(width, "attention_norm1", "ffn_norm1", "attention_norm2", "ffn_norm2"),
        *dense("adaln_modulation", time, 4 * width),
    )
    return component(
        c,
        "transformer",
        dense("input_proj", inputs, width),
        (*norm("llm_cond_norm", text), *dense("llm_cond_proj", text, width)),
        (*dense("t_embedding.mlp_in", width, width), *dense("t_embedding.mlp_out", width, width)),
        dense("adaln_proj", width, time),
        embedding("embed_image_indicator", 2, width),
        layers("layers", c.count("num_layers", default=34), block),
        (*dense("final_layer.linear", width, inputs), *dense("final_layer.adaln_modulation", time, width)),
        hidden=width,
    )
