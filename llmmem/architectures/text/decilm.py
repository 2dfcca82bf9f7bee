"""Nemotron-NAS (Llama-Nemotron Super and Ultra): Llama 3 whose layers a search made unlike, or took out."""

from __future__ import annotations

from typing import Any

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.config import Config, divide
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.attention import attention
from llmmem.parts.basic import linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join

#: kinds of layer that later searches add
_UNKNOWN = (("attention", "mamba"), ("attention", "llama4"), ("ffn", "moe"))


def _kind(c: Config, i: int, block: Any, hidden: int) -> tuple[int | str | None, int | str | None]:
    """Query heads per key head and width of the MLP; "linear" for one matrix instead, None for nothing."""
    if not isinstance(block, dict):
        raise ConfigError(f"block_configs[{i}] should be an object.", "Check the config.json.")
    one = Config(block, f"block_configs[{i}]", c.reads)
    attends, feeds = one.sub("attention"), one.sub("ffn")
    for part, key in _UNKNOWN:
        if one.sub(part).get(key):
            raise UnsupportedArchitectureError(
                f"block_configs[{i}].{part} is {key}, which llmmem does not know in nemotron-nas models.",
                "Attention and MLP layers are known.",
            )
    group: int | str | None = None
    width: int | str | None = None
    if not attends.bool("no_op"):
        group = "linear" if attends.bool("replace_with_linear") else attends.int("n_heads_in_group", least=1)
    if not feeds.bool("no_op"):
        if feeds.bool("replace_with_linear"):
            width = "linear"
        elif feeds.get("intermediate_size") is not None:
            width = feeds.int("intermediate_size")
        elif feeds.get("ffn_mult") is not None:
            width = -(-int(2 * feeds.number("ffn_mult", default=0) * hidden / 3) // 256) * 256
        else:
            raise feeds.missing("ffn_mult")
    return group, width


def nemotron_nas(c: Config, head: str | None = None) -> ModelSpec:
    """DeciLMForCausalLM (arXiv:2411.19146; code that comes with nvidia/Llama-3_3-Nemotron-Super-49B-v1).

    Reproduces the 49,867,145,216 parameters of Super 49B.
    """
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    head_dim = c.int("head_dim", default=hidden // heads, null=hidden // heads, least=1)
    bias, mlp_bias = c.bool("attention_bias"), c.bool("mlp_bias")
    n = c.count("num_hidden_layers", default=32)
    configs = c.each_layer("block_configs", layers=n)
    if configs is None:
        raise c.missing("block_configs")

    def layer(group: int | str | None, width: int | str | None) -> Part:
        mixer = feed_forward = Part(())
        if group == "linear":
            mixer = join(norm("input_layernorm", hidden), linear("self_attn.linear_attn", hidden, hidden))
        elif isinstance(group, int):
            kv_heads = divide(c, "num_attention_heads over n_heads_in_group", heads, group)
            mixer = join(
                norm("input_layernorm", hidden),
                attention("self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias),
            )
        if width == "linear":
            feed_forward = join(norm("post_attention_layernorm", hidden), linear("mlp.linear_mlp", hidden, hidden))
        elif isinstance(width, int):
            feed_forward = join(
                norm("post_attention_layernorm", hidden), gated_mlp("mlp", hidden, width, bias=mlp_bias)
            )
        return join(mixer, feed_forward)

    # Many are alike, and reading one takes its time.
    unlike = {str(block): (i, block) for i, block in reversed(list(enumerate(configs)))}
    read = {text: _kind(c, i, block, hidden) for text, (i, block) in unlike.items()}
    kinds = [read[str(block)] for block in configs]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        max_context=c.int("max_position_embeddings", default=2048),
        notes=(
            "the model's own VariableCache reserves the whole length of a request at once, in attention layers only",
        ),
    )
