"""ModernBERT as a decoder: no norm before the first attention, windows in two layers of three, BERT's head."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_of, labels, layer_windows, model_spec, refuse_head
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, embedding, linear, norm
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, join


def modernbert_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """ModernBertDecoderForCausalLM (arXiv:2507.11412; transformers 5.23, models/modernbert_decoder)."""
    kind = head_of(c, head)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=1152)
    vocab = c.int("vocab_size", default=50368, least=1)
    bias, mlp_bias, norm_bias = c.bool("attention_bias"), c.bool("mlp_bias"), c.bool("norm_bias")
    top_bias = c.bool("classifier_bias")

    def layer(first: bool, cache: str, window: int | None) -> Part:
        return join(
            () if first else norm("attn_norm", hidden, bias=norm_bias),
            attention(
                "attn",
                hidden,
                heads,
                heads,
                head_dim,
                names=("q_proj", "k_proj", "v_proj", "Wo"),
                bias=bias,
                out_bias=bias,
                cache=cache,
                window=window,
            ),
            norm("mlp_norm", hidden, bias=norm_bias),
            fused_gated_mlp("mlp", hidden, intermediate, names=("Wi", "Wo"), bias=mlp_bias),
        )

    def dense(name: str) -> Tensors:
        return (
            *linear(f"{name}.dense", hidden, hidden, bias=top_bias),
            *norm(f"{name}.norm", hidden, bias=norm_bias),
        )

    table = embedding("embeddings.tok_embeddings", vocab, hidden)
    tied = c.bool("tie_word_embeddings", default=True) and kind == "lm"
    outputs = linear("decoder", hidden, vocab, bias=c.bool("decoder_bias", default=True), cut=COLUMN, role="head")
    tops: dict[str, Tensors] = {
        "base": (),
        "lm": (*dense("lm_head"), *outputs[1 if tied else 0 :]),
        "sequence": (*dense("head"), *linear("classifier", hidden, labels(c), bias=top_bias, role="head")),
    }
    if kind not in tops:
        raise refuse_head(c, kind)
    n = c.count("num_hidden_layers", default=22)
    every = c.int("global_attn_every_n_layers", default=3, least=1)
    pattern = ["sliding_attention" if i % every else "full_attention" for i in range(n)]
    # What a file states itself wins over half of local_attention.
    half = (c.optional("local_attention", default=128) or 0) // 2
    windows = layer_windows(c, n, c.optional("sliding_window", default=half or None), pattern=pattern)
    kinds = [(i == 0, *window) for i, window in enumerate(windows)]
    prefix = "" if kind == "base" else "model."
    return model_spec(
        c,
        [
            Block("language", prefix, (*table, *norm("embeddings.norm", hidden, bias=norm_bias))),
            *blocks_by_kind("language", f"{prefix}layers.{{}}.", kinds, layer),
            Block("language", prefix, norm("final_norm", hidden, bias=norm_bias)),
            Block("language", "", tops[kind]),
        ],
        hidden=hidden,
        vocab=vocab,
        max_context=c.int("max_position_embeddings", default=8192),
        tied=(("decoder.weight", prefix + table[0].name),) if tied else (),
    )
