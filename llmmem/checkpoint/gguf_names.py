"""What a tensor is to llama.cpp, by the name a checkpoint gives it.

Source: llama.cpp of 2026 (gguf-py/gguf/tensor_mapping.py).
"""

from __future__ import annotations

import re

from llmmem.checkpoint.matrices import sides, stem
from llmmem.tensors import Block, ModelSpec, Tensor

_ATTENTION = {
    "q_proj": "query", "query": "query", "q_lin": "query", "wq": "query",
    "k_proj": "key", "key": "key", "k_lin": "key", "wk": "key",
    "v_proj": "value", "value": "value", "v_lin": "value", "wv": "value",
    "qkv_proj": "value", "query_key_value": "value", "c_attn": "value", "Wqkv": "value", "wqkv": "value",
    "W_pack": "value", "in_proj_qkv": "value", "in_proj_qkvz": "value", "kv_b_proj": "value",
    "o_proj": "out", "dense": "out", "c_proj": "out", "wo": "out", "Wo": "out", "out_lin": "out", "attn_out": "out",
}  # fmt: skip
_FEED_FORWARD = {
    "gate_proj": "gate", "w1": "gate", "linear_1": "gate", "wi_0": "gate",
    "up_proj": "up", "w3": "up", "gate_up_proj": "up", "fc1": "up", "c_fc": "up", "dense_h_to_4h": "up", "wi": "up",
    "fc_in": "up", "lin1": "up", "Wi": "up", "input_linear": "up", "v1": "up", "wi_1": "up",
    "down_proj": "down", "w2": "down", "fc2": "down", "c_proj": "down", "dense_4h_to_h": "down", "fc_out": "down",
    "lin2": "down", "wo": "down", "Wo": "down", "output_linear": "down",
}  # fmt: skip
_FFN = re.compile(r"mlp|ffn|feed_forward|expert|moe|DenseReluDense")
_ATTN = re.compile(r"att")

#: model types whose tensors llama.cpp takes over one by one, save for those it stores in two
ONE_TO_ONE = frozenset(
    {
        "cohere", "cohere2", "deepseek_v2", "deepseek_v3", "ernie4_5", "exaone4", "gemma", "gemma2", "glm4",
        "gpt_neox", "gpt_oss", "granite", "llama", "mamba", "mistral", "mixtral", "nemotron", "olmo", "olmo2", "olmoe",
        "phi", "phi3", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "qwen3_next", "seed_oss", "smollm3", "stablelm",
        "starcoder2",
    }
)  # fmt: skip

#: model types whose latent attention stays in one piece
_WHOLE_LATENT = ("minicpm3", "plm")


def kind_of(block: Block, t: Tensor) -> str:
    """One of the kinds of ``gguf_recipes.Matrix``."""
    if t.role == "embedding":
        return "embedding"
    if t.role == "head":
        return "output"
    path, _, last = (block.prefix + stem(t)).rpartition(".")
    if _FFN.search(path):
        return _FEED_FORWARD.get(last, "")
    if last == "out_proj":  # of attention, but also of state-space mixers
        return "out" if _ATTN.search(path) and "linear_attn" not in path else ""
    return _ATTENTION.get(last, "") if _ATTN.search(path) else ""


def rearranged(spec: ModelSpec) -> ModelSpec:
    """The tensors that llama.cpp stores in two: they may get types of their own."""
    return spec._replace(blocks=tuple(b._replace(tensors=_rearranged(b.tensors, spec.model_type)) for b in spec.blocks))


def _rearranged(tensors: tuple[Tensor, ...], model_type: str) -> tuple[Tensor, ...]:
    whole = {stem(t): t for t in tensors}
    out: list[Tensor] = []
    for t in tensors:
        parent, _, last = stem(t).rpartition(".")
        written, mixed = whole.get(parent + ".o_proj"), whole.get(parent + ".conv1d")
        if last == "kv_b_proj" and written and t.shape[0] >= t.unit > 0 and model_type not in _WHOLE_LATENT:
            out += _latent(t, sides(written)[1])
        elif last == "in_proj_qkvz" and mixed:
            queries, gates = mixed.shape[0], t.shape[0] - mixed.shape[0]
            out.append(t._replace(name=f"{parent}.in_proj_qkv.weight", shape=(queries, t.shape[1]), unit=1))
            out.append(t._replace(name=f"{parent}.in_proj_z.weight", shape=(gates, t.shape[1]), unit=1))
        else:
            out.append(t)
    return tuple(out)


def _latent(t: Tensor, values: int) -> tuple[Tensor, Tensor]:
    """Keys, turned so that a row is as long as the unrotated part of a head, and values."""
    rows, rank = t.shape
    heads = rows // t.unit
    value = values // heads
    keys = (heads * rank, t.unit - value)
    return (
        t._replace(name=t.name.replace("kv_b_proj", "k_b_proj"), shape=keys, unit=rank),
        t._replace(name=t.name.replace("kv_b_proj", "v_b_proj"), shape=(heads * value, rank), unit=value),
    )
