"""Stable Cascade's autoencoder (stage A)."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, batch_norm, embedding, scalars
from llmmem.parts.modules import conv2d, dense, under, up2d
from llmmem.tensors import ModelSpec


def _mix(name: str, width: int) -> Tensors:
    return under(
        name,
        conv2d("depthwise.1", width, width, groups=width),
        dense("channelwise.0", width, 4 * width),
        dense("channelwise.2", 4 * width, width),
        scalars("gammas", 6),
    )


def paella_vq(c: Config, head: str | None = None) -> ModelSpec:
    """PaellaVQModel (arXiv:2211.07292; diffusers 0.42, pipelines/deprecated/wuerstchen/modeling_paella_vq_model.py)."""
    levels, fold = c.int("levels", default=2, least=1), c.int("up_down_scale_factor", default=2, least=1) ** 2
    top, latent = c.int("embed_dim", default=384, least=1), c.int("latent_channels", default=4, least=1)
    widths = [top // 2**i for i in reversed(range(min(levels, 32)))]
    if widths[0] < 1:
        raise ConfigError(f"{levels:,} levels leave an embed_dim of {top:,} nothing.", "Check the config.json.")
    deep = c.count("bottleneck_blocks", default=12)
    down: list[Tensors] = []
    for i, width in enumerate(widths):
        if i:
            down.append(conv2d(f"{len(down)}", widths[i - 1], width, 4))
        down.append(_mix(f"{len(down)}", width))
    at = len(down)
    down.append((*conv2d(f"{at}.0", top, latent, 1, False), *batch_norm(f"{at}.1", latent)))
    up = [conv2d("0.0", latent, top, 1)]
    for i, width in enumerate(widths[::-1]):
        for _ in range(deep if i == 0 else 1):
            up.append(_mix(f"{len(up)}", width))
        if i < len(widths) - 1:
            up.append(up2d(f"{len(up)}", width, widths[-2 - i], 4))
    return component(
        c,
        "vae",
        conv2d("in_block.1", c.int("in_channels", default=3, least=1) * fold, widths[0], 1),
        under("down_blocks", *down),
        embedding("vquantizer.embedding", c.int("num_vq_embeddings", default=8192, least=1), latent),
        under("up_blocks", *up),
        conv2d("out_block.0", widths[0], c.int("out_channels", default=3, least=1) * fold, 1),
    )
