"""LongCat-Flash: two rounds of attention and feed-forward in a layer, experts beside them, some of which do nothing."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import COLUMN, buffer, linear, norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join

NOTE = "transformers 5.23 makes gate and up projections even for the experts that do nothing; checkpoints have none."


def longcat_flash(c: Config, head: str | None = None) -> ModelSpec:
    """LongcatFlashForCausalLM (arXiv:2509.01322; transformers 5.23, models/longcat_flash)."""
    hidden = c.int("hidden_size", default=6144, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    bias = c.bool("attention_bias")
    q_rank = c.int("q_lora_rank", default=1536, least=1)
    nope = c.int("qk_nope_head_dim", default=128)
    rope = c.int("qk_rope_head_dim", default=64, least=1)
    width = c.int("qk_head_dim", default=nope + rope, null=nope + rope, least=1)
    query = (
        *linear("q_a_proj", hidden, q_rank, bias=bias),
        *norm("q_a_layernorm", q_rank),
        *linear("q_b_proj", q_rank, heads * width, cut=COLUMN, unit=width),
    )
    attends = latent_attention(
        "self_attn.{}",
        hidden,
        heads,
        q_rank=q_rank,
        kv_rank=c.int("kv_lora_rank", default=512, least=1),
        nope=nope,
        rope=rope,
        value=c.int("v_head_dim", default=128, least=1),
        bias=bias,
        query=query,
    )
    once = join(
        norm("input_layernorm.{}", hidden),
        attends,
        norm("post_attention_layernorm.{}", hidden),
        gated_mlp("mlps.{}", hidden, c.int("intermediate_size", "ffn_hidden_size", default=12288)),
    )
    twice = Part(tuple(t._replace(copies=2) for t in once.tensors), 2 * once.caches, once.work)
    inner = c.int("moe_intermediate_size", "expert_ffn_hidden_size", default=2048)
    count = c.int("num_local_experts", "n_routed_experts", default=512)
    idle = c.int("zero_expert_num", default=256, null=0)
    top_k = c.int("num_experts_per_tok", "moe_topk", default=12)
    routed = experts("mlp.experts", hidden, inner, count, top_k)
    routed = routed._replace(
        tensors=tuple(t if ".down_proj." in t.name else t._replace(copies=count + idle) for t in routed.tensors)
    )
    moe = join(
        router("mlp.router.classifier", hidden, count + idle, bias=c.bool("router_bias")),
        buffer("mlp.router.e_score_correction_bias", count + idle),
        routed if count else (),
    )
    n = c.count("num_layers", default=28)
    if c.get("num_hidden_layers") is not None:  # counts rounds, and wins
        n = c.count("num_hidden_layers") // 2
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", n, join(twice, moe)),
        hidden=hidden,
        vocab=c.int("vocab_size", default=131072, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
        notes=(NOTE,) if idle and count else (),
    )
