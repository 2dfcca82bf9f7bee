"""GOT-OCR 2.0's vision tower, which is Segment Anything's."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, model_spec
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, conv
from llmmem.parts.sam import sam_layer, sam_neck
from llmmem.tensors import Block, Images, ModelSpec, Part, Tensor


def got_ocr2_vision(c: Config, head: str | None = None) -> ModelSpec:
    """GotOcr2VisionEncoder (arXiv:2409.01704; transformers 5.23, models/got_ocr2)."""
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("mlp_dim", default=3072)
    grid = fixed_grid(c, image=1024, patch=16)
    rows, columns = (image // patch for image, patch in zip(grid.size, grid.patch, strict=True))
    window = c.int("window_size", default=14)
    bias, relative = c.bool("qkv_bias", default=True), c.bool("use_rel_pos", default=True)

    def layer(everywhere: bool) -> Part:
        sides = (rows, columns) if everywhere or not window else (window, window)
        return sam_layer(hidden, heads, head_dim, intermediate, sides, qkv_bias=bias, relative=relative)

    named = c.ints("global_attn_indexes")
    whole = (2, 5, 8, 11) if named is None else named
    stem: Tensors = conv("patch_embed.projection", hidden, c.int("num_channels", default=3), *grid.patch, bias=True)
    if c.bool("use_abs_pos", default=True):
        stem = (Tensor("pos_embed", (1, rows, columns, hidden), "position"), *stem)
    kinds = [i in whole for i in range(c.count("num_hidden_layers", default=12))]
    blocks = [
        Block("vision", "", stem),
        *blocks_by_kind("vision", "layers.{}.", kinds, layer),
        Block("vision", "neck.", sam_neck(hidden, c.int("output_channels", default=256))),
    ]
    # Two convolutions of stride 2 stand between it and the language model.
    tokens = -(-rows // 4) * -(-columns // 4)
    images = Images(grid.patches, tokens, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
