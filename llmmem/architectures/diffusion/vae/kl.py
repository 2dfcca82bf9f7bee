"""Autoencoders of pictures: KL, with a codebook, with a mask; Stable Diffusion, FLUX, Kandinsky."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes, unknown
from llmmem.architectures.diffusion.vae.halves import FLUX, decoder, encoder
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer, embedding
from llmmem.parts.modules import conv2d
from llmmem.tensors import ModelSpec


def quantizers(c: Config, latent: int) -> Tensors:
    """The two convolutions around the latent."""
    return (
        *(conv2d("quant_conv", 2 * latent, 2 * latent, 1) if c.bool("use_quant_conv", default=True) else ()),
        *(conv2d("post_quant_conv", latent, latent, 1) if c.bool("use_post_quant_conv", default=True) else ()),
    )


def autoencoder_kl(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKL (diffusers 0.42, models/autoencoders/autoencoder_kl.py)."""
    widths = sizes(c, "block_out_channels", (64,))
    latent, depth = c.int("latent_channels", default=4, least=1), c.count("layers_per_block", default=1, least=1)
    attend = c.bool("mid_block_add_attention", default=True)
    return component(
        c,
        "vae",
        encoder(c, 2 * latent, widths, depth, 1, attend=attend),
        decoder(c, latent, widths, depth, 1, attend=attend),
        quantizers(c, latent),
    )


def autoencoder_kl_flux2(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLFlux2: statistics of the latents beside the KL autoencoder."""
    widths = sizes(c, "block_out_channels", FLUX)
    own = sizes(c, "decoder_block_out_channels", widths) or widths
    latent, depth = c.int("latent_channels", default=32, least=1), c.count("layers_per_block", default=2, least=1)
    attend = c.bool("mid_block_add_attention", default=True)
    high, wide = c.pair("patch_size", default=2, least=1)
    seen = high * wide * latent
    return component(
        c,
        "vae",
        encoder(c, 2 * latent, widths, depth, 4, attend=attend),
        decoder(c, latent, own, depth, 4, attend=attend),
        quantizers(c, latent),
        (
            *buffer("bn.running_mean", seen),
            *buffer("bn.running_var", seen),
            *buffer("bn.num_batches_tracked", dtype="int64"),
        ),
    )


def vq_model(c: Config, head: str | None = None) -> ModelSpec:
    """VQModel (diffusers 0.42, models/autoencoders/vq_model.py): the latent is looked up in a codebook."""
    widths = sizes(c, "block_out_channels", (64,))
    latent, depth = c.int("latent_channels", default=3, least=1), c.count("layers_per_block", default=1, least=1)
    attend = c.bool("mid_block_add_attention", default=True)
    width = c.int("vq_embed_dim", default=latent, least=1)
    kind = c.get("norm_type") if c.has("norm_type") else "group"
    if kind not in ("group", "spatial", None):
        raise unknown(c, "norm_type", kind, ("group", "spatial"))
    return component(
        c,
        "vae",
        encoder(c, latent, widths, depth, 1, attend=attend),
        conv2d("quant_conv", latent, width, 1),
        embedding("quantize.embedding", c.int("num_vq_embeddings", default=256, least=1), width),
        conv2d("post_quant_conv", width, latent, 1),
        decoder(c, latent, widths, depth, 1, attend=attend, spatial=kind == "spatial", grouped=kind is not None),
    )
