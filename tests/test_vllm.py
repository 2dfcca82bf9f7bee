"""vLLM: what its own planner answered on real configs, equal to the byte; what it refuses; what a pool holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmmem.api import calculate_memory, read_model
from llmmem.deployment import deploy
from llmmem.engines import make_plan
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.fit import fit_table
from llmmem.gpus import find
from llmmem.memory.report import MemoryReport

FIXTURES = Path(__file__).parent / "fixtures"
CATALOGUE = json.loads((FIXTURES / "vllm_catalogue.json").read_text())
PLANS = json.loads((FIXTURES / "vllm_plans.json").read_text())
GPUS = {"h100": "h100-sxm-80gb", "a100": "a100-sxm-80gb", "b200": "b200", "l4": "l4"}
LLAMA = PLANS["configs"]["llama-3.1-8b"]
GIB = 1 << 30


def planned(row: dict[str, Any]) -> MemoryReport:
    more = {"mamba_ssm_cache_dtype": row["ssm"]} if "ssm" in row else {}
    return calculate_memory(
        PLANS["configs"][row["config"]],
        engine="vllm",
        gpu=GPUS[row["gpu"]],
        tensor_parallel=row["tp"],
        pipeline_parallel=row["pp"],
        kv_precision=row["kv"],
        seq_length=row["context"],
        max_num_batched_tokens=row["tokens"],
        max_num_seqs=row["seqs"],
        enable_prefix_caching=row["prefix"],
        kv_cache_memory_bytes=row["pool"],
        **more,
    )


@pytest.mark.parametrize("row", PLANS["rows"], ids=lambda r: f"{r['config']} tp{r['tp']} pp{r['pp']} {r['kv']}")
def test_plan_is_vllms_own(row: dict[str, Any]) -> None:
    report = planned(row)
    assert next(r.weights for r in report.ranks if r.pp == row["rank"]) == row["weights"]
    if row["pp"] == 5:
        pytest.skip("planned for one stage alone; all stages get as many blocks as the one with most layers")
    cache = report.cache
    assert (cache.bytes_per_block, cache.num_blocks) == (row["block"], row["blocks"])
    assert (cache.bytes_per_request, cache.pool_tokens) == (row["request"], row["capacity"])


@pytest.mark.parametrize("row", CATALOGUE["rows"], ids=lambda r: r["model"])
def test_plan_of_a_catalogue_model_is_vllms_own(row: dict[str, Any]) -> None:
    report = calculate_memory(
        row["model"],
        engine="vllm",
        gpu=GPUS[row["gpu"]],
        tensor_parallel=row["tp"],
        seq_length=row["context"],
        kv_cache_memory_bytes=40 * 10**9,
    )
    cache = report.cache
    assert report.ranks[0].weights == row["weights"]
    assert (cache.bytes_per_block, cache.num_blocks) == (row["block"], row["blocks"])
    assert (cache.bytes_per_request, cache.pool_tokens) == (row["request"], row["capacity"])


def test_sparse_attention_packs_fp8() -> None:
    """656 bytes a token (flashmla_sparse.py) and 132 of the indexer's keys, in each of 61 layers."""
    report = calculate_memory(PLANS["configs"]["deepseek-v3.2"], engine="vllm", kv_precision="fp8", gpu="h100-sxm-80gb")
    assert report.cache.bytes_per_block == 61 * 64 * (656 + 132)


def test_defaults_follow_the_gpu() -> None:
    """As recorded for H100, B200 and L4, nothing given."""
    for row in PLANS["rows"]:
        spec = read_model(PLANS["configs"][row["config"]])
        plan = make_plan(spec, deploy(engine="vllm", gpu=find(GPUS[row["gpu"]]), context=row["context"]))
        assert plan.most_batch == row["seqs"]
        assert plan.load(row["context"]).in_flight == 2 * row["tokens"]  # type: ignore[attr-defined]


def test_stages_get_as_many_blocks_as_the_fullest() -> None:
    report = calculate_memory(LLAMA, engine="vllm", pipeline_parallel=5, kv_cache_memory_bytes=40 * 10**9)
    assert report.cache.bytes_per_block == 7 * 65536  # 6, 7, 7, 6 and 6 of 32 layers
    assert report.cache.num_blocks == 40 * 10**9 // (7 * 65536)


