"""Step-3's language model: multi-matrix factorisation attention with one key head, and few, large experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.routed import layer_of
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention_work, kv_cache
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.parts.mlp import gated_mlp, router
from llmmem.tensors import ModelSpec, Part, Tensor, Work, join


def _sparse(c: Config) -> set[int]:
    """Layers with experts; published files write the list as text."""
    given = c.get("moe_layers_enum")
    if given is None:
        return set(range(4, 60))
    entries = given.split(",") if isinstance(given, str) else given
    try:
        return {int(i) for i in entries}
    except (TypeError, ValueError):
        raise ConfigError(
            "moe_layers_enum should be layer numbers with commas between.", "Check the config.json."
        ) from None


def step3_text(c: Config, head: str | None = None) -> ModelSpec:
    """Step3TextForCausalLM (arXiv:2507.19427; vLLM, models/step3_text; configuration that comes with stepfun-ai/step3).

    The class defaults are the published model; its 316 B language model (321 B with the tower) is reproduced.
    """
    hidden = c.int("hidden_size", default=7168, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    head_dim = c.int("head_dim", default=256, least=1)
    shared_query = c.int("share_q_dim", default=2048, null=head_dim, least=1)
    attends = Part(
        (
            # One key head: these stay whole on every rank.
            *linear("self_attn.q_proj", hidden, shared_query),
            *linear("self_attn.k_proj", hidden, head_dim),
            *linear("self_attn.v_proj", hidden, head_dim),
            *norm("self_attn.inter_norm", shared_query),
            *linear("self_attn.wq", shared_query, heads * head_dim, cut=COLUMN, unit=head_dim),
            *linear("self_attn.o_proj", heads * head_dim, hidden, cut=ROW, unit=head_dim),
        ),
        (kv_cache("full", 1, head_dim),),
        (attention_work(heads, 1, head_dim),),
    )
    count, top_k = c.int("moe_num_experts", default=48, least=1), c.int("moe_top_k", default=3)
    inner = c.int("moe_intermediate_size", default=5120)
    stacks = (
        Tensor("moe.gate_proj.weight", (inner, hidden), shard=0, copies=count, active=top_k),
        Tensor("moe.up_proj.weight", (inner, hidden), shard=0, copies=count, active=top_k),
        Tensor("moe.down_proj.weight", (hidden, inner), shard=1, copies=count, active=top_k),
    )
    moe = join(
        router("moe.gate", hidden, count),
        Part(stacks, (), (Work("moe", top_k * (4 * inner + hidden), top_k=top_k),)),
        gated_mlp("share_expert", hidden, c.int("share_expert_dim", default=5120)),
    )
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=18432))

    def layer(sparse: bool) -> Part:
        return layer_of(hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=61)
    sparse = _sparse(c)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [i in sparse for i in range(n)], layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=128815, least=1),
        heads=(),
        max_context=c.int("max_position_embedding", "max_position_embeddings", default=65536),
    )
