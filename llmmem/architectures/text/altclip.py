"""The text towers of AltCLIP and Chinese CLIP, which are RoBERTa and BERT."""

from __future__ import annotations

from llmmem.architectures.base import architecture_of, model_spec, no_head
from llmmem.architectures.encoder import encoder, frame, pooler, stem
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear, norm
from llmmem.tensors import Block, ModelSpec


def altclip_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """AltRobertaModel, and AltCLIPTextModel around it (arXiv:2211.06679; transformers 5.23, models/altclip)."""
    inside = head == "projection"
    if not inside:
        no_head(c, head)
    e = encoder(c, "base", vocab=250002, hidden=1024, layers=24, heads=16, intermediate=4096, length=514, types=1)
    if not inside and architecture_of(c) != "AltCLIPTextModel":
        stack = frame(e, stem(e), e.layer(), after=pooler(e))
        # By itself its layers are stored under another name.
        stack = tuple(b._replace(prefix=b.prefix.replace("encoder.layer.", "encoder.layers.")) for b in stack)
        return model_spec(c, stack, hidden=e.hidden, vocab=e.vocab, max_context=e.length)
    width = c.int("project_dim", default=768)
    top = (
        *linear("transformation", e.hidden, width, bias=True, cut=COLUMN),
        *norm("pre_LN", e.hidden, bias=True),
    )
    blocks = [b._replace(prefix=f"roberta.{b.prefix}") for b in frame(e, stem(e), e.layer())]
    return model_spec(c, [*blocks, Block("encoder", "", top)], hidden=width, vocab=e.vocab, max_context=e.length)


def chinese_clip_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """ChineseCLIPTextModel (arXiv:2211.01335; transformers 5.23, models/chinese_clip)."""
    inside = head == "projection"
    if not inside:
        no_head(c, head)
    e = encoder(c, "base")
    blocks = frame(e, stem(e), e.layer(), after=() if inside else pooler(e))
    return model_spec(c, blocks, hidden=e.hidden, vocab=e.vocab, max_context=e.length)
