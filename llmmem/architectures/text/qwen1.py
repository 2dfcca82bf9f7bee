"""Qwen, first generation: fused q, k and v with biases, and the towers of Qwen-VL and Qwen-Audio inside the model."""

from __future__ import annotations

from llmmem.architectures.audio.qwen_audio import audio_encoder
from llmmem.architectures.base import language_model, uniform
from llmmem.architectures.vision.qwen_vl import visual_transformer
from llmmem.config import Config
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, join


def qwen(c: Config, head: str | None = None) -> ModelSpec:
    """QWenLMHeadModel (arXiv:2309.16609; code that comes with Qwen/Qwen-7B-Chat).

    Reproduces the stored bytes of Qwen-72B-Chat and of Qwen-VL-Chat-Int4.
    """
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    head_dim = c.int("kv_channels", default=128, least=1)
    bias = not c.bool("no_bias", default=True)
    # The configuration counts gate and up together.
    inner = c.int("intermediate_size", default=22016) // 2
    layer = join(
        norm("ln_1", hidden),
        fused_attention(("attn.c_attn", "attn.c_proj"), hidden, heads, heads, head_dim, bias=True, out_bias=bias),
        norm("ln_2", hidden),
        gated_mlp("mlp", hidden, inner, bias=bias, names=("w1", "w2", "c_proj")),
    )
    vocab = c.int("vocab_size", default=151936, least=1)
    towers: list[Block] = []
    images = length = None
    if c.get("visual") is not None:
        pictures, images = visual_transformer(c.sub("visual"))
        towers += pictures
    if c.get("audio") is not None:
        sounds, length = audio_encoder(c.sub("audio"))
        towers += sounds
    spec = language_model(
        c,
        head,
        # The towers stand between the norm and the head, under the base model's prefix.
        (*uniform("language", "h.{}.", c.count("num_hidden_layers", default=32), layer), *towers),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("wte", vocab, hidden),
        final=norm("ln_f", hidden),
        base="transformer.",
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
        notes=("use_cache_quantization keeps the KV cache in int8; it is counted in the compute dtype",)
        if c.bool("use_cache_quantization")
        else (),
    )
    return spec._replace(images=images, encoder_length=length)
