"""K-EXAONE: q/k norms over each head, full attention in every fourth layer, DeepSeek-V3's experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.routed import layer_of, sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.mlp import gated_mlp, shared_moe
from llmmem.tensors import ModelSpec, Part


def exaone_moe(c: Config, head: str | None = None) -> ModelSpec:
    """ExaoneMoeForCausalLM (transformers 5.23, models/exaone_moe)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=16384, kv_heads=32)
    inner = c.int("moe_intermediate_size", default=1024)
    moe = shared_moe(
        "mlp",
        s.hidden,
        inner,
        c.int("num_experts", default=64, least=1),
        c.int("num_experts_per_tok", default=8),
        inner * c.int("num_shared_experts", default=1),
        correction="e_score_correction_bias",
    )
    dense = gated_mlp("mlp", s.hidden, s.intermediate)

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        norms = qk_norm(s.head_dim)
        attends = attention(
            "self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, extra=norms, cache=cache, window=window
        )
        return layer_of(s.hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=32)
    window = c.optional("sliding_window", default=4096)
    pattern = None
    if c.list("layer_types") is None:  # published files may spell the pattern "LLLG" beside layer_types
        every = c.int("sliding_window_pattern", default=4)
        pattern = ["sliding_attention" if every and (i + 1) % every else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, window, pattern=pattern)
    first = c.int("first_k_dense_replace", default=1)
    sparse = sparse_layers(c, [i >= first for i in range(n)])
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [(a, *kind) for a, kind in zip(sparse, windows, strict=True)], layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=102400, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
