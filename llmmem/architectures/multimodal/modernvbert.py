"""ModernVBERT and UltraVBERT: encoders that read SigLIP's patches beside words."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, labels, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.tiled import split
from llmmem.architectures.text.modernbert import prediction_head
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm
from llmmem.tensors import Block, ModelSpec


def _model(
    c: Config,
    kind: str,
    text: ModelSpec,
    tower: ModelSpec,
    tops: dict[str, Tensors],
    *,
    head: str,
    projector: Tensors = (),
) -> ModelSpec:
    """The tower, its patches shuffled into fewer and wider ones, and the text model.

    Args:
        head: name of the matrix over the vocabulary.
        projector: what stands on the projection.
    """
    if kind != "base" and kind not in tops:
        raise refuse_head(c, kind)
    prefix = "" if kind == "base" else "model."
    square = c.int("pixel_shuffle_factor", default=4, least=1) ** 2
    shuffled = linear("modality_projection", tower.hidden_size * square, text.hidden_size)
    language = text.placed(f"{prefix}text_model.")
    table = next(b.prefix + t.name for b in language for t in b.tensors if t.role == "embedding")
    tied = kind == "mlm" and c.bool("tie_word_embeddings")
    top = () if kind == "base" else tops[kind]
    spec = model_spec(
        c,
        [
            *tower.placed(f"{prefix}vision_model."),
            Block("projector", f"{prefix}connector.", (*shuffled, *projector)),
            *language,
            Block("encoder", "", tuple(t for t in top if not (tied and t.name == f"{head}.weight"))),
        ],
        hidden=text.hidden_size,
        vocab=text.vocab_size,
        max_context=text.max_context,
        tied=((f"{head}.weight", table),) if tied else (),
    )
    images = tower.images
    return spec._replace(
        dtype=spec.dtype or text.dtype,
        images=split(images._replace(tokens=images.patches // square) if images else None),
    )


def modernvbert(c: Config, head: str | None = None) -> ModelSpec:
    """ModernVBertForMaskedLM and its kin (arXiv:2510.01149; transformers 5.23, models/modernvbert)."""
    text_config = c.sub("text_config", model_type="modernbert")
    text = build(text_config, "base")
    tower = build(c.sub("vision_config", model_type="siglip_vision_model"), "base")
    hidden = text.hidden_size
    words = linear(
        "lm_head", hidden, text.vocab_size, bias=text_config.bool("decoder_bias", default=True), cut=COLUMN, role="head"
    )
    classes = (
        *prediction_head(text_config, "head", hidden),
        *linear("classifier", hidden, labels(c), bias=True, role="head"),
    )
    tops = {
        "mlm": (*prediction_head(text_config, "projection_head", hidden), *words),
        "sequence": classes,
        "token": classes,
    }
    return _model(c, head_of(c, head, "mlm"), text, tower, tops, head="lm_head")


def ultravbert(c: Config, head: str | None = None) -> ModelSpec:
    """UltraVBertForMaskedLM and its kin (transformers 5.23, models/ultravbert, under the checkpoint's names)."""
    text_config = c.sub("text_config", model_type="ultrabert")
    text = build(text_config, "base")
    defaults = {"model_type": "siglip_vision_model", "vision_use_head": False}
    tower = build(filled(c, "vision_config", defaults), "base")
    hidden = text.hidden_size
    narrow = text_config.int("prediction_head_size", default=768)
    classes = linear("classifier", hidden, labels(c), bias=True, role="head")
    tops = {
        "mlm": (
            *linear("head.linear1", hidden, narrow, cut=COLUMN),
            *linear("head.linear2", narrow, hidden, cut=ROW),
            *linear("head.decoder", hidden, text.vocab_size, cut=COLUMN, role="head"),
        ),
        "sequence": classes,
        "token": classes,
    }
    kind = head_of(c, head, "mlm")
    return _model(c, kind, text, tower, tops, head="head.decoder", projector=norm("norm", hidden))
