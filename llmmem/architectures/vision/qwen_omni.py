"""The vision towers of Qwen-Omni, which are those of Qwen-VL under other names."""

from __future__ import annotations

from llmmem.architectures.base import no_head
from llmmem.architectures.vision.qwen2_5_vl import qwen2_5_vl_vision
from llmmem.architectures.vision.qwen3_vl import qwen3_vl_vision
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.tensors import Block, Film, ModelSpec

#: frames of a film, two of which are seen as one, as the processor bounds each
FILM = Film(every=2, min_pixels=128 * 32 * 32, max_pixels=768 * 32 * 32)

_MERGER = {"norm": "ln_q", "linear_fc1": "mlp.0", "linear_fc2": "mlp.2"}


def qwen2_5_omni_vision_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniVisionEncoder: q, k and v apart (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    no_head(c, head)
    tower = qwen2_5_vl_vision(c, "base")
    return tower._replace(blocks=tuple(b._replace(tensors=_apart(b.tensors)) for b in tower.blocks))


def _apart(tensors: Tensors) -> Tensors:
    return tuple(
        part
        for t in tensors
        for part in (
            [t._replace(name=t.name.replace("qkv", n), shape=(t.shape[0] // 3, *t.shape[1:])) for n in "qkv"]
            if t.name.startswith("attn.qkv.")
            else [t]
        )
    )


def qwen3_omni_moe_vision_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3OmniMoeVisionEncoder (arXiv:2509.17765; transformers 5.23, models/qwen3_omni_moe)."""
    no_head(c, head)
    tower = qwen3_vl_vision(c, "base")
    blocks = tuple(_merger(b) if "merger" in b.prefix else b for b in tower.blocks)
    return tower._replace(blocks=blocks, images=tower.images and tower.images._replace(film=FILM))


def _merger(b: Block) -> Block:
    tensors = []
    for t in b.tensors:
        name, suffix = t.name.rsplit(".", 1)
        tensors.append(t._replace(name=f"{_MERGER[name]}.{suffix}"))
    return b._replace(prefix=b.prefix.replace("deepstack_", ""), tensors=tuple(tensors))
