"""The names other programs rely on, every one of them used once."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

import llmmem
from llmmem import (
    HuggingFaceConfigLoader,
    LlmmemError,
    MemoryReport,
    ModelMemoryCalculator,
    ModelSpec,
    UniversalParameterCounter,
    analyze_attention_efficiency,
    analyze_hf_model,
    calculate_memory,
    compare_models,
    estimate_max_batch_size,
    read_model,
)

LLAMA = "meta-llama/Llama-2-7b-hf"


def test_read_model() -> None:
    spec = read_model(LLAMA)
    assert isinstance(spec, ModelSpec)
    assert spec.parameters == spec.active_parameters == spec.checkpoint_elements == 6_738_415_616
    names = dict(spec.tensors())
    assert names["model.layers.31.mlp.down_proj.weight"] == (4096, 11008)
    assert len(names) == 291


def test_read_model_takes_a_dict_a_path_and_an_id(tmp_path: Path) -> None:
    config = {"model_type": "llama"}
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    assert read_model(config) == read_model(str(file)) == read_model(str(tmp_path)) == read_model(tmp_path)


def test_calculate_memory() -> None:
    report = calculate_memory(LLAMA, 2, 1024, "fp16", 2, 1.1)
    assert isinstance(report, MemoryReport)
    assert report.weight_memory_bytes < 6_738_415_616 * 2 < 2 * report.weight_memory_bytes
    assert report.kv_cache_bytes == 2 * 1024 * 32 * 2 * 16 * 128 * 2
    assert list(inspect.signature(calculate_memory).parameters)[:7] == [
        "model",
        "batch_size",
        "seq_length",
        "precision",
        "tensor_parallel",
        "framework_overhead",
        "token",
    ]


def test_other_ways_of_splitting_are_named_and_refused() -> None:
    plain = calculate_memory(LLAMA)
    same = calculate_memory(LLAMA, pipeline_parallel=1, expert_parallel=1, data_parallel=1, gpu="h100")
    assert same.total_memory_bytes == plain.total_memory_bytes
    for option in ("pipeline_parallel", "expert_parallel", "data_parallel"):
        with pytest.raises(LlmmemError, match="2"):
            calculate_memory(LLAMA, **{option: 2})
    with pytest.raises(LlmmemError, match="h1000"):
        calculate_memory(LLAMA, gpu="h1000")


def test_report_has_every_name() -> None:
    report = calculate_memory(LLAMA, tensor_parallel=2)
    for part in ("weight_memory", "kv_cache", "state_memory", "activation_memory", "image_memory", "overhead"):
        size = getattr(report, f"{part}_bytes")
        assert isinstance(size, int)
        assert getattr(report, f"{part}_gb") == size / 1e9
        assert getattr(report, f"{part}_gib") == size / 2**30
    assert report.parameter_count == 6_738_415_616
    assert report.recommended_gpu_memory_gb is not None
    assert report.recommended_gpu_memory_gb * 2**30 >= report.peak_high
    assert (report.attention_type, report.model_type, report.precision) == ("MHA 32", "llama", "fp16")
    assert report.peak_low <= report.total_memory_bytes <= report.peak_high
    assert report.cache._fields == (
        "bytes_per_token",
        "bytes_per_request",
        "window_floor",
        "bytes_per_block",
        "num_blocks",
        "pool_bytes",
        "pool_tokens",
        "max_concurrency",
    )
    rank = report.ranks[1]
    assert rank._fields == (
        "pp",
        "tp",
        "weights",
        "kv_cache",
        "state",
        "activations",
        "image",
        "overhead",
        "total",
    )
    assert (rank.pp, rank.tp, rank.total) == (0, 1, report.total_memory_bytes)
    assert json.loads(json.dumps(report.to_dict()))["memory"]["total"] == report.total_memory_bytes


def test_other_functions() -> None:
    reports = compare_models([LLAMA, "google/gemma-3-4b-it"], seq_length=1024, precision="bf16")
    assert [r.model_type for r in reports] == ["llama", "gemma3"]
    assert estimate_max_batch_size(LLAMA, gpu_memory_gb=80, seq_length=4096, precision="int8") > 10
    results = analyze_attention_efficiency(LLAMA, seq_lengths=[1024, 4096])["results"]
    assert results[4096]["kv_cache_gb"] == 4 * results[1024]["kv_cache_gb"]
    assert 0 < results[1024]["kv_cache_percent"] < results[4096]["kv_cache_percent"] < 100
    analysis = analyze_hf_model("deepseek-ai/DeepSeek-V3", seq_length=1024)
    assert analysis["components"] == {"language": 671_026_404_352, "mtp": 13_463_426_048}
    assert analysis["unloaded_parameters"] == 13_463_426_048
    assert analysis["report"].total_memory_bytes == analysis["memory"]["total"]


def test_classes() -> None:
    calculator = ModelMemoryCalculator(precision="int8")
    assert calculator.calculate_total_memory(LLAMA).precision == "int8"
    assert calculator.calculate_total_memory(LLAMA, precision="fp16").precision == "fp16"
    counter = UniversalParameterCounter()
    assert counter.count_parameters("mistralai/Mixtral-8x7B-v0.1") == 46_702_792_704
    assert counter.count_active_parameters("mistralai/Mixtral-8x7B-v0.1") == 12_879_925_248
    assert HuggingFaceConfigLoader(offline=True).get_model_config(LLAMA)["num_hidden_layers"] == 32


def test_errors_are_of_one_kind_and_carry_a_hint() -> None:
    for ref in ("no-such/model", {"model_type": "nothing"}, {}, "./nowhere/config.json"):
        with pytest.raises(LlmmemError) as caught:
            calculate_memory(ref, offline=True)
        assert caught.value.hint


def test_the_package_names_what_it_offers() -> None:
    assert set(llmmem.__all__) <= set(dir(llmmem))
    for name in llmmem.__all__:
        assert getattr(llmmem, name) is not None
    assert llmmem.__version__.count(".") == 2
    with pytest.raises(AttributeError):
        _ = llmmem.nonsense  # type: ignore[attr-defined]
