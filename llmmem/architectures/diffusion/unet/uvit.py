"""aMUSEd's U-ViT: a transformer over tokens of a picture between two levels of convolutions."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, norm, scalars
from llmmem.parts.denoise import attention, feed_forward, modulation, two_layers
from llmmem.parts.modules import conv2d, dense, each, under, up2d
from llmmem.tensors import ModelSpec


def _level(c: Config, name: str, step: str) -> Tensors:
    """Convolutions and attentions in pairs."""
    width, hidden = c.int("block_out_channels", default=768, least=1), c.int("hidden_size", default=1024, least=1)
    bias, affine = c.bool("use_bias"), c.bool("ln_elementwise_affine", default=True)
    count = c.count("num_res_blocks", default=3)
    normed = norm("norm", width) if affine else ()
    convolved = (
        *conv2d("depthwise", width, width, 3, bias, width),
        *normed,
        *dense("channelwise_linear_1", width, 4 * width, bias),
        *(
            *scalars("channelwise_norm.gamma", 1, 1, 1, 4 * width),
            *scalars("channelwise_norm.beta", 1, 1, 1, 4 * width),
        ),
        *dense("channelwise_linear_2", 4 * width, width, bias),
        *dense("cond_embeds_mapper", hidden, 2 * width, bias),
    )
    many = c.int("block_num_heads", default=12, least=1)
    inner = width // many * many
    attended = (
        *(dense("kv_mapper", hidden, width, bias) if hidden != width else ()),
        *norm("norm1", width),
        *attention("attn1", width, inner, bias=bias, out_bias=bias),
        *norm("norm2", width),
        *attention("attn2", width, inner, bias=bias, out_bias=bias),
    )
    down = (*conv2d("conv", width, width, 2, bias), *normed) if step == "down" else ()
    up = (*up2d("conv", width, width, 2, bias), *normed) if step == "up" else ()
    return under(
        name,
        under("downsample", down),
        each("res_blocks", count, convolved),
        each("attention_blocks", count, attended),
        under("upsample", up),
    )


def uvit_2d(c: Config, head: str | None = None) -> ModelSpec:
    """UVit2DModel (arXiv:2401.01808; diffusers 0.42, models/unets/uvit_2d.py)."""
    hidden, width = c.int("hidden_size", default=1024, least=1), c.int("block_out_channels", default=768, least=1)
    bias, affine = c.bool("use_bias"), c.bool("ln_elementwise_affine", default=True)
    inputs, text = c.int("in_channels", default=768, least=1), c.int("encoder_hidden_size", default=768, least=1)
    given = c.int("micro_cond_embed_dim", default=1280) + c.int("cond_embed_dim", default=768)
    many, wide = (
        c.int("num_attention_heads", default=16, least=1),
        c.int("intermediate_size", default=2816, null=4 * hidden),
    )
    inner = hidden // many * many

    def normed(name: str, size: int) -> Tensors:
        return norm(name, size) if affine else ()

    def adaptive(name: str, *, shifted: bool = False) -> Tensors:
        own = norm(f"{name}.norm", hidden, bias=shifted and bias) if affine else ()
        return (*modulation(name, hidden, 2, bias=bias), *own)

    block = (
        *adaptive("norm1"),
        *attention("attn1", hidden, inner, bias=bias, out_bias=bias),
        *adaptive("norm2"),
        *attention("attn2", hidden, inner, bias=bias, out_bias=bias),
        *adaptive("norm3", shifted=True),
        *feed_forward("ff", hidden, inner=wide, act="geglu", bias=bias),
    )
    return component(
        c,
        "transformer",
        dense("encoder_proj", text, hidden, bias),
        normed("encoder_proj_layer_norm", hidden),
        embedding("embed.embeddings", c.int("vocab_size", default=8256, least=1), inputs),
        normed("embed.layer_norm", inputs),
        conv2d("embed.conv", inputs, width, 1, bias),
        two_layers("cond_embed", given, hidden, bias=bias),
        _level(c, "down_block", "down" if c.bool("downsample") else ""),
        normed("project_to_hidden_norm", width),
        dense("project_to_hidden", width, hidden, bias),
        layers("transformer_layers", c.count("num_hidden_layers", default=22), block),
        normed("project_from_hidden_norm", hidden),
        dense("project_from_hidden", hidden, width, bias),
        _level(c, "up_block", "up" if c.bool("upsample") else ""),
        conv2d("mlm_layer.conv1", width, inputs, 1, bias),
        normed("mlm_layer.layer_norm", inputs),
        conv2d("mlm_layer.conv2", inputs, c.int("codebook_size", default=8192, least=1), 1, bias),
        hidden=hidden,
    )
