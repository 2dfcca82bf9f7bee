"""Stored tensors of quantised checkpoints and of conversions, against measured tensors and published files."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections import Counter
from math import prod
from pathlib import Path
from typing import Any

import pytest

from llmmem import LlmmemError, calculate_memory, read_model
from llmmem.checkpoint import Stored, store
from llmmem.checkpoint.conversions import conversion
from llmmem.checkpoint.libraries import bnb_4bit, bnb_int8, hqq, torchao_rows
from llmmem.checkpoint.matrices import derived, flattened, unstacked
from llmmem.checkpoint.names import Names
from llmmem.dtypes import BITS, GGUF_RECIPES, PRECISIONS, nbytes
from llmmem.engines.transformers import rank_elements
from llmmem.errors import ConfigError, LayoutError, UnsupportedArchitectureError
from llmmem.tensors import Tensor

FIXTURES = Path(__file__).parent / "fixtures"
LINEARS = json.loads((FIXTURES / "quantized_linears.json").read_text())["rows"]
FILES = {r["model"]: r for r in json.loads((FIXTURES / "quantized_files.json").read_text())["rows"]}

LLAMA_8B = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "torch_dtype": "bfloat16",
}  # fmt: skip
#: outputs x inputs of a layer's matrices, elements of the embeddings, the head and the norms
LAYER = [(4096, 4096), (1024, 4096), (1024, 4096), (4096, 4096), (14336, 4096), (14336, 4096), (4096, 14336)]
REST = 2 * 128256 * 4096 + 65 * 4096


def llama(quantization: Any, **changes: Any) -> dict[str, Any]:
    return {**LLAMA_8B, "quantization_config": quantization, **changes}


def size(stored: Stored) -> int:
    return sum(nbytes(t.elements, t.dtype or "") * len(b.layers) for b in stored.spec.blocks for t in b.tensors)


def auto(config: dict[str, Any]) -> Stored:
    return store(read_model(config), "auto")


def dtypes(stored: Stored) -> dict[str, str | None]:
    """Folded name -> dtype of every matrix of the layers that is not packed under another name."""
    return {
        b.prefix.replace("{}", f"[{','.join(map(str, b.layers))}]", 1) + t.name: t.dtype
        for b in stored.spec.blocks
        for t in b.tensors
        if t.role in ("linear", "head", "router", "embedding") and t.name.endswith((".weight", "qweight", "packed"))
    }


# One linear layer, as the libraries really make it


def named(tensors: tuple[Tensor, ...]) -> dict[str, list[Any]]:
    return {t.name.removeprefix("layer."): [t.dtype, list(t.shape)] for t in tensors}


@pytest.mark.parametrize("row", LINEARS, ids=lambda r: " ".join(str(v) for k, v in r.items() if k != "tensors"))
def test_a_layer_is_what_the_library_makes_of_it(row: dict[str, Any]) -> None:
    layer = Tensor("layer.weight", tuple(row["shape"]))
    if row["tool"] == "HQQ":
        packed, *scales = hqq(row["bits"], row["group"], "bf16")(layer)
        assert nbytes(packed.elements, packed.dtype or "") == row["packed_bytes"]
        assert [t.elements for t in scales] == [row["groups"]] * 2
        return
    if row["tool"] == "bitsandbytes nf4":
        made = named(bnb_4bit("nf4", "bf16", block=row["block"], nested=row["nested"], saved=True)(layer))
        if row["nested"]:  # the text ends in a number of as many digits as it has
            key = "weight.quant_state.bitsandbytes__nf4"
            assert abs(made[key][1][0] - row["tensors"][key][1][0]) <= 4
            made[key] = row["tensors"][key]
    elif row["tool"] == "bitsandbytes int8":
        made = named(bnb_int8(saved=True)(layer))
    else:
        kind, zeros = ("int8", True) if "Int8" in row["tool"] else ("fp8", False)
        made = {k.removeprefix("_weight_"): v for k, v in named(torchao_rows(kind, zeros=zeros)(layer)).items()}
    assert made == row["tensors"]


# Published files


@pytest.mark.parametrize("model", ["Qwen/Qwen3-14B-MLX-4bit", "Qwen/Qwen-VL-Chat-Int4"])
def test_total_size_of_the_published_index(model: str) -> None:
    assert size(auto(FILES[model]["config"])) == FILES[model]["bytes"]


SAFETENSORS = {
    "fp32": "F32", "fp16": "F16", "bf16": "BF16", "int32": "I32", "uint8": "U8", "int8": "I8", "fp8": "F8_E4M3",
}  # fmt: skip


def file_size(stored: Stored, extra: tuple[tuple[str, str, tuple[int, ...]], ...] = (), *, bare: bool = False) -> int:
    """Bytes of the safetensors file that holds these tensors: its header names each with its place."""
    tensors = [
        (name, SAFETENSORS[t.dtype or ""], shape, nbytes(prod(shape), t.dtype or ""))
        for b in stored.spec.blocks
        for layer in b.layers
        for t in b.tensors
        for name, shape in b.names(layer, t)
    ] + [(name, SAFETENSORS[dtype], shape, nbytes(prod(shape), dtype)) for name, dtype, shape in extra]
    order = ["U8", "I8", "F8_E4M3", "F16", "BF16", "I32", "F32"]
    header: dict[str, Any] = {} if bare else {"__metadata__": {"format": "pt"}}
    place = 0
    for name, dtype, shape, length in sorted(tensors, key=lambda t: (-order.index(t[1]), t[0])):
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [place, place + length]}
        place += length
    return 8 + -(-len(json.dumps(header, separators=(",", ":"))) // 8) * 8 + place


def test_a_gptq_file_to_the_byte_but_for_its_writers_notes() -> None:
    """AutoGPTQ adds the options of the run to the metadata of the header: some 280 bytes."""
    row = FILES["TheBloke/Genz-70b-GPTQ"]
    assert 0 <= row["bytes"] - file_size(auto(row["config"])) <= 512


def test_a_gptq_file_of_a_tied_model() -> None:
    """Saved without metadata, and with a copy of the table of embeddings as its head."""
    row = FILES["TheBloke/WizardCoder-15B-1.0-GPTQ"]
    head = (("lm_head.weight", "fp16", (49153, 6144)),)
    assert file_size(auto(row["config"]), head, bare=True) == row["bytes"]


def test_an_nf4_file_within_the_digits_of_its_texts() -> None:
    """192 matrices, each with a text whose last number has a digit more or less; layer 0's attention is skipped."""
    row = FILES["DocWobble/Orpheus_3B_Quantized"]
    stored = auto(row["config"])
    assert sum(len(b.layers) for b in stored.spec.blocks for t in b.tensors if "quant_state" in t.name) == 192
    assert abs(row["bytes"] - file_size(stored)) <= 4 * 192


