"""The audio tower of Granite Speech: conformers with attention in blocks, trained to spell (CTC)."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, batch_norm, conv, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Work, join


def granite_speech_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteSpeechCTCEncoder and GraniteSpeechPlusCTCEncoder (transformers 5.23, models/granite_speech)."""
    no_head(c, head)
    # The general names are aliases that win over the class's own (attribute_map).
    hidden = c.int("hidden_size", "hidden_dim", default=1024, least=1)
    heads = c.int("num_attention_heads", "num_heads", default=8, least=1)
    head_dim = c.int("dim_head", default=hidden // heads)
    inner = heads * head_dim
    context, length = c.int("context_size", default=200), c.int("max_pos_emb", default=512)
    if not 0 < context <= length:
        raise ConfigError(f"context_size is {context:,}, but max_pos_emb is {length:,}.", "Check the config.json.")
    channels = hidden * c.int("conv_expansion_factor", default=2)
    wide = hidden * c.int("feedforward_mult", default=4)

    def feed_forward(name: str) -> Part:
        return join(
            norm(f"{name}.pre_norm", hidden, bias=True), mlp((f"{name}.up_proj", f"{name}.down_proj"), hidden, wide)
        )

    attend = Part(
        (
            *norm("attn.pre_norm", hidden, bias=True),
            *linear("attn.to_q", hidden, inner, cut=COLUMN, unit=head_dim),
            *linear("attn.to_kv", hidden, 2 * inner, cut=COLUMN, unit=head_dim),
            *linear("attn.to_out", inner, hidden, bias=True, cut=ROW, unit=head_dim),
            *positions("attn.rel_pos_emb", 2 * length + 1, head_dim),
        ),
        (),
        (attention_work(heads, heads, head_dim, window=context)._replace(kind="biased_attention"),),
    )
    convolution = Part(
        (
            *norm("conv.norm", hidden, bias=True),
            *conv("conv.up_conv", 2 * channels, hidden, 1, bias=True),
            *conv("conv.depth_conv.conv", channels, 1, c.int("conv_kernel_size", default=15)),
            *batch_norm("conv.batch_norm", channels),
            *conv("conv.down_conv", hidden, channels, 1, bias=True),
        ),
        (),
        (Work("conv", 3 * channels),),
    )
    layer = join(feed_forward("ff1"), attend, convolution, feed_forward("ff2"), norm("post_norm", hidden, bias=True))
    letters = c.int("output_dim", default=42)
    # Half way up, what has been spelt so far is added to what is heard.
    spelling = (*linear("out", hidden, letters, bias=True), *linear("out_mid", letters, hidden, bias=True))
    blocks = [
        Block("audio", "", linear("input_linear", c.int("num_mel_bins", "input_dim", default=160), hidden, bias=True)),
        *uniform("audio", "layers.{}.", c.count("num_hidden_layers", "num_layers", default=10), layer),
        Block("audio", "", spelling),
    ]
    return model_spec(c, blocks, hidden=hidden)
