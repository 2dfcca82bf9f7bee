"""Gemma 3 with pictures, and ShieldGemma 2, which judges them."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of, labels
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm
from llmmem.tensors import Block, Images, ModelSpec, Tensor


def gemma3(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma3ForConditionalGeneration (arXiv:2503.19786; transformers 5.23, models/gemma3)."""
    language = typed(c, "text_config", "gemma3_text")
    if head is None and architecture_of(c) == "Gemma3ForCausalLM":
        return language_only(c, language)
    text = build(language, "base")
    tower = build(c.sub("vision_config", model_type="siglip_vision_model"), "base")
    projector = _projector(tower, text)
    return multimodal(
        c,
        head,
        text,
        (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector)),
        # The text config's own flag does not count, and null is no.
        tied=c.bool("tie_word_embeddings", default=not c.has("tie_word_embeddings")),
        tops={"sequence": linear("score", text.hidden_size, labels(c), role="head")},
        images=_images(c, tower),
    )


def shieldgemma2(c: Config, head: str | None = None) -> ModelSpec:
    """ShieldGemma2ForImageClassification: Gemma 3 that answers yes or no (arXiv:2504.01081; transformers 5.23)."""
    kind = head_of(c, head)
    language = c.sub("text_config", model_type="gemma3_text")
    text = build(language, "base")
    tower = build(c.sub("vision_config", model_type="siglip_vision_model"), "base")
    prefix = "" if kind == "base" else "model."
    return multimodal(
        c,
        "lm" if kind == "image" else kind,
        text,
        (
            *tower.placed(f"{prefix}vision_tower."),
            Block("projector", f"{prefix}multi_modal_projector.", _projector(tower, text)),
        ),
        text_prefix=f"{prefix}language_model.model.",
        head_prefix="",
        # The text config's own flag counts too.
        tied=c.bool("tie_word_embeddings") or bool(build(language, "lm").tied),
        images=_images(c, tower),
    )


def _projector(tower: ModelSpec, text: ModelSpec) -> Tensors:
    return (
        # A bare parameter (in, out), not a torch.nn.Linear: conversions pass it by.
        Tensor("mm_input_projection_weight", (tower.hidden_size, text.hidden_size), "scalar"),
        *norm("mm_soft_emb_norm", tower.hidden_size),
    )


def _images(c: Config, tower: ModelSpec) -> Images | None:
    tokens = c.int("mm_tokens_per_image", default=256)
    return tower.images._replace(tokens=tokens) if tower.images else None
