"""TensorRT-LLM and TGI: the arithmetic of their pools, and that all else says it is estimated."""

from __future__ import annotations

from typing import Any

import pytest

from llmmem.api import calculate_memory
from llmmem.engines.paged import PagedPlan
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.fit import fit_table
from llmmem.gpus import find

LLAMA = "meta-llama/Llama-3.1-8B"
GPU = "h100-sxm-80gb"


def beside(report: Any) -> int:
    assert isinstance(report.plan, PagedPlan)
    return report.plan.beside(report.plan.shares[0], report.deployment.context)


def test_tgi_fills_its_share_less_a_tenth() -> None:
    report = calculate_memory(LLAMA, engine="tgi", gpu=GPU, cuda_memory_fraction=0.8, block_size=16)
    size = find(GPU).usable_bytes
    room = int(0.9 * 0.8 * size) + 1 - beside(report)
    assert report.cache.num_blocks == room // 131_072 // 16
    assert report.budget is not None
    assert 0 <= report.budget.left < 16 * 131_072


def test_tensorrt_llm_takes_a_share_of_what_is_free() -> None:
    report = calculate_memory(LLAMA, engine="tensorrt-llm", gpu=GPU, free_gpu_memory_fraction=0.8)
    room = int(0.8 * (find(GPU).usable_bytes - beside(report)))
    assert report.cache.pool_tokens == room // 131_072 // 32 * 32


def test_latents_are_whole_on_every_rank() -> None:
    one, eight = (
        calculate_memory("deepseek-ai/DeepSeek-V3", engine="tensorrt-llm", tensor_parallel=tp).cache for tp in (1, 8)
    )
    assert one.bytes_per_token == eight.bytes_per_token == 61 * 576 * 2


@pytest.mark.parametrize("engine", ["tgi", "tensorrt-llm"])
def test_windows_save_nothing_and_weights_are_estimated(engine: str) -> None:
    report = calculate_memory("google/gemma-3-1b-it", engine=engine, seq_length=8192)
    assert report.cache.bytes_per_request == 8192 * 26 * 2 * 256 * 2
    assert report.cache.window_floor < report.cache.bytes_per_request
    assert {line.basis for line in report.lines if line.group == "weights"} == {"estimated"}
    assert any("known in outline only" in note for note in report.notes)


@pytest.mark.parametrize("engine", ["tgi", "tensorrt-llm"])
def test_a_batch_that_fits_is_one_the_pool_holds(engine: str) -> None:
    report = calculate_memory(LLAMA, engine=engine, gpu=GPU, seq_length=8192)
    fit = fit_table(report.plan, (find(GPU),))[0]
    assert fit.max_batch
    assert report.cache.max_concurrency is not None
    assert 0 < fit.max_batch <= report.cache.max_concurrency


@pytest.mark.parametrize(
    ("model", "options", "error"),
    [
        ("deepseek-ai/DeepSeek-V3", {"engine": "tgi"}, UnsupportedArchitectureError),
        ("ai21labs/Jamba-v0.1", {"engine": "tensorrt-llm"}, UnsupportedArchitectureError),
        ("google-bert/bert-base-uncased", {"engine": "tgi"}, UnsupportedArchitectureError),
        (LLAMA, {"engine": "tgi", "pipeline_parallel": 2}, LayoutError),
        (LLAMA, {"engine": "tensorrt-llm", "expert_parallel": 2}, LayoutError),
        (LLAMA, {"engine": "tgi", "kv_precision": "fp32"}, UsageError),
        (LLAMA, {"engine": "tensorrt-llm", "block_size": 16}, UsageError),
    ],
)
def test_refused(model: str, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        calculate_memory(model, **options)


def test_no_command_is_known() -> None:
    with pytest.raises(UsageError, match="No command is known for tgi"):
        calculate_memory(LLAMA, engine="tgi").command()


def test_what_tensorrt_llm_leaves_free_is_no_more_certain_than_its_rules() -> None:
    report = calculate_memory(LLAMA, engine="tensorrt-llm", gpu=GPU)
    assert next(line for line in report.lines if line.label == "left free").basis == "estimated"
