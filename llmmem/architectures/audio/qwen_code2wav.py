"""Qwen3-Omni's way from codes to a waveform: a small transformer, then convolutions that step up."""

from __future__ import annotations

from llmmem.architectures.audio.qwen_token2wav import snake
from llmmem.architectures.base import uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import conv, embedding, linear, norm, scalars
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, join


def code2wav(c: Config) -> list[Block]:
    """Qwen3OmniMoeCode2Wav (arXiv:2509.17765; transformers 5.23, models/qwen3_omni_moe)."""
    hidden = c.int("hidden_size", default=1024, least=1)
    heads, kv_heads = (c.int(f"num_{n}_heads", default=16, least=1) for n in ("attention", "key_value"))
    head_dim = c.int("head_dim", default=divide(c, "hidden_size over num_attention_heads", hidden, heads))
    bias = c.bool("attention_bias")
    layer = join(
        attention("self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, cache=None),
        gated_mlp("mlp", hidden, c.int("intermediate_size", default=3072)),
        norm("input_layernorm", hidden),
        norm("post_attention_layernorm", hidden),
        scalars("self_attn_layer_scale.scale", hidden),
        scalars("mlp_layer_scale.scale", hidden),
    )
    codes = c.int("codebook_size", default=2048) * c.int("num_quantizers", default=16)
    rows = embedding("code_embedding", codes, hidden)
    blocks = [
        *uniform("vocoder", "pre_transformer.layers.{}.", c.count("num_hidden_layers", default=8), layer),
        Block("vocoder", "", (*norm("pre_transformer.norm", hidden), *rows)),
    ]
    ratios = c.ints("upsampling_ratios")
    for i, ratio in enumerate([2, 2] if ratios is None else ratios):
        step = (
            *conv_transpose("0.conv", hidden, hidden, ratio),
            *conv("1.dwconv.conv", hidden, 1, 7, bias=True),
            *norm("1.norm", hidden, bias=True),
            *linear("1.pwconv1", hidden, 4 * hidden, bias=True),
            *linear("1.pwconv2", 4 * hidden, hidden, bias=True),
            *scalars("1.gamma", hidden),
        )
        blocks.append(Block("vocoder", f"upsample.{i}.", step))
    return [b._replace(prefix=f"code2wav.{b.prefix}") for b in (*blocks, *_decoder(c, hidden))]


def _decoder(c: Config, hidden: int) -> list[Block]:
    """Each step up halves the channels; three residual units follow it."""
    width = c.int("decoder_dim", default=1536)
    stated = c.ints("upsample_rates")
    rates = [8, 5, 4, 3] if stated is None else stated
    blocks = [Block("vocoder", "decoder.0.", conv("conv", width, hidden, 7, bias=True))]
    for i, rate in enumerate(rates):
        before, after = width >> i, width >> (i + 1)
        step = [*snake("0", before), *conv_transpose("1.conv", before, after, 2 * rate)]
        for j in range(2, 5):
            step += (*snake(f"{j}.act1", after), *conv(f"{j}.conv1.conv", after, after, 7, bias=True))
            step += (*snake(f"{j}.act2", after), *conv(f"{j}.conv2.conv", after, after, 1, bias=True))
        blocks.append(Block("vocoder", f"decoder.{i + 1}.block.", tuple(step)))
    last, n = width >> len(rates), len(rates)
    final = (*snake(f"{n + 1}", last), *conv(f"{n + 2}.conv", 1, last, 7, bias=True))
    return [*blocks, Block("vocoder", "decoder.", final)]
