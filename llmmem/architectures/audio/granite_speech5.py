"""Granite Speech 5: conformers with attention in blocks that spell, and hear what they have spelt half way up."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.audio.spelling import spelling
from llmmem.architectures.base import head_width, model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import batch_norm, conv, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Work, join


def granite_speech5_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteSpeech5Encoder (transformers 5.23, models/granite_speech5)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    head_dim = head_width(c, hidden, heads)
    context, length = c.int("context_size", default=128), c.int("max_position_embeddings", default=512)
    if not 0 < context <= length:
        raise ConfigError(
            f"context_size is {context:,}, but max_position_embeddings is {length:,}.", "Check the config.json."
        )
    inner, bias = c.int("intermediate_size", default=4096), c.bool("attention_bias", default=True)
    channels = hidden * c.int("conv_expansion_factor", default=2)
    kernel = c.int("conv_kernel_size", default=7, least=1)
    module = (
        *linear("conv.pointwise_lin1", hidden, 2 * channels, bias=True),
        *conv("conv.depthwise_conv", channels, 1, kernel),
        *batch_norm("conv.norm", channels),
        *linear("conv.pointwise_lin2", channels, hidden, bias=True),
    )
    names = ("norm_feed_forward1", "norm_self_att", "norm_conv", "norm_feed_forward2", "norm_out")
    layer = join(
        mlp(("feed_forward1.linear1", "feed_forward1.linear2"), hidden, inner, bias=bias),
        attention(
            "self_attn",
            hidden,
            heads,
            heads,
            head_dim,
            out_bias=True,
            extra=positions("rel_pos_emb", 2 * length + 1, head_dim),
            cache=None,
            window=context,
            biased=True,
        ),
        Part(module, (), (Work("conv", 3 * channels),)),
        mlp(("feed_forward2.linear1", "feed_forward2.linear2"), hidden, inner, bias=bias),
        tuple(t for n in names for t in norm(n, hidden, bias=True)),
    )
    letters = c.int("vocab_size", default=16384)
    spelt = (*linear("out", hidden, letters, bias=True, role="head"), *linear("out_mid", letters, hidden, bias=True))
    # A spectrogram and how it changes, two frames at a time.
    inputs = 4 * c.int("num_mel_bins", default=80)
    blocks = [
        Block("audio", "", linear("input_linear", inputs, hidden, bias=True)),
        *uniform("audio", "layers.{}.", c.count("num_hidden_layers", default=16), layer),
        Block("audio", "", spelt),
    ]
    return model_spec(c, blocks, hidden=hidden, vocab=letters)


def granite_speech5_ctc(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteSpeech5ForCTC (transformers 5.23, models/granite_speech5).

    Raises:
        ConfigError: the encoder spells in another vocabulary.
    """
    encoder = build(c.sub("encoder_config", model_type="granite_speech5_encoder"), "base")
    vocab = c.int("vocab_size", default=16384)
    if encoder.vocab_size != vocab:
        raise ConfigError(
            f"vocab_size is {vocab:,}, but the encoder's is {encoder.vocab_size:,}.", "They should be the same."
        )
    top = linear("ctc_head", encoder.hidden_size, vocab, bias=True, role="head")
    if c.bool("tie_word_embeddings", default=True):
        ties = tuple((t.name, t.name.replace("ctc_head", "encoder.out")) for t in top)
        return spelling(c, "ForCTC", encoder, [])._replace(tied=ties)
    return spelling(c, "ForCTC", encoder, [Block("audio", "", top)])
