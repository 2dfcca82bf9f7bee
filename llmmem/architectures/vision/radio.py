"""C-RADIO's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import buffer, linear, norm, scalars
from llmmem.parts.mlp import gated_mlp, mlp
from llmmem.tensors import Block, Images, ModelSpec, Part, Tensor, join


def _feed_forward(c: Config, hidden: int) -> Part:
    inner = int(hidden * c.number("mlp_ratio", default=4.0))
    if not c.bool("use_swiglu_ffn"):
        return mlp(("mlp.fc1", "mlp.fc2"), hidden, inner)
    # Two thirds of the width, in steps of eight: three matrices in place of two.
    return gated_mlp("mlp", hidden, (int(inner * 2 / 3) + 7) // 8 * 8, bias=True)


def radio(c: Config, head: str | None = None) -> ModelSpec:
    """RadioModel (arXiv:2312.06709; transformers 5.23, models/radio, under the names it stores)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1280, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    grid = fixed_grid(c, image=224, patch=16)
    patch = grid.patch[0]
    cell = c.int("num_channels", default=3) * patch * patch
    frames = c.optional("video_temporal_patch_size")
    side = c.int("max_img_size", default=2048) // patch
    first = c.int("num_cls_tokens", default=3) + c.int("num_registers", default=7)
    generator = (
        *linear("embedder", cell, hidden),
        *(() if frames is None else linear("video_embedder", cell * frames, hidden)),
        Tensor("pos_embed", (1, side * side, hidden), "position"),
        Tensor("cls_token.token", (first, hidden), "position"),
    )
    bias = c.bool("qkv_bias", default=True)
    layer = join(
        norm("norm1", hidden, bias=True),
        fused_attention(
            ("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=bias, out_bias=True, cache=None
        ),
        scalars("layer_scale1.lambda1", hidden),
        norm("norm2", hidden, bias=True),
        _feed_forward(c, hidden),
        scalars("layer_scale2.lambda1", hidden),
    )
    means = len(c.list("norm_mean") or "rgb")
    summary = c.ints("summary_idxs")
    conditioner = (*buffer("norm_mean", means, 1, 1), *buffer("norm_std", means, 1, 1))
    blocks = [
        Block("vision", "radio_model.input_conditioner.", conditioner),
        Block("vision", "radio_model.model.patch_generator.", generator),
        *uniform("vision", "radio_model.model.blocks.{}.", c.count("num_hidden_layers", default=32), layer),
        Block("vision", "radio_model.", buffer("summary_idxs", 2 if summary is None else len(summary), dtype="int64")),
    ]
    images = Images(grid.patches + first, grid.patches + first, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
