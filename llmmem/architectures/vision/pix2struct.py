"""The encoders of pictures of Pix2Struct and Kosmos-2.5: patches of any layout, rows and columns as positions."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, linear, norm, positions
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, Images, ModelSpec, join

#: patches that every picture is cut into, as the processor's class has it
PATCHES = 4096


def pix2struct_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """Pix2StructVisionModel (arXiv:2210.03347; transformers 5.23, models/pix2struct)."""
    return _model(
        c,
        head,
        "encoder",
        hidden=c.int("hidden_size", default=768, least=1),
        heads=c.int("num_attention_heads", default=12, least=1),
        head_dim=c.int("d_kv", default=64),
        inner=c.int("d_ff", default=2048),
        length=c.int("seq_len", default=PATCHES),
        layers=c.count("num_hidden_layers", default=12),
    )


def kosmos_2_5_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """Kosmos2_5VisionModel (arXiv:2309.11419; transformers 5.23, models/kosmos2_5)."""
    tower = _model(
        c,
        head,
        "vision",
        hidden=c.int("hidden_size", default=1536, least=1),
        heads=c.int("num_attention_heads", default=24, least=1),
        head_dim=c.int("head_dim", default=64),
        inner=c.int("intermediate_size", default=3968),
        length=c.int("max_num_patches", default=PATCHES),
        layers=c.count("num_hidden_layers", default=18),
    )
    return tower._replace(images=Images(PATCHES, PATCHES, tower.hidden_size))


def _model(
    c: Config,
    head: str | None,
    component: str,
    *,
    hidden: int,
    heads: int,
    head_dim: int,
    inner: int,
    length: int,
    layers: int,
) -> ModelSpec:
    no_head(c, head)
    names = ("query", "key", "value", "output")
    layer = join(
        norm("pre_attention_layer_norm", hidden),
        attention("attention", hidden, heads, heads, head_dim, names=names, cache=None),
        norm("pre_mlp_layer_norm", hidden),
        gated_mlp("mlp", hidden, inner, names=("wi_0", "wi_1", "wo")),
    )
    stem = (
        *linear("patch_projection", c.int("patch_embed_hidden_size", default=768), hidden, bias=True, cut=COLUMN),
        *positions("row_embedder", length, hidden),
        *positions("column_embedder", length, hidden),
    )
    blocks = [
        Block(component, "embeddings.", stem),
        *uniform(component, "encoder.layer.{}.", layers, layer),
        Block(component, "", norm("layernorm", hidden)),
    ]
    return model_spec(c, blocks, hidden=hidden)
