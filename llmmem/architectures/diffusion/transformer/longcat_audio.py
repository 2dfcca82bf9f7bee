"""The transformer of LongCat's audio."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import attention
from llmmem.parts.modules import conv1d, dense, layer_norm
from llmmem.tensors import ModelSpec


def longcat_audio(c: Config, head: str | None = None) -> ModelSpec:
    """LongCatAudioDiTTransformer (diffusers 0.42, models/transformers/transformer_longcat_audio_dit.py)."""
    width, many = c.int("dit_dim", default=1536, least=1), c.int("dit_heads", default=24, least=1)
    inner, latent = width // many * many, c.int("latent_dim", default=64, least=1)
    wide, bias = int(width * c.number("ff_mult", default=4.0)), c.bool("bias", default=True)
    kind, text = c.str("adaln_type", default="global"), c.int("dit_text_dim", default=768, least=1)
    crossed = c.bool("cross_attn_norm")
    normed = (*norm("q_norm", inner), *norm("k_norm", inner)) if c.bool("qk_norm", default=True) else ()

    def attend(name: str) -> Tensors:
        return attention(name, width, inner, bias=bias, out_bias=bias, extra=normed)

    def embed(name: str, inputs: int) -> Tensors:
        return (*dense(f"{name}.proj.0", inputs, width), *dense(f"{name}.proj.2", width, width))

    reading = (
        *attend("cross_attn"),
        *((*layer_norm("cross_attn_norm", width), *layer_norm("cross_attn_norm_c", width)) if crossed else ()),
    )
    block = (
        *(dense("adaln_mlp.mlp.1", width, 6 * width) if kind == "local" else ()),
        *(scalars("adaln_scale_shift", 6 * width) if kind == "global" else ()),
        *attend("self_attn"),
        *(reading if c.bool("cross_attn", default=True) else ()),
        *(*dense("ffn.ff.0", width, wide, bias), *dense("ffn.ff.3", wide, width, bias)),
    )
    convolved = (
        *conv1d("dwconv", width, width, 7, bias, width),
        *layer_norm("norm", width),
        *dense("pwconv1", width, 2 * width, bias),
        *(*scalars("grn.gamma", 1, 1, 2 * width), *scalars("grn.beta", 1, 1, 2 * width)),
        *dense("pwconv2", 2 * width, width, bias),
    )
    conditioned = c.bool("use_latent_condition", default=True)
    return component(
        c,
        "transformer",
        (*dense("time_embed.time_mlp.0", 256, width), *dense("time_embed.time_mlp.2", width, width)),
        embed("input_embed", latent),
        embed("text_embed", text),
        layers("blocks", c.count("dit_depth", default=24), block),
        dense("norm_out.linear", width, 2 * width, bias),
        dense("proj_out", width, latent),
        dense("adaln_global_mlp.mlp.1", width, 6 * width) if kind == "global" else (),
        layers("text_conv_layer", 4 if c.bool("text_conv", default=True) else 0, convolved),
        (*embed("latent_embed", latent), *embed("latent_cond_embedder", 2 * width)) if conditioned else (),
        hidden=width,
    )
