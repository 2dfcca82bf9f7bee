"""The vision tower of Muse Glimmer and Muse Spark: most layers attend inside windows."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, model_spec, no_head
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join


def muse_glimmer_vision(c: Config, head: str | None = None) -> ModelSpec:
    """MuseGlimmerVisionModel and MuseSparkVisionModel (transformers 5.23, models/muse_glimmer)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1536, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    inner = c.int("intermediate_size", default=8960)
    n = c.count("num_hidden_layers", default=50)
    default = ["window_attention" if (i + 1) % 4 and i < n - 1 else "full_attention" for i in range(n)]
    kinds = layer_kinds(c, "layer_types", known=("full_attention", "window_attention"), default=default, layers=n)
    rows, columns = c.int("pos_emb_height", default=32), c.int("pos_emb_width", default=32)

    def layer(kind: str) -> Part:
        attend = attention(
            "attn",
            hidden,
            heads,
            heads,
            head_dim,
            names=("q_proj", "k_proj", "v_proj", "proj"),
            bias=True,
            out_bias=True,
            cache=None,
            # Windows are as wide and high as the table of positions is high.
            window=None if kind == "full_attention" else rows * rows,
        )
        return join(
            norm("norm1", hidden, bias=True),
            norm("norm2", hidden, bias=True),
            attend,
            mlp(("mlp.fc1", "mlp.fc2"), hidden, inner),
        )

    patch, frames = c.int("patch_size", default=14, least=1), c.int("patch_temporal", default=2, least=1)
    stem = (
        *linear("patch_embedder.patch_embedding", frames * 3 * patch * patch, hidden),
        *positions("patch_embedder.position_embedding_table", rows * columns, hidden),
        *norm("ln_pre", hidden, bias=True),
    )
    blocks = [
        Block("vision", "", stem),
        *blocks_by_kind("vision", "layers.{}.", kinds, layer),
        Block("vision", "", norm("ln_post", hidden, bias=True)),
    ]
    return model_spec(c, blocks, hidden=hidden)
