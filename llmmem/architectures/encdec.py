"""The frame around an encoder and a decoder: tables they share, heads, and classes that keep one of the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmmem.architectures.base import architecture_of, head_of, model_spec, refuse_head
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer, embedding, linear
from llmmem.tensors import Block, ModelSpec

#: kinds of class that keep the encoder alone
ENCODERS = frozenset({"encoder", "token", "audio"})
#: kinds that keep the decoder alone: by itself, and behind another model's encoder
DECODERS = frozenset({"causal", "decoder"})
#: the classes of BART and its kin that write text, and the base model
WRITERS = ("base", "lm", "causal", "decoder")


def kind_of(c: Config, head: str | None) -> str:
    """As ``head_of``, but a ForCausalLM class is the decoder alone: "causal", behind another encoder "decoder"."""
    if head is not None:
        return head
    name = architecture_of(c)
    if name.endswith(("Encoder", "Decoder")):  # bare stacks, which transformers exports for some
        raise refuse_head(c, name[-7:])
    return "causal" if name.endswith("ForCausalLM") else head_of(c, head)


def stack(component: str, prefix: str, stem: Tensors, layers: Sequence[Block], final: Tensors = ()) -> list[Block]:
    """One side: tensors before the layers, the layers, tensors after them."""
    inner = [b._replace(prefix=prefix + b.prefix) for b in layers]
    return [Block(component, prefix, stem), *inner, Block(component, prefix, final)]


def encoder_decoder(
    c: Config,
    kind: str,
    encoder: Sequence[Block],
    decoder: Sequence[Block],
    tables: Mapping[str, int],
    *,
    hidden: int,
    vocab: int,
    base: str = "model.",
    tied: bool = True,
    alone: Mapping[str, int] | None = None,
    outputs: int | None = None,
    head_name: str = "lm_head",
    kinds: Sequence[str] = WRITERS,
    logits_bias: bool = False,
    tops: Mapping[str, Tensors] | None = None,
    max_context: int | None = None,
    encoder_length: int | None = None,
    notes: tuple[str, ...] = (),
) -> ModelSpec:
    """A model that reads with one stack and writes with another.

    Args:
        kind: from ``kind_of``.
        encoder, decoder: blocks relative to the base model ("encoder.layers.{}.").
        tables: the embeddings and their rows; tied, the first one is all there is.
        base: prefix of the base model inside a class with a head.
        tied: whether the tables and the head share one matrix.
        alone: the tables of the decoder alone (default: those named after it).
        outputs: rows of the language model's head (default: vocab).
        kinds: the classes the family has beside those in ``tops``.
        logits_bias: the model keeps the buffer final_logits_bias.
        tops: what stands on the stacks in classes that write no text, by kind.
    """
    tops = tops or {}
    if kind not in kinds and kind not in tops:
        raise refuse_head(c, kind)
    writes = kind == "lm" or kind in DECODERS
    prefix = "" if kind in ("base", "encoder") else base
    if kind == "causal":  # nothing is encoded, so the keys and values of an encoder are never kept
        decoder = [b._replace(caches=tuple(x for x in b.caches if x.kind != "cross")) for b in decoder]
    if kind in DECODERS:
        encoder, tables = (), alone or {k: n for k, n in tables.items() if k.startswith("decoder.")}
    elif kind in ENCODERS:
        decoder, tables = (), {k: n for k, n in tables.items() if not k.startswith("decoder.")}
    ties: list[tuple[str, str]] = []
    blocks: list[Block] = []
    shared = ""
    for name, rows in tables.items():
        if shared and tied:
            ties.append((f"{prefix}{name}.weight", shared))
        else:
            side = "decoder" if name.startswith("decoder.") else "encoder"
            blocks.append(Block(side, prefix, embedding(name, rows, hidden)))
            shared = shared or f"{prefix}{name}.weight"
    blocks += [b._replace(prefix=prefix + b.prefix) for b in (*encoder, *decoder)]
    top: Tensors = tops.get(kind, ())
    if writes:
        top = linear(head_name, hidden, outputs or vocab, cut="column", role="head")
        if tied:
            ties.append((top[0].name, shared))
            top = ()
        if logits_bias and kind == "lm":
            top = (*top, *buffer("final_logits_bias", 1, outputs or vocab))
    blocks.append(Block("decoder" if decoder else "encoder", "", top))
    return model_spec(
        c,
        blocks,
        hidden=hidden,
        vocab=vocab,
        max_context=max_context,
        encoder_length=encoder_length if encoder else None,
        tied=ties,
        notes=notes,
    )


def classification_head(hidden: int, outputs: int) -> Tensors:
    """The two layers on the last token of an encoder-decoder that judges a text."""
    return (
        *linear("classification_head.dense", hidden, hidden, bias=True),
        *linear("classification_head.out_proj", hidden, outputs, bias=True, role="head"),
    )
