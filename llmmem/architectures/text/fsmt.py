"""FSMT: fairseq's translation models of WMT19, with a vocabulary for each language."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.architectures.text.bart import fairseq_stack
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, linear, positions
from llmmem.tensors import ModelSpec


def fsmt(c: Config, head: str | None = None) -> ModelSpec:
    """FSMTForConditionalGeneration (arXiv:1907.06616; transformers 5.23): the head is part of the decoder."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    prefix = "model." if kind == "lm" else ""
    hidden = c.int("hidden_size", "d_model", default=1024)
    source = c.int("src_vocab_size", default=42024)
    target = c.int("vocab_size", "tgt_vocab_size", default=42024)
    length = c.int("max_position_embeddings", default=1024)
    # Positions are counted from the one after the padding token's id.
    places = positions("embed_positions", length + c.int("pad_token_id", default=1) + 1, hidden)
    table = embedding("embed_tokens", target, hidden)
    own: Tensors = embedding("embed_tokens", source, hidden)
    top = linear("output_projection", hidden, target, cut="column", role="head")
    ties: tuple[tuple[str, str], ...] = ()
    if c.bool("tie_word_embeddings"):
        shared = f"{prefix}decoder.embed_tokens.weight"
        ties = tuple((prefix + n, shared) for n in ("encoder.embed_tokens.weight", "decoder.output_projection.weight"))
        own, top = (), ()
    blocks = [
        *fairseq_stack(c, "encoder", hidden, stem=(*own, *places), biased=True),
        *fairseq_stack(c, "decoder", hidden, stem=(*table, *places), final=top, biased=True),
    ]
    return model_spec(
        c,
        [b._replace(prefix=prefix + b.prefix) for b in blocks],
        hidden=hidden,
        vocab=target,
        max_context=length,
        tied=ties,
    )
