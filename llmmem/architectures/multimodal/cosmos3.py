"""Cosmos 3: the part that reads and reasons; what the same file holds for making films is not loaded."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, renamed
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec, Work

#: attention's names in the files
_ATTENTION = (
    ("self_attn.q_proj", "self_attn.to_q"),
    ("self_attn.k_proj", "self_attn.to_k"),
    ("self_attn.v_proj", "self_attn.to_v"),
    ("self_attn.o_proj", "self_attn.to_out"),
)
_NORMS = (("self_attn.q_norm", "self_attn.norm_q"), ("self_attn.k_norm", "self_attn.norm_k"))
_MLP = (("mlp.fc1", "mlp.up_proj"), ("mlp.fc2", "mlp.down_proj"))


def cosmos3_omni(c: Config, head: str | None = None) -> ModelSpec:
    """Cosmos3OmniForConditionalGeneration: Qwen3-VL, flat under its own names (transformers 5.23, cosmos3_omni)."""
    text = build(c.sub("text_config", model_type="qwen3_vl_text"), "base")
    tower = build(typed(c, "vision_config", "qwen3_vl_vision"), "base")
    flat = head_of(c, head) != "base"
    return multimodal(
        c,
        head,
        text._replace(blocks=renamed(text.blocks, *_ATTENTION, *_NORMS)),
        tower.blocks if flat else tower.placed("visual."),
        text_prefix="" if flat else "language_model.",
        head_prefix="",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings"),
        images=tower.images,
    )


def cosmos3_edge(c: Config, head: str | None = None) -> ModelSpec:
    """Cosmos3EdgeForConditionalGeneration: a tower of SigLIP 2's kind (transformers 5.23, models/cosmos3_edge)."""
    text = build(typed(c, "text_config", "cosmos3_edge_text"), "base")
    vision = typed(c, "vision_config", "cosmos3_edge_vision")
    tower = build(vision, "base")
    flat = head_of(c, head) != "base"
    prefix = "model." if flat else ""
    merge = vision.int("spatial_merge_size", default=2, least=1)
    inner = c.int("projector_hidden_size", default=11520)
    projector = (
        *norm("norm", tower.hidden_size, bias=True),
        *linear("linear_fc1", tower.hidden_size * merge**2, inner, bias=True, cut=COLUMN),
        *linear("linear_fc2", inner, text.hidden_size, bias=True, cut=ROW),
    )
    pictures = renamed(tower.placed(f"{prefix}visual."), *_ATTENTION[:3], *_MLP)
    return multimodal(
        c,
        head,
        text._replace(blocks=renamed(text.blocks, *_ATTENTION, *_MLP)),
        # One cell of merged patches passes as one token.
        (*pictures, Block("projector", f"{prefix}projector.", projector, work=(Work("mlp", 2 * inner // merge**2),))),
        text_prefix="" if flat else "language_model.",
        head_prefix="",
        images=tower.images,
    )
