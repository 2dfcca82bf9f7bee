"""vLLM's start-up log, 0.5 to 0.33 (v1/worker/gpu_worker.py, gpu_model_runner.py, v1/core/kv_cache_utils.py)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmmem.engines.log import Reading, found, fullest, rule, settled

RULES = (
    rule("weights", r"Model loading took <N> ?<U>"),
    rule("weights", r"Loading model weights took <N> ?<U>"),
    rule("weights", r"model weights take <N> ?<U>"),
    rule("weights", r"weights memory: <N> ?<U>"),
    rule("activations", r"torch peak memory increase: <N> ?<U>"),
    rule("activations", r"PyTorch activation peak memory (?:takes )?<N> ?<U>"),
    rule("non_torch", r"non-torch forward increase memory: <N> ?<U>"),
    rule("non_torch", r"non_torch_memory (?:takes )?<N> ?<U>"),
    rule("pool", r"Available KV cache memory: <N> ?<U>"),
    rule("pool", r"available_kv_cache_memory <N> ?<U>"),
    rule("pool", r"reserved for KV Cache is <N> ?<U>"),
    rule("tokens", r"GPU KV cache size: <N> tokens", "tokens"),
    rule("blocks", r"# (?:GPU|CUDA) blocks: <N>", "blocks"),
    rule("requests", r"Maximum concurrency for [\d,]+ tokens per request: <N>x", "x"),
    rule("graphs", r"Graph capturing finished in .{1,20}?, took <N> ?<U>"),
    rule("graphs", r"CUDA graph pool memory: <N> ?<U> \(actual\)"),
)
SETTINGS = {
    "context": re.compile(r"(?:max_seq_len=|max_model_len['\"]?[=:] ?|Maximum concurrency for )(\d[\d,]*)"),
    "tp": re.compile(r"tensor_parallel_size['\"]?[=:] ?(\d+)"),
    "pp": re.compile(r"pipeline_parallel_size['\"]?[=:] ?(\d+)"),
    "gpu_memory_utilization": re.compile(r"gpu_memory_utilization['\"]?[=:] ?(0?\.\d+|1\.0)"),
    "max_num_seqs": re.compile(r"max_num_seqs['\"]?[=:] ?(\d+)"),
    "max_num_batched_tokens": re.compile(r"max_num_batched_tokens['\"]?[=:] ?(\d+)"),
}


def read(lines: Sequence[tuple[int, str]]) -> Reading:
    """What the log says."""
    return Reading("vllm", tuple(fullest(found(lines, RULES))), settled(lines, SETTINGS))