@pytest.mark.parametrize(
    ("config", "options", "error"),
    [
        ("llama-3.1-8b", {"tensor_parallel": 3}, LayoutError),
        ("llama-3.1-8b", {"tensor_parallel": 2, "expert_parallel": 4}, LayoutError),
        ("deepseek-v3-fp8", {"tensor_parallel": 32}, LayoutError),  # 18432 / 32 is no multiple of 128
        ("llama-3.1-8b", {"kv_precision": "fp8_ds_mla"}, UsageError),
        ("llama-3.1-8b", {"kv_precision": "fp32"}, UsageError),
        ("llama-3.1-8b", {"precision": "nf4"}, UsageError),
        ("llama-3.1-8b", {"precision": "q4_k_m"}, UsageError),
        ("llama-3.1-8b", {"kv_precision": "nvfp4", "gpu": "h100"}, UsageError),
        ("deepseek-v3", {"kv_precision": "int8_per_token_head"}, UsageError),
    ],
)
def test_refused_layouts(config: str, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        calculate_memory(PLANS["configs"][config], engine="vllm", **options)


@pytest.mark.parametrize(
    "quantization",
    [
        {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": True},
        {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"},
        {"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 4, "group_size": 64}}},
    ],
)
def test_refused_quantisations(quantization: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedArchitectureError, match="vLLM"):
        calculate_memory(LLAMA | {"quantization_config": quantization}, engine="vllm")


def test_experts_are_shared_by_all_ranks() -> None:
    """By slices or by numbers: the same bytes where they divide, over data parallel replicas, too."""
    moe = PLANS["configs"]["qwen3-30b-a3b"]
    slices = calculate_memory(moe, engine="vllm", tensor_parallel=8)
    numbers = calculate_memory(moe, engine="vllm", tensor_parallel=8, enable_expert_parallel=True)
    assert slices.ranks[0].weights == numbers.ranks[0].weights == 7_680_585_728
    replicas = calculate_memory(moe, engine="vllm", tensor_parallel=4, data_parallel=2, enable_expert_parallel=True)
    alone = calculate_memory(moe, engine="vllm", tensor_parallel=4)
    assert alone.ranks[0].weights - replicas.ranks[0].weights == 48 * 16 * 3 * 768 * 2048 * 2


def test_pool_is_what_the_share_leaves() -> None:
    report = calculate_memory(LLAMA, engine="vllm", gpu="h100-sxm-80gb", seq_length=8192)
    beside = sum(line.bytes for line in report.lines if line.group not in ("kv_cache", "state"))
    left = -int(-find("h100-sxm-80gb").usable_bytes * 0.92 // 1) - beside
    assert report.cache.num_blocks == left // (2 << 20)
    assert report.cache.max_concurrency == report.cache.num_blocks / 512
    assert calculate_memory(LLAMA, engine="vllm").cache.pool_bytes is None


def test_budget_is_the_whole_gpu() -> None:
    report = calculate_memory(LLAMA, engine="vllm", gpu="h100-sxm-80gb", seq_length=8192)
    budget = report.budget
    assert budget is not None
    parts = ("reserved", "weights", "activations", "graphs", "context", "other", "pool", "left")
    assert budget.total == find("h100-sxm-80gb").usable_bytes == sum(getattr(budget, part) for part in parts)
    assert 0 <= budget.left < (report.cache.bytes_per_block or 0)
    assert (budget.tokens, budget.requests) == (report.cache.pool_tokens, report.cache.max_concurrency)
    small = calculate_memory(LLAMA, engine="vllm", gpu="l4", seq_length=8192, gpu_memory_utilization=0.95)
    assert small.budget is not None
    longest = small.budget.longest_context
    blocks = calculate_memory(LLAMA, engine="vllm", gpu="l4", seq_length=longest, gpu_memory_utilization=0.95).cache
    assert (blocks.num_blocks or 0) - 1 == -(-longest // 16)
    assert calculate_memory(LLAMA, engine="vllm").budget is None


def test_load_that_the_pool_does_not_hold_does_not_fit() -> None:
    spec, gpu = read_model(LLAMA), find("h100-sxm-80gb")

    def fits(batch: int, pool: int) -> bool:
        d = deploy(
            engine="vllm",
            gpu=gpu,
            context=8192,
            batch=batch,
            knobs={"kv_cache_memory_bytes": pool * GIB, "max_num_seqs": 64},
        )
        return fit_table(make_plan(spec, d), [gpu])[0].fits

    assert fits(9, 10)  # a GiB each, and the empty block
    assert not fits(10, 10)
    assert not fits(1, 79)  # no room beside the pool


def test_more_of_everything_needs_more() -> None:
    plan = make_plan(read_model(PLANS["configs"]["gemma3-1b"]), deploy(engine="vllm", gpu=find("l4")))
    for batch in (1, 2, 9):
        for context in (16, 700, 5000, 40000):
            here = plan.total(batch, context).high
            assert here <= plan.total(batch + 1, context).high
            assert here <= plan.total(batch, context + 1000).high


#: start-up logs of vLLM 0.19 on an H100 (llm-d-planner pull request 205): peak, CUDA graphs, non-torch in GiB
LOGS = {
    "llama-8b-ct-w8a8": (1, (1.89, 0.94, 0.25)),
    "qwen3-30b-a3b": (1, (2.68, 1.41, 0.27)),
    "gpt-oss-20b": (2, (2.87, 1.55, 2.07)),
}


@pytest.mark.parametrize("name", LOGS)
def test_bands_hold_what_logs_say(name: str) -> None:
    tp, measured = LOGS[name]
    report = calculate_memory(
        PLANS["configs"][name], engine="vllm", gpu="h100", tensor_parallel=tp, seq_length=8192, max_num_seqs=1024
    )
    for label, gib in zip(("activation peak", "CUDA graphs", "non-torch"), measured, strict=True):
        line = next(line for line in report.lines if line.label == label)
        assert line.low <= gib * GIB <= line.high


def test_sparse_attention_without_latents_is_refused() -> None:
    """MiniMax-M3 (vllm/models/minimax_m3/common/indexer.py): its indexer's keys are of another type than DeepSeek's."""
    with pytest.raises(UnsupportedArchitectureError, match="sparse attention without latents"):
        calculate_memory("nvidia/MiniMax-M3-NVFP4", engine="vllm")


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_gpus_whose_rules_are_not_known_are_refused(engine: str) -> None:
    """Their rules here are those of CUDA and ROCm."""
    with pytest.raises(LayoutError, match="NVIDIA and AMD alone"):
        calculate_memory("meta-llama/Llama-3.1-8B", engine=engine, gpu="apple-m4-max-128gb")


def test_decode_context_parallel_ranks_share_the_tokens_of_a_request() -> None:
    """kv_cache_interface.py, FullAttentionSpec: a rank keeps max_model_len / dcp tokens, in whole blocks."""
    for model, tp, dcp in (("meta-llama/Llama-3.1-8B", 16, 2), ("deepseek-ai/DeepSeek-V3", 8, 8)):
        options: dict[str, Any] = {"engine": "vllm", "tensor_parallel": tp, "kv_cache_memory_bytes": 20 * 10**9}
        whole = calculate_memory(model, seq_length=32768, **options).cache
        shared = calculate_memory(model, seq_length=32768, **options, decode_context_parallel_size=dcp).cache
        assert shared.bytes_per_request * dcp == whole.bytes_per_request
        assert shared.num_blocks == whole.num_blocks and shared.bytes_per_block == whole.bytes_per_block
        assert whole.max_concurrency is not None and whole.num_blocks is not None
        assert shared.max_concurrency == pytest.approx(dcp * whole.max_concurrency)
        assert shared.bytes_per_token * dcp == pytest.approx(whole.bytes_per_token, rel=0.001)
    odd = calculate_memory(
        "deepseek-ai/DeepSeek-V3", 1, 1000, engine="vllm", tensor_parallel=8, decode_context_parallel_size=8
    )
    assert odd.cache.bytes_per_block is not None
    assert odd.cache.bytes_per_request == 8 * odd.cache.bytes_per_block  # 125 tokens in blocks of 16


@pytest.mark.parametrize(
    ("model", "tp", "dcp", "said"),
    [
        ("meta-llama/Llama-3.1-8B", 8, 2, "at most 1 ranks"),
        ("meta-llama/Llama-3.1-8B", 16, 3, "no multiple"),
        ("google/gemma-3-27b-it", 32, 2, "sliding"),
    ],
)
def test_decode_context_parallel_ranks_that_vllm_refuses(model: str, tp: int, dcp: int, said: str) -> None:
    with pytest.raises(LayoutError, match=said):
        calculate_memory(model, engine="vllm", tensor_parallel=tp, decode_context_parallel_size=dcp)


def test_blocks_of_latents_are_estimated_where_the_kernels_are_not_known() -> None:
    """ROCM_AITER_MLA takes blocks of 1 token, FLASHMLA of 64; a latent of DeepSeek-V3 has 576 elements in 61 layers."""
    token, context = 576 * 2 * 61, 4097

    def cache(gpu: str, **options: Any) -> Any:
        report = calculate_memory(
            "deepseek-ai/DeepSeek-V3", engine="vllm", gpu=gpu, tensor_parallel=8, seq_length=context, **options
        )
        return next(a for a in report.plan.amounts(report.plan.shares[0], 1, context) if a.group == "kv_cache")

    amd = cache("mi300x-192gb")
    assert amd.basis == "estimated"
    assert amd.band.low <= (context + 1) * token and amd.band.high >= (65 + 1) * 64 * token
    for known in (cache("h100-sxm-80gb"), cache("mi300x-192gb", block_size=16)):
        assert known.basis == "exact" and known.band == (258 * 16 * token,) * 3
