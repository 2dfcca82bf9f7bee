"""ControlNets of transformers that read the text by cross attention: Sana, HunyuanDiT, Cosmos."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.architectures.diffusion.controlnet.transformers import matrices
from llmmem.architectures.diffusion.transformer import cosmos, hunyuan_dit, sana
from llmmem.architectures.diffusion.transformer.wan import triple
from llmmem.config import Config
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec


def sana_controlnet(c: Config, head: str | None = None) -> ModelSpec:
    """SanaControlNetModel (diffusers 0.42, models/controlnets/controlnet_sana.py)."""
    width, count = width_of(c, 70, 32)[2], c.count("num_layers", default=7)
    return component(
        c,
        "controlnet",
        *sana.stem(c, width),
        layers("transformer_blocks", count, sana.block(c)),
        dense("input_block", width, width),
        matrices("controlnet_blocks", count, width),
        hidden=width,
    )


def hunyuan_dit_controlnet(c: Config, head: str | None = None) -> ModelSpec:
    """HunyuanDiT2DControlNetModel (diffusers 0.42, models/controlnets/controlnet_hunyuan.py)."""
    width = c.int("hidden_size", default=1152, least=1)
    count = max(c.count("transformer_num_layers", default=40) // 2 - 1, 0)
    return component(
        c,
        "controlnet",
        hunyuan_dit.stem(c),
        layers("blocks", count, hunyuan_dit.block(c, skip=False)),
        dense("input_block", width, width),
        matrices("controlnet_blocks", count, width),
        hidden=width,
    )


def cosmos_controlnet(c: Config, head: str | None = None) -> ModelSpec:
    """CosmosControlNetModel (diffusers 0.42, models/controlnets/controlnet_cosmos.py)."""
    width, patch = c.int("model_channels", default=2048, least=1), triple(c, "patch_size", (1, 2, 2))
    count = c.count("n_controlnet_blocks", default=4)
    inputs, latent = c.int("in_channels", default=130, least=1), c.int("latent_channels", default=18, least=1)
    return component(
        c,
        "controlnet",
        dense("patch_embed.proj", inputs * prod(patch), width, False),
        dense("patch_embed_base.proj", latent * prod(patch), width, False),
        cosmos.time_embed(width),
        cosmos.positions(c, width, patch, None),
        layers("control_blocks", range(min(count, 1)), cosmos.block(c, before=True, after=True)),
        layers("control_blocks", range(1, count), cosmos.block(c, after=True)),
        cosmos.projections(c),
        hidden=width,
    )
