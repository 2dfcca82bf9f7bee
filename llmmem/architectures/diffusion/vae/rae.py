"""Representation autoencoders: a frozen image encoder and a decoder of patches (arXiv:2510.11690)."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, unknown
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, buffer, scalars
from llmmem.parts.denoise import attention
from llmmem.parts.modules import conv2d, dense, layer_norm, matrices, under
from llmmem.tensors import Block, ModelSpec

#: side of the pictures DINOv2's and MAE's positions are laid out for; the inner width of MAE, whatever the width is
_DINO, _MAE, _MAE_INNER = 518, 224, 3072


def _layer(width: int, inner: int) -> Tensors:
    return (
        *under("attention", matrices(width, width, "q_proj", "k_proj", "v_proj", "o_proj", bias=True)),
        *dense("mlp.fc1", width, inner),
        *dense("mlp.fc2", inner, width),
    )


def _encoder(c: Config, width: int) -> tuple[Block | Tensors, ...]:
    """The encoder under the names of transformers 5; its last norm has no weights."""
    kind = c.str("encoder_type", default="dinov2")
    depth, patch = c.count("encoder_num_hidden_layers", default=12), c.int("encoder_patch_size", default=14, least=1)
    if kind == "dinov2":
        side = _DINO // patch
        extra = (*scalars("mask_token", 1, width), *scalars("register_tokens", 1, 4, width))
        name = "encoder.encoder.layer"
        layer = (
            *layer_norm("norm1", width),
            *layer_norm("norm2", width),
            *scalars("layer_scale1.lambda1", width),
            *scalars("layer_scale2.lambda1", width),
            *_layer(width, 4 * width),
        )
    elif kind == "mae":
        side, extra, name = _MAE // patch, (), "encoder.layers"
        norms = (*layer_norm("layernorm_before", width), *layer_norm("layernorm_after", width))
        layer = (*norms, *_layer(width, _MAE_INNER))
    else:
        raise unknown(c, "encoder_type", kind, ("dinov2", "mae"))
    stem = (
        *scalars("cls_token", 1, 1, width),
        *extra,
        *scalars("position_embeddings", 1, side * side + 1, width),
        *conv2d("patch_embeddings.projection", 3, width, patch),
    )
    return under("encoder.embeddings", stem), layers(name, depth, layer)


def _decoder(c: Config, seen: int) -> tuple[Block | Tensors, ...]:
    width, inner = (
        c.int("decoder_hidden_size", default=512, least=1),
        c.int("decoder_intermediate_size", default=2048, least=1),
    )
    divide(c, "decoder_hidden_size", width, c.int("decoder_num_attention_heads", default=16, least=1))
    patch, depth = c.int("patch_size", default=16, least=1), c.count("decoder_num_hidden_layers", default=8)
    layer = (
        *attention("attention", width, width, bias=True),
        *dense("intermediate.dense", width, inner),
        *dense("output.dense", inner, width),
        *layer_norm("layernorm_before", width),
        *layer_norm("layernorm_after", width),
    )
    ends = (
        *scalars("trainable_cls_token", 1, 1, width),
        *dense("decoder_embed", seen, width),
        *layer_norm("decoder_norm", width),
        *dense("decoder_pred", width, patch * patch * c.int("num_channels", default=3, least=1)),
    )
    return under("decoder", ends), layers("decoder.decoder_layers", depth, layer)


def _statistic(c: Config, name: str) -> Tensors:
    """Mean or spread of the latents, in the shape the config gives it; one number without."""
    value, shape = c.list(name), []
    while isinstance(value, list) and value:
        shape.append(len(value))
        value = value[0]
    return buffer(f"_{name}", *(shape or (1,)))


def autoencoder_rae(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderRAE (diffusers 0.42, models/autoencoders/autoencoder_rae.py)."""
    width = c.int("encoder_hidden_size", default=768, least=1)
    divide(c, "encoder_input_size", c.int("encoder_input_size", default=224), c.int("encoder_patch_size", default=14))
    return component(
        c,
        "vae",
        buffer("encoder_mean", 1, 3, 1, 1),
        buffer("encoder_std", 1, 3, 1, 1),
        _statistic(c, "latents_mean"),
        _statistic(c, "latents_std"),
        *_encoder(c, width),
        *_decoder(c, width),
        hidden=width,
    )
