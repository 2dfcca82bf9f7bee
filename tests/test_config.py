"""Config: typed reads, nulls, class defaults, remembered reads; unknown types and what they wrap."""

from __future__ import annotations

from typing import Any

import pytest

from llmmem import calculate_memory, read_model
from llmmem.config import LARGEST, Config, divide, size_bearing
from llmmem.errors import ConfigError, LlmmemError, UnsupportedArchitectureError


def test_missing_null_and_given_are_three_things() -> None:
    c = Config({"given": 3, "null": None})
    assert c.int("given", default=7) == 3
    assert c.int("missing", default=7) == 7
    assert c.int("null", default=7) == 7
    assert c.int("null", default=7, null=9) == 9
    assert c.int("missing", default=7, null=9) == 7
    assert c.optional("null", default=7) is None
    assert c.optional("missing", default=7) == 7
    assert c.int("old", "given", default=1) == 3


def test_sliding_window_null_is_no_window() -> None:
    """Mistral's class default is 4096; null, as later releases write it, is full attention."""
    config = {"model_type": "mistral", "torch_dtype": "bfloat16"}
    per_token = 32 * 2 * 8 * 128 * 2
    assert calculate_memory(config, seq_length=8192).kv_cache_bytes == 4095 * per_token
    assert calculate_memory({**config, "sliding_window": None}, seq_length=8192).kv_cache_bytes == 8192 * per_token


@pytest.mark.parametrize("value", ["4", "", True, 1.5, [1], {}, float("inf"), float("nan"), -1, LARGEST + 1])
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match="hidden_size") as error:
        Config({"hidden_size": value}, "text_config").int("hidden_size")
    assert "text_config" in str(error.value)
    assert len(str(error.value)) < 200


def test_a_missing_key_is_named_with_what_was_found() -> None:
    with pytest.raises(ConfigError, match="lacks d_model or n_embd") as error:
        Config({"vocab": 1}).int("d_model", "n_embd")
    assert "vocab" in error.value.hint


def test_reads_are_remembered() -> None:
    c = Config({"a": 1, "b": {"c": 2, "d": 3}, "e": 4})
    c.int("a")
    c.sub("b").int("c")
    assert c.unread() == ["b.d", "e"]


def test_lists_per_layer() -> None:
    assert Config({"x": [1, 2, 3]}).each_layer("x", layers=2) == [1, 2]
    with pytest.raises(ConfigError, match="3 entries for 4 layers"):
        Config({"x": [1, 2, 3]}).each_layer("x", layers=4)


def test_division() -> None:
    assert divide(Config({}), "heads", 32, 8) == 4
    for by in (0, 5):
        with pytest.raises(ConfigError, match="heads"):
            divide(Config({}), "heads", 32, by)


@pytest.mark.parametrize(
    ("key", "value", "bears"),
    [
        ("hidden_size", 64, True),
        ("num_attention_heads", 8, True),
        ("vision_config", {"depth": 4}, True),
        ("layer_types", ["full_attention"], True),
        ("window_sizes", [7, 7], True),
        ("hidden_act", "silu", False),
        ("image_token_id", 151655, False),
        ("use_window", True, False),
        ("rope_scaling", {"rope_type": "yarn"}, False),
        ("num_beams", 1, False),
    ],
)
def test_size_bearing_keys(key: str, value: Any, bears: bool) -> None:
    assert size_bearing(key, value) is bears


def test_an_unknown_type_is_refused_with_the_nearest_known() -> None:
    with pytest.raises(UnsupportedArchitectureError, match="'lama'") as error:
        read_model({"model_type": "lama"})
    assert "llama" in error.value.hint
    assert "--as" in error.value.hint


def test_as_takes_a_config_for_another_type() -> None:
    config = {"model_type": "mine", "architectures": ["MineForEverything"], "num_hidden_layers": 2}
    with pytest.raises(UnsupportedArchitectureError):
        read_model(config)
    assert read_model(config, taken_as="llama") == read_model({"model_type": "llama", "num_hidden_layers": 2})
    assert any("taken as llama" in note for note in calculate_memory(config, taken_as="llama").notes)
    with pytest.raises(UnsupportedArchitectureError, match="nothing"):
        read_model(config, taken_as="nothing")


def test_a_wrapper_is_understood_only_if_nothing_else_has_a_size() -> None:
    text = {"model_type": "qwen2", "num_hidden_layers": 3}
    plain = {"model_type": "wraps", "architectures": ["WrapsForConditionalGeneration"], "image_token_id": 5}
    spec = read_model({**plain, "text_config": text})
    assert spec.parameters == read_model(text).parameters
    assert any("wraps" in note for note in spec.notes)
    for more in ({"vision_config": {"hidden_size": 64}}, {"mm_hidden_size": 1024}, {"num_experts": 8}):
        with pytest.raises(UnsupportedArchitectureError, match="wraps"):
            read_model({**plain, "text_config": text, **more})


def test_a_sub_model_that_nothing_reads_is_said() -> None:
    spec = read_model({"model_type": "llama", "decoder_config": {"hidden_size": 64}, "rope_config": {"kind": "x"}})
    assert any(note.startswith("decoder_config: not read") for note in spec.notes)
    assert read_model({"model_type": "llama", "rope_config": {"kind": "x"}}).notes == ()


def test_hostile_sizes_neither_hang_nor_crash() -> None:
    for changes in (
        {"num_hidden_layers": 10**12},
        {"num_hidden_layers": 10**5 + 1},
        {"hidden_size": 10**30},
        {"vocab_size": -(10**9)},
        {"num_attention_heads": 10**13},
    ):
        with pytest.raises(LlmmemError):
            calculate_memory({"model_type": "llama", **changes})
    huge = read_model({"model_type": "mixtral", "num_local_experts": 10**9})
    assert huge.parameters > 10**18
