"""TIPSv2's vision tower, a DINOv2 with registers."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import conv, norm, scalars
from llmmem.parts.mlp import fused_gated_mlp, mlp
from llmmem.tensors import Block, Images, ModelSpec, Part, Tensor, join


def _feed_forward(c: Config, hidden: int) -> Part:
    inner = int(hidden * c.number("mlp_ratio", default=4))
    if not c.bool("use_swiglu_ffn"):
        return mlp(("mlp.c_fc", "mlp.c_proj"), hidden, inner)
    # Two thirds of the width, in steps of eight: three matrices in place of two.
    return fused_gated_mlp("mlp", hidden, (int(inner * 2 / 3) + 7) // 8 * 8, names=("w12", "w3"), bias=True)


def tipsv2_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """Tipsv2VisionModel and its backbone (transformers 5.23, models/tipsv2, checkpoint's names)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    grid = fixed_grid(c, image=448, patch=14)
    registers = c.int("num_register_tokens", default=1)
    bias = c.bool("qkv_bias", default=True)
    names = ("attn.qkv", "attn.proj")
    layer = join(
        norm("norm1", hidden, bias=True),
        # What hidden_size leaves over when it is split into heads is not attended to.
        fused_attention(names, hidden, heads, heads, hidden // heads, bias=bias, out_bias=True, cache=None),
        scalars("ls1.gamma", hidden),
        norm("norm2", hidden, bias=True),
        _feed_forward(c, hidden),
        scalars("ls2.gamma", hidden),
    )
    stem = (
        Tensor("cls_token", (1, 1, hidden), "position"),
        Tensor("mask_token", (1, hidden), "position"),
        Tensor("pos_embed", (1, grid.patches + 1, hidden), "position"),
        Tensor("register_tokens", (1, registers, hidden), "position"),
        *conv("patch_embed.proj", hidden, c.int("num_channels", default=3), *grid.patch, bias=True),
    )
    blocks = [
        Block("vision", "", stem),
        *uniform("vision", "blocks.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("vision", "", norm("norm", hidden, bias=True)),
    ]
    seen = grid.patches + 1 + registers
    return model_spec(c, blocks, hidden=hidden)._replace(images=Images(seen, seen, hidden, grid.size))
