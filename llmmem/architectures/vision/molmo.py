"""Molmo's tower: CLIP under OLMo's names, and attention that pools squares of its patches."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Tensor, join

#: openai/clip-vit-large-patch14-336 but for its last layer: what the class builds whatever the config says
_WIDTH, _HEADS, _INNER, _LAYERS, _PATCH, _PLACES = 1024, 16, 4096, 23, 14, 577

#: layers of the tower that are read side by side
_READ = 2

_QKVO = ("wq", "wk", "wv", "wo")


def molmo_tower(outputs: int, inner: int) -> tuple[Block, ...]:
    """The tower and its connector into ``outputs``; ``inner`` is the language model's feed-forward."""
    head_dim = _WIDTH // _HEADS
    layer = join(
        attention(
            "attention",
            _WIDTH,
            _HEADS,
            _HEADS,
            head_dim,
            names=_QKVO,
            bias=True,
            out_bias=True,
            cache=None,
        ),
        mlp(("feed_forward.w1", "feed_forward.w2"), _WIDTH, _INNER),
        norm("attention_norm", _WIDTH, bias=True),
        norm("ffn_norm", _WIDTH, bias=True),
    )
    stem = (
        Tensor("class_embedding", (_WIDTH,), "position"),
        Tensor("positional_embedding", (_PLACES, _WIDTH), "position"),
        *linear("patch_embedding", 3 * _PATCH * _PATCH, _WIDTH),
        *norm("pre_ln", _WIDTH, bias=True),
    )
    pools = attention(
        "image_pooling_2d",
        _READ * _WIDTH,
        _HEADS,
        _HEADS,
        head_dim,
        names=_QKVO,
        bias=True,
        out_bias=True,
        output=_WIDTH,
        cache=None,
    )
    projector = (
        *linear("image_projector.w1", _WIDTH, inner, cut=COLUMN),
        *linear("image_projector.w2", inner, outputs, cut=ROW),
        *linear("image_projector.w3", _WIDTH, inner, cut=COLUMN),
    )
    place = "model.vision_backbone."
    return (
        Block("vision", f"{place}image_vit.", stem),
        *uniform("vision", f"{place}image_vit.transformer.resblocks.{{}}.", _LAYERS, layer),
        Block("projector", place, (Tensor("pad_embed", (2, _READ * _WIDTH), "position"), *pools.tensors, *projector)),
    )
