"""OPT: learned positions with two rows to spare, embeddings that may be narrower than the layers (350M)."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, embedding, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join, runs


def opt(c: Config, head: str | None = None) -> ModelSpec:
    """OPTForCausalLM (arXiv:2205.01068; transformers 5.23, models/opt)."""
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    bias = c.bool("enable_bias", default=True)
    affine = c.bool("layer_norm_elementwise_affine", default=True)
    width = c.int("word_embed_proj_dim", default=hidden, least=1)
    rows = c.int("max_position_embeddings", default=2048)
    vocab = c.int("vocab_size", default=50272, least=1)

    def scaled(name: str) -> Tensors:
        return norm(name, hidden, bias=True) if affine else ()

    layer = join(
        runs(
            attention(
                "self_attn",
                hidden,
                heads,
                heads,
                head_dim,
                names=("q_proj", "k_proj", "v_proj", "out_proj"),
                bias=bias,
                out_bias=bias,
                rotary=False,
            ),
            held=4,
        ),  # tokens, positions, their sum and its norm
        scaled("self_attn_layer_norm"),
        mlp(("fc1", "fc2"), hidden, c.int("ffn_dim", default=3072), bias=bias),
        scaled("final_layer_norm"),
    )
    stem = (*embedding("decoder.embed_tokens", vocab, width), *positions("decoder.embed_positions", rows + 2, hidden))
    if width != hidden:
        stem += linear("decoder.project_out", hidden, width) + linear("decoder.project_in", width, hidden)
    before, removed = c.bool("do_layer_norm_before", default=True), c.bool("_remove_final_layer_norm")
    return language_model(
        c,
        head,
        uniform("language", "decoder.layers.{}.", c.count("num_hidden_layers", default=12), layer),
        hidden=hidden,
        vocab=vocab,
        stem=stem,
        final=scaled("decoder.final_layer_norm") if before and not removed else (),
        head_inputs=width,
        heads=("sequence", "qa"),
        tied=True,
        max_context=rows,
    )
