"""MobileNetV5, the vision tower of Gemma 3n, as timm builds it (timm 1.0, models/mobilenetv5.py)."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_of, model_spec, refuse_head
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.mobile import edge_residual, inverted_bottleneck, mobile_attention, pointwise
from llmmem.tensors import Block, Images, ModelSpec, Part, join

#: one picture: its sides, the grid that attention sees first, and the grid of tokens it becomes
_SIDE, _GRID, _TOKENS = 768, 48, 16
#: points of every stage's grid for one of attention's
_POINTS = (16, 4, 1, 1)


def _stages() -> list[list[Part]]:
    """Edge residuals, then inverted bottlenecks, then attention and bottlenecks by turns."""
    first = [edge_residual(64, 128, 4), *[edge_residual(128, 128, 4)] * 2]
    second = [
        inverted_bottleneck(128, 256, 6, start=3, middle=5),
        *(inverted_bottleneck(256, 256, 4, start=kernel) for kernel in (5, 3, 5, 3)),
    ]
    third = [
        inverted_bottleneck(256, 640, 6, start=5, middle=5),
        *[inverted_bottleneck(640, 640, 4, start=5)] * 7,
        inverted_bottleneck(640, 640, 1),
        *[mobile_attention(640, 12, 64, shrink=3), inverted_bottleneck(640, 640, 2)] * 14,
    ]
    fourth = [
        inverted_bottleneck(640, 1280, 6, start=5, middle=5),
        *[mobile_attention(1280, 16, 96), inverted_bottleneck(1280, 1280, 2)] * 19,
    ]
    return [first, second, third, fourth]


def gemma3n_vision(c: Config, head: str | None = None) -> ModelSpec:
    """TimmWrapperModel around mobilenetv5_300m_enc (transformers 5.23, models/gemma3n).

    Raises:
        UnsupportedArchitectureError: another timm model.
    """
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    name = c.str("architecture", default="mobilenetv5_300m_enc")
    if name != "mobilenetv5_300m_enc" or c.get("model_args"):
        raise UnsupportedArchitectureError(
            f"llmmem does not know the timm model {name[:40]!r} with these model_args.", "Known: mobilenetv5_300m_enc."
        )
    blocks = [Block("vision", "timm_model.conv_stem.", pointwise("", 3, 64, kernel=3, bias=True))]
    for stage, (points, parts) in enumerate(zip(_POINTS, _stages(), strict=True)):
        blocks += [
            b._replace(work=tuple(w._replace(width=w.width * points) for w in b.work))
            for b in blocks_by_kind("vision", f"timm_model.blocks.{stage}.{{}}.", parts, Part)
        ]
    # The last two stages are brought to one size and fused.
    fusion: Tensors = (
        *join(pointwise("ffn.pw_exp.", 1920, 3840), pointwise("ffn.pw_proj.", 3840, 2048)).tensors,
        *norm("norm", 2048),
    )
    blocks.append(Block("vision", "timm_model.msfa.", fusion))
    hidden = c.int("hidden_size", default=2048)
    images = Images(_GRID * _GRID, _TOKENS * _TOKENS, hidden, (_SIDE, _SIDE))
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
