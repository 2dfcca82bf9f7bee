"""MiniMax-M3."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.tensors import Block, ModelSpec, Tensor

#: names in the class and in the checkpoint, the longer ones first
_LANGUAGE = (
    ("mlp.gate.e_score_correction_bias", "block_sparse_moe.e_score_correction_bias"),
    ("mlp.experts.gate_up_proj", "block_sparse_moe.experts.{}.w1.weight"),
    ("mlp.experts.down_proj", "block_sparse_moe.experts.{}.w2.weight"),
    ("mlp.shared_experts.", "block_sparse_moe.shared_experts."),
    ("mlp.gate.", "block_sparse_moe.gate."),
    ("self_attn.indexer.", "self_attn.index_"),
)


def _stored(t: Tensor) -> Tensors:
    """A tensor of the language model as the checkpoint has it: experts one by one, gate and up apart."""
    name = next((t.name.replace(old, new) for old, new in _LANGUAGE if old in t.name), t.name)
    if "gate_up_proj" not in t.name:
        return (t._replace(name=name),)
    half = (t.shape[0] // 2, *t.shape[1:])
    up = name.replace("w1", "w3").replace("gate_up_proj", "up_proj")
    return (t._replace(name=name.replace("gate_up_proj", "gate_proj"), shape=half), t._replace(name=up, shape=half))


def _placed(tower: ModelSpec) -> tuple[Block, ...]:
    """The tower under CLIP's names, which its checkpoint keeps."""
    names = {"embeddings.": "embeddings.patch_embedding.", "layers.{}.": "encoder.layers.{}."}
    blocks = (b._replace(prefix=names.get(b.prefix, b.prefix)) for b in tower.blocks)
    stem, *others = blocks
    stem = stem._replace(tensors=tuple(t._replace(name=t.name.removeprefix("proj.")) for t in stem.tensors))
    return tower._replace(blocks=(stem, *others)).placed("vision_tower.vision_model.")


def minimax_m3_vl(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxM3SparseForConditionalGeneration (transformers 5.23, models/minimax_m3_vl)."""
    language = typed(c, "text_config", "minimax_m3_vl_text")
    vision = typed(c, "vision_config", "minimax_m3_vl_vision")
    text, tower = build(language, "base"), build(vision, "base")
    stored = (b._replace(tensors=tuple(s for t in b.tensors for s in _stored(t))) for b in text.blocks)
    inner = c.int("projector_hidden_size", default=6144)
    # Neighbouring tokens are merged after they have been projected.
    cell = text.hidden_size * vision.int("spatial_merge_size", default=2, least=1) ** 2
    others = (
        *_placed(tower),
        Block("projector", "multi_modal_projector.", two_layers(tower.hidden_size, inner, text.hidden_size)),
        Block("projector", "patch_merge_mlp.", two_layers(cell, inner, text.hidden_size)),
    )
    tied = c.bool("tie_word_embeddings") or language.bool("tie_word_embeddings")
    return multimodal(c, head, text._replace(blocks=tuple(stored)), others, tied=tied, images=tower.images)
