"""llama.cpp against its own sizing: buffers of ggml 0.25.3's CPU backend for GGUF files of ten models.

``fixtures/llamacpp.json``: settings and bytes as llama.cpp itself reports them for the models' shapes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmmem import MemoryReport, calculate_memory, read_model
from llmmem.deployment import deploy
from llmmem.engines import settled
from llmmem.engines.llamacpp.graph import Graph, buffer_size
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "fixtures" / "llamacpp.json").read_text())


def report(case: dict[str, Any], **more: Any) -> MemoryReport:
    return calculate_memory(case["model"], engine="llama.cpp", offline=True, **{**case["settings"], **more})


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['model'].split('/')[-1]}-{c['settings']['seq_length']}")
def test_caches_and_compute_buffers_are_the_engines(case: dict[str, Any]) -> None:
    got = report(case)
    assert got.kv_cache_bytes + got.state_memory_bytes == case["context"]
    assert got.activation_memory_bytes == case["compute"]


def test_places_are_used_again_once_their_tensor_has_been_read() -> None:
    g = Graph()
    x = g.given(1024)
    for _ in range(5):
        x = g.make(x.ne, x)
    g.run(x)
    assert buffer_size(g, 32) == 2 * 4096


def test_total_grows_with_batch_and_context() -> None:
    plan = calculate_memory("Qwen/Qwen3-8B", engine="llama.cpp", offline=True).plan
    sizes = [plan.total(batch, 4096).high for batch in (1, 2, 4, 5, 8, 64)]
    assert sizes == sorted(sizes)
    sizes = [plan.total(2, context).high for context in (1, 256, 300, 4096, 32768)]
    assert sizes == sorted(sizes)


def test_types_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(LayoutError, match="flash attention"):
        calculate_memory("Qwen/Qwen3-8B", engine="llama.cpp", kv_precision="q8_0", flash_attn="off", offline=True)
    with pytest.raises(UsageError, match="serves no"):
        calculate_memory("Qwen/Qwen3-8B", batch_size=3, engine="llama.cpp", n_parallel=2, offline=True)
    with pytest.raises(LayoutError, match="shares layers"):
        calculate_memory("Qwen/Qwen3-8B", tensor_parallel=2, engine="llama.cpp", offline=True)


def test_layers_go_to_the_gpu_from_the_last() -> None:
    """The output first (llama-model.cpp, get_layer_buft_list)."""
    sizes = [
        calculate_memory("Qwen/Qwen3-8B", engine="llama.cpp", n_gpu_layers=n, offline=True).weight_memory_bytes
        for n in (0, 1, 2, 37, 99)
    ]
    head = 151936 * 4096 * 2 + 4096 * 4
    assert sizes[:2] == [0, head]
    assert sizes[1] < sizes[2] < sizes[3] == sizes[4]


def test_gguf_files_are_llama_cpps() -> None:
    spec = read_model({"model_type": "llama"})
    assert settled(spec, deploy()).engine == "transformers"
    assert settled(spec._replace(measured="gguf"), deploy()).engine == "llama.cpp"
    assert settled(spec._replace(measured="gguf"), deploy(engine="vllm")).engine == "vllm"
    assert settled(spec._replace(measured="gguf"), deploy(kv_precision="q8_0")).kv_precision == "q8_0"
    with pytest.raises(UsageError, match="q8_0"):
        settled(spec, deploy(kv_precision="q8_0"))


@pytest.mark.parametrize("model", ["suno/bark", "fishaudio/s2-pro"])
def test_models_of_several_stacks_are_not_merged_into_one(model: str) -> None:
    """Three or two decoders in turn: no GGUF file holds such, so no size is made up for it."""
    with pytest.raises(UnsupportedArchitectureError, match="one stack of layers"):
        calculate_memory(model, engine="llama.cpp", offline=True)
