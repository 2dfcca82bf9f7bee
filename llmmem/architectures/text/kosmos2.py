"""The language models of Kosmos-2 and 2.5: Magneto's layers, with norms inside the sublayers, computed positions."""

from __future__ import annotations

from llmmem.architectures.base import head_of, language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import embedding, norm, positions
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, join


def kosmos_2_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """Kosmos2TextForCausalLM (arXiv:2306.14824; transformers 5.23, models/kosmos2)."""
    # The general names are aliases that win over the class's own (attribute_map).
    hidden = c.int("hidden_size", "embed_dim", default=2048, least=1)
    heads = c.int("num_attention_heads", "attention_heads", default=32, least=1)
    head_dim = divide(c, "embed_dim over attention_heads", hidden, heads)
    inner = c.int("ffn_dim", default=8192)
    length = c.int("max_position_embeddings", default=2048)

    def attend(name: str, cache: str | None) -> Part:
        return attention(
            name, hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, bias=True, out_bias=True, cache=cache
        )

    layer = join(
        attend("self_attn", "full"),
        norm("self_attn.inner_attn_ln", hidden, bias=True),
        norm("self_attn_layer_norm", hidden, bias=True),
        mlp(("ffn.fc1", "ffn.fc2"), hidden, inner),
        norm("ffn.ffn_layernorm", inner, bias=True),
        norm("final_layer_norm", hidden, bias=True),
    )
    if c.bool("add_cross_attention"):
        # By itself it has nothing to read there.
        layer = join(layer, attend("encoder_attn", None), norm("encoder_attn_layer_norm", hidden, bias=True))
    vocab = c.int("vocab_size", default=65037, least=1)
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", "layers", default=24), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embed_tokens", vocab, hidden),
        final=norm("layer_norm", hidden, bias=True),
        heads=(),
        tied=True,
        max_context=length,
    )


def kosmos_2_5_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """Kosmos2_5TextForCausalLM: pictures and words are told apart (arXiv:2309.11419; transformers 5.23)."""
    # The general names are aliases that win over the class's own (attribute_map).
    hidden = c.int("hidden_size", "embed_dim", default=1536, least=1)
    heads = c.int("num_attention_heads", "attention_heads", default=16, least=1)
    head_dim = divide(c, "embed_dim over attention_heads", hidden, heads)
    inner = c.int("ffn_dim", default=6144)
    layer = join(
        attention(
            "self_attn", hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, bias=True, out_bias=True, cache="full"
        ),
        norm("self_attn_layer_norm", hidden, bias=True),
        mlp(("ffn.fc1", "ffn.fc2"), hidden, inner),
        norm("ffn.ffn_layernorm", inner, bias=True),
        norm("final_layer_norm", hidden, bias=True),
    )
    vocab = c.int("vocab_size", default=108481, least=1)
    spec = language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", "layers", default=24), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("embed_tokens", vocab, hidden), *positions("segment_emb", 2, hidden)),
        final=norm("layer_norm", hidden, bias=True),
        heads=(),
        tied=True,
        max_context=c.int("max_position_embeddings", default=4096),
    )
    # The base model of its own wraps the stack once more.
    return spec._replace(blocks=spec.placed("model.")) if head is None and head_of(c, None) == "base" else spec
