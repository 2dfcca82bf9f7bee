"""Headers beside a config and alone: exact weights, named differences, and nothing claimed that is unknown."""

from __future__ import annotations

import json
import subprocess
import sys
from math import prod
from pathlib import Path
from typing import Any

import pytest
from safetensors_writer import Tensors, write, write_shards

from llmmem import LlmmemError, calculate_memory, estimate_max_batch_size, read_model
from llmmem.api import analyze_attention_efficiency
from llmmem.checkpoint import store
from llmmem.checkpoint.folding import component, fold
from llmmem.dtypes import BITS
from llmmem.errors import ConfigError, LayoutError, ModelNotFoundError, UnsupportedArchitectureError, UsageError
from llmmem.fit import fit_table
from llmmem.gpus import find
from llmmem.render.calc import chart
from llmmem.sources import load
from llmmem.tensors import FileTensor, ModelSpec

LLAMA = {
    "model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000, "torch_dtype": "bfloat16",
}  # fmt: skip


def tensors(config: dict[str, Any], *, unloaded: bool = True) -> dict[str, tuple[tuple[int, ...], str]]:
    """The files of a model, as its config says."""
    return {
        name: (shape, t.dtype or "")
        for block in store(read_model(config), "auto").spec.blocks
        if block.loaded or unloaded
        for layer in block.layers
        for t in block.tensors
        for name, shape in block.names(layer, t)
    }


def folder(path: Path, config: Any, held: Tensors | None, shards: int = 1) -> str:
    path.mkdir(exist_ok=True)
    if config is not None:
        (path / "config.json").write_text(json.dumps(config))
    if held is not None and shards > 1:
        write_shards(path, held, shards)
    elif held is not None:
        write(path / "model.safetensors", held)
    return str(path)


def size(held: Tensors) -> int:
    return sum(prod(shape) * BITS[dtype] // 8 for shape, dtype in held.values())


def stored(spec: ModelSpec) -> dict[str, tuple[tuple[int, ...], str | None]]:
    """Name -> shape and dtype of everything a spec says is stored."""
    blocks = store(spec, "auto").spec.blocks
    return {n: (s, t.dtype) for b in blocks for i in b.layers for t in b.tensors for n, s in b.names(i, t)}


# A known architecture


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize(
    "config",
    [
        LLAMA,
        {**LLAMA, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 64, "desc_act": False}},
        {"model_type": "qwen3_moe", "hidden_size": 64, "moe_intermediate_size": 32, "num_hidden_layers": 2,
         "num_experts": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 99,
         "torch_dtype": "bfloat16"},
    ],
    ids=["plain", "gptq", "experts"],
)  # fmt: skip
def test_files_that_agree_with_their_config_change_nothing_but_the_basis(
    config: dict[str, Any], shards: int, tmp_path: Path
) -> None:
    held = tensors(config)
    plain, report = calculate_memory(config), calculate_memory(folder(tmp_path / "m", config, held, shards))
    assert report.notes == plain.notes
    assert report.weight_memory_bytes == plain.weight_memory_bytes == size(held)
    assert report.total_memory_bytes == plain.total_memory_bytes
    assert (report.parameter_count, report.precision) == (plain.parameter_count, plain.precision)
    assert {line.basis for line in report.lines if line.group == "weights"} == {"measured"}
    assert stored(report.spec) == held
    assert calculate_memory(report.spec, tensor_parallel=2).ranks == calculate_memory(config, tensor_parallel=2).ranks


def test_conversions_start_from_the_architecture(tmp_path: Path) -> None:
    held = {name: (shape, "fp32") for name, (shape, _) in tensors(LLAMA).items()}
    path = folder(tmp_path / "m", LLAMA, held)
    for precision in ("bf16", "int8", "gptq"):
        assert (
            calculate_memory(path, precision=precision).weight_memory_bytes
            == calculate_memory(LLAMA, precision=precision).weight_memory_bytes
        )
    report = calculate_memory(path)
    assert (report.weight_memory_bytes, report.precision) == (size(held), "fp32")
    assert report.notes == (
        "30 tensors are stored otherwise than config.json says: model.layers.{}.input_layernorm.weight is fp32 64, not"
        " bf16 64; model.layers.{}.self_attn.q_proj.weight is fp32 64x64, not bf16 64x64;"
        " model.layers.{}.self_attn.k_proj.weight is fp32 32x64, not bf16 32x64",
    )


