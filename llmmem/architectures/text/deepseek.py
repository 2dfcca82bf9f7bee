"""DeepSeek-V2 and V3: latent attention, a few dense layers, then shared and routed experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.config import Config, divide
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import buffer, embedding, linear, norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import Block, ModelSpec, Part, join


def _attention(c: Config, hidden: int, heads: int) -> Part:
    return latent_attention(
        "self_attn",
        hidden,
        heads,
        q_rank=c.optional("q_lora_rank", default=1536),
        kv_rank=c.int("kv_lora_rank", default=512, least=1),
        nope=c.int("qk_nope_head_dim", default=128),
        rope=c.int("qk_rope_head_dim", default=64, least=1),
        value=c.int("v_head_dim", default=128, least=1),
        bias=c.bool("attention_bias"),
    )


def deepseek_v2(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekV2ForCausalLM (arXiv:2405.04434; transformers 5.23, models/deepseek_v2)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    divide(c, "hidden_size over num_attention_heads", hidden, heads)
    attends = _attention(c, hidden, heads)
    bias = c.bool("mlp_bias")
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=11008), bias=bias)
    inner = c.int("moe_intermediate_size", default=1407)
    count = c.int("num_experts", "n_routed_experts", default=64, least=1)
    # The class has no default for how many experts a token visits: counted as all of them.
    top_k = c.int("num_experts_per_tok", default=count)
    moe = join(
        router("mlp.gate", hidden, count),
        experts("mlp.experts", hidden, inner, count, top_k),
        gated_mlp("mlp.shared_experts", hidden, inner * c.int("n_shared_experts", default=2), bias=bias),
    )

    def layer(sparse: bool) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attends,
            norm("post_attention_layernorm", hidden),
            moe if sparse else dense,
        )

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
    attends = _attention(c, hidden, heads)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=18432))
    inner = c.int("moe_intermediate_size", default=2048)
    count = c.int("num_local_experts", "n_routed_experts", default=256, least=1)
    top_k = c.int("num_experts_per_tok", default=8, null=count)
    moe = join(
        router("mlp.gate", hidden, count),
        tuple(t._replace(dtype="fp32") for t in buffer("mlp.gate.e_score_correction_bias", count)),
        experts("mlp.experts", hidden, inner, count, top_k),
        gated_mlp("mlp.shared_experts", hidden, inner * c.int("n_shared_experts", default=1)),
    )

    def layer(sparse: bool) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attends,
            norm("post_attention_layernorm", hidden),
            moe if sparse else dense,
        )

    n = c.count("num_hidden_layers", default=61)
    first = c.int("first_k_dense_replace", default=3)
    # A deep prediction layer carries its own tables and head; its joining matrix stays unquantised like a router.
    predict = join(
        embedding("embed_tokens", vocab, hidden),
        norm("enorm", hidden),
        norm("hnorm", hidden),
        linear("eh_proj", 2 * hidden, hidden, role="router"),
        layer(True),
        norm("shared_head.norm", hidden),
        linear("shared_head.head", hidden, vocab, cut="column", role="head"),
    )
    deep = range(n, n + c.count("num_nextn_predict_layers", "num_mtp_layers", default=1))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [i >= first for i in range(n)], layer),
        hidden=hidden,
        vocab=vocab,
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=4096),
        mtp=(Block("mtp", "layers.{}.", predict.tensors, deep, loaded=False),),
    )
