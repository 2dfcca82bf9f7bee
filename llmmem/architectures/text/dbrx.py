"""DBRX: all experts of a layer end to end in three matrices."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import router
from llmmem.tensors import ModelSpec, Part, Tensor, Work, join


def dbrx(c: Config, head: str | None = None) -> ModelSpec:
    """DbrxForCausalLM (transformers 5.23, models/dbrx)."""
    hidden = c.int("hidden_size", "d_model", default=2048, least=1)
    heads = c.int("num_attention_heads", "n_heads", default=16, least=1)
    head_dim = divide(c, "d_model over n_heads", hidden, heads)
    kv_heads = c.sub("attn_config").int("kv_n_heads", default=1, least=1)
    ffn = c.sub("ffn_config")
    inner = ffn.int("ffn_hidden_size", default=3584)
    count = ffn.int("moe_num_experts", default=4, least=1)
    top_k = ffn.int("moe_top_k", default=1)
    vocab = c.int("vocab_size", default=32000, least=1)

    def stack(name: str) -> Tensor:
        """(experts * ffn_hidden_size, d_model): w2 is kept the way of w1 and v1, so all are cut along the same axis."""
        layout = "io" if name == "w2" else "oi"
        return Tensor(
            f"ffn.experts.mlp.{name}", (inner, hidden), "linear", 0, 1, count, top_k, layout=layout, flat=True
        )

    def layer(cache: str, window: int | None) -> Part:
        names = ("norm_attn_norm.attn.Wqkv", "norm_attn_norm.attn.out_proj")
        return join(
            norm("norm_attn_norm.norm_1", hidden),
            fused_attention(names, hidden, heads, kv_heads, head_dim, cache=cache, window=window),
            norm("norm_attn_norm.norm_2", hidden),
            router("ffn.router.layer", hidden, count),
            Part(
                (stack("w1"), stack("v1"), stack("w2")), (), (Work("moe", top_k * (4 * inner + hidden), top_k=top_k),)
            ),
        )

    windows = layer_windows(c, c.count("num_hidden_layers", "n_layers", default=24), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "blocks.{}.", windows, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("wte", vocab, hidden),
        final=norm("norm_f", hidden),
        base="transformer.",
        heads=(),
        max_context=c.int("max_position_embeddings", "max_seq_len", default=2048),
    )
