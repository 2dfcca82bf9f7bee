"""The vision tower of MiniCPM-V 4.6 and its kin: SigLIP, with windows of patches merged on the way through."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.parts.vision import vit_embeddings, vit_layer
from llmmem.tensors import Block, ModelSpec, Part, Work, join


def minicpm_vision(c: Config, head: str | None = None) -> ModelSpec:
    """MiniCPMV4_6VisionModel, MiniCPMV4_7VisionModel and MiniCPMOcrVisionModel (transformers 5.23)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=3072)
    grid = fixed_grid(c, image=224, patch=16)
    channels = c.int("num_channels", default=3)
    stem = vit_embeddings(hidden, channels, grid.patch, grid.patches, class_token=False, bias=True)
    layer = vit_layer(hidden, heads, head_dim, intermediate)
    high, wide = c.pair("window_kernel_size", default=2, least=1)
    merger = _merger(hidden, heads, head_dim, intermediate, high * wide)
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("vision", "", norm("post_layernorm", hidden, bias=True)),
        # It stands behind one of the layers (insert_layer_id), whichever.
        Block("vision", "vit_merger.", merger.tensors, work=merger.work),
    ]
    return model_spec(c, blocks, hidden=hidden)


def _merger(hidden: int, heads: int, head_dim: int, intermediate: int, patches: int) -> Part:
    """Attention inside windows of so many patches, each of which then becomes one vector."""
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    attend = attention(
        "self_attn",
        hidden,
        heads,
        heads,
        head_dim,
        names=names,
        bias=True,
        out_bias=True,
        cache=None,
        window=patches,
    )
    cell, inside = patches * hidden, patches * intermediate
    tensors = (
        *norm("layer_norm1", hidden, bias=True),
        *norm("pre_norm", cell, bias=True),
        *linear("linear_1", cell, inside, bias=True, cut=COLUMN),
        *linear("linear_2", inside, hidden, bias=True, cut=ROW),
    )
    return join(attend, Part(tensors, (), (Work("mlp", 2 * intermediate),)))
