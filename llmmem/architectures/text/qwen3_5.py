"""Qwen3.5's language models: gated delta networks, with gated attention in every fourth layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, states_in
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import linear, norm
from llmmem.parts.delta import split_delta_net
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import Block, ModelSpec, Part, join


def _model(
    c: Config, head: str | None, hidden: int, feed_forward: Part, *, layers: int, kv_heads: int, heads: tuple[str, ...]
) -> ModelSpec:
    n = c.count("num_hidden_layers", default=layers)
    q_heads = c.int("num_attention_heads", default=16, least=1)
    head_dim = head_width(c, hidden, q_heads, 256)
    bias = c.bool("attention_bias")
    mixers = {
        "full_attention": attention(
            "self_attn",
            hidden,
            q_heads,
            c.int("num_key_value_heads", default=kv_heads, least=1),
            head_dim,
            bias=bias,
            out_bias=bias,
            extra=qk_norm(head_dim),
            gated=True,
        ),
        "linear_attention": states_in(
            split_delta_net(
                "linear_attn",
                hidden,
                key_heads=c.int("linear_num_key_heads", default=16, least=1),
                value_heads=c.int("linear_num_value_heads", default=32, least=1),
                key_dim=c.int("linear_key_head_dim", default=128, least=1),
                value_dim=c.int("linear_value_head_dim", default=128, least=1),
                kernel=c.int("linear_conv_kernel_dim", default=4, least=1),
            ),
            c.str("mamba_ssm_dtype"),
        ),
    }

    def layer(kind: str) -> Part:
        return join(
            mixers[kind], feed_forward, norm("input_layernorm", hidden), norm("post_attention_layernorm", hidden)
        )

    interval = c.int("full_attention_interval", default=4, least=1)
    default = ["linear_attention" if (i + 1) % interval else "full_attention" for i in range(n)]
    kinds = layer_kinds(c, "layer_types", known=tuple(mixers), default=default, layers=n)
    spec = language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=248320, least=1),
        heads=heads,
        max_context=c.int("max_position_embeddings", default=32768),
    )
    deep = c.count("mtp_num_hidden_layers", default=0)
    return spec._replace(blocks=(*spec.blocks, *_prediction(hidden, layer("full_attention"), deep)))


def _prediction(hidden: int, layer: Part, layers: int) -> tuple[Block, ...]:
    """Deep prediction layers, left in the file by transformers; as vLLM reads them (qwen3_5_mtp.py)."""
    if not layers:
        return ()
    top = (
        # The joining matrix stays unquantised like a router.
        *linear("fc", 2 * hidden, hidden, role="router"),
        *norm("norm", hidden),
        *norm("pre_fc_norm_embedding", hidden),
        *norm("pre_fc_norm_hidden", hidden),
    )
    return (
        Block("mtp", "mtp.", top, loaded=False),
        Block("mtp", "mtp.layers.{}.", layer.tensors, range(layers), loaded=False),
    )


def qwen3_5_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3_5ForCausalLM (transformers 5.23, models/qwen3_5)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    mlp = gated_mlp("mlp", hidden, c.int("intermediate_size", default=12288))
    return _model(c, head, hidden, mlp, layers=32, kv_heads=4, heads=("sequence", "token"))


def qwen3_5_moe_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3_5MoeForCausalLM (transformers 5.23, models/qwen3_5_moe)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    inner = c.int("moe_intermediate_size", default=512)
    count = c.int("num_experts", default=256)
    top_k = c.int("num_experts_per_tok", default=8)
    moe = join(
        router("mlp.gate", hidden, count),
        experts("mlp.experts", hidden, inner, count, top_k),
        gated_mlp("mlp.shared_expert", hidden, c.int("shared_expert_intermediate_size", default=512)),
        # A gate of one row is kept whole and unquantised like a router.
        linear("mlp.shared_expert_gate", hidden, 1, role="router"),
    )
    return _model(c, head, hidden, moe, layers=40, kv_heads=2, heads=())
