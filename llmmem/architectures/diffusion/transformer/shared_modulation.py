"""Transformers of one stream whose layers share one modulation: ERNIE-Image, Qwen-Image 2.1, Krea 2."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, width_of
from llmmem.architectures.diffusion.transformer.lumina import gated
from llmmem.architectures.diffusion.transformer.single_stream import norms
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import attention, qk_norms, two_layers
from llmmem.parts.modules import conv2d, dense
from llmmem.tensors import ModelSpec

W = ("w1", "w2", "w3")


def ernie_image(c: Config, head: str | None = None) -> ModelSpec:
    """ErnieImageTransformer2DModel (diffusers 0.42, models/transformers/transformer_ernie_image.py)."""
    width, many = c.int("hidden_size", default=3072, least=1), c.int("num_attention_heads", default=24, least=1)
    one, text = width // many, c.int("text_in_dim", default=2560, least=1)
    patch, inputs = c.int("patch_size", default=1, least=1), c.int("in_channels", default=128, least=1)
    normed = qk_norms(one) if c.bool("qk_layernorm", default=True) else ()
    inner = c.int("ffn_hidden_size", default=8192, least=1)
    block = (
        *norms(width, "adaLN_sa_ln", "adaLN_mlp_ln"),
        *attention("self_attention", width, one * many, out_bias=False, extra=normed),
        *gated("mlp", width, inner, ("gate_proj", "linear_fc2", "up_proj")),
    )
    return component(
        c,
        "transformer",
        conv2d("x_embedder.proj", inputs, width, patch),
        dense("text_proj", text, width, False) if text != width else (),
        two_layers("time_embedding", width, width),
        dense("adaLN_modulation.1", width, 6 * width),
        layers("layers", c.count("num_layers", default=24), block),
        dense("final_norm.linear", width, 2 * width),
        dense("final_linear", width, patch * patch * c.int("out_channels", default=128, least=1)),
        hidden=width,
    )


def qwen_image21(c: Config, head: str | None = None) -> ModelSpec:
    """QwenImage21Transformer2DModel (diffusers 0.42, models/transformers/transformer_qwenimage21.py): no biases."""
    _, one, width = width_of(c, 32, 128)
    patch, text = c.int("patch_size", default=1, least=1), c.int("context_in_dim", default=4096, least=1)
    inputs = c.int("in_channels", default=64, least=1)
    inner = width * c.int("mlp_ratio", default=3, least=1)
    block = (
        *attention("attn", width, width, out_bias=False, extra=qk_norms(one)),
        *gated("img_mlp", width, inner, ("gate_layer", "out", "proj")),
    )
    return component(
        c,
        "transformer",
        two_layers("time_text_embed.timestep_embedder", 256, width, bias=False),
        (
            *norm("txt_in.text_norm", text),
            *dense("txt_in.in_layer", text, width, False),
            *dense("txt_in.out_layer", width, width, False),
        ),
        dense("img_in", inputs * patch * patch, width, False),
        dense("modulation.1", width, 4 * width, False),
        layers("transformer_blocks", c.count("num_layers", default=32), block),
        dense("norm_out.linear", width, width, False),
        dense("proj_out", width, patch * patch * outputs(c, inputs, 64), False),
        hidden=width,
    )


def krea2(c: Config, head: str | None = None) -> ModelSpec:
    """Krea2Transformer2DModel (diffusers 0.42, models/transformers/transformer_krea2.py)."""
    many, _, width = width_of(c, 48, 128)
    inputs, text = c.int("in_channels", default=64, least=1), c.int("text_hidden_dim", default=2560, least=1)
    seen = c.int("num_text_layers", default=12, least=1)

    def block(size: int, heads: int, kv: int, inner: int) -> Tensors:
        side = divide(c, "a width over its heads", size, heads)
        own = attention("attn", size, size, kv=side * kv, out_bias=False, extra=qk_norms(side))
        return (
            *norms(size, "norm1", "norm2"),
            *own,
            *dense("attn.to_gate", size, size, False),
            *gated("ff", size, inner, ("gate", "down", "up")),
        )

    fusion = block(
        text,
        c.int("text_num_attention_heads", default=20, least=1),
        c.int("text_num_key_value_heads", default=20, least=1),
        c.int("text_intermediate_size", default=6912, least=1),
    )
    kv, inner = c.int("num_key_value_heads", default=12, least=1), c.int("intermediate_size", default=16384, least=1)
    return component(
        c,
        "transformer",
        dense("img_in", inputs, width),
        two_layers("time_embed", c.int("timestep_embed_dim", default=256, least=1), width),
        dense("time_mod_proj", width, 6 * width),
        layers("text_fusion.layerwise_blocks", c.count("num_layerwise_text_blocks", default=2), fusion),
        dense("text_fusion.projector", seen, 1, False),
        layers("text_fusion.refiner_blocks", c.count("num_refiner_text_blocks", default=2), fusion),
        (*norm("txt_in.norm", text), *two_layers("txt_in", text, width)),
        layers(
            "transformer_blocks",
            c.count("num_layers", default=28),
            (*scalars("scale_shift_table", 6, width), *block(width, many, kv, inner)),
        ),
        scalars("final_layer.scale_shift_table", 2, width),
        (*norm("final_layer.norm", width), *dense("final_layer.linear", width, inputs)),
        hidden=width,
    )
