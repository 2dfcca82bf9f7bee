"""A layer's tensors under the names GGUF files have for them, whether they come from such a file or from a checkpoint.

Sources: gguf-py/gguf/tensor_mapping.py and conversion/ of llama.cpp.
"""

from __future__ import annotations

import re

from llmmem.tensors import Block, Tensor

_ATTENTION = {
    "q_proj": "attn_q", "query": "attn_q", "wq": "attn_q",
    "k_proj": "attn_k", "key": "attn_k", "wk": "attn_k",
    "v_proj": "attn_v", "value": "attn_v", "wv": "attn_v",
    "o_proj": "attn_output", "out_proj": "attn_output", "dense": "attn_output", "wo": "attn_output",
    "c_proj": "attn_output",
    "qkv_proj": "attn_qkv", "query_key_value": "attn_qkv", "c_attn": "attn_qkv", "Wqkv": "attn_qkv",
    "wqkv": "attn_qkv", "W_pack": "attn_qkv",
    "q_norm": "attn_q_norm", "q_layernorm": "attn_q_norm", "query_layernorm": "attn_q_norm", "q_ln": "attn_q_norm",
    "k_norm": "attn_k_norm", "k_layernorm": "attn_k_norm", "key_layernorm": "attn_k_norm", "k_ln": "attn_k_norm",
    "q_a_proj": "attn_q_a", "q_a_layernorm": "attn_q_a_norm", "q_b_proj": "attn_q_b",
    "kv_a_proj_with_mqa": "attn_kv_a_mqa", "kv_a_layernorm": "attn_kv_a_norm",
    "k_b_proj": "attn_k_b", "v_b_proj": "attn_v_b",
    "sinks": "attn_sinks",
}  # fmt: skip
_FEED_FORWARD = {
    "gate_proj": "ffn_gate", "w1": "ffn_gate", "up_proj": "ffn_up", "w3": "ffn_up", "down_proj": "ffn_down",
    "w2": "ffn_down", "gate_up_proj": "ffn_up", "fc1": "ffn_up", "c_fc": "ffn_up", "dense_h_to_4h": "ffn_up",
    "fc2": "ffn_down", "c_proj": "ffn_down", "dense_4h_to_h": "ffn_down", "fc_out": "ffn_down", "fc_in": "ffn_up",
}  # fmt: skip
_MIXER = {
    "in_proj": "ssm_in", "conv1d": "ssm_conv1d", "x_proj": "ssm_x", "dt_proj": "ssm_dt", "A_log": "ssm_a", "D": "ssm_d",
    "out_proj": "ssm_out", "norm": "ssm_norm", "dt_bias": "ssm_dt", "in_proj_qkv": "attn_qkv", "in_proj_z": "attn_gate",
    "in_proj_ba": "ssm_ba", "in_proj_b": "ssm_beta", "in_proj_a": "ssm_alpha", "dt_layernorm": "ssm_dt_norm",
    "b_layernorm": "ssm_b_norm", "c_layernorm": "ssm_c_norm",
}  # fmt: skip
_NORMS = {
    "input_layernorm": "attn_norm", "ln_1": "attn_norm", "norm": "attn_norm", "attention_norm": "attn_norm",
    "operator_norm": "attn_norm", "ln_attn": "attn_norm", "norm1": "attn_norm",
    "pre_feedforward_layernorm": "ffn_norm", "pre_ff_layernorm": "ffn_norm", "ffn_norm": "ffn_norm", "ln_2": "ffn_norm",
    "ln_mlp": "ffn_norm", "norm2": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm", "post_mlp_layernorm": "post_ffw_norm",
    "post_self_attn_layernorm": "post_attention_norm",
}  # fmt: skip
_FFN = re.compile(r"mlp|ffn|feed_forward|expert|moe|switch")


def weights(block: Block) -> dict[str, Tensor]:
    """The tensors of one layer by name; experts are stacked, matrices are (out, in)."""
    if block.prefix.startswith("blk."):
        return {t.name: t for t in block.tensors}
    both = any(t.name.startswith("pre_feedforward_layernorm") for t in block.tensors)
    before = any(t.name.startswith(("input_layernorm", "ln_1")) for t in block.tensors)
    out: dict[str, Tensor] = {}
    for t in block.tensors:
        name = _name(t, both or not before)
        if name:
            shape = t.shape[::-1] if t.layout == "io" and len(t.shape) == 2 else t.shape
            # a convolution of each channel by itself has an axis of one that GGUF files leave out
            out[name] = t._replace(shape=(shape[0], shape[-1]) if name == "ssm_conv1d.weight" else shape)
    return out


def _name(t: Tensor, sandwich: bool) -> str:
    parts = t.name.replace(".{}", "").split(".")
    ending = parts.pop() if parts[-1] in ("weight", "bias") and len(parts) > 1 else "weight"
    last, path = parts[-1], ".".join(parts[:-1])
    if last.endswith("_bias") and last.removesuffix("_bias") in _FEED_FORWARD:
        last, ending = last.removesuffix("_bias"), "bias"
    if last == "e_score_correction_bias":
        return "exp_probs_b.bias"
    if last in ("shared_expert_gate", "shared_expert_gate_proj"):
        return f"ffn_gate_inp_shexp.{ending}"
    if last in ("A_log", "D"):
        return _MIXER[last]
    if last == "dt_bias":
        return "ssm_dt.bias"
    if t.role == "router":
        return f"ffn_gate_inp.{ending}"
    if t.copies > 1 and last in _FEED_FORWARD:
        fused = "gate_up_exps" if last == "gate_up_proj" else f"{_FEED_FORWARD[last].removeprefix('ffn_')}_exps"
        return f"ffn_{fused}.{ending}"
    if last == "post_attention_layernorm":
        return f"{'post_attention_norm' if sandwich else 'ffn_norm'}.{ending}"
    if not path and last in _NORMS:
        return f"{_NORMS[last]}.{ending}"
    if "shared" in path and last in _FEED_FORWARD:
        return f"{_FEED_FORWARD[last]}_shexp.{ending}"
    if "att" in path and "linear" not in path and last in _ATTENTION:
        return f"{_ATTENTION[last]}.{ending}"
    if _FFN.search(path) and last in _FEED_FORWARD:
        return f"{_FEED_FORWARD[last]}.{ending}"
    if last in _MIXER and path:
        return f"{_MIXER[last]}.{ending}"
    return ""
