"""Prefill peaks of engine transformers against those traced in transformers 5.23 (tests/fixtures/README.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmmem import calculate_memory

TRACED: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "activations.json").read_text())
#: families whose peaks are equal, not only near
EXACT = {
    *("llama", "qwen2", "mistral", "gemma", "gemma2", "phi3", "granite", "starcoder2", "smollm3"),
    *("bert", "roberta", "siglip"),
}


@pytest.mark.parametrize("name", TRACED)
def test_prefill_peak(name: str) -> None:
    """Other shapes, batches and attention implementations than a rule was read from must not matter."""
    for attention, batch, tokens, traced in TRACED[name]["rows"]:
        report = calculate_memory(
            TRACED[name]["config"],
            batch,
            tokens,
            "bf16",
            attn_implementation=attention,
            logits=TRACED[name].get("logits", "last"),
        )
        line = next(x for x in report.lines if x.group == "activations")
        assert line.low <= traced <= line.high, (attention, batch, tokens)
        off = abs(report.activation_memory_bytes - traced)
        assert off <= (0 if name in EXACT else 0.05 * traced), (attention, batch, tokens)


@pytest.mark.parametrize(("tokens", "published"), [(6144, 63.72), (14336, 67.31), (30720, 74.47)])
def test_published_peak_of_a_prompt(tokens: int, published: float) -> None:
    """Qwen's speed benchmark (speed_benchmark.rst of Qwen2.5), whose GB read as GiB are what was allocated."""
    report = calculate_memory("Qwen/Qwen2.5-32B-Instruct", 1, tokens)
    held = report.weight_memory_bytes + report.kv_cache_bytes + report.activation_memory_bytes
    assert held / 2**30 == pytest.approx(published, rel=0.0005)
