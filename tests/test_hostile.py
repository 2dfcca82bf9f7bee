"""Configs and headers that somebody changed at random: an answer or one sentence, whatever they say.

LLMMEM_MUTATIONS says how many of each kind are tried; a few hundred by default.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors_writer import write
from test_headers import LLAMA, UNKNOWN, tensors

from llmmem import LlmmemError, calculate_memory

MOST = int(os.environ.get("LLMMEM_MUTATIONS", "300"))

CONFIGS: list[dict[str, Any]] = [
    {**LLAMA, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 64, "desc_act": False}},
    {"model_type": "deepseek_v3", "torch_dtype": "bfloat16", "quantization_config": {"quant_method": "fp8"}},
    {"model_type": "gemma3", "text_config": {"num_hidden_layers": 2, "layer_types": None}, "vision_config": {}},
    {"model_type": "qwen3_moe", "num_experts": 4, "mlp_only_layers": [0], "rope_scaling": None, "sliding_window": 8},
    {"model_type": "whisper", "d_model": 64, "max_source_positions": 100},
    {"model_type": "jamba", "num_hidden_layers": 4, "attn_layer_period": 2, "mamba_d_state": 4},
]

#: what nobody should write into a config
SENSELESS = st.one_of(
    st.sampled_from([None, True, False, "", "7", "x" * 1000, [], {}, [[]], {"a": {"b": []}}, -1, 0, 1, 3, 0.5, 1e300]),
    st.sampled_from([10**9, 10**12, 2**63, 2**64, 10**30, -(2**63), float("nan"), float("inf"), "bfloat16", [1] * 50]),
    st.integers(-10, 10**13),
    st.text(max_size=5),
    st.lists(st.integers(-3, 10**6), max_size=5),
)


def places(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every key of a config, those of inner objects too."""
    out = [path] if path else []
    for key, inner in value.items() if isinstance(value, dict) else ():
        out += places(inner, (*path, key))
    return out


#: keys that size something in some family
KEYS = ("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "vocab_size",
        "intermediate_size", "num_experts", "num_local_experts", "max_position_embeddings", "tie_word_embeddings",
        "layer_types", "rope_scaling", "torch_dtype", "architectures", "model_type")  # fmt: skip


@st.composite
def changed(draw: Callable[..., Any]) -> dict[str, Any]:
    config = copy.deepcopy(draw(st.sampled_from(CONFIGS)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(config)) | st.sampled_from([(key,) for key in KEYS]))
        inner = config
        for key in path[:-1]:
            inner = inner[key]
            if not isinstance(inner, dict):
                break
        else:
            inner[path[-1]] = copy.deepcopy(draw(SENSELESS))
    return config


@settings(max_examples=MOST, deadline=2000, database=None, suppress_health_check=list(HealthCheck))
@given(changed())
def test_changed_configs(config: dict[str, Any]) -> None:
    try:
        report = calculate_memory(config)
    except LlmmemError as error:
        message = str(error)
        assert message.endswith((".", "?")) and len(message) < 600, message
    else:
        assert report.weight_memory_bytes >= 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("m")
    (path / "config.json").write_text(json.dumps(LLAMA))
    return path


@settings(max_examples=MOST, deadline=2000, database=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([tensors(LLAMA), UNKNOWN]),
    st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 40), st.binary(max_size=6)), min_size=1, max_size=4),
)
def test_changed_files_beside_a_config(folder: Path, held: Any, cuts: list[tuple[int, int, bytes]]) -> None:
    """The config answers, whatever the headers say."""
    file = folder / "model.safetensors"
    write(file, held, missing=0)
    data = file.read_bytes()[:8000]
    for at, gone, new in cuts:
        data = data[:at] + new + data[at + gone :]
    file.write_bytes(data)
    assert calculate_memory(str(folder)).total_memory_bytes > 0
