"""Nemotron-H: every layer is one thing only - Mamba-2, attention, an MLP or a mixture of experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, states_in
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, buffer, embedding, linear, norm
from llmmem.parts.mamba import mamba2_mixer
from llmmem.parts.mlp import experts, mlp, router
from llmmem.tensors import Block, ModelSpec, Part, join

_LETTERS = {"M": "linear_attention", "E": "moe", "*": "full_attention", "-": "mlp"}
_UP_DOWN = ("up_proj", "down_proj")


def _mixers(c: Config, hidden: int) -> dict[str, Part]:
    bias, mlp_bias = c.bool("use_bias"), c.bool("mlp_bias")
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    shared = c.int("moe_shared_expert_intermediate_size", default=7688)
    count = c.int("num_local_experts", "n_routed_experts", default=8)
    latent = c.optional("moe_latent_size")
    inner = c.int("moe_intermediate_size", default=7688)
    top_k = c.int("num_experts_per_tok", default=2)
    # A shared width of zero counts as not given.
    wide = c.int("intermediate_size", default=21504)
    return {
        "linear_attention": states_in(
            mamba2_mixer(
                "mixer",
                hidden,
                c.int("mamba_num_heads", default=128, least=1),
                c.int("mamba_head_dim", default=64, least=1),
                c.int("ssm_state_size", default=128),
                c.int("mamba_n_groups", "n_groups", default=8, least=1),
                c.int("mamba_d_conv", "conv_kernel", default=4, least=1),
                bias=bias,
                conv_bias=c.bool("mamba_conv_bias", "use_conv_bias", default=True),
            ),
            c.str("mamba_ssm_cache_dtype", default="float32"),
        ),
        "full_attention": attention("mixer", hidden, heads, kv_heads, c.int("head_dim", default=128, least=1)),
        "mlp": mlp(("mixer.up_proj", "mixer.down_proj"), hidden, wide, bias=mlp_bias),
        "moe": join(
            router("mixer.gate", hidden, count),
            buffer("mixer.gate.e_score_correction_bias", count, dtype="fp32"),
            linear("mixer.fc1_latent_proj", hidden, latent, bias=mlp_bias, cut=COLUMN) if latent is not None else (),
            linear("mixer.fc2_latent_proj", latent, hidden, bias=mlp_bias, cut=ROW) if latent is not None else (),
            experts("mixer.experts", hidden if latent is None else latent, inner, count, top_k, names=_UP_DOWN),
            mlp(
                ("mixer.shared_experts.up_proj", "mixer.shared_experts.down_proj"),
                hidden,
                shared or wide,
                bias=mlp_bias,
            ),
        ),
    }


def _pattern(c: Config, name: str) -> list[str] | None:
    """A pattern spelled as one letter per layer."""
    letters = c.str(name)
    if any(letter not in _LETTERS for letter in letters):
        raise ConfigError(f"{name} has a letter other than {', '.join(_LETTERS)}.", "Check the config.json.")
    return [_LETTERS[letter] for letter in letters] or None


def nemotron_h(c: Config, head: str | None = None) -> ModelSpec:
    """NemotronHForCausalLM (arXiv:2504.03624; transformers 5.23, models/nemotron_h)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    vocab = c.int("vocab_size", default=131072, least=1)
    mixers = _mixers(c, hidden)

    def layer(kind: str) -> Part:
        return join(norm("norm", hidden), mixers[kind])

    default = _pattern(c, "hybrid_override_pattern") or ["linear_attention", "moe", "full_attention", "mlp"]
    kinds = layer_kinds(c, "layer_types", "layers_block_type", known=tuple(mixers), default=default)
    spec = language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embeddings", vocab, hidden),
        final=norm("norm_f", hidden),
        base="backbone.",
        tied=None,
        heads=(),
        max_context=c.int("max_position_embeddings", default=4096),
    )
    return spec._replace(blocks=(*spec.blocks, *_prediction(c, hidden, mixers)))


def _prediction(c: Config, hidden: int, mixers: dict[str, Part]) -> tuple[Block, ...]:
    """Deep prediction layers, left in the file by transformers; as vLLM reads them (nemotron_h_mtp.py)."""
    steps = c.count("num_nextn_predict_layers", default=0)
    default = _pattern(c, "mtp_hybrid_override_pattern") or ["full_attention", "moe"]
    kinds = layer_kinds(c, "mtp_layers_block_type", known=tuple(mixers), default=default)
    # The joining matrix stays unquantised like a router.
    first = (*norm("enorm", hidden), *norm("hnorm", hidden), *linear("eh_proj", 2 * hidden, hidden, role="router"))
    blocks = []
    for i, kind in enumerate(kinds):
        part = join(
            first if i == 0 else (),
            norm("norm", hidden),
            mixers[kind],
            norm("final_layernorm", hidden) if i == len(kinds) - 1 else (),
        )
        where = range(i, steps * len(kinds), len(kinds))
        if where:
            blocks.append(Block("mtp", "mtp.layers.{}.", part.tensors, where, loaded=False))
    return tuple(blocks)
