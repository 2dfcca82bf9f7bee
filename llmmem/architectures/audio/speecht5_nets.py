"""What SpeechT5 is made of: its layers, and the nets before and after them that hear and speak."""

from __future__ import annotations

from llmmem.architectures.audio.speech_stem import convolutions, positional
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, batch_norm, conv, linear, norm, scalars
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Part, join


def speecht5_layer(c: Config, hidden: int, side: str) -> Part:
    """A layer of either stack; the encoder's scores get a bias for the distance."""
    heads = c.int(
        *(("num_attention_heads",) if side == "encoder" else ()), f"{side}_attention_heads", default=12, least=1
    )
    head_dim = divide(c, f"hidden_size over {side}_attention_heads", hidden, heads)
    decoder = side == "decoder"

    def attend(name: str, cache: str | None) -> Part:
        return attention(
            name,
            hidden,
            heads,
            heads,
            head_dim,
            names=FAIRSEQ_QKVO,
            bias=True,
            out_bias=True,
            cache=cache,
            biased=not decoder,
        )

    return join(
        attend("self_attn", "full") if decoder else attend("attention", None),
        norm("self_attn_layer_norm" if decoder else "layer_norm", hidden, bias=True),
        join(attend("encoder_attn", "cross"), norm("encoder_attn_layer_norm", hidden, bias=True)) if decoder else (),
        mlp(
            ("feed_forward.intermediate_dense", "feed_forward.output_dense"),
            hidden,
            c.int(f"{side}_ffn_dim", default=3072),
        ),
        norm("final_layer_norm", hidden, bias=True),
    )


def hears(c: Config, hidden: int) -> list[Block]:
    """From the raw sound to the encoder, as in wav2vec 2.0."""
    frames, width = convolutions(c)
    masked = c.number("mask_time_prob", default=0.05) > 0 or c.number("mask_feature_prob", default=0.0) > 0
    into = (*norm("layer_norm", width, bias=True), *linear("projection", width, hidden, bias=True))
    return [
        Block("encoder", "encoder.prenet.", scalars("masked_spec_embed", hidden) if masked else ()),
        Block("encoder", "encoder.prenet.feature_encoder.", frames.tensors, work=frames.work),
        Block("encoder", "encoder.prenet.feature_projection.", into),
        Block("encoder", "encoder.prenet.pos_conv_embed.", positional(c, hidden)),
    ]


def spoken(c: Config, hidden: int) -> tuple[Tensors, Tensors]:
    """What stands before and after a decoder that speaks: from a spectrogram, and back to one."""
    mels, units = c.int("num_mel_bins", default=80), c.int("speech_decoder_prenet_units", default=256)
    before: Tensors = ()
    for i in range(c.count("speech_decoder_prenet_layers", default=2)):
        before += linear(f"layers.{i}", units if i else mels, units, bias=True)
    before += linear("final_layer", units, hidden, bias=True)
    before += scalars("encode_positions.alpha")
    before += linear("speaker_embeds_layer", c.int("speaker_embedding_dim", default=512) + hidden, hidden, bias=True)
    rate = c.int("reduction_factor", default=2)
    after = (*linear("feat_out", hidden, mels * rate, bias=True), *linear("prob_out", hidden, rate, bias=True))
    return before, (*after, *postnet(c, mels))


def postnet(c: Config, mels: int) -> Tensors:
    """Convolutions that refine a spectrogram (Tacotron 2, arXiv:1712.05884)."""
    n, inner = c.count("speech_decoder_postnet_layers", default=5), c.int("speech_decoder_postnet_units", default=256)
    kernel = c.int("speech_decoder_postnet_kernel", default=5)
    tensors: Tensors = ()
    for i in range(n):
        outputs = inner if i < n - 1 else mels
        tensors += conv(f"layers.{i}.conv", outputs, inner if i else mels, kernel)
        tensors += batch_norm(f"layers.{i}.batch_norm", outputs)
    return tensors
