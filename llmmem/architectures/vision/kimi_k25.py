"""Kimi K2.5's tower, MoonViT in three dimensions: pictures of any size, frames of a film pooled together."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention, fused_attention
from llmmem.parts.basic import conv, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Film, Images, ModelSpec, Tensor, join

#: patches of a picture, of a frame, and of a side, as the processor's class bounds them
MAX_PATCHES, MAX_FRAME, MAX_SIDES = 16384, 4096, (512, 512)


def tower(c: Config, *, published: bool) -> ModelSpec:
    """Kimi_K25VisionModel; the whole model stores other names and one matrix for q, k and v."""
    hidden = c.int("hidden_size", "vt_hidden_size", default=1152, least=1)
    heads = c.int("num_attention_heads", "vt_num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    inner = c.int("intermediate_size", "vt_intermediate_size", default=4304)
    patch = c.int("patch_size", default=14, least=1)
    merge = c.pair("merge_kernel_size", default=2, least=1)
    names = ("q_proj", "k_proj", "v_proj", "proj")
    first, second, prefix = ("norm0", "norm1", "encoder.blocks.{}.") if published else ("norm1", "norm2", "layers.{}.")
    layer = join(
        norm(first, hidden, bias=True),
        norm(second, hidden, bias=True),
        fused_attention(("wqkv", "wo"), hidden, heads, heads, head_dim, bias=True, cache=None)
        if published
        else attention("attn", hidden, heads, heads, head_dim, names=names, bias=True, out_bias=True, cache=None),
        mlp(("mlp.fc0", "mlp.fc1") if published else ("mlp.fc1", "mlp.fc2"), hidden, inner),
    )
    grid = (
        c.int("pos_emb_height", "init_pos_emb_height", default=64),
        c.int("pos_emb_width", "init_pos_emb_width", default=64),
    )
    positions = "pos_emb.weight" if published else "pos_emb.position_embeddings"
    outer = "encoder." if published else ""
    depth = c.count("num_hidden_layers", "vt_num_hidden_layers", default=27)
    blocks = [
        Block("vision", "patch_embed.", (Tensor(positions, (*grid, hidden), "position"),)),
        Block("vision", f"{outer}patch_embed.", conv("proj", hidden, 3, patch, patch, bias=True)),
        *uniform("vision", prefix, depth, layer),
        Block("vision", outer, norm("final_layernorm", hidden, bias=True)),
    ]
    images = Images(
        0,
        0,
        hidden,
        MAX_SIDES,
        patch=patch,
        merge=merge[0],
        max_pixels=MAX_PATCHES * patch**2,
        fit="shrunk",
        film=Film(every=4, max_pixels=MAX_FRAME * patch**2),
    )
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)


def kimi_k25_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Kimi_K25VisionModel on its own (arXiv:2602.02276; transformers 5.23, models/kimi_k25)."""
    no_head(c, head)
    return tower(c, published=False)
