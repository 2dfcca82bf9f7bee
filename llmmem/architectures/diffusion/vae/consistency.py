"""The consistency decoder: an encoder as of Stable Diffusion, and a UNet that decodes."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.architectures.diffusion.unet.plain import unet_2d
from llmmem.architectures.diffusion.vae.halves import FLUX, encoder
from llmmem.config import Config
from llmmem.parts.modules import conv2d
from llmmem.tensors import ModelSpec

_TYPES = 4
#: class defaults of the UNet that differ from those of UNet2DModel
UNET = {
    "add_attention": False,
    "block_out_channels": [320, 640, 1024, 1024],
    "down_block_types": ["ResnetDownsampleBlock2D"] * _TYPES,
    "up_block_types": ["ResnetUpsampleBlock2D"] * _TYPES,
    "in_channels": 7,
    "out_channels": 6,
    "layers_per_block": 3,
    "num_train_timesteps": 1024,
    "resnet_time_scale_shift": "scale_shift",
    "time_embedding_type": "learned",
}


def _part(c: Config, prefix: str, defaults: dict[str, object]) -> Config:
    """The keys of one half, without their prefix."""
    given = {key.removeprefix(prefix): c.get(key) for key in c.raw if key.startswith(prefix)}
    given = {key: value for key, value in given.items() if value is not None}
    return Config({**defaults, **given, "_class_name": c.str("_class_name")})


def consistency_decoder_vae(c: Config, head: str | None = None) -> ModelSpec:
    """ConsistencyDecoderVAE (arXiv:2303.01469; diffusers 0.42, models/autoencoders/consistency_decoder_vae.py)."""
    own, latent = _part(c, "encoder_", {}), c.int("latent_channels", default=4, least=1)
    out = own.int("out_channels", default=4, least=1) * (2 if own.bool("double_z", default=True) else 1)
    depth = own.count("layers_per_block", default=2, least=1)
    c.get("block_out_channels")  # the class writes the encoder's down a second time
    return component(
        c,
        "vae",
        encoder(own, out, sizes(own, "block_out_channels", FLUX), depth, _TYPES),
        *unet_2d(_part(c, "decoder_", UNET)).placed("decoder_unet."),
        conv2d("quant_conv", 2 * latent, 2 * latent, 1),
    )
