"""Configs nobody should write: only LlmmemError comes out, in a bounded number of steps."""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmmem import LlmmemError, calculate_memory, read_model
from llmmem.checkpoint.names import endless
from llmmem.config import check_depth
from llmmem.errors import ConfigError

ORACLE = sorted((Path(__file__).parent / "fixtures" / "oracle").glob("*.json"))
#: calls and returns of an answer; the largest of real models take a hundredth
STEPS = 3_000_000


class TooManySteps(BaseException):
    """Not an Exception, so that nothing on the way can catch it."""


@contextmanager
def counted() -> Iterator[None]:
    left = STEPS

    def step(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooManySteps

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        yield
    finally:
        sys.setprofile(before)


def answered(config: dict[str, Any], **options: Any) -> bool:
    """Whether there is an answer; anything but an LlmmemError with a one-line message fails the test."""
    with counted():
        try:
            if options:
                calculate_memory(config, seq_length=64, **options)
            else:
                assert read_model(config).parameters >= 0
            return True
        except LlmmemError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 1000
            return False


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything in a config that may be changed, but for the type itself."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value[:8])
    else:
        return []
    return [p for key, v in inner if key != "model_type" for p in ((*path, key), *places(v, (*path, key)))]


def changed(config: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    out = copy.deepcopy(config)
    inner: Any = out
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return out


def configs_of(path: Path) -> list[dict[str, Any]]:
    rows = json.loads(path.read_text())
    return [rows[kind]["config"] for kind in ("defaults", "perturbed") if kind in rows]


# Every type: a number that is far too large, or nothing


@pytest.mark.parametrize("path", ORACLE, ids=lambda p: p.stem)
def test_absurd_sizes(path: Path) -> None:
    pick = random.Random(path.stem)
    for config in configs_of(path):
        numbers = []
        for place in places(config):
            value: Any = config
            for key in place:
                value = value[key]
            if isinstance(value, int) and not isinstance(value, bool):
                numbers.append(place)
        for place in pick.sample(numbers, min(2, len(numbers))):
            answered(changed(config, place, pick.choice([10**9, 10**12, 0, -1, 9_999])))


# Anything anywhere

WORDS = st.sampled_from(["", "four", "128", "full_attention", "bfloat16", "re:(", "x" * 5000])
NUMBERS = st.one_of(
    st.integers(-2, 3), st.sampled_from([10**4, 10**9, 10**12, 10**30, 10**4000, -(10**12)]), st.floats()
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS)
JUNK = st.one_of(
    LEAVES,
    st.recursive(LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(WORDS, v, max_size=3), max_leaves=6),
    st.sampled_from([1, "full_attention", []]).map(lambda v: [v] * 20_000),
    st.integers(60, 900).map(lambda n: json.loads("[" * n + "]" * n)),
)
BOUNDED = settings(
    max_examples=250, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck]
)


@BOUNDED
@given(
    st.sampled_from(ORACLE),
    st.integers(0, 10**6),
    JUNK,
    st.sampled_from([{}, {"precision": "q4_k_m"}, {"tensor_parallel": 2}]),
)
def test_anything_in_the_place_of_anything(path: Path, at: int, value: Any, options: dict[str, Any]) -> None:
    for config in configs_of(path):
        every = places(config)
        answered(changed(config, every[at % len(every)], value), **options)


QUANTISED = [
    {"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": {"-:.*k_proj": {}, "+:.*q_proj": {"bits": 8}}},
    {"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemm", "modules_to_not_convert": ["visual"]},
    {"quant_method": "compressed-tensors", "format": "pack-quantized", "ignore": ["lm_head", "re:.*gate$"],
     "config_groups": {"group_0": {"targets": ["Linear"], "weights": {
         "num_bits": 4, "type": "int", "strategy": "group", "group_size": 128, "symmetric": True}}}},
    {"quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["lm_head"]},
    {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION",
     "quantized_layers": {"model.layers.0.mlp.up_proj": {"quant_algo": "NVFP4", "group_size": 16}}},
    {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "llm_int8_skip_modules": []},
    {"quant_method": "auto-round", "bits": 4, "group_size": 128, "extra_config": {"lm_head": {"bits": 16}}},
    {"quant_method": "aqlm", "in_group_size": 8, "out_group_size": 1, "num_codebooks": 1, "nbits_per_codebook": 16},
    {"group_size": 64, "bits": 4, "model.layers.0.mlp.up_proj": {"group_size": 32, "bits": 8}},
    {"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 4, "group_size": 64, "axis": 1}}},
]  # fmt: skip


@BOUNDED
@given(st.sampled_from(QUANTISED), st.integers(0, 10**6), JUNK, st.sampled_from([1, 3]))
def test_any_quantisation(quantised: dict[str, Any], at: int, value: Any, tp: int) -> None:
    every = places(quantised)
    config = {"model_type": "mixtral", "torch_dtype": "bfloat16", "num_hidden_layers": 2, "num_local_experts": 8}
    assert answered({**config, "quantization_config": quantised}, precision="auto")
    changed_one = changed(quantised, every[at % len(every)], value)
    answered({**config, "quantization_config": changed_one}, precision="auto", tensor_parallel=tp)


# Known traps


def test_wrappers_within_wrappers() -> None:
    config: dict[str, Any] = {"model_type": "llama"}
    for _ in range(25):
        config = {"model_type": "llava", "vision_config": {"model_type": "clip_vision_model"}, "text_config": config}
    with pytest.raises(ConfigError, match="wraps others so deeply"), counted():
        read_model(config)


def test_depth_and_length() -> None:
    deep: dict[str, Any] = {}
    for _ in range(50_000):
        deep = {"a": deep}
    for raw, words in (({"x": deep}, "64 levels"), ({"hidden_size": 10**6000}, "thousands of digits")):
        with pytest.raises(ConfigError, match=words):
            check_depth(raw)
        with pytest.raises(ConfigError, match=words):
            read_model({"model_type": "llama", **raw})


@pytest.mark.parametrize(
    ("pattern", "bad"),
    [
        (r".*mlp\.(gate|up|gate_up|down)_proj.*", False),
        (r"model\.layers\.(0|[1-9]\d*)\..*", False),
        (r".*\.layers\.\d+\.mlp\.experts\.\d+\..*", False),
        (r"[(*+)]+x", False),
        (r"(a+)+$", True),
        (r"((a+)b)*", True),
        (r"(a|a)*b", True),
        (r"([^.]*\.?)*x", True),
        (".*" * 9, True),
        ("(" * 5000, True),
    ],
)
def test_regular_expressions_that_never_end(pattern: str, bad: bool) -> None:
    assert endless(pattern) is bad


def test_lists_longer_than_any_model_has_names() -> None:
    quantised = {"quant_method": "fp8", "modules_to_not_convert": [f"a{i}b" for i in range(10_001)]}
    with pytest.raises(ConfigError, match="more names than any model"), counted():
        calculate_memory({"model_type": "llama", "torch_dtype": "bfloat16", "quantization_config": quantised})


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("AutoencoderKL", "layers_per_block", 10**9),
        ("UNet2DConditionModel", "layers_per_block", 10**9),
        ("UNet2DConditionModel", "transformer_layers_per_block", 10**12),
        ("StableCascadeUNet", "down_num_layers_per_block", [10**9, 1]),
        ("StableCascadeUNet", "block_out_channels", [0, 16]),
        ("PaellaVQModel", "levels", 10**9),
    ],
)
def test_absurd_sizes_of_diffusion_models(name: str, key: str, value: Any) -> None:
    assert answered({"_class_name": name})
    assert not answered({"_class_name": name, key: value})
