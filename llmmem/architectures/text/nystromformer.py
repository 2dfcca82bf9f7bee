"""Nyströmformer, MRA and YOSO: BERT whose attention is approximated, in time linear in the text."""

from __future__ import annotations

from llmmem.architectures.encoder import Encoder, encoder, encoder_model, frame, stem
from llmmem.architectures.heads import bert_head, classifiers
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer, conv, linear
from llmmem.tensors import ModelSpec

#: rows of the position table that are never read: the first position is that of the padding
PADDING = 2


def _approximated(c: Config, e: Encoder, base: str, *, extra: Tensors = (), buffers: Tensors = ()) -> ModelSpec:
    """The frame and the classes the three share.

    Args:
        extra: of the attention.
        buffers: of the embeddings.
    """
    masked = bert_head(e, base)
    tops = {"mlm": masked.tensors, **classifiers(c, e.hidden, dense=True, answers=2)}
    tops["choice"] = (*linear("pre_classifier", e.hidden, e.hidden, bias=True), *tops["choice"])
    table = stem(e._replace(length=e.length + PADDING), buffers)
    return encoder_model(c, e, base, frame(e, table, e.layer(extra=extra)), tops, masked.tied)


def nystromformer(c: Config, head: str | None = None) -> ModelSpec:
    """NystromformerForMaskedLM and its kin: a convolution over the values helps (arXiv:2102.03902)."""
    e = encoder(c, head, vocab=30000, length=510)
    kernel = c.optional("conv_kernel_size", default=65)
    extra = () if kernel is None else conv("conv", e.heads, 1, kernel, 1, shard=0)
    return _approximated(c, e, "nystromformer.", extra=extra)


def yoso(c: Config, head: str | None = None) -> ModelSpec:
    """YosoForMaskedLM and its kin: attention by hashing (arXiv:2111.09714; transformers 5.23, models/yoso)."""
    e = encoder(c, head, vocab=50265, length=4096, types=1)
    kernel = c.optional("conv_window")
    extra = () if kernel is None else conv("conv", e.heads, 1, kernel, 1, shard=0)
    return _approximated(c, e, "yoso.", extra=extra)


def mra(c: Config, head: str | None = None) -> ModelSpec:
    """MraForMaskedLM and its kin: blocks at several resolutions (arXiv:2207.10284; transformers 5.23, models/mra)."""
    e = encoder(c, head, vocab=50265, types=1)
    return _approximated(c, e, "mra.", buffers=buffer("position_ids", 1, e.length))
