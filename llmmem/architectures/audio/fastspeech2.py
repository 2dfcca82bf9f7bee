"""FastSpeech 2 with conformers: text, how long, how high and how loud each part of it sounds, and a spectrogram."""

from __future__ import annotations

from llmmem.architectures.audio.speecht5_nets import postnet
from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, batch_norm, conv, embedding, linear, norm, scalars
from llmmem.tensors import Block, ModelSpec, Part, Work, join

NAMES = ("linear_q", "linear_k", "linear_v", "linear_out")


def _layers(c: Config, side: str, hidden: int) -> tuple[Block, ...]:
    """The conformers of one side; saved configs repeat its keys in an object of their own, which wins."""
    own = c.sub(f"{side}_config")
    general = side == "encoder"
    kernel = own.int("kernel_size", default=c.int(f"{side}_kernel_size", default=7 if general else 31))
    inner = own.int("linear_units", default=c.int(f"{side}_linear_units", default=1536))
    alias = ("num_attention_heads", "num_hidden_layers") if general else ()
    heads = c.int(*alias[:1], f"{side}_num_attention_heads", default=2, least=1)
    heads = own.int("num_attention_heads", default=heads, least=1)
    head_dim = divide(c, "hidden_size over attention heads", hidden, heads)
    taps, bias = c.int("positionwise_conv_kernel_size", default=3), c.bool("convolution_bias", default=True)

    def feed(name: str) -> Part:
        tensors = (
            *conv(f"{name}.conv1", inner, hidden, taps, bias=True),
            *conv(f"{name}.conv2", hidden, inner, taps, bias=True),
        )
        return Part(tensors, (), (Work("mlp", 2 * inner),))

    places = (
        *scalars("pos_bias_u", heads, head_dim, shard=0),
        *scalars("pos_bias_v", heads, head_dim, shard=0),
        *linear("linear_pos", hidden, hidden, cut=COLUMN, unit=head_dim),
    )
    module: Tensors = (
        *conv("conv_module.pointwise_conv1", 2 * hidden, hidden, 1, bias=bias),
        *conv("conv_module.depthwise_conv", hidden, 1, kernel, bias=bias),
        *batch_norm("conv_module.norm", hidden),
        *conv("conv_module.pointwise_conv2", hidden, hidden, 1, bias=bias),
        *norm("conv_layer_norm", hidden, bias=True),
        *norm("final_layer_norm", hidden, bias=True),
    )
    macaron = c.bool("use_macaron_style_in_conformer", default=True)
    joined = own.bool("concat_after", default=c.bool(f"{side}_concat_after"))
    layer = join(
        attention(
            "self_attn",
            hidden,
            heads,
            heads,
            head_dim,
            names=NAMES,
            bias=True,
            out_bias=True,
            extra=places,
            cache=None,
            biased=True,
        ),
        feed("feed_forward"),
        join(feed("feed_forward_macaron"), norm("ff_macaron_layer_norm", hidden, bias=True)) if macaron else (),
        Part(module, (), (Work("conv", 3 * hidden),)) if c.bool("use_cnn_in_conformer", default=True) else (),
        norm("ff_layer_norm", hidden, bias=True),
        norm("self_attn_layer_norm", hidden, bias=True),
        linear("concat_linear", 2 * hidden, hidden, bias=True) if joined else (),
    )
    n = own.count("layers", default=c.count(*alias[1:], f"{side}_layers", default=4))
    return uniform(side, f"{side}.conformer_layers.{{}}.", n, layer)


def _predictor(c: Config, name: str, hidden: int, layers: int, kernel: int) -> Tensors:
    channels, size = c.int(f"{name}_channels", default=256), c.int(f"{name}_kernel_size", default=kernel)
    tensors: Tensors = ()
    for i in range(c.count(f"{name}_layers", default=layers)):
        tensors += conv(f"conv_layers.{i}.conv", channels, channels if i else hidden, size, bias=True)
        tensors += norm(f"conv_layers.{i}.layer_norm", channels, bias=True)
    return (*tensors, *linear("linear", channels, 1, bias=True))


def fastspeech2_conformer(c: Config, head: str | None = None) -> ModelSpec:
    """FastSpeech2ConformerModel (arXiv:2006.04558; transformers 5.23, models/fastspeech2_conformer)."""
    no_head(c, head)
    hidden, vocab = c.int("hidden_size", default=384, least=1), c.int("vocab_size", default=78)
    mels = c.int("num_mel_bins", default=80)
    who: Tensors = ()
    for key, name in (("num_languages", "language_id_embedding"), ("num_speakers", "speaker_id_embedding")):
        count = c.int(key, default=0)
        who += embedding(name, count, hidden) if count > 1 else ()
    voice = c.int("speaker_embed_dim", default=0)
    who += linear("projection", hidden + voice, hidden, bias=True) if voice else ()
    blocks = [Block("encoder", "", who), Block("encoder", "encoder.", embedding("embed", vocab, hidden))]
    for name, layers, kernel in (("duration_predictor", 2, 3), ("pitch_predictor", 5, 5), ("energy_predictor", 2, 3)):
        blocks.append(Block("encoder", f"{name}.", _predictor(c, name, hidden, layers, kernel)))
    for name in ("pitch_embed", "energy_embed"):
        taps = c.int(f"{name}_kernel_size", default=1)
        blocks.append(Block("encoder", f"{name}.", conv("conv", hidden, 1, taps, bias=True)))
    out = linear("feat_out", hidden, mels * c.int("reduction_factor", default=1), bias=True)
    blocks += [*_layers(c, "encoder", hidden), *_layers(c, "decoder", hidden)]
    blocks.append(Block("decoder", "speech_decoder_postnet.", (*out, *postnet(c, mels))))
    return model_spec(c, blocks, hidden=hidden, vocab=vocab)