# Formats, by their published rules

MATRICES = 32 * sum(o * i for o, i in LAYER)
GROUPS = 32 * sum(o * i // 128 for o, i in LAYER)
ROWS, COLUMNS = 32 * sum(o for o, _ in LAYER), 32 * sum(i for _, i in LAYER)
COUNT = 32 * len(LAYER)

CT = {"quant_method": "compressed-tensors", "ignore": ["lm_head"], "quantization_status": "compressed"}
TOKEN = {"num_bits": 8, "type": "float", "strategy": "token", "dynamic": True}


def compressed(form: str, weights: dict[str, Any], inputs: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    group = {"targets": ["Linear"], "weights": weights, "input_activations": inputs}
    return {**CT, "format": form, "config_groups": {"group_0": group}, **more}


W4 = {"num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": 128, "dynamic": False}
W8 = {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel", "dynamic": False}
F8 = {"num_bits": 8, "type": "float", "symmetric": True, "strategy": "channel", "dynamic": False}
F4 = {"num_bits": 4, "type": "float", "symmetric": True, "strategy": "tensor_group", "group_size": 16, "dynamic": False}
SYM8 = {"num_bits": 8, "type": "int", "symmetric": False, "strategy": "tensor", "dynamic": False}

FORMATS = {
    "gptq 4 bit": (
        {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": False},
        MATRICES // 2 + GROUPS // 2 + 2 * GROUPS + 4 * COLUMNS,
    ),
    "gptq 8 bit": (
        {"quant_method": "gptq", "bits": 8, "group_size": 128, "sym": True},
        MATRICES + GROUPS + 2 * GROUPS + 4 * COLUMNS,
    ),
    "gptq 3 bit, one group": (
        {"quant_method": "gptq", "bits": 3, "group_size": -1, "desc_act": True},
        MATRICES * 3 // 8 + ROWS * 3 // 8 + 2 * ROWS + 4 * COLUMNS,
    ),
    "autogptq": (
        {"quant_method": "gptq", "bits": 4, "group_size": 128, "model_file_base_name": "model"},
        MATRICES // 2 + GROUPS // 2 + 2 * GROUPS + 4 * COLUMNS + 2 * ROWS,
    ),
    "awq": (
        {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True, "version": "gemm"},
        MATRICES // 2 + GROUPS // 2 + 2 * GROUPS,
    ),
    "w4a16": (compressed("pack-quantized", W4), MATRICES // 2 + 2 * GROUPS + 16 * COUNT),
    "w4a16 asymmetric": (
        compressed("pack-quantized", {**W4, "symmetric": False}),
        MATRICES // 2 + 2 * GROUPS + GROUPS // 2 + 16 * COUNT,
    ),
    "w8a16": (compressed("pack-quantized", W8), MATRICES + 2 * ROWS + 16 * COUNT),
    "w8a8": (compressed("int-quantized", W8, {**TOKEN, "type": "int"}), MATRICES + 2 * ROWS),
    "w8a8 static": (
        compressed("int-quantized", W8, SYM8), MATRICES + 2 * ROWS + 3 * COUNT,
    ),
    "fp8 dynamic": (compressed("float-quantized", F8, TOKEN), MATRICES + 2 * ROWS),
    "fp8 static": (
        compressed("float-quantized", {**F8, "strategy": "tensor"}, {**TOKEN, "strategy": "tensor", "dynamic": False}),
        MATRICES + 4 * COUNT,
    ),
    "fp8 block": (
        compressed("float-quantized", {**F8, "strategy": "block", "block_structure": [128, 128]}, TOKEN),
        MATRICES + 2 * MATRICES // 128**2,
    ),
    "nvfp4": (
        compressed("nvfp4-pack-quantized", F4, {**F4, "dynamic": "local"}), MATRICES // 2 + MATRICES // 16 + 8 * COUNT,
    ),
    "nvfp4a16": (compressed("nvfp4-pack-quantized", F4), MATRICES // 2 + MATRICES // 16 + 4 * COUNT),
    "mxfp4": (
        compressed("mxfp4-pack-quantized", {**F4, "strategy": "group", "group_size": 32}),
        MATRICES // 2 + MATRICES // 32,
    ),
    "fp8 cache scales": (
        compressed("float-quantized", F8, TOKEN, kv_cache_scheme={**TOKEN, "dynamic": False}),
        MATRICES + 2 * ROWS + 2 * 2 * 32,
    ),
    "fp8 per matrix, static": (
        {"quant_method": "fp8", "activation_scheme": "static", "ignored_layers": ["lm_head"]}, MATRICES + 8 * COUNT,
    ),
    "fp8 blocks": (
        {"quant_method": "fp8", "weight_block_size": [128, 128], "activation_scheme": "dynamic"},
        MATRICES + 4 * MATRICES // 128**2,
    ),
    "fbgemm": ({"quant_method": "fbgemm_fp8", "activation_scale_ub": 1200.0}, MATRICES + 4 * ROWS),
    "modelopt fp8": (
        {"quant_method": "modelopt", "quant_algo": "FP8", "exclude_modules": ["lm_head"]}, MATRICES + 8 * COUNT,
    ),
    "modelopt nvfp4": (
        {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "NVFP4", "group_size": 16,
                                                            "exclude_modules": ["lm_head"],
                                                            "kv_cache_quant_algo": "FP8"}},
        MATRICES // 2 + MATRICES // 16 + 8 * COUNT + 8 * 32,
    ),
    "bitsandbytes int8": ({"quant_method": "bitsandbytes", "load_in_8bit": True}, MATRICES + 4 * ROWS + COUNT),
    "hqq": (
        {"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 4, "group_size": 64, "axis": 1}}},
        MATRICES // 2 + 4 * MATRICES // 64,
    ),
    "auto-round": (
        {"quant_method": "auto-round", "packing_format": "auto_round:auto_gptq", "bits": 4, "group_size": 128,
         "sym": True, "data_type": "int", "block_name_to_quantize": "model.layers", "autoround_version": "0.8.0"},
        MATRICES // 2 + GROUPS // 2 + 2 * GROUPS,
    ),
    "aqlm": (
        {"quant_method": "aqlm", "in_group_size": 8, "out_group_size": 1, "num_codebooks": 1, "nbits_per_codebook": 16,
         "linear_weights_not_to_quantize": ["lm_head.weight", "model.embed_tokens.weight"]},
        MATRICES // 8 * 2 + 2 * ROWS + COUNT * 2 * 8 * 2**16,
    ),
    "eetq": ({"quant_method": "eetq", "weights": "int8"}, MATRICES + 2 * ROWS),
    "bitnet": (
        {"quant_method": "bitnet", "linear_class": "bitlinear", "quantization_mode": "offline"},
        MATRICES // 4 + 2 * COUNT,
    ),
    "torchao int4": (
        {"quant_method": "torchao", "quant_type": {"default": {"_type": "Int4WeightOnlyConfig", "_data": {
            "group_size": 128, "int4_packing_format": "plain"}}}},
        MATRICES // 2 + 4 * GROUPS,
    ),
    "torchao int8": ({"quant_method": "torchao", "quant_type": "int8_weight_only"}, MATRICES + 5 * ROWS),
    "quark": (
        {"quant_method": "quark", "exclude": ["lm_head"],
         "global_quant_config": {"weight": {"dtype": "fp8_e4m3", "qscheme": "per_tensor"},
                                 "input_tensors": {"dtype": "fp8_e4m3", "qscheme": "per_tensor", "is_dynamic": False}}},
        MATRICES + 8 * COUNT,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("quantization", "matrices"), FORMATS.values(), ids=FORMATS)
def test_formats(quantization: dict[str, Any], matrices: int) -> None:
    stored = auto(llama(quantization))
    assert size(stored) == matrices + 2 * REST
    assert stored.basis == "exact"
    assert stored.why.startswith("quantization")


# The real planner of vLLM 0.33 on one rank of Llama-3.1-8B: bytes of its parameters. It holds no g_idx, fp32 scales
# for fp8 rows, and two to six small numbers per attention layer (8 bytes; 18 of compressed-tensors).
VLLM = {
    "gptq 8 bit": 9_244_778_496 + 4 * COLUMNS,
    "fp8 per matrix, static": 9_081_202_688 - 8 * 32,
    "fp8 blocks": 9_082_904_832 - 8 * 32,
    # vLLM joins q, k, v and gate, up: 4 layers of 7
    "w4a16": 5_700_594_240 - 18 * 32 + 16 * (COUNT - 4 * 32),
    "fp8 dynamic": 9_086_706_240 - 18 * 32 - 2 * ROWS,
    "nvfp4": 6_027_749_696 - 18 * 32,
}


@pytest.mark.parametrize(("name", "expected"), VLLM.items())
def test_bytes_are_those_vllm_allocates(name: str, expected: int) -> None:
    assert size(auto(llama(FORMATS[name][0]))) == expected


# What stays as it is


def test_a_listed_layer_splits_its_block_and_no_other() -> None:
    stored = auto(llama({"quant_method": "fp8", "modules_to_not_convert": ["model.layers.3.mlp", "lm_head"]}))
    layers = [tuple(b.layers) for b in stored.spec.blocks if "{}" in b.prefix]
    assert sorted(layers, key=len) == [(3,), tuple(i for i in range(32) if i != 3)]
    found = dtypes(stored)
    assert found["model.layers.[3].mlp.up_proj.weight"] == "bf16"
    assert found["model.layers.[3].self_attn.q_proj.weight"] == "fp8"
    caches = Counter(c for b in stored.spec.blocks for c in b.caches for _ in b.layers)
    assert sum(caches.values()) == 32


def test_blocks_stay_whole_where_every_layer_is_alike() -> None:
    listed = [f"model.layers.{i}.input_layernorm" for i in range(32)] + ["lm_head"]
    stored = auto(llama({"quant_method": "fp8", "modules_to_not_convert": listed}))
    assert [len(b.layers) for b in stored.spec.blocks if "{}" in b.prefix] == [32]


def test_a_router_listed_by_name_is_not_the_gate_of_a_dense_layer() -> None:
    config = {"model_type": "deepseek_v3", "torch_dtype": "bfloat16", "num_hidden_layers": 5,
              "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128],
                                      "modules_to_not_convert": ["model.layers.3.mlp.gate", "model.layers.4.mlp.gate"],
                                      }}  # fmt: skip
    found = dtypes(auto(config))
    assert found["model.layers.[0,1,2].mlp.gate_proj.weight"] == "fp8"
    assert found["model.layers.[3,4].mlp.gate.weight"] == "bf16"


def test_single_experts_can_be_listed() -> None:
    config = {"model_type": "mixtral", "torch_dtype": "bfloat16", "num_hidden_layers": 2,
              "quantization_config": compressed("pack-quantized", W4, ignore=[
                  "lm_head", "model.layers.1.block_sparse_moe.experts.5.w1", "re:.*\\.gate$"])}  # fmt: skip
    counts = [
        (tuple(b.layers), t.name, t.copies)
        for b in auto(config).spec.blocks
        for t in b.tensors
        if ".w1.weight" in t.name and t.role == "linear"
    ]
    assert sorted(counts) == [
        ((0,), "block_sparse_moe.experts.{}.w1.weight_packed", 8),
        ((1,), "block_sparse_moe.experts.{}.w1.weight", 1),
        ((1,), "block_sparse_moe.experts.{}.w1.weight_packed", 7),
    ]


@pytest.mark.parametrize(
    ("how", "entry", "name", "matches"),
    [
        ("module", "model.layers.1.mlp", "model.layers.1.mlp.up_proj", True),
        ("module", "model.layers.1.mlp", "model.layers.11.mlp.up_proj", False),
        ("module", "model.layers.1.mlp.gate", "model.layers.1.mlp.gate_proj", False),
        ("module", "model.layers.*.self_attn", "model.layers.23.self_attn.q_proj", True),
        ("module", "lm_head.weight", "lm_head", True),
        ("module", "merger", "visual.merger.mlp.0", True),
        ("exact", "lm_head", "language_model.lm_head", False),
        ("exact", "re:.*lm_head", "language_model.lm_head", True),
        ("exact", "re:.*self_attn.*", "model.layers.0.self_attn.q_proj", True),
        ("exact", r"re:.*layers\.(0|2)\.mlp.*", "model.layers.2.mlp.up_proj", True),
        ("exact", r"re:.*layers\.(0|2)\.mlp.*", "model.layers.1.mlp.up_proj", False),
        ("glob", "model.layers.1*", "model.layers.10.mlp.up_proj", True),
        ("glob", "model.layers.1.*", "model.layers.10.mlp.up_proj", False),
        ("glob", "*.mlp.shared_expert.*", "model.layers.4.mlp.shared_expert.up_proj", True),
        ("glob", "vision_tower", "vision_tower.blocks.3.attn.qkv", True),
        ("part", "visual", "model.visual.blocks.0.attn.qkv", True),
    ],
)
def test_names(how: str, entry: str, name: str, matches: bool) -> None:
    assert (name in Names([entry], how, "ignore")) is matches


def test_lists_know_whether_they_tell_layers_apart() -> None:
    for entry, layered in (("re:.*mlp.w1$", False), ("lm_head", False), ("model.layers.0.mlp", True),
                           (r"re:.*layers\.(0|1)\.", True), ("model.layers.1*", True)):  # fmt: skip
        assert Names([entry], "exact", "ignore").layered is layered


def test_the_head_is_quantised_only_where_the_config_says_so() -> None:
    gptq = {"quant_method": "gptq", "bits": 4, "group_size": 128}
    assert "lm_head.weight" in dtypes(auto(llama(gptq)))
    assert "lm_head.qweight" in dtypes(auto(llama({**gptq, "lm_head": True})))
    assert "lm_head.qweight" not in dtypes(auto(llama({**gptq, "lm_head": True}, tie_word_embeddings=True)))
    nf4 = {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}
    assert dtypes(auto(llama(nf4)))["lm_head.weight"] == "bf16"
    assert dtypes(auto(llama({**nf4, "llm_int8_skip_modules": []})))["lm_head.weight"] == "uint8"
    assert dtypes(auto(llama(compressed("float-quantized", F8, TOKEN, ignore=[]))))["lm_head.weight"] == "fp8"


def test_towers_stay_where_the_tool_leaves_them() -> None:
    llava = {"model_type": "llava", "torch_dtype": "float16"}
    awq = dtypes(auto({**llava, "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}))
    eight = dtypes(auto({**llava, "quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}}))
    tower = next(name for name in awq if "vision_tower" in name and "q_proj" in name)
    assert awq[tower] == "fp16"
    assert eight[tower] == "int8"


def test_a_config_of_a_sub_model_names_its_own_layers() -> None:
    """Kimi-K2.5: quantization_config in text_config, which ignores "lm_head" as the language model calls it."""
    text = {"model_type": "llama", "num_hidden_layers": 2,
            "quantization_config": compressed("float-quantized", F8, TOKEN)}  # fmt: skip
    found = dtypes(auto({"model_type": "llava", "torch_dtype": "bfloat16", "text_config": text}))
    assert {d for n, d in found.items() if "vision_tower" in n or "lm_head" in n} == {"bf16"}
    assert {d for n, d in found.items() if "self_attn" in n and "language_model" in n} == {"fp8"}


def test_configs_under_other_keys_and_without_a_method() -> None:
    mlx = {"group_size": 64, "bits": 4}
    older = {**LLAMA_8B, "quantization": mlx}
    assert size(auto(older)) == size(auto(llama(mlx))) < size(auto(LLAMA_8B)) * 0.3
    w4a16 = compressed("pack-quantized", W4)
    assert size(auto({**LLAMA_8B, "compression_config": w4a16})) == size(auto(llama(w4a16)))
    for name in ("gptq 4 bit", "awq", "w4a16", "bitsandbytes int8"):
        named = FORMATS[name][0]
        unnamed = {k: v for k, v in named.items() if k != "quant_method"}
        assert size(auto(llama(unnamed))) == size(auto(llama(named)))


def test_auto_round_layers_stored_otherwise() -> None:
    rules = {"lm_head": {"bits": 8, "data_type": "int", "group_size": 128}, "model.layers.0.mlp.up_proj": {"bits": 16},
             ".*layers\\.1\\.mlp.*": {"bits": 8}}  # fmt: skip
    config = {"quant_method": "auto-round", "bits": 4, "group_size": 128, "extra_config": rules}
    shapes = {(b.layers[0], t.name): t.shape for b in auto(llama(config)).spec.blocks for t in b.tensors}
    assert shapes[0, "lm_head.qweight"] == (1024, 128256)
    assert shapes[0, "mlp.up_proj.weight"] == (14336, 4096)
    assert shapes[1, "mlp.up_proj.qweight"] == (1024, 14336)
    assert shapes[2, "mlp.up_proj.qweight"] == (512, 14336)


@pytest.mark.parametrize(
    ("name", "method"),
    [("hf_quant_config.json", "modelopt nvfp4"), ("quantize_config.json", "gptq 4 bit"), ("quant_config.json", "awq")],
)
def test_files_beside_a_config_say_how_it_is_quantised(tmp_path: Path, name: str, method: str) -> None:
    """modelopt, AutoGPTQ and AutoAWQ wrote such; what config.json says itself comes first."""
    content = {k: v for k, v in FORMATS[method][0].items() if k != "quant_method"}
    (tmp_path / "config.json").write_text(json.dumps(LLAMA_8B))
    (tmp_path / name).write_text(json.dumps(content))
    assert size(store(read_model(str(tmp_path)), "auto")) == size(auto(llama(FORMATS[method][0])))
    (tmp_path / "config.json").write_text(json.dumps(llama(FORMATS["fbgemm"][0])))
    assert size(store(read_model(str(tmp_path)), "auto")) == size(auto(llama(FORMATS["fbgemm"][0])))


def test_compressed_tensors_inside_a_config_of_older_transformers() -> None:
    w4a16 = FORMATS["w4a16"][0]
    nested = {"quant_method": "compressed-tensors", "quantization_config": w4a16, "sparsity_config": {}}
    assert size(auto(llama(nested))) == size(auto(llama(w4a16)))


def test_mlx_layers_stored_otherwise() -> None:
    other = {"group_size": 64, "bits": 4, "model.layers.0.mlp.up_proj": {"group_size": 32, "bits": 8}, "lm_head": False}
    shapes = {(b.layers[0] == 0, b.prefix + t.name): t.shape for b in auto(llama(other)).spec.blocks for t in b.tensors}
    assert shapes[True, "model.layers.{}.mlp.up_proj.weight"] == (14336, 1024)
    assert shapes[False, "model.layers.{}.mlp.up_proj.weight"] == (14336, 512)
    assert shapes[True, "model.layers.{}.mlp.up_proj.biases"] == (14336, 128)
    assert shapes[True, "lm_head.weight"] == (128256, 4096)


def test_deepseek_v4_packs_its_experts_in_four_bits() -> None:
    """expert_dtype stands beside quantization_config; scales are bytes, one per 32 inputs of an expert."""
    config = {"model_type": "deepseek_v4", "torch_dtype": "bfloat16", "num_hidden_layers": 4, "expert_dtype": "fp4",
              "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}  # fmt: skip
    tensors = {t.name: t for b in auto(config).spec.blocks for t in b.tensors}
    expert, scale = tensors["ffn.experts.{}.w1.weight"], tensors["ffn.experts.{}.w1.weight_scale_inv"]
    assert (expert.shape, expert.dtype) == ((2048, 2048), "int8")
    assert (scale.shape, scale.dtype) == ((2048, 128), "uint8")


def test_mixed_precision_of_modelopt() -> None:
    table = {f"model.layers.{i}.mlp.up_proj": {"quant_algo": "NVFP4", "group_size": 16} for i in range(32)}
    table |= {f"model.layers.{i}.self_attn.q_proj": {"quant_algo": "FP8"} for i in range(16)}
    stored = auto(llama({"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": table}))
    found = dtypes(stored)
    low, high = ",".join(map(str, range(16))), ",".join(map(str, range(16, 32)))
    assert found[f"model.layers.[{low}].self_attn.q_proj.weight"] == "fp8"
    assert found[f"model.layers.[{high}].self_attn.q_proj.weight"] == "bf16"
    assert found[f"model.layers.[{high}].mlp.up_proj.weight"] == "uint8"
    assert stored.precision == "mixed"


def test_gptq_rules_for_single_modules() -> None:
    rules = {"-:.*k_proj": {}, "+:.*layers\\.0\\..*": {"bits": 8}}
    found = auto(llama({"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": rules}))
    shapes = {
        (b.layers[0] == 0, t.name): t.shape for b in found.spec.blocks for t in b.tensors if "{}" in b.prefix
    }  # fmt: skip
    assert shapes[True, "self_attn.q_proj.qweight"] == (1024, 4096)
    assert shapes[False, "self_attn.q_proj.qweight"] == (512, 4096)
    assert shapes[False, "self_attn.k_proj.weight"] == (1024, 4096)


# Conversions


OWN = tuple(p for p in PRECISIONS[1:] if p not in GGUF_RECIPES)


@pytest.mark.parametrize("precision", OWN)
def test_every_precision_says_what_it_does(precision: str) -> None:
    stored = store(read_model(LLAMA_8B), precision)
    assert stored.precision == precision
    assert stored.basis == "exact"
    assert precision in ("fp32", "fp16", "bf16") or "head stay bf16" in stored.why


BITS_PER_WEIGHT = {
    "int8": 8, "fp8": 8, "int4": 4.125, "nf4": 4.127, "fp4": 4.5, "gptq": 4.156, "awq": 4.156, "mxfp4": 4.25,
    "nvfp4": 4.5,
}  # fmt: skip


@pytest.mark.parametrize(("precision", "bits"), BITS_PER_WEIGHT.items())
def test_bits_per_weight(precision: str, bits: float) -> None:
    """As the formats are described; g_idx, scales of rows and tables add less than a hundredth of a bit."""
    packed = size(store(read_model(LLAMA_8B), precision)) - 2 * REST
    assert 8 * packed / MATRICES == pytest.approx(bits, abs=0.012)


def test_stacked_experts_are_no_linear_layers_to_bitsandbytes() -> None:
    spec = read_model({"model_type": "llama4", "torch_dtype": "bfloat16"})
    eight, four = (store(spec, p) for p in ("int8", "int4"))
    assert "stacked experts" in eight.why
    assert {t.dtype for b in eight.spec.blocks for t in b.tensors if t.name.endswith("experts.gate_up_proj")} == {
        "bf16"
    }
    assert any(t.name.endswith("experts.{}.gate_proj.weight_packed") for b in four.spec.blocks for t in b.tensors)


def test_a_quantised_checkpoint_converts_from_its_unquantised_shapes() -> None:
    config = llama({"quant_method": "vptq"})
    with pytest.raises(UnsupportedArchitectureError, match="vptq"):
        auto(config)
    assert size(store(read_model(config), "nf4")) == size(store(read_model(LLAMA_8B), "nf4"))


# Shares of tensor parallelism


@pytest.mark.parametrize("precision", [*BITS_PER_WEIGHT, *FORMATS])
@pytest.mark.parametrize("tp", [2, 4, 8])
def test_shares_add_up(precision: str, tp: int) -> None:
    """What is cut is held once by all ranks together, whatever stands beside it."""
    if precision in BITS_PER_WEIGHT:
        stored = store(read_model(LLAMA_8B), precision)
    else:
        stored = auto(llama(FORMATS[precision][0]))
    for block in stored.spec.blocks:
        for t in block.tensors:
            share = rank_elements(block.component, t, tp)
            assert share * (1 if t.shard is None or t.role == "embedding" else tp) == t.elements, t


def test_scales_of_repeated_heads_are_repeated() -> None:
    """Qwen3-8B-FP8: 8 key/value heads of 128 on 16 ranks; one block row of scales goes with each."""
    config = llama({"quant_method": "fp8", "weight_block_size": [128, 128]}, num_attention_heads=32)
    tensors = {t.name: t for b in auto(config).spec.blocks for t in b.tensors}
    for name, elements in (("k_proj.weight", 128 * 4096), ("k_proj.weight_scale_inv", 32)):
        assert rank_elements("language", tensors[f"self_attn.{name}"], 16) == elements


def test_groups_that_cannot_be_shared_are_refused() -> None:
    down = Tensor("down.weight", (64, 384), shard=1)
    groups = derived(down, "down.scales", "io", "fp16", i=(1, 128))
    assert groups.shape == (3, 64)
    with pytest.raises(LayoutError, match="cannot be shared evenly"):
        rank_elements("language", groups, 2)
    whole = derived(down, "down.scales", "io", "fp16", i=(1, 384))
    assert rank_elements("language", whole, 2) == 64  # one group of all inputs: every rank has it


def test_derived_tensors_keep_the_cut() -> None:
    o = Tensor("o.weight", (4096, 4096), shard=1, unit=128)
    qweight = derived(o, "o.qweight", "io", "int32", i=(4, 32))
    assert (qweight.shape, qweight.shard, qweight.unit) == ((512, 4096), 0, 16)
    q = Tensor("q.weight", (4096, 4096), shard=0, unit=128)
    zeros = derived(q, "q.qzeros", "io", "int32", o=(4, 32), i=(1, 128))
    assert (zeros.shape, zeros.shard, zeros.unit) == ((32, 512), 1, 16)
    flat = flattened(q, "q.weight", 4096 * 4096 // 2, "uint8", tail=(1,))
    assert (flat.shard, flat.unit) == (0, 128 * 4096 // 2)


def test_stacks_are_taken_apart() -> None:
    stack = Tensor("mlp.experts.gate_up_proj", (64, 256), shard=1, copies=8, layout="io")
    gate, up = unstacked(stack)
    assert (gate.name, gate.shape, gate.shard, gate.layout) == ("mlp.experts.{}.gate_proj.weight", (128, 64), 0, "oi")
    assert gate.elements + up.elements == stack.elements


# Bad values

BAD = [
    ({"quant_method": "gptq"}, ConfigError, "lacks quantization_config.bits"),
    ({"quant_method": "gptq", "bits": "four"}, ConfigError, "whole number"),
    ({"quant_method": "gptq", "bits": -4}, ConfigError, "outside"),
    ({"quant_method": "gptq", "bits": 5}, UnsupportedArchitectureError, "knows 2, 3, 4, 8"),
    ({"quant_method": "gptq", "bits": 4, "group_size": 0}, ConfigError, "at least one"),
    ({"quant_method": "gptq", "bits": 4, "group_size": -7}, ConfigError, "outside"),
    ({"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"}, UnsupportedArchitectureError, "marlin"),
    ({"quant_method": "gptq", "bits": 4, "pack_bits": 8}, UnsupportedArchitectureError, "pack_bits"),
    ({"quant_method": "awq", "bits": 4, "version": "gemv"}, UnsupportedArchitectureError, "gemv"),
    ({"quant_method": "fp8", "weight_block_size": [0, 128]}, ConfigError, "outside"),
    ({"quant_method": "fp8", "weight_block_size": [128]}, ConfigError, "two entries"),
    ({"quant_method": "fp8", "modules_to_not_convert": "lm_head"}, ConfigError, "should be a list"),
    ({"quant_method": "fp8", "modules_to_not_convert": [3]}, ConfigError, "list of names"),
    ({"quant_method": "bitsandbytes"}, ConfigError, "load_in_8bit"),
    ({"quant_method": "compressed-tensors"}, ConfigError, "config_groups"),
    (compressed("pack-quantized", W4, ignore=["re:("]), ConfigError, "regular expression"),
    (compressed("marlin-24", W4), UnsupportedArchitectureError, "marlin-24"),
    (compressed("pack-quantized", W4, sparsity_config={"format": "sparse-24-bitmask"}), UnsupportedArchitectureError,
     "sparse"),
    (compressed("pack-quantized", {**W4, "group_size": None}), ConfigError, "group_size"),
    ({"quant_method": "modelopt", "quant_algo": "W4A8_AWQ"}, UnsupportedArchitectureError, "W4A8_AWQ"),
    ({"quant_method": "torchao", "quant_type": "float6"}, UnsupportedArchitectureError, "Float6"),
    ({"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 4, "axis": 0}}},
     UnsupportedArchitectureError, "axis"),
    ({"quant_method": "aqlm", "in_group_size": 7}, ConfigError, "cannot be split evenly into 7"),
    ({"quant_method": "aqlm", "nbits_per_codebook": 60}, ConfigError, "more than any model"),
    ({"quant_method": "auto-round", "bits": 4, "act_bits": 8}, UnsupportedArchitectureError, "activations"),
    ({"quant_method": "auto-round", "bits": 4, "data_type": "mx_fp"}, UnsupportedArchitectureError, "mx_fp"),
    *(({"quant_method": m}, UnsupportedArchitectureError, repr(m)) for m in (
        "vptq", "spqr", "higgs", "fp_quant", "quanto", "metal", "sinq", "gemma", "fouroversix", "exl2", "exl3",
    )),
    ({"nothing": 1}, UnsupportedArchitectureError, "'unnamed'"),
    ("gptq", ConfigError, "JSON object"),
]  # fmt: skip


@pytest.mark.parametrize(("quantization", "error", "words"), BAD, ids=lambda v: str(v)[:60])
def test_bad_values_are_refused_in_one_sentence(quantization: Any, error: type[LlmmemError], words: str) -> None:
    with pytest.raises(error, match=words) as found:
        auto(llama(quantization))
    assert found.value.hint
    assert "\n" not in str(found.value)


def test_random_changes_never_end_in_a_traceback() -> None:
    pick = random.Random(7)
    junk: list[Any] = [None, True, 0, -1, 3, 10**30, 1.5, float("nan"), "", "four", "re:(", "[", [], ["x"], [1], [[]]]
    junk += [{}, {"a": 1}, [128], "e4m3"]
    values = [copy.deepcopy(q) for q, _ in FORMATS.values()]

    def change(value: Any) -> Any:
        if isinstance(value, dict) and value and pick.random() < 0.9:
            key = pick.choice(list(value))
            value[key] = change(value[key]) if isinstance(value[key], dict | list) else pick.choice(junk)
            return value
        return pick.choice(junk)

    answered = 0
    for _ in range(600):
        try:
            calculate_memory(llama(change(copy.deepcopy(pick.choice(values))), num_hidden_layers=2), tensor_parallel=2)
            answered += 1
        except LlmmemError as error:
            assert error.hint
    assert answered > 20


# Start-up


def test_formats_are_imported_only_for_quantised_checkpoints() -> None:
    code = (
        "import sys; from llmmem import calculate_memory;"
        "calculate_memory({'model_type': 'llama', 'torch_dtype': 'float16'});"
        "print(*[m for m in sys.modules if m.startswith('llmmem.checkpoint.')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_every_stored_dtype_has_a_width() -> None:
    for quantization, _ in FORMATS.values():
        for block in auto(llama(quantization)).spec.blocks:
            assert {t.dtype for t in block.tensors} <= {*BITS}


def test_conversions_cover_every_precision_that_is_no_cast() -> None:
    spec = read_model(LLAMA_8B)
    assert {conversion(p, spec, "bf16").precision for p in OWN[3:]} == {*OWN[3:]}
