"""Seamless M4T: translation between texts and voices, with as much of it as the class named has."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.architectures.audio.seamless_speech import speech_encoder, speech_heads
from llmmem.architectures.audio.seamless_text import seamless_stack, unit_decoder_v2
from llmmem.architectures.audio.seamless_vocoder import vocoder
from llmmem.architectures.base import architecture_of, head_of, model_spec, refuse_head
from llmmem.config import Config
from llmmem.parts.basic import Tensors, batch_norm, buffer, embedding, linear, norm, positions, scalars
from llmmem.tensors import Block, ModelSpec

#: parts that only some classes have, built when they do
Blocks = Callable[[], list[Block]]

#: class name endings -> what it reads and whether it speaks
CLASSES = {
    "ForTextToText": ("text",),
    "ForSpeechToText": ("speech",),
    "ForTextToSpeech": ("text", "voice"),
    "ForSpeechToSpeech": ("speech", "voice"),
}


def _model(c: Config, head: str | None, hidden: int, length: int, speech: Blocks, units: Blocks) -> ModelSpec:
    """The class a config names; none named: from text to text."""
    name = architecture_of(c)
    has = next((has for ending, has in CLASSES.items() if head is None and name.endswith(ending)), None)
    if has is None:
        kind = head_of(c, head)
        if kind not in ("base", "lm") or "TextToUnit" in name:
            raise refuse_head(c, kind)
        has = ("text", "speech", "voice") if kind == "base" else ("text",)
    vocab = c.int("vocab_size", default=256102, least=1)
    tied = c.bool("tie_word_embeddings", default=True)
    ties = [("lm_head.weight", "shared.weight")]
    table, top = embedding("embed_tokens", vocab, hidden), linear("lm_head", hidden, vocab, cut="column", role="head")
    blocks = [Block("decoder", "", embedding("shared", vocab, hidden))]
    if "text" in has:
        ties.append(("text_encoder.embed_tokens.weight", "shared.weight"))
        blocks += [Block("encoder", "text_encoder.", () if tied else table)]
        blocks += seamless_stack(c, "encoder", "text_encoder.", "encoder", hidden, 24)
    if "speech" in has:
        side = "audio" if "text" in has else "encoder"
        blocks += [b._replace(prefix="speech_encoder." + b.prefix, component=side) for b in speech()]
    ties.append(("text_decoder.embed_tokens.weight", "shared.weight"))
    blocks += [Block("decoder", "text_decoder.", () if tied else table)]
    blocks += seamless_stack(c, "decoder", "text_decoder.", "decoder", hidden, 24)
    blocks.append(Block("decoder", "", () if tied else top))
    notes: tuple[str, ...] = ()
    if "voice" in has:
        count = c.int("t2u_vocab_size", default=10082)
        ties.append(("t2u_model.lm_head.weight", "t2u_model.model.decoder.embed_tokens.weight"))
        blocks += seamless_stack(c, "units", "t2u_model.model.encoder.", "t2u_encoder", hidden, 6)
        blocks += [b._replace(prefix="t2u_model.model.decoder." + b.prefix) for b in units()]
        blocks.append(Block("units", "t2u_model.", () if tied else linear("lm_head", hidden, count, role="head")))
        blocks += [b._replace(prefix="vocoder." + b.prefix) for b in vocoder(c)]
        notes = ("the voice is made after the text: what its stacks keep meanwhile is not counted",)
    spec = model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length, notes=notes)
    return spec._replace(tied=tuple(ties) if tied else ())


def seamless_m4t(c: Config, head: str | None = None) -> ModelSpec:
    """SeamlessM4TModel and its parts (arXiv:2308.11596; transformers 5.23, models/seamless_m4t)."""
    hidden = c.int("hidden_size", default=1024, least=1)

    def speech() -> list[Block]:
        heads, head_dim = speech_heads(c, hidden)
        kind = c.str("position_embeddings_type", default="relative")
        places: Tensors = ()
        if kind == "relative":
            places = (
                *linear("linear_pos", hidden, hidden),
                *scalars("pos_bias_u", heads, head_dim),
                *scalars("pos_bias_v", heads, head_dim),
            )
        blocks = speech_encoder(c, hidden, places=places, middle=batch_norm("batch_norm", hidden))
        if kind == "rotary":
            blocks.append(Block("audio", "encoder.embed_positions.", buffer("inv_freq", -(-head_dim // 2))))
        return blocks

    def units() -> list[Block]:
        table = embedding("embed_tokens", c.int("t2u_vocab_size", default=10082), hidden)
        return [Block("units", "", table), *seamless_stack(c, "units", "", "t2u_decoder", hidden, 6)]

    return _model(c, head, hidden, c.int("max_position_embeddings", default=1024), speech, units)


def seamless_m4t_v2(c: Config, head: str | None = None) -> ModelSpec:
    """SeamlessM4Tv2Model: all units are written at once (arXiv:2312.05187; transformers 5.23)."""
    hidden = c.int("hidden_size", default=1024, least=1)

    def speech() -> list[Block]:
        places: Tensors = ()
        if c.str("position_embeddings_type", default="relative_key") == "relative_key":
            left, right = (
                c.int("left_max_position_embeddings", default=64),
                c.int("right_max_position_embeddings", default=8),
            )
            places = positions("distance_embedding", left + right + 1, speech_heads(c, hidden)[1])
        return speech_encoder(c, hidden, places=places, middle=norm("depthwise_layer_norm", hidden, bias=True))

    return _model(
        c, head, hidden, c.int("max_position_embeddings", default=4096), speech, lambda: unit_decoder_v2(c, hidden)
    )
