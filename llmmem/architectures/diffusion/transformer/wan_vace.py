"""Wan with a branch for control pictures (VACE), and Wan that moves a person (Animate)."""

from __future__ import annotations

from math import log2, prod

from llmmem.architectures.diffusion.base import component, layers, outputs, sizes
from llmmem.architectures.diffusion.transformer.wan import condition, triple, wan_blocks, wan_width
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.modules import conv1d, conv3d, dense, under
from llmmem.tensors import ModelSpec, Tensor

#: side of a face picture at a level of the motion encoder -> channels
_FACE = {4: 512, 8: 512, 16: 512, 32: 512, 64: 256, 128: 128, 256: 64, 512: 32, 1024: 16}


def wan_vace(c: Config, head: str | None = None) -> ModelSpec:
    """WanVACETransformer3DModel (arXiv:2503.07598; diffusers 0.42, models/transformers/transformer_wan_vace.py)."""
    width, patch = wan_width(c), triple(c, "patch_size", (1, 2, 2))
    inputs = c.int("in_channels", default=16, least=1)
    branch = len(sizes(c, "vace_layers", (0, 5, 10, 15, 20, 25, 30, 35)))
    own = wan_blocks(c)
    return component(
        c,
        "transformer",
        conv3d("patch_embedding", inputs, width, patch),
        conv3d("vace_patch_embedding", c.int("vace_in_channels", default=96, least=1), width, patch),
        condition(c, width),
        layers("blocks", c.count("num_layers", default=40), own),
        dense("vace_blocks.0.proj_in", width, width),
        layers("vace_blocks", branch, (*own, *dense("proj_out", width, width))),
        dense("proj_out", width, outputs(c, inputs, 16) * prod(patch)),
        scalars("scale_shift_table", 1, 2, width),
        hidden=width,
    )


def _motion_conv(name: str, inputs: int, outputs: int, kernel: int, act: bool = True) -> Tensors:
    weight = Tensor(f"{name}.weight", (outputs, inputs, kernel, kernel), "conv")
    return (weight, Tensor(f"{name}.act_fn.bias", (outputs,), "bias")) if act else (weight,)


def _motion_encoder(c: Config) -> Tensors:
    """From pictures of a face to a few numbers of motion (LIA, arXiv:2203.09043)."""
    side = c.int("motion_encoder_size", default=512, least=4)
    given = c.get("motion_encoder_channel_sizes")
    table = {int(k): int(v) for k, v in given.items()} if isinstance(given, dict) else _FACE
    steps = int(log2(side))
    if any(1 << i not in table for i in range(2, steps)) or side not in table:
        raise ConfigError("motion_encoder_channel_sizes lacks a size.", "Check the config.json.")
    style, few = c.int("motion_style_dim", default=512, least=1), c.int("motion_dim", default=20, least=1)
    width = table[side]
    tensors = [_motion_conv("conv_in", 3, width, 1)]
    for n, i in enumerate(range(steps, 2, -1)):
        out = table[1 << (i - 1)]
        tensors.append(
            under(
                f"res_blocks.{n}",
                _motion_conv("conv1", width, width, 3),
                _motion_conv("conv2", width, out, 3),
                _motion_conv("conv_skip", width, out, 1, act=False),
            )
        )
        width = out
    tensors.append(_motion_conv("conv_out", width, style, 4, act=False))
    tensors += [dense(f"motion_network.{i}", style, few if i == 4 else style) for i in range(5)]
    tensors.append(scalars("motion_synthesis_weight", c.int("motion_encoder_dim", default=512, least=1), few))
    return under("motion_encoder", *tensors)


def _face_encoder(c: Config, width: int) -> Tensors:
    inner, heads = c.int("face_encoder_hidden_dim", default=1024), c.int("face_encoder_num_heads", default=4)
    return under(
        "face_encoder",
        conv1d("conv1_local", c.int("motion_encoder_dim", default=512), inner * heads),
        conv1d("conv2", inner, inner),
        conv1d("conv3", inner, inner),
        dense("out_proj", inner, width),
        scalars("padding_tokens", 1, 1, 1, width),
    )


def wan_animate(c: Config, head: str | None = None) -> ModelSpec:
    """WanAnimateTransformer3DModel (arXiv:2509.14055; diffusers 0.42, transformers/transformer_wan_animate.py)."""
    width, patch = wan_width(c), triple(c, "patch_size", (1, 2, 2))
    latent = c.optional("latent_channels", default=16)
    inputs = c.optional("in_channels", default=36)
    if latent is None:
        latent = ((inputs or 36) - 4) // 2
    if inputs is None:
        inputs = 2 * latent + 4
    c = c if c.has("image_dim") else Config({**c.raw, "image_dim": 1280}, c.path, c.reads)
    head_dim = width // c.int("num_attention_heads", default=40, least=1)
    count = c.count("num_layers", default=40)
    face = (
        *(t for n in ("to_q", "to_k", "to_v", "to_out") for t in dense(n, width, width)),
        *norm("norm_q", head_dim),
        *norm("norm_k", head_dim),
    )
    return component(
        c,
        "transformer",
        conv3d("patch_embedding", inputs, width, patch),
        conv3d("pose_patch_embedding", latent, width, patch),
        condition(c, width),
        _motion_encoder(c),
        _face_encoder(c, width),
        layers("blocks", count, wan_blocks(c)),
        layers("face_adapter", count // c.int("inject_face_latents_blocks", default=5, least=1), face),
        dense("proj_out", width, outputs(c, latent, 16) * prod(patch)),
        scalars("scale_shift_table", 1, 2, width),
        hidden=width,
    )
