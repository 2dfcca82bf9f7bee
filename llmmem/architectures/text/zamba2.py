"""Zamba 2: Mamba-2 layers and shared transformer blocks that adapt to each of their uses."""

from __future__ import annotations

from llmmem.architectures.text.pattern import layer_kinds
from llmmem.architectures.text.zamba import KINDS, hybrid_model
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, linear, norm
from llmmem.parts.mamba import mamba2_mixer
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import ModelSpec, Part, join

#: where the class puts hybrid layers when the config does not say
_HYBRIDS = (6, 12, 18, 24, 30, 36, 42, 47, 51)


def _adapter(name: str, inputs: int, rank: int, outputs: int) -> Tensors:
    """Two small matrices beside a large one, as LoRA (arXiv:2106.09685) has them, but trained with the model."""
    return (*linear(f"{name}.0", inputs, rank), *linear(f"{name}.1", rank, outputs, cut=COLUMN))


def zamba2(c: Config, head: str | None = None) -> ModelSpec:
    """Zamba2ForCausalLM (arXiv:2411.15242; transformers 5.23, models/zamba2)."""
    hidden = c.int("hidden_size", default=2560, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    wide = c.int("attention_hidden_size", default=2 * hidden)
    head_dim = c.int("head_dim", "attention_head_dim", default=2 * hidden // heads, least=1)
    intermediate = c.int("intermediate_size", default=0) or 4 * hidden
    rank = c.int("adapter_rank", default=128)
    bias = c.bool("add_bias_linear")
    inner = c.int("mamba_expand", default=2) * hidden
    groups = c.int("n_mamba_heads", default=8, least=1)
    mixer = mamba2_mixer(
        "mamba",
        hidden,
        groups,
        divide(c, "the Mamba width over n_mamba_heads", inner, groups),
        c.int("mamba_d_state", default=64),
        c.int("mamba_ngroups", default=1, least=1),
        c.int("mamba_d_conv", default=4, least=1),
        bias=bias,
    )
    default = [KINDS[i in _HYBRIDS] for i in range(54)]
    kinds = layer_kinds(c, "layer_types", "layers_block_type", known=KINDS, default=default)
    stated = c.ints("hybrid_layer_ids")
    uses = kinds.count("hybrid") if stated is None else len(stated)
    blocks = c.int("num_mem_blocks", default=1, least=1)
    adapted = ("q", "k", "v") if c.bool("use_shared_attention_adapter") else ()

    def shared(block: int) -> Part:
        """A block, and the adapters of the uses that fall to it."""
        name = "shared_transformer"
        adapters: Tensors = ()
        for use in range(block, uses, blocks):
            for n in adapted:
                adapters += _adapter(f"{name}.self_attn.linear_{n}_adapter_list.{use}", wide, rank, wide)
            up = f"{name}.feed_forward.gate_up_proj_adapter_list.{use}"
            adapters += _adapter(up, hidden, rank, 2 * intermediate)
        return join(
            attention(f"{name}.self_attn", wide, heads, kv_heads, head_dim, output=hidden),
            fused_gated_mlp(
                f"{name}.feed_forward", hidden, intermediate, names=("gate_up_proj", "down_proj"), bias=bias
            ),
            adapters,
            norm(f"{name}.input_layernorm", wide),
            norm(f"{name}.pre_ff_layernorm", hidden),
        )

    context = c.int("max_position_embeddings", default=4096)
    return hybrid_model(
        c,
        head,
        hidden,
        kinds,
        mixer,
        [shared(block) for block in range(min(blocks, max(kinds.count("hybrid"), 1)))],
        context=16384 if c.bool("use_long_context") else context,
    )
