"""DeepSeek-V2 and V3: latent attention, a few dense layers, then shared and routed experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.routed import layer_of, predictors
from llmmem.config import Config, divide
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import Tensors
from llmmem.parts.mlp import experts, gated_mlp, router, shared_moe
from llmmem.tensors import ModelSpec, Part, join


def latent(
    c: Config,
    hidden: int,
    heads: int,
    *,
    q_rank: int | None = 1536,
    kv_rank: int = 512,
    nope: int = 128,
    rope: int = 64,
    value: int = 128,
    extra: Tensors = (),
) -> Part:
    """Latent attention under its usual keys; the numbers are the defaults of the model's configuration class."""
    return latent_attention(
        "self_attn",
        hidden,
        heads,
        q_rank=c.optional("q_lora_rank", default=q_rank),
        kv_rank=c.int("kv_lora_rank", default=kv_rank, least=1),
        nope=c.int("qk_nope_head_dim", default=nope),
        rope=c.int("qk_rope_head_dim", default=rope, least=1),
        value=c.int("v_head_dim", default=value, least=1),
        bias=c.bool("attention_bias"),
        extra=extra,
    )


def routed(
    c: Config,
    hidden: int,
    *,
    inner: int,
    count: int,
    top_k: int,
    names: tuple[str, ...] = ("num_local_experts", "n_routed_experts"),
) -> Part:
    """DeepSeek-V3's experts under their usual keys; the numbers are the defaults of the configuration class.

    Args:
        names: the spellings of how many there are, in the order the class prefers them.
    """
    inner = c.int("moe_intermediate_size", default=inner)
    count = c.int(*names, default=count, least=1)
    top_k = c.int("num_experts_per_tok", default=top_k, null=count)
    return shared_moe("mlp", hidden, inner, count, top_k, inner * c.int("n_shared_experts", default=1))


def deepseek_v2(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekV2ForCausalLM (arXiv:2405.04434; transformers 5.23, models/deepseek_v2)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    attends = latent(c, hidden, heads)
    bias = c.bool("mlp_bias")
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=11008), bias=bias)
    inner = c.int("moe_intermediate_size", default=1407)
    count = c.int("num_experts", "n_routed_experts", default=64, least=1)
    # The class has no default for how many experts a token visits: counted as all of them.
    top_k = c.int("num_experts_per_tok", default=count)
    moe = join(
        router("mlp.gate", hidden, count),
        experts("mlp.experts", hidden, inner, count, top_k, wide=True),
        gated_mlp("mlp.shared_experts", hidden, inner * c.int("n_shared_experts", default=2), bias=bias),
    )

    def layer(sparse: bool) -> Part:
        return layer_of(hidden, attends, moe if sparse else dense)

    first = c.int("first_k_dense_replace", default=0)
    kinds = [i >= first for i in range(c.count("num_hidden_layers", default=32))]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=102400, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )


def deepseek_v3(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekV3ForCausalLM (arXiv:2412.19437; transformers 5.23, models/deepseek_v3)."""
    hidden = c.int("hidden_size", default=7168, least=1)
    heads = c.int("num_attention_heads", default=128, least=1)
    vocab = c.int("vocab_size", default=129280, least=1)
    attends = latent(c, hidden, heads)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=18432))
    moe = routed(c, hidden, inner=2048, count=256, top_k=8)

    def layer(sparse: bool) -> Part:
        return layer_of(hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=61)
    first = c.int("first_k_dense_replace", default=3)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [i >= first for i in range(n)], layer),
        hidden=hidden,
        vocab=vocab,
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=4096),
        mtp=predictors(c, n, layer(True), hidden=hidden, vocab=vocab, default=1),
    )
