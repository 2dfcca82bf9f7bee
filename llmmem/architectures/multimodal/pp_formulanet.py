"""PP-FormulaNet: Segment Anything's encoder in front of mBART's decoder, for formulas."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.text.bart import fairseq_stack
from llmmem.architectures.vision.got_ocr2 import got_ocr2_vision
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, conv, embedding, linear, norm, positions
from llmmem.tensors import Block, ModelSpec


def pp_formulanet_vision(c: Config, head: str | None = None) -> ModelSpec:
    """PPFormulaNetVisionModel: GOT-OCR's tower and a projector (transformers 5.23, models/pp_formulanet)."""
    tower = got_ocr2_vision(Config({"image_size": 512, **c.raw}, c.path, c.reads), head)
    inputs, middle, outputs = (
        c.int(f"post_conv_{n}_channels", default=d) for n, d in (("in", 256), ("mid", 512), ("out", 1024))
    )
    hidden = c.int("decoder_hidden_size", default=512)
    projector = (
        *conv("conv1", middle, inputs, 3, 3),
        *conv("conv2", outputs, middle, 3, 3),
        *linear("linear_1", outputs, outputs, bias=True, cut=COLUMN),
        *linear("linear_2", outputs, hidden, bias=True, cut=ROW),
    )
    blocks = (*tower.blocks, Block("vision", "multi_modal_projector.", projector))
    return tower._replace(blocks=blocks, hidden_size=hidden)


def pp_formulanet_text(c: Config, head: str | None = None) -> ModelSpec:
    """PPFormulaNetTextModel, by itself or behind an encoder (transformers 5.23, models/pp_formulanet)."""
    kind = "base" if head == "decoder" else head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", "d_model", default=512, least=1)
    vocab = c.int("vocab_size", default=50000, least=1)
    length = c.int("max_position_embeddings", default=2560)
    stem = (
        *embedding("embed_tokens", vocab, hidden),
        # fairseq kept two rows of the positions for padding
        *positions("embed_positions", length + 2, hidden),
        *norm("layernorm_embedding", hidden, bias=True),
    )
    final = norm("layer_norm", hidden, bias=True)
    blocks = fairseq_stack(c, "decoder", hidden, stem=stem, final=final, layers=8, heads=16, intermediate=2048)
    if head != "decoder":
        # Nothing is encoded, so the keys and values of an encoder are never kept.
        blocks = [b._replace(caches=tuple(x for x in b.caches if x.kind != "cross")) for b in blocks]
    placed = [b._replace(prefix=b.prefix.removeprefix("decoder.")) for b in blocks]
    return model_spec(c, placed, hidden=hidden, vocab=vocab, max_context=length)


def pp_formulanet(c: Config, head: str | None = None) -> ModelSpec:
    """PPFormulaNetForConditionalGeneration; its head is never tied (transformers 5.23, models/pp_formulanet)."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    prefix = "" if kind == "base" else "model."
    writer = build(typed(c, "text_config", "pp_formulanet_text"), "decoder")
    tower = build(typed(c, "vision_config", "pp_formulanet_vision"), "base")
    top = linear("lm_head", writer.hidden_size, writer.vocab_size, cut="column", role="head") if kind == "lm" else ()
    return model_spec(
        c,
        [
            *writer.placed(f"{prefix}decoder."),
            *tower.placed(f"{prefix}encoder.", "encoder"),
            Block("decoder", "", top),
        ],
        hidden=writer.hidden_size,
        vocab=writer.vocab_size,
        max_context=writer.max_context,
        encoder_length=tower.images.tokens if tower.images else None,
    )
