"""ALIGN's text tower."""

from __future__ import annotations

from llmmem.architectures.base import no_head
from llmmem.architectures.encoder import encoder, encoder_model, frame, pooler, stem
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def align_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """AlignTextModel, which is BERT (arXiv:2102.05918; transformers 5.23, models/align)."""
    no_head(c, head)
    e = encoder(c, "base")
    return encoder_model(c, e, "", frame(e, stem(e), e.layer(), after=pooler(e)), {})
