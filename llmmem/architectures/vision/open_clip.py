"""The vision half of open_clip's ViT-L-14, under its own names."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, Part, Tensor, join

#: open_clip's ViT-L-14: width, heads, feed-forward, layers, patch, side of a picture, outputs
WIDTH, _HEADS, _INNER, _LAYERS, _PATCH, _SIDE, _SHARED = 1024, 16, 4096, 24, 14, 224, 768


def vit_l_14() -> tuple[tuple[Block, ...], Images]:
    """The vision half of open_clip's ViT-L-14; the projection into the shared space is loaded too."""
    patches = (_SIDE // _PATCH) ** 2
    attends = Part(
        (
            # Bare parameters of torch.nn.MultiheadAttention, not a torch.nn.Linear: conversions pass them by.
            Tensor("attn.in_proj_weight", (3 * WIDTH, WIDTH), "scalar"),
            Tensor("attn.in_proj_bias", (3 * WIDTH,), "bias"),
            *linear("attn.out_proj", WIDTH, WIDTH, bias=True),
        ),
        (),
        (attention_work(_HEADS, _HEADS, WIDTH // _HEADS),),
    )
    layer = join(
        norm("ln_1", WIDTH, bias=True),
        attends,
        norm("ln_2", WIDTH, bias=True),
        mlp(("mlp.c_fc", "mlp.c_proj"), WIDTH, _INNER),
    )
    stem = (
        Tensor("class_embedding", (WIDTH,), "position"),
        Tensor("positional_embedding", (patches + 1, WIDTH), "position"),
        Tensor("proj", (WIDTH, _SHARED), "scalar"),
        *conv("conv1", WIDTH, 3, _PATCH, _PATCH),
        *norm("ln_pre", WIDTH, bias=True),
        *norm("ln_post", WIDTH, bias=True),
    )
    blocks = (
        Block("vision", "", stem),
        *uniform("vision", "transformer.resblocks.{}.", _LAYERS, layer),
    )
    return blocks, Images(patches + 1, patches + 1, WIDTH, (_SIDE, _SIDE))
