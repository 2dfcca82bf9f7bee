"""NeoMME: one encoder for words and patches of pictures, with narrow embeddings and a second table for the values."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.architectures.encoder import encoder, encoder_model
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, embedding, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, join


def neomme(c: Config, head: str | None = None) -> ModelSpec:
    """NeoMMEForMaskedLM and NeoMMEForRetrieval (transformers 5.23, models/neomme).

    The norms inside have no weights. Tied, both factors of the embeddings serve the head too.
    """
    e = encoder(
        c, head, vocab=131072, hidden=1024, layers=17, heads=16, intermediate=3584, length=16384, types=None, even=False
    )
    head_dim = c.int("head_dim", default=64)
    kv_heads = c.int("num_key_value_heads", default=4, least=1)
    divide(c, "num_attention_heads over num_key_value_heads", e.heads, kv_heads)
    rank = c.int("embedding_rank", default=256)
    bias = c.bool("attention_bias")
    layer = join(
        scalars("lambdas", 2),
        attention(
            "self_attn",
            e.hidden,
            e.heads,
            kv_heads,
            head_dim,
            names=("q_proj", "k_proj", "v_proj", "output_projection.o_proj"),
            bias=bias,
            out_bias=bias,
            extra=(
                *linear("output_projection.gate_proj", e.hidden, e.heads * head_dim, cut=COLUMN, unit=head_dim),
                *scalars("exclusive_self_attention.alpha", e.heads, shard=0),
            ),
            cache=None,
        ),
        mlp(("mlp.up_proj", "mlp.down_proj"), e.hidden, e.intermediate, bias=c.bool("mlp_bias")),
    )
    patch = 3 * c.int("patch_size", default=32) ** 2
    patches = (
        *norm("norm", patch, bias=True),
        *linear("up_proj", patch, 2 * e.hidden),
        *linear("down_proj", 2 * e.hidden, e.hidden, bias=True),
    )
    words: Tensors = (
        *linear("unembedding_projection", rank, e.hidden),
        *linear("lm_head", rank, e.vocab, cut=COLUMN, role="head"),
    )
    tops = {
        "mlm": () if e.tied else words,
        "retrieval": linear("multi_vector_head.proj", e.hidden, c.int("embedding_dim", default=128), role="head"),
    }
    tied = (
        ("unembedding_projection.weight", "model.embed_tokens.embedding_projection.weight"),
        ("lm_head.weight", "model.embed_tokens.word_embeddings.weight"),
    )
    table = (*embedding("word_embeddings", e.vocab, rank), *linear("embedding_projection", rank, e.hidden))
    blocks = [
        Block(e.component, "embed_tokens.", table),
        Block("projector", "patch_embeddings.", patches),
        *uniform(e.component, "layers.{}.", e.layers, layer),
        Block(e.component, "", embedding("value_embeddings", e.vocab, kv_heads * head_dim)),
    ]
    return encoder_model(c, e, "model.", blocks, tops, tied)
