"""Moonshine: an encoder over the raw sound and a decoder with rotary positions."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.architectures.encdec import encoder_decoder, kind_of, stack
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Sound, Work, join

#: samples that a request without a length of its own stands for: two seconds
SAMPLES = 32_000
#: convolutions over the sound itself: kernel, step, padding
CONVS = ((127, 64, 0), (7, 3, 0), (3, 2, 0))
NOTE = "the sound's length is not in the config: cross attention is sized for two seconds (32,000 samples)"


def gated(hidden: int, intermediate: int) -> Part:
    """Value and gate in one matrix, with biases."""
    tensors = (
        *linear("mlp.fc1", hidden, 2 * intermediate, bias=True, cut=COLUMN),
        *linear("mlp.fc2", intermediate, hidden, bias=True, cut=ROW),
    )
    return Part(tensors, (), (Work("mlp", 4 * intermediate),))


def moonshine_decoder(
    layers: int, hidden: int, heads: int, kv_heads: int, head_dim: int, intermediate: int, *, bias: bool
) -> list[Block]:
    """The decoder's layers and its norm; only q, k and v may have biases."""

    def attend(name: str, cache: str) -> Part:
        return attention(name, hidden, heads, kv_heads, head_dim, bias=bias, cache=cache)

    layer = join(
        attend("self_attn", "full"),
        attend("encoder_attn", "cross"),
        gated(hidden, intermediate),
        norm("input_layernorm", hidden),
        norm("post_attention_layernorm", hidden),
        norm("final_layernorm", hidden),
    )
    return stack("decoder", "decoder.", (), uniform("decoder", "layers.{}.", layers, layer), norm("norm", hidden))


def moonshine(c: Config, head: str | None = None) -> ModelSpec:
    """MoonshineForConditionalGeneration and its base model (arXiv:2410.15608; transformers 5.23, models/moonshine)."""
    kind = kind_of(c, head)
    hidden, vocab = c.int("hidden_size", default=288, least=1), c.int("vocab_size", default=32768)
    intermediate, bias = c.int("intermediate_size", default=1152), c.bool("attention_bias")
    depth = c.count("encoder_num_hidden_layers", default=6)
    depths = depth, c.count("num_hidden_layers", "decoder_num_hidden_layers", default=6)
    heads = c.int("encoder_num_attention_heads", default=8, least=1)
    kv_heads = c.int("encoder_num_key_value_heads", default=heads, least=1)
    own = c.int("num_attention_heads", "decoder_num_attention_heads", default=8, least=1)
    own_kv = c.int("num_key_value_heads", "decoder_num_key_value_heads", default=own, least=1)
    if depth:  # the encoder's layers write their heads into the config, and the decoder's read them there
        own, own_kv = heads, kv_heads
    head_dim = c.int("head_dim", default=hidden // heads, least=1)
    layer = join(
        attention("self_attn", hidden, heads, kv_heads, head_dim, bias=bias, cache=None),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, intermediate),
        norm("input_layernorm", hidden),
        norm("post_attention_layernorm", hidden),
    )
    stem = (
        *conv("conv1", hidden, 1, 127),
        *conv("conv2", 2 * hidden, hidden, 7, bias=True),
        *conv("conv3", hidden, 2 * hidden, 3, bias=True),
        *norm("groupnorm", hidden, bias=True),
    )
    encoder = stack(
        "encoder", "encoder.", stem, uniform("encoder", "layers.{}.", depth, layer), norm("layer_norm", hidden)
    )
    frames = SAMPLES
    for kernel, stride, _ in CONVS:
        frames = (frames - kernel) // stride + 1
    spec = encoder_decoder(
        c,
        kind,
        encoder,
        moonshine_decoder(
            depths[1], hidden, own, own_kv, c.int("head_dim", default=hidden // own, least=1), intermediate, bias=bias
        ),
        {"decoder.embed_tokens": vocab},
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings", default=True),
        head_name="proj_out",
        kinds=("base", "lm"),
        max_context=c.int("max_position_embeddings", default=512),
        encoder_length=frames,
        notes=(NOTE,),
    )
    return spec._replace(sound=Sound(hidden, hop=1, convs=CONVS, tokens=0))
