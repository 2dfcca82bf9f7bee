"""MusicGen: a text encoder, a decoder of codebooks, and the codec that makes sound of them."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import dtype_of, head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, linear
from llmmem.tensors import Block, ModelSpec

#: text encoders that are half of a model
HALVES = ("t5", "mt5", "umt5")


def _musicgen(c: Config, head: str | None, decoder: ModelSpec, projections: Tensors, text: ModelSpec) -> ModelSpec:
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    codec = build(c.sub("audio_encoder", model_type="encodec"), "base")
    blocks = (
        *text.placed("text_encoder.", "encoder"),
        *codec.placed("audio_encoder."),
        *decoder.placed("decoder."),
        Block("projector", "", projections),
    )
    spec = model_spec(
        c,
        blocks,
        hidden=decoder.hidden_size,
        vocab=decoder.vocab_size,
        max_context=decoder.max_context,
        tied=[("text_encoder." + alias, "text_encoder." + name) for alias, name in text.tied],
    )
    return spec._replace(dtype=dtype_of(c) or decoder.dtype)


def _text(c: Config) -> ModelSpec:
    text = c.sub("text_encoder", model_type="t5")
    return build(text, "encoder" if text.str("model_type") in HALVES else "base")


def musicgen(c: Config, head: str | None = None) -> ModelSpec:
    """MusicgenForConditionalGeneration (arXiv:2306.05284; transformers 5.23, models/musicgen).

    Raises:
        ConfigError: the decoder was made for another text encoder.
    """
    sub = typed(c, "decoder", "musicgen_decoder")
    text, decoder = _text(c), build(sub, "lm")
    made_for = sub.optional("cross_attention_hidden_size")
    if made_for is not None and made_for != text.hidden_size:
        raise ConfigError(
            f"decoder.cross_attention_hidden_size is {made_for:,}, but the text encoder's width is"
            f" {text.hidden_size:,}.",
            "Check the config.json.",
        )
    between: Tensors = ()
    if text.hidden_size != decoder.hidden_size and made_for is None:
        between = linear("enc_to_dec_proj", text.hidden_size, decoder.hidden_size, bias=True)
    return _musicgen(c, head, decoder, between, text)


def musicgen_melody(c: Config, head: str | None = None) -> ModelSpec:
    """MusicgenMelodyForConditionalGeneration (arXiv:2306.05284; transformers 5.23, models/musicgen_melody)."""
    text, decoder = _text(c), build(typed(c, "decoder", "musicgen_melody_decoder"), "lm")
    chroma, hidden = c.int("num_chroma", default=12), decoder.hidden_size
    between: Tensors = (
        *(linear("enc_to_dec_proj", text.hidden_size, hidden, bias=True) if text.hidden_size != hidden else ()),
        *(linear("audio_enc_to_dec_proj", chroma, hidden, bias=True) if chroma != hidden else ()),
    )
    spec = _musicgen(c, head, decoder, between, text)
    length = c.int("chroma_length", default=235)
    note = f"{length:,} frames of melody and the text stand before the sound and count as context"
    return spec._replace(notes=(*spec.notes, note))
