"""DeepSeek-OCR 2 and Unlimited OCR, under the names published files have."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal, typed
from llmmem.architectures.vision.deepseek_ocr import QUERIES, towers
from llmmem.architectures.vision.deepseek_ocr_sam import downsampled, under_older_names
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, Tensors, linear, positions, scalars
from llmmem.tensors import Block, ModelSpec


def deepseek_ocr2(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekOcr2ForConditionalGeneration (arXiv:2601.20552; transformers 5.23, models/deepseek_ocr2)."""
    text = build(typed(c, "text_config", "deepseek_ocr2_text"), "base")
    _, sam, encoder = towers(typed(c, "vision_config", "deepseek_ocr2_vision"), "deepseek_ocr2")
    queries: Tensors = ()
    for name, n in QUERIES.items():
        queries += positions(name.removesuffix("_resolution"), n, encoder.hidden_size)
    pictures = (
        *sam._replace(blocks=under_older_names(sam.blocks)).placed("sam_model."),
        *encoder.placed("qwen2_model.model.model."),
        Block("vision", "qwen2_model.", queries),
    )
    return _model(c, head, text, pictures, encoder.hidden_size)


def unlimited_ocr(c: Config, head: str | None = None) -> ModelSpec:
    """UnlimitedOcrForConditionalGeneration (transformers 5.23, models/unlimited_ocr)."""
    language = typed(c, "text_config", "unlimited_ocr_text")
    if c.get("text_config") is None and c.get("language_config") is not None:  # as original files have it
        language = typed(c, "language_config", "unlimited_ocr_text")
        if c.has("sliding_window"):
            window = c.get("sliding_window")
            language = Config({**language.raw, "sliding_window": window}, language.path, language.reads)
    text = build(language, "base")
    seen, sam, encoder = towers(typed(c, "vision_config", "unlimited_ocr_vision"), "unlimited_ocr")
    pictures = (
        *sam.placed("sam_model."),
        *encoder.placed("vision_model."),
        Block("projector", "", scalars("image_newline", text.hidden_size)),
    )
    # Both parts' vectors, side by side.
    return _model(c, head, text, pictures, downsampled(seen, 1024)[1] + encoder.hidden_size)


def _model(c: Config, head: str | None, text: ModelSpec, pictures: Sequence[Block], width: int) -> ModelSpec:
    """The language model stands at the top of the base model; ``width`` is that of a picture's vectors."""
    kind = head_of(c, head)
    prefix = "" if kind == "base" else "model."
    others = (
        *pictures,
        Block("projector", "projector.", linear("layers", width, text.hidden_size, bias=True, cut=COLUMN)),
        Block("projector", "", scalars("view_seperator", text.hidden_size)),
    )
    return multimodal(
        c,
        kind,
        text,
        [b._replace(prefix=prefix + b.prefix) for b in others],
        text_prefix=prefix,
        head_prefix="",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings"),
        notes=(NOT_SIZED,),
    )
