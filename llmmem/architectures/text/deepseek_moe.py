"""DeepSeekMoE, the first generation: Llama's attention, many small experts beside shared ones."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.routed import layer_of
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def deepseek(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekForCausalLM (arXiv:2401.06066; code that comes with deepseek-ai/deepseek-moe-16b-base).

    Reproduces the 16,375,728,128 parameters of the 16B.
    """
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    s = s._replace(head_dim=divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads))
    bias = c.bool("attention_bias")
    attends = attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, bias=bias, out_bias=bias)
    dense = gated_mlp("mlp", s.hidden, s.intermediate)
    count = c.int("n_routed_experts", default=0)
    inner = c.int("moe_intermediate_size", default=1407)
    shared = inner * c.int("n_shared_experts", default=0)
    moe = join(
        experts("mlp.experts", s.hidden, inner, count, c.int("num_experts_per_tok", default=count)),
        router("mlp.gate", s.hidden, count),
        gated_mlp("mlp.shared_experts", s.hidden, shared) if shared else (),
    )

    def layer(sparse: bool) -> Part:
        return layer_of(s.hidden, attends, moe if sparse else dense)

    first = c.int("first_k_dense_replace", default=0)
    every = c.int("moe_layer_freq", default=1, least=1)
    n = c.count("num_hidden_layers", default=30)
    kinds = [count > 0 and i >= first and i % every == 0 for i in range(n)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=102400, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )
