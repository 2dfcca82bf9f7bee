"""Kolibri 1: four norms, windows in four layers of five, and in every layer experts with a shared one."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.attention import qk_norm
from llmmem.parts.basic import buffer
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, join


def kolibri1(c: Config, head: str | None = None) -> ModelSpec:
    """Kolibri1ForCausalLM (transformers 5.23, models/kolibri1); names as its checkpoints have them."""
    # It has no dense layers, so no intermediate_size.
    s = sizes(c, hidden=2560, heads=48, intermediate=0, kv_heads=4, head_dim=128)
    count = c.int("num_local_experts", "num_experts", default=384)
    moe = join(
        router("mlp.gate", s.hidden, count),
        tuple(t._replace(dtype="fp32") for t in buffer("moe.router.expert_bias", count)),
        experts(
            "mlp.experts",
            s.hidden,
            c.int("moe_intermediate_size", default=512),
            count,
            c.int("num_experts_per_tok", default=6),
        ),
        gated_mlp("mlp.shared_experts", s.hidden, c.int("shared_expert_intermediate_size", default=512)),
    )
    n = c.count("num_hidden_layers", default=50)
    pattern = ["sliding_attention" if (i + 1) % 5 else "full_attention" for i in range(n)]
    layers = llama_layers(
        s,
        layer_windows(c, n, c.optional("sliding_window", default=513), pattern=pattern),
        norms=("input_layernorm", "post_attn_norm", "post_attention_layernorm", "post_ffn_norm"),
        extra=qk_norm(s.head_dim),
        feed_forward=moe,
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=128000, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=262144),
    )
