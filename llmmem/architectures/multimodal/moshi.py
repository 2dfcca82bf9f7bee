"""Moshi, which listens and speaks at once."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, model_spec
from llmmem.architectures.text.moshi import moshi_text
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import embedding
from llmmem.tensors import Block, ModelSpec


def moshi(c: Config, head: str | None = None) -> ModelSpec:
    """MoshiForConditionalGeneration, or its language model alone (arXiv:2410.00037; transformers 5.23, models/moshi).

    Raises:
        ConfigError: more codebooks than the codec has, or a codec that is not stated.
    """
    if head is not None or not architecture_of(c).endswith("ForConditionalGeneration"):
        return moshi_text(c, head)
    text = moshi_text(c, "lm")
    codec = c.sub("audio_encoder_config", model_type="mimi")
    books = c.int("num_codebooks", default=8)
    default = codec.int("codebook_size", default=2048) if c.get("audio_encoder_config") is not None else None
    sound = c.optional("audio_vocab_size", default=default) or default
    if sound is None or books > codec.int("num_quantizers", default=32):
        raise ConfigError(
            "Moshi needs an audio_vocab_size or an audio_encoder_config, and no more codebooks than that has.",
            "Check the config.json.",
        )
    shared = {
        "audio_vocab_size": sound,
        "input_size": text.hidden_size,
        "vocab_size": text.vocab_size,
        "num_codebooks": books,
    }
    depth = c.sub("depth_decoder_config")
    own = (
        {"model_type": "moshi_depth"}
        if c.get("depth_decoder_config") is None
        else {**shared, "model_type": "moshi_depth"}
    )
    decoder = build(Config({**depth.raw, **own}, depth.path, depth.reads), "base")
    # A table for each codebook of what it hears and of what it says.
    tables = tuple(t for i in range(2 * books) for t in embedding(f"embed_tokens.{i}", sound + 1, text.hidden_size))
    blocks = (
        Block("language", "", tables),
        *build(codec, "base").placed("audio_encoder."),
        *text.placed("decoder."),
        # It takes a few steps for every one of the language model: too little to count.
        *(b._replace(work=()) for b in decoder.placed("depth_decoder.", "decoder")),
    )
    return model_spec(
        c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context, notes=text.notes
    )
