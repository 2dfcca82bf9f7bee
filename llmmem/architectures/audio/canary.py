"""Canary and Cohere's transcription model: Parakeet's encoder and a decoder that writes."""

from __future__ import annotations

from typing import Any

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of, model_spec, no_head, refuse_head, uniform
from llmmem.architectures.multimodal.frame import filled
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, embedding, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Sound, join

_ENCODER = {"model_type": "parakeet_encoder", "num_hidden_layers": 32, "num_mel_bins": 128}


def writer_layer(c: Config, hidden: int) -> Part:
    """A layer of the decoder: keys of its own and of the encoder, each with fewer heads if the config says so."""
    heads = c.int("num_attention_heads", default=8, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = c.int("head_dim", default=hidden // heads, least=1)
    bias = c.bool("attention_bias", default=True)

    def attend(name: str, cache: str) -> Part:
        return attention(name, hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, cache=cache)

    return join(
        norm("input_layernorm", hidden, bias=True),
        attend("self_attn", "full"),
        norm("post_attention_layernorm", hidden, bias=True),
        attend("encoder_attn", "cross"),
        norm("final_layernorm", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=4096)),
    )


def canary_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """CanaryDecoder (transformers 5.23, models/canary)."""
    if not architecture_of(c).endswith("Decoder"):
        no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    vocab = c.int("vocab_size", default=16384)
    # Its width of a head is 128 unless null, whatever the width of the model.
    own = Config({"num_key_value_heads": 8, "head_dim": 128, **c.raw}, c.path, c.reads)
    ends = (*norm("norm", hidden, bias=True), *norm("embedding_layernorm", hidden, bias=True))
    blocks = [
        Block("decoder", "", embedding("embed_tokens", vocab, hidden)),
        *uniform("decoder", "layers.{}.", c.count("num_hidden_layers", default=8), writer_layer(own, hidden)),
        Block("decoder", "", ends),
    ]
    length = c.int("max_position_embeddings", default=1024)
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length)


def shortened(c: Config, frames: int) -> int:
    """Frames of a spectrogram after the encoder's convolutions, of 3 steps that pad half a kernel each by default."""
    kernel, stride = c.int("subsampling_conv_kernel_size", default=3), c.int("subsampling_conv_stride", default=2)
    pad = (kernel - 1) // 2
    for _ in range(c.int("subsampling_factor", default=8).bit_length() - 1):
        frames = max((frames + 2 * pad - kernel) // stride + 1, 1)
    return frames


def mel_sound(c: Config, hidden: int) -> Sound:
    """The frames of any sound: its spectrogram through the same convolutions."""
    kernel, stride = c.int("subsampling_conv_kernel_size", default=3), c.int("subsampling_conv_stride", default=2)
    steps = c.int("subsampling_factor", default=8).bit_length() - 1
    return Sound(hidden, padding=160, convs=((kernel, max(1, stride), (kernel - 1) // 2),) * steps, tokens=0)


#: spectrogram frames that a request without a length of its own stands for: ten seconds
FRAMES = 1000
NOTE = "the sound's length is not in the config: cross attention is sized for 1,000 frames of the spectrogram"


def canary(c: Config, head: str | None = None) -> ModelSpec:
    """CanaryForConditionalGeneration and its base model (transformers 5.23, models/canary).

    Raises:
        ConfigError: the decoder's vocabulary is another.
    """
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    sub: dict[str, Any] = _ENCODER
    listens = filled(c, "encoder_config", sub)
    encoder, decoder = build(listens, "base"), build(c.sub("decoder_config", model_type="canary_decoder"), "base")
    vocab, hidden = c.int("vocab_size", default=16384), decoder.hidden_size
    if vocab != decoder.vocab_size:
        raise ConfigError(
            f"vocab_size is {vocab:,}, but the decoder's is {decoder.vocab_size:,}.", "They should be the same."
        )
    base = "" if kind == "base" else "model."
    shares = kind == "lm" and c.bool("tie_word_embeddings", default=True)
    top = linear("proj_out", hidden, vocab, bias=True, cut=COLUMN, role="head") if kind == "lm" else ()
    blocks = [
        *encoder.placed(f"{base}encoder.", "encoder"),
        *decoder.placed(f"{base}decoder."),
        Block("decoder", "", top[1:] if shares else top),
    ]
    return model_spec(
        c,
        blocks,
        hidden=hidden,
        vocab=vocab,
        max_context=decoder.max_context,
        encoder_length=shortened(listens, FRAMES),
        tied=(("proj_out.weight", f"{base}decoder.embed_tokens.weight"),) if shares else (),
        notes=(NOTE,),
    )._replace(sound=mel_sound(listens, encoder.hidden_size))
