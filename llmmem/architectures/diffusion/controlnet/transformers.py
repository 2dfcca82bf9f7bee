"""ControlNets of transformers: their first layers again, with a matrix after each (FLUX, SD3, Qwen-Image)."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, qk_kind, width_of
from llmmem.architectures.diffusion.controlnet.unet_like import hint
from llmmem.architectures.diffusion.transformer import qwen_image
from llmmem.architectures.diffusion.transformer.flux import double_block, single_block, time_text
from llmmem.architectures.diffusion.transformer.sd3 import joint_block
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding
from llmmem.parts.denoise import attention, feed_forward, modulation, patches
from llmmem.parts.modules import dense, gather
from llmmem.tensors import ModelSpec


def matrices(name: str, count: int, width: int) -> Tensors:
    """What the outputs of the layers pass before they are added to the controlled model's."""
    return gather(dense(f"{name}.{i}", width, width) for i in range(count))


def flux_controlnet(c: Config, head: str | None = None) -> ModelSpec:
    """FluxControlNetModel (diffusers 0.42, models/controlnets/controlnet_flux.py)."""
    _, one, width = width_of(c, 24, 128)
    inputs = c.int("in_channels", default=64, least=1)
    deep, long = c.count("num_layers", default=19), c.count("num_single_layers", default=38)
    modes, few = c.optional("num_mode"), c.optional("conditioning_embedding_channels")
    return component(
        c,
        "controlnet",
        time_text(width, c.int("pooled_projection_dim", default=768), guidance=c.bool("guidance_embeds")),
        dense("context_embedder", c.int("joint_attention_dim", default=4096, least=1), width),
        dense("x_embedder", inputs, width),
        layers("transformer_blocks", deep, double_block(width, one)),
        layers("single_transformer_blocks", long, single_block(width, one, 4 * width)),
        matrices("controlnet_blocks", deep, width),
        matrices("controlnet_single_blocks", long, width),
        () if modes is None else embedding("controlnet_mode_embedder", modes, width),
        () if few is None else hint("input_hint_block", 3, [16] * 4, few),
        dense("controlnet_x_embedder", inputs, width),
        hidden=width,
    )


def sd3_controlnet(c: Config, head: str | None = None) -> ModelSpec:
    """SD3ControlNetModel (diffusers 0.42, models/controlnets/controlnet_sd3.py)."""
    _, one, width = width_of(c, 18, 64)
    inputs, patch = c.int("in_channels", default=16, least=1), c.int("patch_size", default=2, least=1)
    count, text = c.count("num_layers", default=18), c.optional("joint_attention_dim", default=4096)
    kind, dual = qk_kind(c, None), set(c.ints("dual_attention_layers") or ())
    held = c.int("pos_embed_max_size", default=96)
    positions = held if c.get("pos_embed_type") is not None or not c.has("pos_embed_type") else 0
    stem = patches("pos_embed", inputs, width, patch, positions=positions)
    alone = (
        *modulation("norm1", width, 6),
        *attention("attn", width, width, bias=True),
        *feed_forward("ff", width),
    )
    twice, once = ([i for i in range(count) if (i in dual) is two] for two in (True, False))
    single, double = (
        alone if text is None else joint_block(width, one, kind, last=False, dual=two) for two in (False, True)
    )
    caption = c.int("caption_projection_dim", default=1152, least=1)
    more = inputs + c.int("extra_conditioning_channels", default=0)
    return component(
        c,
        "controlnet",
        stem if c.bool("use_pos_embed", default=True) else (),
        time_text(width, c.int("pooled_projection_dim", default=2048, least=1), guidance=False),
        () if text is None else dense("context_embedder", text, caption),
        layers("transformer_blocks", once, single),
        layers("transformer_blocks", twice, double),
        matrices("controlnet_blocks", count, width),
        patches("pos_embed_input", more, width, patch),
        hidden=width,
    )


def qwen_image_controlnet(c: Config, head: str | None = None) -> ModelSpec:
    """QwenImageControlNetModel (diffusers 0.42, models/controlnets/controlnet_qwenimage.py)."""
    _, one, width = width_of(c, 24, 128)
    count, inputs = c.count("num_layers", default=60), c.int("in_channels", default=64, least=1)
    return component(
        c,
        "controlnet",
        qwen_image.stem(c, width),
        layers("transformer_blocks", count, qwen_image.block(width, one)),
        matrices("controlnet_blocks", count, width),
        dense("controlnet_x_embedder", inputs + c.int("extra_condition_channels", default=0), width),
        hidden=width,
    )
