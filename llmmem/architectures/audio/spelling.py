"""The classes that spell with Parakeet and its kin: one frame at a time, or with a net over what was written."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, model_spec
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, conv, embedding, linear
from llmmem.parts.seanet import lstm
from llmmem.tensors import Block, ModelSpec


def spelling(c: Config, ending: str, encoder: ModelSpec, rest: Sequence[Block]) -> ModelSpec:
    """An encoder and what reads it; there is no other class than the one.

    Args:
        ending: of the class's name.
    """
    name = architecture_of(c)
    if name != c.str("model_type") and not name.endswith(ending):
        raise UnsupportedArchitectureError(
            f"llmmem does not know the class {name[:60]!r} of a {c.str('model_type')} model.",
            f"Its class ends in {ending}.",
        )
    vocab = c.int("vocab_size", default=0)
    spec = model_spec(c, [*encoder.placed("encoder."), *rest], hidden=encoder.hidden_size, vocab=vocab)
    return spec._replace(sound=encoder.sound)


def transducer(c: Config, hidden: int, vocab: int, further: int = 0) -> list[Block]:
    """A recurrent net over what was written, and what joins it with what is heard (RNN-T, arXiv:1211.3711).

    Args:
        hidden: width of the encoder.
        further: outputs beside the vocabulary.
    """
    width = c.int("decoder_hidden_size", default=640)
    return [
        Block("projector", "", linear("encoder_projector", hidden, width, bias=True)),
        Block("decoder", "decoder.", embedding("embedding", vocab, width)),
        Block("decoder", "decoder.", lstm("lstm", width, c.count("num_decoder_layers", default=2))),
        Block("decoder", "decoder.", linear("decoder_projector", width, width, bias=True)),
        Block("decoder", "joint.", linear("head", width, vocab + further, bias=True, cut=COLUMN, role="head")),
    ]


def ctc_head(c: Config, hidden: int, vocab: int) -> Block:
    """A convolution over single frames that names a token for each."""
    rows = c.int("vocab_size", default=vocab)
    return Block(
        "audio", "", tuple(t._replace(role="head") for t in conv("ctc_head", rows, hidden, 1, bias=True, shard=0))
    )


def parakeet_ctc(c: Config, head: str | None = None) -> ModelSpec:
    """ParakeetForCTC (transformers 5.23, models/parakeet)."""
    encoder = build(c.sub("encoder_config", model_type="parakeet_encoder"), "base")
    return spelling(c, "ForCTC", encoder, [ctc_head(c, encoder.hidden_size, 1025)])


def parakeet_rnnt(c: Config, head: str | None = None) -> ModelSpec:
    """ParakeetForRNNT (transformers 5.23, models/parakeet)."""
    encoder = build(c.sub("encoder_config", model_type="parakeet_encoder"), "base")
    rest = transducer(c, encoder.hidden_size, c.int("vocab_size", default=8193))
    return spelling(c, "ForRNNT", encoder, rest)


def parakeet_tdt(c: Config, head: str | None = None) -> ModelSpec:
    """ParakeetForTDT: it also says how long a token lasts (arXiv:2304.06795; transformers 5.23, models/parakeet)."""
    encoder = build(c.sub("encoder_config", model_type="parakeet_encoder"), "base")
    durations = len((c.list("durations") or []) if c.has("durations") else range(5))
    rest = transducer(c, encoder.hidden_size, c.int("vocab_size", default=8193), durations)
    return spelling(c, "ForTDT", encoder, rest)
