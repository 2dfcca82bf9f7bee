"""VITS, which reads a text aloud: an encoder, flows that make its vectors sound like speech, and HiFi-GAN."""

from __future__ import annotations

from llmmem.architectures.audio.vits_nets import durations, wavenet
from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import conv, embedding, norm, positions
from llmmem.parts.hifigan import hifigan
from llmmem.tensors import Block, ModelSpec, Part, Tensor, Work, join


def vits(c: Config, head: str | None = None) -> ModelSpec:
    """VitsModel (arXiv:2106.06103; transformers 5.23, models/vits)."""
    no_head(c, head)
    hidden, flow = c.int("hidden_size", default=192, least=1), c.int("flow_size", default=192)
    heads, window = c.int("num_attention_heads", default=2, least=1), c.int("window_size", default=4)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    speaker, inner, kernel = (
        c.int("speaker_embedding_size", default=0),
        c.int("ffn_dim", default=768),
        c.int("ffn_kernel_size", default=3),
    )
    near = tuple(Tensor(f"emb_rel_{n}", (1, 2 * window + 1, head_dim), "position") for n in "kv") if window else ()
    bias, names = c.bool("use_bias", default=True), ("q_proj", "k_proj", "v_proj", "out_proj")
    feed = (
        *conv("feed_forward.conv_1", inner, hidden, kernel, bias=True),
        *conv("feed_forward.conv_2", hidden, inner, kernel, bias=True),
    )
    layer = join(
        attention(
            "attention",
            hidden,
            heads,
            heads,
            head_dim,
            names=names,
            bias=bias,
            out_bias=bias,
            extra=near,
            cache=None,
            biased=True,
        ),
        norm("layer_norm", hidden, bias=True),
        Part(feed, (), (Work("mlp", 2 * inner),)),
        norm("final_layer_norm", hidden, bias=True),
    )
    dilations = c.list("resblock_dilation_sizes") or [[1, 3, 5]] * 3
    if not all(isinstance(d, list) for d in dilations):
        raise ConfigError("resblock_dilation_sizes should be a list of lists.", "Check the config.json.")
    steps, first = c.ints("upsample_kernel_sizes") or [16, 16, 4, 4], c.int("upsample_initial_channel", default=512)
    kernels = c.ints("resblock_kernel_sizes") or [3, 7, 11]
    waves = tuple(
        t for t in hifigan(flow, first, steps, kernels, [len(d) for d in dilations]) if t.name != "conv_post.bias"
    )
    coupling = (
        *conv("conv_pre", hidden, flow // 2, 1, bias=True),
        *wavenet(c, "wavenet", hidden, c.count("prior_encoder_num_wavenet_layers", default=4), speaker),
        *conv("conv_post", flow // 2, hidden, 1, bias=True),
    )
    posterior = (
        *conv("conv_pre", hidden, c.int("spectrogram_bins", default=513), 1, bias=True),
        *wavenet(c, "wavenet", hidden, c.count("posterior_encoder_num_wavenet_layers", default=16), speaker),
        *conv("conv_proj", 2 * flow, hidden, 1, bias=True),
    )
    vocab, speakers = c.int("vocab_size", default=38, least=1), c.int("num_speakers", default=1)
    flows = range(c.count("prior_encoder_num_flows", default=4))
    blocks = [
        Block("encoder", "text_encoder.", embedding("embed_tokens", vocab, hidden)),
        *uniform("encoder", "text_encoder.encoder.layers.{}.", c.count("num_hidden_layers", default=6), layer),
        Block("encoder", "text_encoder.", conv("project", 2 * flow, hidden, 1, bias=True)),
        *((Block("flow", "flow.flows.{}.", coupling, flows),) if flows else ()),
        Block("vocoder", "decoder.", (*waves, *(conv("cond", first, speaker, 1, bias=True) if speaker else ()))),
        Block("duration", "duration_predictor.", durations(c, hidden, speaker)),
        Block("speaker", "", positions("embed_speaker", speakers, speaker) if speakers > 1 else ()),
        Block("posterior", "posterior_encoder.", posterior),
    ]
    return model_spec(c, blocks, hidden=hidden, vocab=vocab)
