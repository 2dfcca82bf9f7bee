"""LTX-Video."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, unknown, width_of
from llmmem.architectures.diffusion.transformer.pixart import activation
from llmmem.config import Config
from llmmem.parts.basic import norm, scalars
from llmmem.parts.denoise import adaptive_single, attention, feed_forward, qk_norms, two_layers
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec


def ltx_video(c: Config, head: str | None = None) -> ModelSpec:
    """LTXVideoTransformer3DModel (arXiv:2501.00103; diffusers 0.42, models/transformers/transformer_ltx.py)."""
    _, _, width = width_of(c, 32, 64)
    kind = c.str("qk_norm", default="rms_norm_across_heads")
    if kind != "rms_norm_across_heads":
        raise unknown(c, "qk_norm", kind, ("rms_norm_across_heads",))
    inputs = c.int("in_channels", default=128, least=1)
    bias, out_bias = c.bool("attention_bias", default=True), c.bool("attention_out_bias", default=True)
    affine = c.bool("norm_elementwise_affine")
    cross = c.int("cross_attention_dim", default=2048, least=1)
    block = (
        *(norm("norm1", width) if affine else ()),
        *attention("attn1", width, width, bias=bias, out_bias=out_bias, extra=qk_norms(width)),
        *(norm("norm2", width) if affine else ()),
        *attention("attn2", width, width, source=cross, bias=bias, out_bias=out_bias, extra=qk_norms(width)),
        *feed_forward("ff", width, act=activation(c, "gelu-approximate")),
        *scalars("scale_shift_table", 6, width),
    )
    return component(
        c,
        "transformer",
        dense("proj_in", inputs, width),
        scalars("scale_shift_table", 2, width),
        adaptive_single("time_embed", width, sizes=False),
        two_layers("caption_projection", c.int("caption_channels", default=4096, least=1), width),
        layers("transformer_blocks", c.count("num_layers", default=28), block),
        dense("proj_out", width, outputs(c, inputs, 128)),
        hidden=width,
    )
