"""--precision with llama.cpp's recipes, against sizes that llama.cpp itself states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmmem import calculate_memory, read_model
from llmmem.checkpoint import Stored, store
from llmmem.checkpoint.gguf_recipes import RECIPES, Matrix, Model, tensor_type
from llmmem.dtypes import BITS, BLOCKS, GGUF_RECIPES, nbytes, precision
from llmmem.errors import UsageError

SIZES = json.loads((Path(__file__).parent / "fixtures" / "gguf_sizes.json").read_text())
TABLE = [(m, recipe, bits) for m, rows in SIZES["bits_per_weight"].items() for recipe, bits in rows.items()]


def size(stored: Stored) -> int:
    return sum(
        nbytes(t.elements, t.dtype or "") * len(b.layers) for b in stored.spec.blocks if b.loaded for t in b.tensors
    )


def types(stored: Stored, ending: str) -> dict[str, list[int]]:
    """Type -> layers of the tensors whose name ends so."""
    found: dict[str, list[int]] = {}
    for b in stored.spec.blocks:
        for t in b.tensors:
            if t.name.endswith(ending):
                found.setdefault(t.dtype or "", []).extend(b.layers)
    return {dtype: sorted(layers) for dtype, layers in found.items()}


@pytest.mark.parametrize(("model", "recipe", "bits"), TABLE)
def test_bits_per_weight_are_those_of_llama_cpp(model: str, recipe: str, bits: float) -> None:
    spec = read_model(model)
    digits = len(str(bits).partition(".")[2])
    own = 8 * size(store(spec, recipe)) / spec.parameters
    assert own == pytest.approx(bits, abs=0.51 * 10**-digits if digits > 2 else 0.0055)


@pytest.mark.parametrize(("model", "recipe", "expected"), SIZES["tensor_bytes"])
def test_bytes_of_real_file_headers(model: str, recipe: str, expected: int) -> None:
    assert size(store(read_model(model), recipe)) == expected


@pytest.mark.parametrize(("model", "recipe", "printed"), SIZES["logs"])
def test_file_sizes_that_llama_cpp_printed(model: str, recipe: str, printed: str) -> None:
    digits = len(printed.partition(".")[2])
    assert f"{size(store(read_model(model), recipe)) / 2**30:.{digits}f}" == printed


def test_every_recipe_has_a_name_and_gives_known_types() -> None:
    assert {*GGUF_RECIPES} == {*RECIPES, "gguf_f16", "gguf_bf16"}
    spec = read_model({"model_type": "mixtral", "torch_dtype": "bfloat16", "num_hidden_layers": 9})
    for recipe in GGUF_RECIPES:
        stored = store(spec, recipe)
        assert stored.precision == recipe
        assert "GGUF" in stored.why
        assert {t.dtype for b in stored.spec.blocks for t in b.tensors} <= {*BITS, *BLOCKS}
        assert sorted(i for b in stored.spec.blocks if "experts" in str(b) for i in b.layers) == [*range(9)]


def test_second_names() -> None:
    assert precision("Q4_K", (*GGUF_RECIPES,), "--precision") == "q4_k_m"
    assert precision("Q6-K", (*GGUF_RECIPES,), "--precision") == "q6_k"
    with pytest.raises(UsageError, match="q7_k"):
        precision("q7_k", (*GGUF_RECIPES,), "--precision")


def test_which_layers_get_more_bits() -> None:
    """32 layers: the first and last four, and every third between."""
    better = [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]
    found = types(store(read_model("meta-llama/Llama-3.1-8B"), "q4_k_m"), "down_proj.weight")
    assert found == {"q6_k": better, "q4_k": [i for i in range(32) if i not in better]}


def test_rows_that_are_no_whole_blocks_get_another_type() -> None:
    """gpt-oss: rows of 2880 = 11.25 x 256 = 90 x 32."""
    stored = store(read_model("openai/gpt-oss-20b"), "q4_k_m")
    assert {*types(stored, "experts.gate_up_proj")} == {"q5_0"}
    assert {*types(stored, "experts.down_proj")} == {"q5_0", "q8_0"}
    assert {*types(stored, "o_proj.weight")} == {"q4_k"}  # rows of 4096
    assert tensor_type("iq3_m", Matrix("", 33), Model(1, 1, 1)) == "fp16"


def test_eight_experts_share_few_values() -> None:
    stored = store(read_model("mistralai/Mixtral-8x7B-v0.1"), "q3_k_m")
    assert {*types(stored, "v_proj.weight")} == {*types(stored, "k_proj.weight")} == {"q8_0"}
    assert {*types(stored, "o_proj.weight")} == {"q5_k"}


def test_a_tied_table_is_stored_as_the_output_would_be() -> None:
    stored = store(read_model("meta-llama/Llama-3.2-1B-Instruct"), "q4_k_s")
    assert {*types(stored, "embed_tokens.weight")} == {"q6_k"}
    assert {*types(store(read_model("meta-llama/Llama-3.1-8B"), "q4_k_s"), "embed_tokens.weight")} == {"q4_k"}


def test_latent_attention_is_stored_in_two() -> None:
    """DeepSeek-V3: keys of 128 heads turned into rows of 128, too short for K-quants."""
    stored = store(read_model("deepseek-ai/DeepSeek-V3"), "q4_k_m")
    assert {*types(stored, "self_attn.k_b_proj.weight")} == {"q5_0"}
    assert {*types(stored, "self_attn.v_b_proj.weight")} == {"q4_k"}
    assert not types(stored, "kv_b_proj.weight")


def test_what_is_estimated_says_so() -> None:
    report = calculate_memory("google/gemma-3-4b-it", precision="q4_k_m")
    weights = [line for line in report.lines if line.group == "weights"]
    assert {line.basis for line in weights} == {"estimated"}
    assert all(0.96 * line.bytes < line.low < line.bytes < line.high < 1.04 * line.bytes for line in weights)
    assert any("mmproj" in line.why for line in weights)
    plain = calculate_memory("meta-llama/Llama-3.1-8B", precision="q4_k_m")
    assert {line.basis for line in plain.lines if line.group == "weights"} == {"exact"}


def test_many_layers_are_walked_once() -> None:
    config = {"model_type": "llama", "torch_dtype": "float16", "num_hidden_layers": 10_000}
    stored = store(read_model(config), "q4_k_m")
    assert sum(len(b.layers) for b in stored.spec.blocks if "{}" in b.prefix) == 10_000
    assert len(stored.spec.blocks) <= 8
