"""A.X-K1 and A.X-K2: DeepSeek-V3 with a norm after its experts; with an indexer, gates and gated norms."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.deepseek import latent, routed
from llmmem.architectures.text.deepseek_dsa import index_part
from llmmem.architectures.text.routed import layer_of, sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import COLUMN, Tensors, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def _kinds(c: Config, layers: int) -> list[bool]:
    step = c.int("moe_layer_freq", default=1, least=1)
    first = c.int("first_k_dense_replace", default=1)
    return sparse_layers(c, [i >= first and i % step == 0 for i in range(layers)])


def axk1(c: Config, head: str | None = None) -> ModelSpec:
    """AXK1ForCausalLM (transformers 5.23, models/axk1)."""
    hidden = c.int("hidden_size", default=7168, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    attends = latent(c, hidden, heads)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=18432))
    moe = join(routed(c, hidden, inner=2048, count=192, top_k=8), norm("post_mlp_layernorm", hidden))

    def layer(sparse: bool) -> Part:
        return layer_of(hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=61)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", _kinds(c, n), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=163840, least=1),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=32768),
    )


def axk2(c: Config, head: str | None = None) -> ModelSpec:
    """AXK2ForCausalLM (transformers 5.23, models/axk2)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    q_rank = c.int("q_lora_rank", default=384, least=1)
    nope, rope = c.int("qk_nope_head_dim", default=64), c.int("qk_rope_head_dim", default=32, least=1)
    value = c.int("v_head_dim", default=64, least=1)
    bias = c.bool("attention_bias")
    width = nope + rope + value
    attends = join(
        latent_attention(
            "self_attn",
            hidden,
            heads,
            q_rank=q_rank,
            kv_rank=c.int("kv_lora_rank", default=128, least=1),
            nope=nope,
            rope=rope,
            value=value,
            bias=bias,
            # One matrix makes the queries and the gates of the heads' outputs; it reads the rank and its norm.
            query=(
                *linear("q_a_proj", hidden, q_rank, bias=bias),
                *norm("q_a_layernorm", q_rank),
                *linear("q_b_proj", 2 * q_rank, heads * width, cut=COLUMN, unit=width),
            ),
        ),
        index_part(c, hidden, 384, heads=16),
    )
    rank = c.int("gated_norm_rank", default=16)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=5120))
    moe = routed(c, hidden, inner=512, count=128, top_k=8)

    def gated_norm(name: str) -> Tensors:
        down, up = linear(f"{name}.W_down", hidden, rank), linear(f"{name}.W_up", rank, hidden)
        return (*norm(f"{name}.norm", hidden), *down, *up)

    def layer(sparse: bool) -> Part:
        post = gated_norm("post_attention_layernorm") if sparse else norm("post_attention_layernorm", hidden)
        return join(gated_norm("input_layernorm"), attends, post, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=48)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", _kinds(c, n), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=163840, least=1),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=131072),
    )
