"""CLAP's text tower, which is RoBERTa."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.architectures.encoder import encoder, frame, pooler, stem
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, buffer, linear
from llmmem.tensors import Block, ModelSpec


def clap_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """ClapTextModel, with a projection or without (arXiv:2206.04769; transformers 5.23, models/clap)."""
    kind = head_of(c, head, "base")
    if kind not in ("base", "projection"):
        raise refuse_head(c, kind)
    prefix = "text_model." if kind == "projection" else ""
    e = encoder(c, "base", vocab=50265, length=514, types=1)
    # Unlike its kin, it keeps the numbers of positions and types in the checkpoint.
    seen = (
        *buffer("embeddings.position_ids", 1, e.length, dtype="int64"),
        *buffer("embeddings.token_type_ids", 1, e.length, dtype="int64"),
    )
    blocks = [b._replace(prefix=prefix + b.prefix) for b in frame(e, stem(e), e.layer(), after=pooler(e))]
    blocks.append(Block("encoder", prefix, seen))
    if kind == "projection":
        shared = c.int("projection_dim", default=512)
        top = (
            *linear("text_projection.linear1", e.hidden, shared, bias=True, cut=COLUMN),
            *linear("text_projection.linear2", shared, shared, bias=True),
        )
        blocks.append(Block("projector", "", top))
    return model_spec(c, blocks, hidden=e.hidden, vocab=e.vocab, max_context=e.length)
