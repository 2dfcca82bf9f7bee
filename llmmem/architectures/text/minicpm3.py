"""MiniCPM3 and Youtu: Llama with latent attention, dense throughout."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, join


def minicpm3(c: Config, head: str | None = None) -> ModelSpec:
    """MiniCPM3ForCausalLM (arXiv:2404.06395; transformers 5.23, models/minicpm3)."""
    hidden = c.int("hidden_size", default=2560, least=1)
    heads = c.int("num_attention_heads", default=40, least=1)
    layer = join(
        norm("input_layernorm", hidden),
        latent_attention(
            "self_attn",
            hidden,
            heads,
            q_rank=c.optional("q_lora_rank", default=768),
            kv_rank=c.int("kv_lora_rank", default=256, least=1),
            nope=c.int("qk_nope_head_dim", default=64),
            rope=c.int("qk_rope_head_dim", default=32, least=1),
            value=c.int(
                "v_head_dim", default=divide(c, "hidden_size over num_attention_heads", hidden, heads), least=1
            ),
            bias=c.bool("attention_bias"),
        ),
        norm("post_attention_layernorm", hidden),
        gated_mlp("mlp", hidden, c.int("intermediate_size", default=6400), bias=c.bool("mlp_bias")),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=62), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=73448, least=1),
        tied=True,
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=32768),
    )


def youtu(c: Config, head: str | None = None) -> ModelSpec:
    """YoutuForCausalLM (transformers 5.23, models/youtu)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    layer = join(
        norm("input_layernorm", hidden),
        latent_attention(
            "self_attn",
            hidden,
            c.int("num_attention_heads", default=16, least=1),
            q_rank=c.optional("q_lora_rank", default=1536),
            kv_rank=c.int("kv_lora_rank", default=512, least=1),
            nope=c.int("qk_nope_head_dim", default=128),
            rope=c.int("qk_rope_head_dim", default=64, least=1),
            value=c.int("v_head_dim", default=128, least=1),
            bias=c.bool("attention_bias"),
        ),
        norm("post_attention_layernorm", hidden),
        gated_mlp("mlp", hidden, c.int("intermediate_size", default=6144)),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=128256, least=1),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
