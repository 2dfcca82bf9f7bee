"""Kosmos-2 and 2.5: a tower, and learned queries that read it for the language model."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, linear
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.tensors import Block, ModelSpec, Tensor, join


def kosmos_2(c: Config, head: str | None = None) -> ModelSpec:
    """Kosmos2ForConditionalGeneration (arXiv:2306.14824; transformers 5.23, models/kosmos2)."""
    return _model(c, head, "kosmos_2", heads=32, queries=64, tied=True)


def kosmos_2_5(c: Config, head: str | None = None) -> ModelSpec:
    """Kosmos2_5ForConditionalGeneration: a tower of Pix2Struct's kind (arXiv:2309.11419; transformers 5.23)."""
    return _model(c, head, "kosmos_2_5", heads=16, queries=2048, tied=False)


def _model(c: Config, head: str | None, name: str, *, heads: int, queries: int, tied: bool) -> ModelSpec:
    """The frame; ``heads`` of the language model and ``queries`` are class defaults.

    Args:
        tied: the whole model's flag counts too.
    """
    language = typed(c, "text_config", f"{name}_text_model")
    text = build(language, "base")
    tower = build(typed(c, "vision_config", f"{name}_vision_model"), "base")
    hidden = text.hidden_size
    heads = language.int("num_attention_heads", "attention_heads", default=heads, least=1)
    head_dim = divide(language, "embed_dim over attention_heads", hidden, heads)
    queries = c.int("latent_query_num", default=queries)
    projector = join(
        (Tensor("latent_query", (queries, hidden), "position"),),
        linear("dense", tower.hidden_size, hidden, bias=True, cut=COLUMN),
        attention("x_attn", hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, bias=True, out_bias=True, cache=None),
    )
    return multimodal(
        c,
        head,
        text,
        (
            *tower.placed("vision_model."),
            Block("projector", "image_to_text_projection.", projector.tensors, work=projector.work),
        ),
        text_prefix="text_model.model.",
        head_prefix="text_model.",
        # The language model is a class of its own, which heeds its own flag.
        tied=(tied and c.bool("tie_word_embeddings", default=True))
        or language.bool("tie_word_embeddings", default=True),
        images=tower.images._replace(tokens=queries) if tower.images else None,
    )
