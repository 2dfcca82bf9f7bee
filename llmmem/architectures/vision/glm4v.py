"""GLM-4.1V's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, conv, linear, norm, positions
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, Film, Images, ModelSpec, Work, join

#: pixels of a picture, as the published preprocessor_config.json files bound them for its two frames together
MIN_PIXELS, MAX_PIXELS = 112 * 112 // 2, 28 * 28 * 12288 // 2
#: pixels of all frames of a film together
MIN_FILM, MAX_FILM = 112 * 112, 28 * 28 * 2 * 30000


def glm4v_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Glm4vVisionModel and Glm4vMoeVisionModel (arXiv:2507.01006; transformers 5.23, models/glm4v)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1536, least=1)
    # The general names are aliases that win over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "num_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    output = c.int("out_hidden_size", default=4096)
    merge = c.int("spatial_merge_size", default=2, least=1)
    frames, _ = c.pair("temporal_patch_size", default=2, least=1)
    grid = fixed_grid(c, image=336, patch=14)
    layer = join(
        norm("norm1", hidden),
        norm("norm2", hidden),
        fused_attention(
            ("attn.qkv", "attn.proj"),
            hidden,
            heads,
            heads,
            head_dim,
            bias=c.bool("attention_bias"),
            out_bias=False,
            cache=None,
        ),
        gated_mlp("mlp", hidden, output),
    )
    merger = join(
        linear("proj", output, output, cut=COLUMN),
        norm("post_projection_norm", output, bias=True),
        gated_mlp("", output, c.int("intermediate_size", default=13696)),
    )
    stem = (
        *positions("embeddings.position_embedding", grid.patches, hidden),
        *conv("patch_embed.proj", hidden, c.int("in_channels", default=3), frames, *grid.patch, bias=True),
        *norm("post_conv_layernorm", hidden),
    )
    last = (*conv("downsample", output, hidden, merge, merge, bias=True), *norm("post_layernorm", hidden))
    blocks = [
        Block("vision", "", stem),
        *uniform("vision", "blocks.{}.", c.count("num_hidden_layers", "depth", default=24), layer),
        Block("vision", "", last),
        # One cell of merge x merge patches passes as one token.
        Block(
            "vision",
            "merger.",
            tuple(t._replace(name=t.name.lstrip(".")) for t in merger.tensors),
            work=tuple(Work(w.kind, w.width // merge**2) for w in merger.work),
        ),
    ]
    images = Images(
        0,
        0,
        hidden,
        patch=grid.patch[0],
        merge=merge,
        min_pixels=MIN_PIXELS,
        max_pixels=MAX_PIXELS,
        fit="lifted",
        film=Film(every=2, bound="film", min_pixels=MIN_FILM, max_pixels=MAX_FILM),
    )
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
