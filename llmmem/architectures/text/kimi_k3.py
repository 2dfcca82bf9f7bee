"""Kimi K3's language model: Kimi Linear with experts in a latent space, output gates and residuals over blocks."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import COLUMN, Tensors, buffer, embedding, linear, norm
from llmmem.parts.delta import channel_delta_net
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, Tensor, join

#: what the published model has and the earlier Kimi Linear has not
_NEW = ("routed_expert_hidden_size", "latent_moe_use_norm", "attn_res_block_size", "mla_use_output_gate")


def _delta(c: Config, hidden: int) -> Part:
    """Kimi Delta Attention with a whole matrix for the output gate; what is small in it is stored in fp32."""
    heads, head_dim = c.int("num_heads", least=1), c.int("head_dim", least=1)
    part = channel_delta_net("self_attn", hidden, heads, head_dim, c.int("short_conv_kernel_size", least=1))
    own = (
        *linear("self_attn.g_proj", hidden, heads * head_dim, cut=COLUMN, unit=head_dim),
        # Published files fill the heads up to 128 with zeros.
        Tensor("self_attn.A_log", (-(-heads // 128) * 128,), "scalar", dtype="fp32"),
    )
    kept = (t for t in part.tensors if "A_log" not in t.name and ".g_" not in t.name)
    rest = tuple(t._replace(dtype="fp32") if t.role in ("conv", "scalar", "norm") else t for t in kept)
    return part._replace(tensors=(*rest, *own))


def _experts(c: Config, hidden: int) -> Part:
    """Experts that work in a narrower space, which a token enters once and leaves once."""
    latent, inner = c.int("routed_expert_hidden_size", least=1), c.int("moe_intermediate_size")
    count = c.int("num_experts", least=1)
    return join(
        router("block_sparse_moe.gate", hidden, count),
        buffer("block_sparse_moe.gate.e_score_correction_bias", count, dtype="fp32"),
        # The ways in and out stay unquantised like a router.
        linear("block_sparse_moe.routed_expert_down_proj", hidden, latent, role="router"),
        experts(
            "block_sparse_moe.experts",
            latent,
            inner,
            count,
            c.int("num_experts_per_token", "num_experts_per_tok"),
            names=("w1", "w3", "w2"),
        ),
        norm("block_sparse_moe.routed_expert_norm", latent),
        linear("block_sparse_moe.routed_expert_up_proj", latent, hidden, role="router"),
        gated_mlp("block_sparse_moe.shared_experts", hidden, inner * c.int("num_shared_experts", default=0)),
    )


def _residual(name: str, hidden: int) -> Tensors:
    """Weighs what earlier blocks of layers left behind."""
    return (*norm(f"{name}_norm", hidden), *linear(f"{name}_proj", hidden, 1, role="router"))


def kimi_k3_text(c: Config) -> ModelSpec:
    """KimiLinearForCausalLM of Kimi K3, without its head (code and file headers of moonshotai/Kimi-K3).

    Raises:
        UnsupportedArchitectureError: a form that is not the published one.
    """
    delta = c.sub("linear_attn_config")
    if not all(c.get(key) for key in _NEW) or not delta.bool("use_full_rank_gate"):
        raise UnsupportedArchitectureError(
            f"llmmem knows Kimi K3 models with use_full_rank_gate, {', '.join(_NEW)} only.",
            "The published Kimi-K3 has them all.",
        )
    hidden, heads, value = c.int("hidden_size", least=1), c.int("num_attention_heads", least=1), c.int("v_head_dim")
    latent = latent_attention(
        "self_attn",
        hidden,
        heads,
        q_rank=c.int("q_lora_rank", least=1),
        kv_rank=c.int("kv_lora_rank", least=1),
        nope=c.int("qk_nope_head_dim"),
        rope=c.int("qk_rope_head_dim"),
        value=value,
        extra=linear("g_proj", hidden, heads * value, cut=COLUMN, unit=value),
    )
    mixers = {True: latent, False: _delta(delta, hidden)}
    sparse, dense = _experts(c, hidden), gated_mlp("mlp", hidden, c.int("intermediate_size"))

    def layer(attends: bool, routed: bool) -> Part:
        return join(
            norm("input_layernorm", hidden),
            _residual("self_attention_res", hidden),
            mixers[attends],
            norm("post_attention_layernorm", hidden),
            _residual("mlp_res", hidden),
            sparse if routed else dense,
        )

    # Layers are counted from one here.
    full = set(delta.ints("full_attn_layers") or ())
    first = c.int("first_k_dense_replace", default=0)
    kinds = [(i + 1 in full, i >= first) for i in range(c.count("num_hidden_layers"))]
    vocab = c.int("vocab_size", least=1)
    return language_model(
        c,
        "base",
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embed_tokens", vocab, hidden),
        final=(*norm("norm", hidden), *_residual("output_attn_res", hidden)),
        max_context=c.int("max_position_embeddings", "model_max_length"),
        notes=("the model's own code caches expanded keys and values; the latent that engines keep is counted",),
    )
