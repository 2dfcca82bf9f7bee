"""The generic transformer that DiT and PixArt grew from."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, unknown, width_of
from llmmem.architectures.diffusion.transformer.pixart import BOXES, activation
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, scalars
from llmmem.parts.denoise import adaptive_single, patches, transformer_block, two_layers
from llmmem.parts.modules import conv2d, dense, layer_norm
from llmmem.tensors import Block, ModelSpec


def transformer_2d(c: Config, head: str | None = None) -> ModelSpec:
    """Transformer2DModel (diffusers 0.42, models/transformers/transformer_2d.py): over a map, patches or codes."""
    _, _, width = width_of(c, 16, 88)
    inputs, codes, patch = c.optional("in_channels"), c.optional("num_vector_embeds"), c.optional("patch_size")
    classes = c.optional("num_embeds_ada_norm")
    kind = c.str("norm_type", default="layer_norm")
    if kind == "layer_norm" and classes is not None:
        kind = "ada_norm"  # as the class reads outdated configs
    if kind not in ("layer_norm", "ada_norm", "ada_norm_zero", "ada_norm_single"):
        raise unknown(c, "norm_type", kind)
    block = transformer_block(
        width,
        width,
        cross=c.optional("cross_attention_dim"),
        act=activation(c, "geglu"),
        bias=c.bool("attention_bias"),
        norms=kind,
        affine=c.bool("norm_elementwise_affine", default=True),
        embeddings=classes,
        only_cross=c.bool("only_cross_attention"),
        double=c.bool("double_self_attention"),
        gated=c.str("attention_type", default="default") in BOXES,
    )
    stack = layers("transformer_blocks", c.count("num_layers", default=1), block)
    if inputs is not None and patch is None:
        return component(c, "transformer", *_over_map(c, inputs, width, stack), hidden=width)
    if codes is not None:
        side = c.int("sample_size", least=1)
        stem = (
            *embedding("latent_image_embedding.emb", codes, width),
            *embedding("latent_image_embedding.height_emb", side, width),
            *embedding("latent_image_embedding.width_emb", side, width),
        )
        top = (*layer_norm("norm_out", width), *dense("out", width, codes - 1))
        return component(c, "transformer", stem, stack, top, hidden=width)
    if inputs is None or patch is None:
        raise c.missing("in_channels")
    return component(c, "transformer", *_over_patches(c, inputs, patch, width, kind, stack), hidden=width)


def _over_map(c: Config, inputs: int, width: int, stack: Block) -> tuple[Block | Tensors, ...]:
    make = dense if c.bool("use_linear_projection") else lambda name, i, o: conv2d(name, i, o, 1)
    out = outputs(c, inputs)
    return layer_norm("norm", inputs), make("proj_in", inputs, width), stack, make("proj_out", width, out)


def _over_patches(
    c: Config, inputs: int, patch: int, width: int, kind: str, stack: Block
) -> tuple[Block | Tensors, ...]:
    out = patch * patch * outputs(c, inputs)
    stem = patches("pos_embed", inputs, width, patch)
    caption = c.optional("caption_channels")
    text = () if caption is None else two_layers("caption_projection", caption, width)
    if kind != "ada_norm_single":
        return stem, stack, dense("proj_out_1", width, 2 * width), dense("proj_out_2", width, out), text
    sizes = c.bool("use_additional_conditions", default=c.int("sample_size") == 128)
    top = (*scalars("scale_shift_table", 2, width), *dense("proj_out", width, out))
    return stem, stack, top, adaptive_single("adaln_single", width, sizes=sizes), text
