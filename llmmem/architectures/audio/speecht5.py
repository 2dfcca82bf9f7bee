"""SpeechT5: one encoder and one decoder for speech and text, with nets before and after them for either."""

from __future__ import annotations

from llmmem.architectures.audio.moonshine import NOTE, SAMPLES
from llmmem.architectures.audio.speech_stem import KERNELS, STRIDES
from llmmem.architectures.audio.speecht5_nets import hears, speecht5_layer, spoken
from llmmem.architectures.base import architecture_of, model_spec, uniform
from llmmem.architectures.encdec import stack
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import COLUMN, embedding, linear, norm, positions, scalars
from llmmem.tensors import Block, ModelSpec

#: class -> what its encoder reads and what its decoder writes
CLASSES = {
    "SpeechT5ForSpeechToText": ("speech", "text"),
    "SpeechT5ForTextToSpeech": ("text", "speech"),
    "SpeechT5ForSpeechToSpeech": ("speech", "speech"),
    "SpeechT5Model": ("", ""),
}


def speecht5(c: Config, head: str | None = None) -> ModelSpec:
    """SpeechT5ForSpeechToText and its kin (arXiv:2110.07205; transformers 5.23, models/speecht5).

    Raises:
        UnsupportedArchitectureError: a class that is none of the four.
    """
    name = architecture_of(c)
    name = "SpeechT5ForSpeechToText" if name == c.str("model_type") else name
    if name not in CLASSES:
        raise UnsupportedArchitectureError(
            f"llmmem does not know the class {name[:60]!r} of a speecht5 model.", f"Known: {', '.join(CLASSES)}."
        )
    reads, writes = CLASSES[name]
    hidden, vocab = c.int("hidden_size", default=768, least=1), c.int("vocab_size", default=81)
    heads = c.int("num_attention_heads", "encoder_attention_heads", default=12, least=1)
    far = c.int("encoder_max_relative_position", default=160)
    places = positions("embed_positions.pe_k", 2 * far, hidden // heads)
    listening = uniform(
        "encoder",
        "layers.{}.",
        c.count("num_hidden_layers", "encoder_layers", default=12),
        speecht5_layer(c, hidden, "encoder"),
    )
    writing = uniform(
        "decoder", "layers.{}.", c.count("decoder_layers", default=6), speecht5_layer(c, hidden, "decoder")
    )
    blocks = [
        *stack("encoder", "encoder.wrapped_encoder.", places, listening, norm("layer_norm", hidden, bias=True)),
        *stack("decoder", "decoder.wrapped_decoder.", (), writing),
    ]
    if reads == "speech":
        blocks += hears(c, hidden)
    elif reads == "text":
        table = (*embedding("embed_tokens", vocab, hidden), *scalars("encode_positions.alpha"))
        blocks.append(Block("encoder", "encoder.prenet.", table))
    top: list[Block] = []
    ties: tuple[tuple[str, str], ...] = ()
    if writes == "speech":
        before, after = spoken(c, hidden)
        blocks.append(Block("decoder", "decoder.prenet.", before))
        top.append(Block("decoder", "speech_decoder_postnet.", after))
    elif writes == "text":
        blocks.append(Block("decoder", "decoder.prenet.", embedding("embed_tokens", vocab, hidden)))
        if c.bool("tie_word_embeddings", default=True):
            ties = (("text_decoder_postnet.lm_head.weight", "speecht5.decoder.prenet.embed_tokens.weight"),)
        else:
            out = linear("lm_head", hidden, vocab, cut=COLUMN, role="head")
            top.append(Block("decoder", "text_decoder_postnet.", out))
    prefix = "speecht5." if reads else ""
    frames = SAMPLES
    for kernel, stride in zip(c.ints("conv_kernel") or KERNELS, c.ints("conv_stride") or STRIDES, strict=False):
        frames = max((frames - kernel) // max(stride, 1) + 1, 1)
    return model_spec(
        c,
        [*(b._replace(prefix=prefix + b.prefix) for b in blocks), *top],
        hidden=hidden,
        vocab=vocab,
        max_context=c.int("max_text_positions", default=450) if writes == "text" else None,
        encoder_length=frames if reads == "speech" else None,
        tied=ties,
        notes=(NOTE,) if reads == "speech" else (),
    )
