"""The four stacks of BLT, each a model of its own."""

from __future__ import annotations

from llmmem.architectures.base import layer_windows, model_spec, uniform
from llmmem.architectures.text.decoder import Sizes, llama_layers
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, embedding, linear, norm
from llmmem.tensors import Block, ModelSpec


def _sizes(c: Config, *, hidden: int, heads: int, intermediate: int) -> Sizes:
    """The classes know no head_dim, and leave over what their heads do not share; intermediate_size 0 is derived."""
    heads = c.int("num_attention_heads", default=heads, least=1)
    hidden = c.int("hidden_size", default=hidden, least=heads)
    kv_heads = c.int("num_key_value_heads", default=heads) or heads
    return Sizes(
        hidden, heads, kv_heads, hidden // heads, c.int("intermediate_size", default=intermediate) or 8 * hidden // 3
    )


def _local(c: Config, s: Sizes, n: int, tensors: Tensors, crossed: bool) -> ModelSpec:
    """A stack over bytes, and where bytes and patches meet: in every layer, or once.

    Args:
        crossed: the class default of cross_attn_all_layers, for which null is no.
    """
    everywhere = c.bool("cross_attn_all_layers", default=crossed and not c.has("cross_attn_all_layers"))
    crossing = attention(
        "",  # its matrices stand directly under the layer's index
        s.hidden,
        s.heads,
        s.kv_heads,
        s.head_dim,
        extra=(*norm("q_norm", s.hidden), *norm("k_norm", s.hidden)),
        cache=None,
    )
    blocks = [
        *llama_layers(s, [("full", None)] * n),
        Block("language", "", tensors),
        *uniform("language", "cross_attn_layers.{}", n if everywhere else 1, crossing),
    ]
    context = c.int("max_position_embeddings", default=24576)
    return model_spec(c, blocks, hidden=s.hidden, vocab=c.int("vocab_size", default=260), max_context=context)


def blt_local_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """BltLocalEncoder (transformers 5.23, models/blt)."""
    s = _sizes(c, hidden=1024, heads=16, intermediate=0)
    tensors = (
        *linear("patch_embedding_projection", s.hidden, s.hidden * c.int("cross_attn_k", default=2), cut=COLUMN),
        *embedding("embed_tokens", c.int("vocab_size", default=260), s.hidden),
    )
    return _local(c, s, c.count("num_hidden_layers", default=1), tensors, False)


def blt_local_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """BltLocalDecoder (transformers 5.23, models/blt)."""
    s = _sizes(c, hidden=1024, heads=16, intermediate=2816)
    patches = c.int("hidden_size_global", default=2048)
    tensors = (
        *linear("patch_embedding_projection", patches, s.hidden * c.int("cross_attn_k", default=2), cut=COLUMN),
        *norm("norm", s.hidden),
    )
    return _local(c, s, c.count("num_hidden_layers", default=9), tensors, True)


def blt_global_transformer(c: Config, head: str | None = None) -> ModelSpec:
    """BltGlobalTransformer, which reads all patches again for every byte (transformers 5.23, models/blt)."""
    s = _sizes(c, hidden=2048, heads=16, intermediate=5632)
    layers = llama_layers(s, [("full", None)] * c.count("num_hidden_layers", default=25))
    patch = c.optional("encoder_cross_output_size")
    joint = () if patch is None else linear("token_embedding_projection", patch, s.hidden, cut=COLUMN)
    blocks = [*(b._replace(caches=()) for b in layers), Block("language", "", joint)]
    return model_spec(c, blocks, hidden=s.hidden, max_context=c.int("max_position_embeddings", default=4096))


def blt_patcher(c: Config, head: str | None = None) -> ModelSpec:
    """BltPatcher, a small model of its own whose doubt says where a patch ends (transformers 5.23, models/blt)."""
    s = _sizes(c, hidden=768, heads=12, intermediate=2048)
    vocab = c.int("vocab_size", default=260)
    n = c.count("num_hidden_layers", default=14)
    blocks = [
        Block("language", "", embedding("embed_tokens", vocab, s.hidden)),
        *llama_layers(s, layer_windows(c, n, c.optional("sliding_window", default=512))),
        Block("language", "", (*norm("norm", s.hidden), *linear("lm_head", s.hidden, vocab, cut=COLUMN, role="head"))),
    ]
    context = c.int("max_position_embeddings", default=8192)
    return model_spec(c, blocks, hidden=s.hidden, vocab=vocab, max_context=context)
