"""One tensor of a GGUF file: its role and the axis that is cut, read off its name.

The names are llama.cpp's (src/llama-arch.cpp): ``blk.N.attn_q.weight``, stacks of experts ``blk.N.ffn_up_exps.weight``.
"""

from __future__ import annotations

from llmmem.tensors import Tensor

#: cut by what they read, and by what they write
_ROWS = ("attn_output", "attn_o", "ffn_down", "ssm_out", "out_proj", "time_mix_output", "channel_mix_value")
_COLUMNS = (
    "token_embd", "output", "attn_q", "attn_k", "attn_v", "attn_qkv", "attn_q_b", "attn_kv_b", "attn_k_b", "attn_v_b",
    "attn_gate", "ffn_gate", "ffn_up", "ffn_gate_up", "ssm_in", "in_proj", "time_mix_receptance", "time_mix_key",
    "time_mix_value", "time_mix_gate", "channel_mix_key",
)  # fmt: skip


def tensor(name: str, shape: tuple[int, ...], dtype: str, used: int) -> Tensor:
    """One tensor, its role and the axis that is cut read off its name; ``used`` experts serve a token."""
    stem, _, ending = name.rpartition(".")
    stem, ending = (stem, ending) if ending in ("weight", "bias") else (name, "")
    kind = stem.rpartition(".")[2]
    if kind.startswith("rope_f"):
        return Tensor(name, shape, "buffer", dtype=dtype)
    if kind.endswith("_exps") and len(shape) > 1:
        one = tensor(name.replace("_exps", ""), shape[1:], dtype, used)
        return one._replace(name=name, copies=shape[0], active=min(used, shape[0]))
    role = _role(kind, ending, len(shape))
    kind = kind.removesuffix("_shexp").removesuffix("_chexp")
    shard = None
    if kind in _COLUMNS and not stem.startswith("indexer."):  # an indexer is whole on every rank
        shard = 0
    elif kind in _ROWS and ending == "weight":
        shard = len(shape) - 1
    return Tensor(name, shape, role, shard if shape else None, dtype=dtype)


def _role(kind: str, ending: str, axes: int) -> str:
    if kind in ("token_embd", "per_layer_token_embd"):
        return "embedding"
    if kind in ("output", "cls", "cls.output"):
        return "head"
    if kind in ("position_embd", "token_types"):
        return "position"
    if "norm" in kind or kind.startswith("ln"):
        return "norm"
    if kind.startswith("ffn_gate_inp"):
        return "router"
    if "conv" in kind and ending == "weight":
        return "conv"
    if ending == "bias" or kind == "exp_probs_b":
        return "bias"
    return "linear" if axes > 1 and ending else "scalar"
