"""A UNet and its ControlNet-XS in one."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.architectures.diffusion.controlnet.unet_like import HINT, hint
from llmmem.architectures.diffusion.controlnet.xs import LAYERS, heads_of, middle_of, settings, skips_of, zero
from llmmem.architectures.diffusion.unet.condition import UP
from llmmem.architectures.diffusion.unet.levels import names
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv2d, dense, gather, layer_norm, under
from llmmem.parts.unet import resnet, transformer
from llmmem.parts.unet_video import ladder
from llmmem.tensors import Block, ModelSpec


def unet_controlnet_xs(c: Config, head: str | None = None) -> ModelSpec:
    """UNetControlNetXSModel: the UNet and its ControlNet-XS in one."""
    attends, wide, thin, cross, deep = settings(c, "block_out_channels", "ctrl_block_out_channels")
    up = ["CrossAttn" in n for n in names(c, "up_block_types", UP)]
    count, time, linear = len(wide), 4 * wide[0], c.bool("use_linear_projection", default=True)
    many, few = heads_of(c, "num_attention_heads", count, 8), heads_of(c, "ctrl_num_attention_heads", count, 4)
    blocks: list[Block | Tensors] = []
    for i in range(count):
        own: list[Tensors] = []
        for n in range(LAYERS):
            base, slim = (wide[max(i - 1, 0)], thin[max(i - 1, 0)]) if n == 0 else (wide[i], thin[i])
            own.append(zero(f"base_to_ctrl.{n}", base, base))
            own.append(resnet(f"base_resnets.{n}", base, wide[i], time))
            own.append(resnet(f"ctrl_resnets.{n}", slim + base, thin[i], time))
            if attends[i]:
                own.append(transformer(f"base_attentions.{n}", wide[i], many[i], deep[i][n], cross[i], linear=linear))
                own.append(transformer(f"ctrl_attentions.{n}", thin[i], few[i], deep[i][n], cross[i], linear=linear))
            own.append(zero(f"ctrl_to_base.{n}", thin[i], wide[i]))
        if i < count - 1:
            own.append(zero(f"base_to_ctrl.{LAYERS}", wide[i], wide[i]))
            own.append(conv2d("base_downsamplers.conv", wide[i], wide[i]))
            own.append(conv2d("ctrl_downsamplers.conv", thin[i] + wide[i], thin[i]))
            own.append(zero(f"ctrl_to_base.{LAYERS}", thin[i], wide[i]))
        blocks.append(Block("", f"down_blocks.{i}.", gather(own)))
    skips = skips_of(thin)
    for i, level in enumerate(ladder(wide, [LAYERS] * count)[1]):
        at, own = count - 1 - i, []
        for n in range(LAYERS + 1):
            before = level.previous if n == 0 else level.outputs
            across = level.inputs if n == LAYERS else level.outputs
            own.append(resnet(f"resnets.{n}", before + across, level.outputs, time))
            if up[i]:
                name = f"attentions.{n}"
                own.append(transformer(name, level.outputs, many[at], deep[at][n], cross[at], linear=linear))
            own.append(zero(f"ctrl_to_base.{n}", skips[i][n], before))
        if level.step:
            own.append(conv2d("upsamplers.conv", level.outputs, level.outputs))
        blocks.append(Block("", f"up_blocks.{i}.", gather(own)))
    middle = under(
        "mid_block",
        zero("base_to_ctrl", wide[-1], wide[-1]),
        middle_of("base_midblock", wide[-1], wide[-1], time, many[-1], deep[-1][0], cross[-1], linear),
        middle_of("ctrl_midblock", thin[-1] + wide[-1], thin[-1], time, few[-1], deep[-1][0], cross[-1], linear),
        zero("ctrl_to_base", thin[-1], wide[-1]),
    )
    added, extra = c.str("addition_embed_type"), c.optional("time_cond_proj_dim")
    steps = sizes(c, "ctrl_conditioning_embedding_out_channels", HINT)
    return component(
        c,
        "unet",
        conv2d("base_conv_in", 4, wide[0]),
        hint("controlnet_cond_embedding", c.int("ctrl_conditioning_channels", default=3), steps, thin[0]),
        conv2d("ctrl_conv_in", 4, thin[0]),
        zero("control_to_base_for_conv_in", thin[0], wide[0]),
        two_layers("base_time_embedding", wide[0], time),
        () if extra is None else dense("base_time_embedding.cond_proj", extra, wide[0], False),
        two_layers("ctrl_time_embedding", wide[0], time) if c.bool("ctrl_learn_time_embedding") else (),
        two_layers("base_add_embedding", c.int("projection_class_embeddings_input_dim"), time) if added else (),
        *blocks,
        middle,
        layer_norm("base_conv_norm_out", wide[0]),
        conv2d("base_conv_out", wide[0], 4),
        hidden=wide[0],
    )