def test_an_unstated_dtype_is_the_files(tmp_path: Path) -> None:
    config = {k: v for k, v in LLAMA.items() if k != "torch_dtype"}
    report = calculate_memory(folder(tmp_path / "m", config, tensors(LLAMA)))
    assert (report.precision, report.kv_precision, report.notes) == ("bf16", "bf16", ())


def test_what_is_missing_is_named_and_still_counted(tmp_path: Path) -> None:
    held = tensors(LLAMA)
    lost = [n for n in held if "layers.1.mlp" in n]
    report = calculate_memory(folder(tmp_path / "m", LLAMA, {n: t for n, t in held.items() if n not in lost}))
    assert report.weight_memory_bytes == size(held)
    assert report.notes == (
        "3 tensors of llama are not in the files, and counted as it would make them:"
        " model.layers.{}.mlp.down_proj.weight, model.layers.{}.mlp.gate_proj.weight,"
        " model.layers.{}.mlp.up_proj.weight",
    )


def test_what_is_there_beside_the_architecture_is_a_part_of_its_own(tmp_path: Path) -> None:
    held = tensors(LLAMA) | {f"model.layers.{i}.self_attn.rotary_emb.inv_freq": ((8,), "fp32") for i in range(3)}
    report = calculate_memory(folder(tmp_path / "m", LLAMA, held))
    (extra,) = [line for line in report.lines if line.component == "extra"]
    assert (extra.low, extra.bytes, extra.high, extra.basis) == (0, 96, 96, "estimated")
    assert "3 tensors" in report.notes[0] and "(96 bytes)" in report.notes[0]
    assert "model.layers.{}.self_attn.rotary_emb.inv_freq" in report.notes[0]
    assert stored(report.spec) == held


def test_prediction_layers_stay_what_they_are(tmp_path: Path) -> None:
    config = {
        "model_type": "deepseek_v3", "hidden_size": 64, "intermediate_size": 64, "moe_intermediate_size": 32,
        "num_hidden_layers": 2, "first_k_dense_replace": 1, "num_attention_heads": 4, "n_routed_experts": 8,
        "n_group": 2, "topk_group": 1, "num_experts_per_tok": 2, "q_lora_rank": 32, "kv_lora_rank": 16,
        "qk_rope_head_dim": 8, "qk_nope_head_dim": 16, "v_head_dim": 16, "vocab_size": 100, "torch_dtype": "bfloat16",
        "num_nextn_predict_layers": 1,
    }  # fmt: skip
    held = tensors(config)
    assert size(held) > size(tensors(config, unloaded=False))
    report = calculate_memory(folder(tmp_path / "m", config, held))
    assert report.notes == calculate_memory(config).notes
    assert report.weight_memory_bytes == size(tensors(config, unloaded=False))
    without = calculate_memory(folder(tmp_path / "n", config, tensors(config, unloaded=False)))
    assert (without.notes, without.weight_memory_bytes) == (report.notes, report.weight_memory_bytes)


def test_a_base_model_lacks_the_prefix_of_the_class_with_a_head(tmp_path: Path) -> None:
    held = {name.removeprefix("model."): t for name, t in tensors(LLAMA).items()}
    report = calculate_memory(folder(tmp_path / "m", LLAMA, held))
    assert report.notes == ("the files' names lack the prefix 'model.'",)
    assert report.weight_memory_bytes == size(held)
    base = {**LLAMA, "architectures": ["LlamaModel"]}
    report = calculate_memory(folder(tmp_path / "n", base, tensors({**LLAMA, "tie_word_embeddings": True})))
    assert report.notes[0] == "the files' names have the prefix 'model.'"


def test_a_tied_head_that_is_there_is_not_counted_twice(tmp_path: Path) -> None:
    config = {**LLAMA, "tie_word_embeddings": True}
    both = tensors(LLAMA)
    report = calculate_memory(folder(tmp_path / "m", config, both))
    assert report.weight_memory_bytes == size(tensors(config)) == size(both) - 1000 * 64 * 2
    assert report.notes == ("lm_head.weight: in the files although tied to another tensor, so not counted twice",)
    head = {n: t for n, t in both.items() if n != "model.embed_tokens.weight"}
    report = calculate_memory(folder(tmp_path / "n", config, head))
    assert (report.weight_memory_bytes, report.notes) == (size(head), ())


