"""HunyuanDiT."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, scalars
from llmmem.parts.denoise import attention, feed_forward, modulation, norms_of, patches, timestep, two_layers
from llmmem.parts.modules import dense, layer_norm, under
from llmmem.tensors import ModelSpec, Tensor


def block(c: Config, *, skip: bool) -> Tensors:
    """HunyuanDiTBlock; the later half also reads the outputs of the earlier one."""
    _, one, width = width_of(c, 16, 88)
    inner = int(width * c.number("mlp_ratio", default=4.0))
    text = c.int("cross_attention_dim", default=1024, least=1)
    norms = norms_of("layer_norm", one, width)
    act = c.str("activation_fn", default="gelu-approximate")
    return (
        *modulation("norm1", width, 1),
        *layer_norm("norm1.norm", width),
        *attention("attn1", width, width, bias=True, extra=norms),
        *layer_norm("norm2", width),
        *attention("attn2", width, width, source=text, bias=True, extra=norms),
        *layer_norm("norm3", width),
        *feed_forward("ff", width, inner=inner, act=act),
        *((*layer_norm("skip_norm", 2 * width), *dense("skip_linear", 2 * width, width)) if skip else ()),
    )


def stem(c: Config) -> Tensors:
    """Two texts, patches, and what is added to the timestep: pooled text, sizes, style."""
    t5, text = c.int("cross_attention_dim_t5", default=2048, least=1), c.int("cross_attention_dim", default=1024)
    width = c.int("hidden_size", default=1152, least=1)
    pooled = c.int("pooled_projection_dim", default=1024, least=1)
    length = c.int("text_len_t5", default=256)
    styled = c.bool("use_style_cond_and_image_meta_size", default=True)
    pool = (
        Tensor("positional_embedding", (length + 1, t5), "position"),
        *(t for n in ("k_proj", "q_proj", "v_proj") for t in dense(n, t5, t5)),
        *dense("c_proj", t5, pooled),
    )
    extra = (256 * 6 + width + pooled) if styled else pooled
    return (
        *two_layers("text_embedder", t5, 4 * t5, text),
        *scalars("text_embedding_padding", c.int("text_len", default=77) + length, text),
        *patches("pos_embed", c.int("in_channels", least=1), width, c.int("patch_size", least=1)),
        *under(
            "time_extra_emb",
            timestep("timestep_embedder", width),
            under("pooler", pool),
            embedding("style_embedder", 1, width) if styled else (),
            two_layers("extra_embedder", extra, 4 * width, width),
        ),
    )


def hunyuan_dit(c: Config, head: str | None = None) -> ModelSpec:
    """HunyuanDiT2DModel (arXiv:2405.08748; diffusers 0.42, models/transformers/hunyuan_transformer_2d.py)."""
    _, _, width = width_of(c, 16, 88)
    inputs, patch = c.int("in_channels", least=1), c.int("patch_size", least=1)
    out = inputs * (2 if c.bool("learn_sigma", default=True) else 1)
    count = c.count("num_layers", default=28)
    half = count // 2 + 1
    return component(
        c,
        "transformer",
        stem(c),
        layers("blocks", range(min(half, count)), block(c, skip=False)),
        layers("blocks", range(half, count), block(c, skip=True)),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * out),
        hidden=width,
    )
