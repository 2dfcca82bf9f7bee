"""Pix2Struct's encoder of pictures: T5's feed-forward, patches of any layout, rows and columns as positions."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, linear, norm, positions
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, join


def pix2struct_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """Pix2StructVisionModel (arXiv:2210.03347; transformers 5.23, models/pix2struct)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    length = c.int("seq_len", default=4096)
    names = ("query", "key", "value", "output")
    layer = join(
        norm("pre_attention_layer_norm", hidden),
        attention("attention", hidden, heads, heads, c.int("d_kv", default=64), names=names, cache=None),
        norm("pre_mlp_layer_norm", hidden),
        gated_mlp("mlp", hidden, c.int("d_ff", default=2048), names=("wi_0", "wi_1", "wo")),
    )
    stem = (
        *linear("patch_projection", c.int("patch_embed_hidden_size", default=768), hidden, bias=True, cut=COLUMN),
        *positions("row_embedder", length, hidden),
        *positions("column_embedder", length, hidden),
    )
    blocks = [
        Block("encoder", "embeddings.", stem),
        *uniform("encoder", "encoder.layer.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("encoder", "", norm("layernorm", hidden)),
    ]
    return model_spec(c, blocks, hidden=hidden)
