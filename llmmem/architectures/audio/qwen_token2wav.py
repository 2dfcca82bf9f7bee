"""Qwen2.5-Omni's way from codes to a waveform: a diffusion transformer makes a spectrogram, BigVGAN the sound."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, conv, embedding, linear, scalars
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, join


def _speaker(c: Config, mel: int) -> Tensors:
    """ECAPA-TDNN (arXiv:2005.07143): who speaks."""
    widths = c.ints("enc_channels", least=1) or [256, 256, 256, 256, 768]
    kernels = c.ints("enc_kernel_sizes") or [5, 3, 3, 3, 1]
    if len(widths) != len(kernels):
        raise ConfigError("enc_channels and enc_kernel_sizes differ in length.", "Check the config.json.")
    scale, se = c.int("enc_res2net_scale", default=2, least=1), c.int("enc_se_channels", default=64)
    last, tapped = widths[-1], c.int("enc_attention_channels", default=64)
    tensors = [*conv("blocks.0.conv", widths[0], mel, kernels[0], bias=True)]
    for i in range(1, len(widths) - 1):
        before, width = widths[i - 1], widths[i]
        tensors += conv(f"blocks.{i}.tdnn1.conv", width, before, 1, bias=True)
        for j in range(scale - 1):
            name = f"blocks.{i}.res2net_block.blocks.{j}.conv"
            tensors += conv(name, width // scale, width // scale, kernels[i], bias=True)
        tensors += conv(f"blocks.{i}.tdnn2.conv", width, width, 1, bias=True)
        tensors += conv(f"blocks.{i}.se_block.conv1", se, width, 1, bias=True)
        tensors += conv(f"blocks.{i}.se_block.conv2", width, se, 1, bias=True)
    tensors += conv("mfa.conv", last, last, kernels[-1], bias=True)
    tensors += conv("asp.tdnn.conv", tapped, 3 * last, 1, bias=True)
    tensors += conv("asp.conv", last, tapped, 1, bias=True)
    tensors += conv("fc", c.int("enc_dim", default=128), 2 * last, 1, bias=True)
    return tuple(tensors)


def qwen2_5_omni_dit(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniToken2WavDiTModel (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    no_head(c, head)
    hidden, mel = c.int("hidden_size", default=1024, least=1), c.int("mel_dim", default=80)
    heads, head_dim = c.int("num_attention_heads", default=16, least=1), c.int("head_dim", default=64, least=1)
    codes, width = c.int("num_embeds", default=8193), c.int("emb_dim", default=512)
    inputs = mel + c.int("enc_dim", default=128) + c.int("enc_emb_dim", default=192) + width
    names = ("to_q", "to_k", "to_v", "to_out.0")
    layer = join(
        linear("attn_norm.linear", hidden, 6 * hidden, bias=True),
        attention("attn", hidden, heads, heads, head_dim, names=names, bias=True, out_bias=True, cache=None),
        mlp(("ff.ff.0", "ff.ff.3"), hidden, hidden * c.int("ff_mult", default=2)),
    )
    stem = (
        *linear("time_embed.time_mlp.0", 256, hidden, bias=True),
        *linear("time_embed.time_mlp.2", hidden, hidden, bias=True),
        *embedding("text_embed.codec_embed", codes + 1, width),
        *linear("input_embed.proj", inputs, hidden, bias=True),
    )
    blocks = [
        Block("vocoder", "", stem),
        Block("vocoder", "input_embed.spk_encoder.", _speaker(c, mel)),
        *uniform("vocoder", "transformer_blocks.{}.", c.count("num_hidden_layers", default=22), layer),
        Block("vocoder", "norm_out.", linear("linear", hidden, 2 * hidden, bias=True)),
        Block("vocoder", "", linear("proj_out", hidden, mel, bias=True)),
    ]
    return model_spec(c, [b._replace(work=()) for b in blocks], hidden=hidden)


def qwen2_5_omni_bigvgan(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniToken2WavBigVGANModel (arXiv:2206.04658; transformers 5.23, models/qwen2_5_omni)."""
    no_head(c, head)
    mel, first = c.int("mel_dim", default=80), c.int("upsample_initial_channel", default=1536)
    steps = len(c.ints("upsample_rates") or [5, 3, 2, 2, 2, 2])
    ups = (c.ints("upsample_kernel_sizes") or [11, 7, 4, 4, 4, 4])[:steps]
    kernels = c.ints("resblock_kernel_sizes") or [3, 7, 11]
    kernels = kernels[: len(c.list("resblock_dilation_sizes") or "135")]
    tensors = [*conv("conv_pre", first, mel, 7, bias=True)]
    for i, kernel in enumerate(ups):
        width = first >> (i + 1)
        tensors += conv_transpose(f"ups.{i}.0", first >> i, width, kernel)
        for j, size in enumerate(kernels):
            name = f"resblocks.{i * len(kernels) + j}"
            for k in range(3):
                tensors += conv(f"{name}.convs1.{k}", width, width, size, bias=True)
                tensors += conv(f"{name}.convs2.{k}", width, width, size, bias=True)
            for k in range(6):
                tensors += snake(f"{name}.activations.{k}.act", width)
    last = first >> steps
    tensors += (*snake("activation_post.act", last), *conv("conv_post", 1, last, 7))
    return model_spec(c, [Block("vocoder", "", tuple(tensors))], hidden=mel)


def snake(name: str, width: int) -> Tensors:
    """An activation with two numbers for every channel (arXiv:2006.08195)."""
    return (*scalars(f"{name}.alpha", width), *scalars(f"{name}.beta", width))


def qwen2_5_omni_token2wav(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniToken2WavModel (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    no_head(c, head)
    dit = build(typed(c, "dit_config", "qwen2_5_omni_dit"), "base")
    vocoder = build(typed(c, "bigvgan_config", "qwen2_5_omni_bigvgan"), "base")
    blocks = [*dit.placed("code2wav_dit_model."), *vocoder.placed("code2wav_bigvgan_model.")]
    return model_spec(c, blocks, hidden=dit.hidden_size)
