"""Moonshine that hears while it is spoken to."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.audio.moonshine import NOTE, SAMPLES, moonshine_decoder
from llmmem.architectures.base import head_width, model_spec, no_head, uniform
from llmmem.architectures.encdec import encoder_decoder, kind_of
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, conv, linear, positions, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Tensor, join


def _gain(name: str, size: int) -> Tensors:
    """The norm of the encoder: a gain around one."""
    return (Tensor(f"{name}.gamma", (size,), "norm"),)


def _frame(c: Config) -> int:
    """Samples of a frame."""
    return round(c.int("sample_rate", default=16000) * c.number("frame_ms", default=5.0) / 1000)


def moonshine_streaming_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """MoonshineStreamingEncoder (transformers 5.23, models/moonshine_streaming)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=320, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    bias = c.bool("attention_bias")
    layer = join(
        attention(
            "self_attn",
            hidden,
            heads,
            c.int("num_key_value_heads", default=8, least=1),
            head_width(c, hidden, heads),
            bias=bias,
            out_bias=bias,
            cache=None,
        ),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=1280)),
        _gain("input_layernorm", hidden),
        _gain("post_attention_layernorm", hidden),
    )
    stem = (
        *scalars("comp.log_k"),
        *conv("conv1", 2 * hidden, hidden, 5, bias=True),
        *conv("conv2", hidden, 2 * hidden, 5, bias=True),
        *linear("linear", _frame(c), hidden),
    )
    blocks = [
        Block("encoder", "embedder.", stem),
        *uniform("encoder", "layers.{}.", c.count("num_hidden_layers", default=6), layer),
        Block("encoder", "", _gain("final_norm", hidden)),
    ]
    return model_spec(c, blocks, hidden=hidden)


def moonshine_streaming(c: Config, head: str | None = None) -> ModelSpec:
    """MoonshineStreamingForConditionalGeneration and its base model (transformers 5.23, models/moonshine_streaming)."""
    listens = typed(c, "encoder_config", "moonshine_streaming_encoder")
    encoder = build(listens, "base")
    hidden, vocab = c.int("hidden_size", default=320, least=1), c.int("vocab_size", default=32768)
    heads = c.int("num_attention_heads", default=8, least=1)
    length = c.int("max_position_embeddings", default=4096)
    places = positions("pos_emb", length, encoder.hidden_size)
    # Where the widths differ, the decoder projects what it hears.
    joins = linear("proj", encoder.hidden_size, hidden) if encoder.hidden_size != hidden else ()
    decoder = moonshine_decoder(
        c.count("num_hidden_layers", default=6),
        hidden,
        heads,
        c.int("num_key_value_heads", least=1),  # the class has no default
        head_width(c, hidden, heads),
        c.int("intermediate_size", default=1280),
        bias=c.bool("attention_bias"),
    )
    frames = SAMPLES // max(_frame(listens), 1)
    return encoder_decoder(
        c,
        kind_of(c, head),
        encoder.placed("encoder."),
        [*decoder, Block("decoder", "decoder.", (*places, *joins))],
        {"decoder.embed_tokens": vocab},
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings"),
        head_name="proj_out",
        kinds=("base", "lm"),
        max_context=length,
        encoder_length=-(-frames // 4),  # two convolutions in steps of 2
        notes=(NOTE,),
    )
