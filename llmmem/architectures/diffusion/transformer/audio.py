"""ACE-Step."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers
from llmmem.architectures.diffusion.transformer.lumina import gated
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import attention, qk_norms, two_layers
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.modules import conv1d, dense
from llmmem.tensors import ModelSpec

GATE = ("gate_proj", "down_proj", "up_proj")


def ace_step(c: Config, head: str | None = None) -> ModelSpec:
    """AceStepTransformer1DModel (arXiv:2506.00045; diffusers 0.42, models/transformers/ace_step_transformer.py)."""
    width, one = c.int("hidden_size", default=2048, least=1), c.int("head_dim", default=128, least=1)
    inner = one * c.int("num_attention_heads", default=16, least=1)
    kv, bias = one * c.int("num_key_value_heads", default=8, least=1), c.bool("attention_bias")
    patch = c.int("patch_size", default=2, least=1)

    def attend(name: str) -> Tensors:
        return attention(name, width, inner, kv=kv, bias=bias, out_bias=bias, extra=qk_norms(one))

    def time(name: str) -> Tensors:
        return (*two_layers(name, 256, width), *dense(f"{name}.time_proj", width, 6 * width))

    block = (
        *(t for n in ("self_attn_norm", "cross_attn_norm", "mlp_norm") for t in norm(n, width)),
        *attend("self_attn"),
        *attend("cross_attn"),
        *gated("mlp", width, c.int("intermediate_size", default=6144, least=1), GATE),
        *scalars("scale_shift_table", 1, 6, width),
    )
    text, sound = c.int("encoder_hidden_size", default=width), c.int("audio_acoustic_hidden_dim", default=64, least=1)
    return component(
        c,
        "transformer",
        layers("layers", c.count("num_hidden_layers", default=24), block),
        conv1d("proj_in_conv", c.int("in_channels", default=192, least=1), width, patch),
        time("time_embed"),
        time("time_embed_r"),
        dense("condition_embedder", text, width),
        norm("norm_out", width),
        conv_transpose("proj_out_conv", width, sound, patch),
        scalars("scale_shift_table", 1, 2, width),
        hidden=width,
    )