def test_modules_stored_in_another_way_are_taken_as_they_are(tmp_path: Path) -> None:
    """A config without its quantization_config, or with one whose storage is not known."""
    quantised = {**LLAMA, "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 64}}
    held = tensors(quantised)
    report = calculate_memory(folder(tmp_path / "m", LLAMA, held))
    assert report.weight_memory_bytes == size(held)
    assert "21 tensors" in report.notes[0] and "model.layers.{}.mlp.up_proj.weight" in report.notes[0]
    assert report.parameter_count == read_model(LLAMA).parameters
    unknown = {**LLAMA, "quantization_config": {"quant_method": "unheard_of"}}
    with pytest.raises(UnsupportedArchitectureError):
        calculate_memory(unknown)
    report = calculate_memory(folder(tmp_path / "n", unknown, held))
    assert (report.weight_memory_bytes, report.precision) == (size(held), "unheard_of")


def test_modelopt_says_in_a_file_of_its_own(tmp_path: Path) -> None:
    said = {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8", "exclude_modules": ["lm_head"]}}
    config = {**LLAMA, "quantization_config": said}
    path = folder(tmp_path / "m", LLAMA, None)
    (tmp_path / "m" / "hf_quant_config.json").write_text(json.dumps(said))
    assert calculate_memory(path).weight_memory_bytes == calculate_memory(config).weight_memory_bytes


# An unknown one


UNKNOWN = {
    "wte.weight": ((100, 16), "bf16"),
    **{f"blk.{i}.exp.{e}.w": ((16, 8), "bf16") for i in range(4) for e in range(3)},
    **{f"blk.{i}.gate": ((3, 16), "fp32") for i in range(4)},
    "blk.3.last": ((7,), "int8"),
    "vision_tower.patch.weight": ((16, 3, 2, 2), "fp16"),
}


@pytest.mark.parametrize("config", [None, {"model_type": "nothing_known", "architectures": ["XForCausalLM"]}])
def test_an_unknown_architecture_has_exact_weights_and_no_total(config: Any, tmp_path: Path) -> None:
    report = calculate_memory(folder(tmp_path / "m", config, UNKNOWN))
    assert report.source == ("header" if config is None else "local")
    assert report.weight_memory_bytes == size(UNKNOWN)
    assert stored(report.spec) == UNKNOWN
    assert report.spec.measured == "safetensors" and report.attention_type == "unknown"
    weights = [line for line in report.lines if line.group == "weights"]
    assert {line.basis for line in weights} == {"measured"}
    assert {line.component for line in weights} == {"model", "vision"}
    assert "unknown" in report.notes[0] and "7 bytes" in report.notes[1]
    data = report.to_dict()
    assert data["memory"]["weights"] == size(UNKNOWN) and data["memory"]["total"] is None
    assert data["memory"]["kv_cache"] is None and data["peak"]["high"] is None
    assert set(data["cache"].values()) == {None}
    assert "unknown" in str(report)
    for claim in ("total_memory_bytes", "kv_cache_gb", "peak_high", "recommended_gpu_memory_gb", "ranks"):
        with pytest.raises(UnsupportedArchitectureError, match="Only the weights"):
            getattr(report, claim)
    for ask in (lambda: estimate_max_batch_size(report.spec, 80), lambda: analyze_attention_efficiency(report.spec)):
        with pytest.raises(UnsupportedArchitectureError):
            ask()
    with pytest.raises(LayoutError):
        calculate_memory(report.spec, tensor_parallel=2)
    with pytest.raises(UsageError):
        calculate_memory(report.spec, precision="int8")


def test_nobody_says_that_an_unknown_model_fits(tmp_path: Path) -> None:
    small = calculate_memory(folder(tmp_path / "m", None, UNKNOWN))
    assert "more than" in chart(small).title
    large = calculate_memory(folder(tmp_path / "n", None, {"w": ((1 << 20, 1 << 20), "fp32")}))
    (row,) = fit_table(small.plan, [find("h100")])
    assert (row.fits, row.needed, row.max_batch, row.max_context, row.headroom) == (None,) * 5
    assert fit_table(large.plan, [find("h100")])[0].fits is False
    command = [sys.executable, "-m", "llmmem", "calc", str(tmp_path / "m"), "--gpu", "h100", "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 3
    assert "fits\n" not in run.stdout and "> node" not in run.stdout, run.stdout
    assert (
        json.loads(subprocess.run([*command, "--json"], capture_output=True, check=False).stdout)["data"]["fit"][0][
            "fits"
        ]
        is None
    )
    both = subprocess.run(
        [*command[:3], "compare", str(tmp_path / "m"), str(tmp_path / "m")], capture_output=True, text=True, check=False
    )
    assert both.returncode == 0 and both.stdout.count("unknown") >= 4


def test_folding_keeps_every_name() -> None:
    names = ["a.0.b", "a.1.b", "a.007.b", "0.w", "x", "a.0.e.0.w", "a.0.e.2.w", "a.99999999.b", "q.{}.w"]
    held = [FileTensor(n, (2,), "bf16", 4) for n in names]
    made = [n for b in fold(held) for i in b.layers for t in b.tensors for n, _ in b.names(i, t)]
    assert sorted(n for n in made if "q." not in n) == sorted(n for n in names if "q." not in n)
    assert sum(b.elements() for b in fold(held)) == 2 * len(names)
    assert component("model.visual.blocks.0.w") == "vision" and component("model.provision.w") == "model"


# Folders and files


def test_one_file_with_and_without_its_config(tmp_path: Path) -> None:
    path = folder(tmp_path / "m", LLAMA, tensors(LLAMA), 2)
    whole = calculate_memory(path)
    for part in ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"):
        assert calculate_memory(f"{path}/{part}").lines == whole.lines
    (tmp_path / "m" / "config.json").unlink()
    report = calculate_memory(path)
    assert (report.source, report.weight_memory_bytes) == ("header", whole.weight_memory_bytes)
    spec = read_model(f"{path}/model-00001-of-00002.safetensors", taken_as=None)
    assert spec.unknown and size(tensors(LLAMA)) == report.weight_memory_bytes


def test_a_file_cut_short_says_so(tmp_path: Path) -> None:
    held = tensors(LLAMA)
    path = folder(tmp_path / "m", LLAMA, held)
    write(tmp_path / "m" / "model.safetensors", held, missing=1000)
    report = calculate_memory(path)
    assert report.weight_memory_bytes == size(held)
    assert "is cut short" in report.notes[0]
    path = folder(tmp_path / "n", LLAMA, held, 5)
    for file in (tmp_path / "n").glob("*.safetensors"):
        with file.open("r+b") as opened:
            opened.truncate(file.stat().st_size - 1)
    notes = calculate_memory(path).notes
    assert len(notes) == 3 and notes[2] == "3 more of its files are like this"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("model.safetensors", "oops", "no whole safetensors file"),
        ("model.safetensors.index.json", "[]", "should be a JSON object"),
        ("model.safetensors.index.json", "{}", "has no weight_map"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "../../x.safetensors"}}', "no safetensors file beside"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "/etc/passwd"}}', "no safetensors file beside"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "model.bin"}}', "no safetensors file beside"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "gone.safetensors"}}', "is missing"),
    ],
)  # fmt: skip
def test_broken_weights_leave_the_config_an_answer(name: str, text: str, words: str, tmp_path: Path) -> None:
    path = folder(tmp_path / "m", LLAMA, None)
    (tmp_path / "m" / name).write_text(text)
    report = calculate_memory(path)
    assert report.weight_memory_bytes == calculate_memory(LLAMA).weight_memory_bytes
    assert report.notes[0].startswith("sized from config.json alone: ") and words in report.notes[0]
    (tmp_path / "m" / "config.json").unlink()
    with pytest.raises((ConfigError, ModelNotFoundError)) as caught:
        calculate_memory(path)
    assert words in str(caught.value)


