"""InternViT as its own code names it."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Part, Tensor, join


def intern_vit_6b(c: Config, head: str | None = None) -> ModelSpec:
    """InternVisionModel of every size; the defaults are the 6 B's (arXiv:2312.14238; code with OpenGVLab/InternVL2-8B).

    Raises:
        UnsupportedArchitectureError: a norm it has no class for.
    """
    no_head(c, head)
    hidden = c.int("hidden_size", default=3200, least=1)
    heads = c.int("num_attention_heads", default=25, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    grid = fixed_grid(c, image=224, patch=14)
    kind = c.str("norm_type", default="rms_norm")
    if kind not in ("rms_norm", "layer_norm"):
        raise UnsupportedArchitectureError(
            f"llmmem does not know the norm_type {kind[:40]!r} of InternViT.", "Known: rms_norm, layer_norm."
        )
    shifted = kind == "layer_norm"
    normed = c.bool("qk_normalization", default=True)
    attends = Part(
        (
            *linear("attn.qkv", hidden, 3 * hidden, bias=c.bool("qkv_bias"), cut=COLUMN, unit=head_dim),
            *(t for name in ("attn.q_norm", "attn.k_norm") if normed for t in norm(name, hidden)),
            *linear("attn.proj", hidden, hidden, bias=True, cut=ROW, unit=head_dim),
        ),
        (),
        (attention_work(heads, heads, head_dim),),
    )
    layer = join(
        norm("norm1", hidden, bias=shifted),
        attends,
        scalars("ls1", hidden),
        norm("norm2", hidden, bias=shifted),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=12800)),
        scalars("ls2", hidden),
    )
    stem = (
        Tensor("class_embedding", (1, 1, hidden), "position"),
        *conv("patch_embedding", hidden, 3, *grid.patch, bias=True),
        Tensor("position_embedding", (1, grid.patches + 1, hidden), "position"),
    )
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=48), layer),
    ]
    return model_spec(c, blocks, hidden=hidden)._replace(images=Images(grid.patches, grid.patches, hidden, grid.size))
