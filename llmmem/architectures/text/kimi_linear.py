"""Kimi Linear: delta nets that forget every channel at its own rate, latent attention in between, many experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import buffer, norm
from llmmem.parts.delta import channel_delta_net
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def _kinds(c: Config, linear: Config, layers: int) -> list[str]:
    """One kind per layer; published files count the layers of both kinds from one."""
    full, delta = linear.ints("full_attn_layers"), linear.ints("kda_layers")
    if full is None or delta is None:
        default = ["full_attention" if i and i % 4 == 0 else "linear_attention" for i in range(layers)]
    else:
        if not set(range(1, layers + 1)) <= {*full, *delta}:
            raise ConfigError("full_attn_layers and kda_layers leave out layers.", "Check the config.json.")
        default = ["linear_attention" if i + 1 in delta else "full_attention" for i in range(layers)]
    return layer_kinds(c, "layer_types", known=("full_attention", "linear_attention"), default=default, layers=layers)


def kimi_linear(c: Config, head: str | None = None) -> ModelSpec:
    """KimiLinearForCausalLM (arXiv:2510.26692; transformers 5.23, models/kimi_linear)."""
    if c.has("routed_expert_hidden_size"):
        raise UnsupportedArchitectureError(
            "This config calls itself kimi_linear but has the narrow experts of Kimi-K3.",
            "Give the whole config.json, whose model_type is kimi_k3.",
        )
    hidden = c.int("hidden_size", default=2304, least=1)
    linear = c.sub("linear_attn_config")
    inner = c.int("moe_intermediate_size", default=1024)
    count = c.int("num_experts", "num_local_experts", default=256, least=1)
    top_k = c.int("num_experts_per_token", "num_experts_per_tok", default=8, null=count)
    shared = c.int("num_shared_experts", "n_shared_experts", default=1)
    mixers = {
        "full_attention": latent_attention(
            "self_attn",
            hidden,
            c.int("num_attention_heads", default=32, least=1),
            q_rank=c.optional("q_lora_rank"),
            kv_rank=c.int("kv_lora_rank", default=512, least=1),
            nope=c.int("qk_nope_head_dim", default=128),
            rope=c.int("qk_rope_head_dim", default=64, least=1),
            value=c.int("v_head_dim", default=128, least=1),
            bias=c.bool("attention_bias"),
        ),
        "linear_attention": channel_delta_net(
            "self_attn",
            hidden,
            linear.int("num_heads", default=c.int("linear_num_heads", default=32), least=1),
            linear.int("head_dim", default=c.int("linear_head_dim", default=128), least=1),
            linear.int("short_conv_kernel_size", default=c.int("linear_conv_kernel_dim", default=4), least=1),
        ),
    }
    # transformers 5.23 writes the dense layers under the experts' name as well.
    feed_forwards = {
        "dense": gated_mlp("block_sparse_moe", hidden, c.int("intermediate_size", default=9216)),
        "sparse": join(
            router("block_sparse_moe.gate", hidden, count),
            buffer("block_sparse_moe.gate.e_score_correction_bias", count, dtype="fp32"),
            experts("block_sparse_moe.experts", hidden, inner, count, top_k, names=("w1", "w3", "w2")),
            gated_mlp("block_sparse_moe.shared_experts", hidden, inner * shared),
        ),
    }

    def layer(mixer: str, feed_forward: str) -> Part:
        return join(
            norm("input_layernorm", hidden),
            mixers[mixer],
            feed_forwards[feed_forward],
            norm("post_attention_layernorm", hidden),
        )

    n = c.count("num_hidden_layers", default=27)
    first = c.int("first_k_dense_replace", default=1)
    default = ["dense" if i < first else "sparse" for i in range(n)]
    sparse = layer_kinds(c, "mlp_layer_types", known=tuple(feed_forwards), default=default, layers=n)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", list(zip(_kinds(c, linear, n), sparse, strict=True)), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=163840, least=1),
        tied=None,
        heads=(),
        max_context=c.int("model_max_length", "max_position_embeddings", default=1048576),
    )
