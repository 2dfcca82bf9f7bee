"""BLIP, and BLIP-2 and InstructBLIP, which put a Q-Former between a tower and any language model."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import dtype_of, head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.architectures.text.blip import blip_text_model
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear, positions, scalars
from llmmem.parts.vision import projection
from llmmem.tensors import Block, ModelSpec, Tensor


def blip(c: Config, head: str | None = None) -> ModelSpec:
    """BlipForConditionalGeneration and its kin (arXiv:2201.12086; transformers 5.23, models/blip)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base", "qa", "retrieval"):
        raise refuse_head(c, kind)
    vision = build(typed(c, "vision_config", "blip_vision_model"), "base")
    language = typed(c, "text_config", "blip_text_model")
    tied = c.bool("tie_word_embeddings", default=True)
    blocks = list(vision.placed("vision_model."))
    reader = blip_text_model(language, "base", pooled=kind == "base", source=vision.hidden_size)
    writer = blip_text_model(language, "lm", tied=tied, source=vision.hidden_size)
    ties: list[tuple[str, str]] = []
    if kind in ("lm", "qa"):
        blocks += writer.placed("text_decoder.")
        ties = [(f"text_decoder.{alias}", f"text_decoder.{name}") for alias, name in writer.tied]
    if kind != "lm":
        blocks += reader.placed("text_model." if kind == "base" else "text_encoder.")
    if kind == "base":
        shared = c.int("projection_dim", default=512)
        projector = (
            *scalars("logit_scale"),
            *projection("visual_projection", vision.hidden_size, shared),
            *projection("text_projection", reader.hidden_size, shared),
        )
        blocks.append(Block("projector", "", projector))
    elif kind == "retrieval":
        shared = c.int("image_text_hidden_size", default=256)
        projector = (
            *linear("vision_proj", vision.hidden_size, shared, bias=True, cut=COLUMN),
            *linear("text_proj", reader.hidden_size, shared, bias=True, cut=COLUMN),
            *linear("itm_head", reader.hidden_size, 2, bias=True, role="head"),
        )
        blocks.append(Block("projector", "", projector))
    spec = model_spec(
        c, blocks, hidden=reader.hidden_size, vocab=reader.vocab_size, max_context=reader.max_context, tied=ties
    )
    # The text reads the picture's vectors; they are none of its tokens.
    images = vision.images._replace(tokens=0) if vision.images else None
    return spec._replace(images=images, dtype=dtype_of(c) or reader.dtype)


def _queried(c: Config, head: str | None, tower: str, reader: str, *, whole: bool) -> ModelSpec:
    """A tower, a Q-Former of learned queries and a language model of its own class.

    Args:
        whole: the base model keeps the head of its language model.
    """
    kind = head_of(c, head)
    vision = build(typed(c, "vision_config", tower), "base")
    former = typed(c, "qformer_config", reader)
    former = Config({**former.raw, "encoder_hidden_size": vision.hidden_size}, former.path, former.reads)
    qformer = build(former, "base")
    queries = c.int("num_query_tokens", default=32)
    texts = c.sub("text_config", model_type="opt")
    tokens = Tensor("query_tokens", (1, queries, qformer.hidden_size), "position")
    others = [
        Block("vision", "", (tokens,)),
        *vision.placed("vision_model."),
        *qformer.placed("qformer."),
    ]
    if kind == "retrieval" and whole:
        return _retrieval(c, others, former, vision, qformer)
    text = build(texts, "lm" if whole or kind == "lm" else "base")
    projector = linear("language_projection", qformer.hidden_size, text.hidden_size, bias=True, cut=COLUMN)
    others.append(Block("projector", "", projector))
    images = vision.images._replace(tokens=queries) if vision.images else None
    return multimodal(c, kind, text, others, text_prefix="language_model.", head_prefix=None, images=images)


def _retrieval(c: Config, others: list[Block], former: Config, vision: ModelSpec, qformer: ModelSpec) -> ModelSpec:
    """Blip2ForImageTextRetrieval: the Q-Former reads texts itself."""
    hidden, shared = qformer.hidden_size, c.int("image_text_hidden_size", default=256)
    vocab = former.int("vocab_size", default=30522, least=1)
    length = former.int("max_position_embeddings", default=512)
    stem = (
        Tensor("word_embeddings.weight", (vocab, hidden), "embedding", 0),
        *positions("position_embeddings", length, hidden),
    )
    projector = (
        *linear("vision_projection", hidden, shared, bias=True, cut=COLUMN),
        *linear("text_projection", hidden, shared, bias=True, cut=COLUMN),
        *linear("itm_head", hidden, 2, bias=True, role="head"),
    )
    blocks = [*others, Block("encoder", "embeddings.", stem), Block("projector", "", projector)]
    spec = model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)
    return spec._replace(images=vision.images._replace(tokens=0) if vision.images else None)


def blip_2(c: Config, head: str | None = None) -> ModelSpec:
    """Blip2ForConditionalGeneration (arXiv:2301.12597; transformers 5.23, models/blip_2)."""
    return _queried(c, head, "blip_2_vision_model", "blip_2_qformer", whole=True)


def instructblip(c: Config, head: str | None = None) -> ModelSpec:
    """InstructBlipForConditionalGeneration, for pictures and films (arXiv:2305.06500; transformers 5.23)."""
    return _queried(c, head, "instructblip_vision_model", "instructblip_qformer", whole=False)
