"""Kosmos-2: CLIP's tower, and a few learned queries that read it for the language model."""

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
    language = typed(c, "text_config", "kosmos_2_text_model")
    text = build(language, "base")
    tower = build(typed(c, "vision_config", "kosmos_2_vision_model"), "base")
    hidden = text.hidden_size
    heads = language.int("num_attention_heads", "attention_heads", default=32, least=1)
    head_dim = divide(language, "embed_dim over attention_heads", hidden, heads)
    queries = c.int("latent_query_num", default=64)
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
        # The language model is a class of its own, which heeds its own flag too.
        tied=c.bool("tie_word_embeddings", default=True) or language.bool("tie_word_embeddings", default=True),
        images=tower.images._replace(tokens=queries) if tower.images else None,
    )
