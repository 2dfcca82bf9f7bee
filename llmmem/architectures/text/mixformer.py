"""Phi-1.5 and Phi-2 as first published: one numbered sequence of embedding, layers and head."""

from __future__ import annotations

from llmmem.architectures.base import language_model
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, join


def mixformer_sequential(c: Config, head: str | None = None) -> ModelSpec:
    """MixFormerSequentialForCausalLM (arXiv:2309.05463; code that came with microsoft/phi-1_5 and phi-2).

    Reproduces the 11,118,735,360 stored bytes (fp32) of phi-2 in this format.
    """
    hidden = c.int("n_embd", "hidden_size", default=1024, least=1)
    heads = c.int("n_head", "num_attention_heads", default=16, least=1)
    kv_heads = c.int("n_head_kv", default=heads, least=1)
    head_dim = divide(c, "n_embd over n_head", hidden, heads)
    multiple = c.int("pad_vocab_size_multiple", default=64, least=1)
    vocab = -(-c.int("vocab_size", default=50304, least=1) // multiple) * multiple
    act = c.str("activation_function", default="gelu_new")
    layer = join(
        norm("ln", hidden, bias=True),
        fused_attention(("mixer.Wqkv", "mixer.out_proj"), hidden, heads, kv_heads, head_dim, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("n_inner", default=4 * hidden), act=act),
    )
    n = c.count("n_layer", "num_hidden_layers", default=20)
    context = c.int("n_positions", "max_position_embeddings", default=2048)
    return language_model(
        c,
        head,
        (Block("language", "layers.{}.", layer.tensors, range(1, n + 1), layer.caches, layer.work),) if n else (),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("layers.0.wte", vocab, hidden),
        final=norm(f"layers.{n + 1}.ln", hidden, bias=True),
        base="",
        head_name=f"layers.{n + 1}.linear",
        head_bias=True,
        heads=(),
        max_context=context,
        notes=(f"the model's own code reserves its KV cache for all {context:,} positions at the first step",),
    )
