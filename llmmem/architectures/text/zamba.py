"""Zamba: Mamba layers, some of which first ask a transformer block that all of them share."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.mamba import time_step_rank
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import linear, norm
from llmmem.parts.mamba import grouped_mamba_mixer
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join

KINDS = ("linear_attention", "hybrid")


def _below(part: Part, prefix: str) -> Part:
    return part._replace(tensors=tuple(t._replace(name=prefix + t.name) for t in part.tensors))


def hybrid_model(
    c: Config, head: str | None, hidden: int, kinds: list[str], mixer: Part, shared: list[Part], *, context: int
) -> ModelSpec:
    """Mamba layers; the first hybrid ones own the shared blocks, the others take turns at them.

    Each use keeps keys and values of its own. A model whose embeddings are not tied shares nothing either
    (transformers 5.23, PreTrainedModel.get_expanded_tied_weights_keys).
    """
    tied = c.bool("tie_word_embeddings", default=True)
    hybrids = [i for i, kind in enumerate(kinds) if kind == "hybrid"]
    turns = {layer: (use % len(shared), not tied or use < len(shared)) for use, layer in enumerate(hybrids)}
    inner = join(mixer, norm("input_layernorm", hidden))

    def layer(block: int | None, owner: bool) -> Part:
        if block is None:
            return inner
        part = shared[block]
        return join(
            part if owner else part._replace(tensors=()),
            linear("linear", hidden, hidden),
            _below(inner, "mamba_decoder."),
        )

    spec = language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [turns.get(i, (None, True)) for i in range(len(kinds))], layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        final=norm("final_layernorm", hidden),
        tied=True,
        heads=("sequence",),
        max_context=context,
    )
    prefix = next((b.prefix for b in spec.blocks if "{}" in b.prefix), "")
    aliases = [
        (prefix.format(i) + t.name, prefix.format(hybrids[block]) + t.name)
        for i, (block, owner) in turns.items()
        if not owner
        for t in shared[block].tensors
    ]
    return spec._replace(tied=(*aliases, *spec.tied))


def zamba(c: Config, head: str | None = None) -> ModelSpec:
    """ZambaForCausalLM (arXiv:2405.16712; transformers 5.23, models/zamba)."""
    hidden = c.int("hidden_size", default=3712, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    wide = c.int("attention_hidden_size", default=0) or 2 * hidden
    head_dim = c.int("head_dim", "attention_head_dim", default=0) or 2 * hidden // heads
    kv_heads = c.int("num_key_value_heads", default=16, least=1)
    inner = c.int("mamba_expand", default=2) * hidden
    groups = c.int("n_mamba_heads", default=2, least=1)
    divide(c, "the Mamba width over n_mamba_heads", inner, groups)
    mixer = grouped_mamba_mixer(
        "mamba",
        hidden,
        inner,
        groups,
        c.int("mamba_d_state", default=16),
        time_step_rank(c, "mamba_dt_rank", hidden),
        c.int("mamba_d_conv", default=4, least=1),
        bias=c.bool("mamba_proj_bias"),
        conv_bias=c.bool("mamba_conv_bias", default=True),
    )
    shared = join(
        attention("shared_transf.self_attn", wide, heads, kv_heads, head_dim, output=hidden),
        gated_mlp("shared_transf.feed_forward", hidden, c.int("intermediate_size", default=14848)),
        norm("shared_transf.input_layernorm", wide),
        norm("shared_transf.pre_ff_layernorm", hidden),
    )
    n = c.count("num_hidden_layers", default=76)
    period, offset = c.int("attn_layer_period", default=6, least=1), c.int("attn_layer_offset", default=4)
    default = [KINDS[i % period == offset] for i in range(n - 3)]
    kinds = layer_kinds(
        c, "layer_types", "layers_block_type", known=KINDS, default=[KINDS[0], KINDS[0], KINDS[1], *default]
    )
    context = c.int("max_position_embeddings", default=4096)
    return hybrid_model(c, head, hidden, kinds, mixer, [shared], context=context)
