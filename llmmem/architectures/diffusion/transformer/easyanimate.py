"""EasyAnimate."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.architectures.diffusion.transformer.cogvideox import modulated_norm
from llmmem.architectures.diffusion.transformer.pixart import activation
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.denoise import attention, feed_forward, joint_attention, modulation, norms_of, two_layers
from llmmem.parts.modules import conv2d, dense, layer_norm
from llmmem.tensors import ModelSpec


def _block(c: Config, *, joint: bool) -> Tensors:
    """EasyAnimateTransformerBlock; a joint one has weights of its own for the text."""
    _, one, width = width_of(c, 48, 64)
    time, act = c.int("time_embed_dim", default=512, least=1), activation(c, "gelu-approximate")
    affine = c.bool("norm_elementwise_affine", default=True)
    attend = (
        joint_attention("attn1", width, one, kind="layer_norm")
        if joint
        else attention("attn1", width, width, bias=True, extra=norms_of("layer_norm", one, width))
    )
    return (
        *modulated_norm("norm1", width, time, affine=affine),
        *attend,
        *modulated_norm("norm2", width, time, affine=affine),
        *feed_forward("ff", width, act=act),
        *(feed_forward("txt_ff", width, act=act) if joint else ()),
        *(layer_norm("norm3", width) if affine and c.bool("after_norm") else ()),
    )


def _text(c: Config, width: int) -> Tensors:
    text, t5 = c.int("text_embed_dim", default=3584, least=1), c.optional("text_embed_dim_t5")
    if not c.bool("add_norm_text_encoder"):
        return (*dense("text_proj", text, width), *(dense("text_proj_t5", t5, width) if t5 is not None else ()))
    second = () if t5 is None else (*norm("text_proj_t5.0", text), *dense("text_proj_t5.1", t5, width))
    return (*norm("text_proj.0", text), *dense("text_proj.1", text, width), *second)


def easyanimate(c: Config, head: str | None = None) -> ModelSpec:
    """EasyAnimateTransformer3DModel (arXiv:2405.18991; diffusers 0.42, transformers/transformer_easyanimate.py)."""
    width, time = width_of(c, 48, 64)[2], c.int("time_embed_dim", default=512, least=1)
    patch = c.int("patch_size", least=1)
    count = c.count("num_layers", default=48)
    joint = min(c.count("mmdit_layers", default=48), count)
    affine = c.bool("norm_elementwise_affine", default=True)
    return component(
        c,
        "transformer",
        two_layers("time_embedding", width, time),
        conv2d("proj", c.int("in_channels", least=1), width, patch),
        _text(c, width),
        layers("transformer_blocks", range(joint), _block(c, joint=True)),
        layers("transformer_blocks", range(joint, count), _block(c, joint=False)),
        layer_norm("norm_final", width) if affine else (),
        modulation("norm_out", width, 2, time),
        layer_norm("norm_out.norm", width) if affine else (),
        dense("proj_out", width, patch * patch * c.int("out_channels", least=1)),
        hidden=width,
    )