def test_two_files_with_the_same_tensor(tmp_path: Path) -> None:
    for i in (1, 2):
        write(tmp_path / f"model-0000{i}-of-00002.safetensors", {"a": ((1,), "fp32")})
    with pytest.raises(ConfigError, match="both hold a"):
        load(tmp_path)


def test_an_index_that_lists_what_is_not_there(tmp_path: Path) -> None:
    held = tensors(LLAMA)
    path = folder(tmp_path / "m", LLAMA, held, 2)
    index = tmp_path / "m" / "model.safetensors.index.json"
    raw = json.loads(index.read_text())
    raw["weight_map"]["nowhere"] = "model-00001-of-00002.safetensors"
    index.write_text(json.dumps(raw))
    assert "the index lists 1 tensors that its files do not hold, such as nowhere" in load(path).header.notes  # type: ignore[union-attr]


def test_adapters_and_originals_beside_a_model_are_no_part_of_it(tmp_path: Path) -> None:
    path = folder(tmp_path / "m", LLAMA, tensors(LLAMA))
    for name in ("adapter_model", "consolidated", "optimizer"):
        write(tmp_path / "m" / f"{name}.safetensors", {"a": ((1,), "fp32")})
    assert calculate_memory(path).notes == ()


def test_pickles_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x02")
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("opened"))
    for ref, words in ((tmp_path / "pytorch_model.bin", "runs whatever code is in it"), (tmp_path, "never opened")):
        with pytest.raises(LlmmemError, match=words) as caught:
            load(ref)
        assert "safetensors" in caught.value.hint
