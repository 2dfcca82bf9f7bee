"""The offline catalogue: every model's published count, found by name, without the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmmem import shipped, yamlfile
from llmmem.api import calculate_memory, read_model
from llmmem.architectures import REGISTRY
from llmmem.checkpoint import store
from llmmem.dtypes import nbytes
from llmmem.errors import UnsupportedArchitectureError

MODELS = Path(__file__).parent.parent / "configs" / "models"
ENTRIES = sorted(MODELS.glob("*/*.yaml"))


def test_there_are_many() -> None:
    assert len(ENTRIES) >= 60
    for model in ("meta-llama/Llama-2-7b-hf", "google/gemma-3-4b-it", "deepseek-ai/DeepSeek-V3", "openai/gpt-oss-20b"):
        assert (MODELS / f"{model}.yaml").exists()


def test_many_are_for_pictures_sound_and_films() -> None:
    configs = [shipped.read(path)["config"] for path in ENTRIES]
    places = [REGISTRY.get(config.get("model_type", ""), "") for config in configs]
    assert sum("components" in config for config in configs) >= 40
    assert sum(place.startswith(("multimodal.", "vision.")) for place in places) >= 60
    assert sum(place.startswith("audio.") for place in places) >= 12


@pytest.mark.parametrize("path", ENTRIES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_parameters_are_the_published_ones(path: Path) -> None:
    entry = shipped.read(path)
    assert set(entry) <= {"parameters", "checkpoint_bytes", "source", "note", "config"}
    assert entry["source"].startswith("https://")
    assert read_model(f"{path.parent.name}/{path.stem}").parameters == entry["parameters"]


@pytest.mark.parametrize("path", ENTRIES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_entry_can_be_sized(path: Path) -> None:
    name = f"{path.parent.name}/{path.stem}"
    # A pipeline has no context; what it makes has the size it makes by default.
    length: dict[str, Any] = {} if "components" in shipped.read(path)["config"] else {"seq_length": 128}
    try:
        report = calculate_memory(name, **length)
    except UnsupportedArchitectureError as error:
        assert "quantised" in str(error)
        report = calculate_memory(name, precision="bf16", **length)
    assert report.source == "catalogue"
    assert report.weight_memory_bytes > 0


WITH_BYTES = [p for p in ENTRIES if "checkpoint_bytes" in shipped.read(p)]


@pytest.mark.parametrize("path", WITH_BYTES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_stored_bytes_are_those_of_the_published_files(path: Path) -> None:
    """total_size of the published index: equal, or the entry's note says what the files hold besides."""
    entry = shipped.read(path)
    try:
        stored = store(read_model(f"{path.parent.name}/{path.stem}"), "auto")
    except UnsupportedArchitectureError:
        pytest.skip("a quantisation that is not read yet")
    blocks = [
        (b.loaded, sum(nbytes(t.elements, t.dtype or "") for t in b.tensors) * len(b.layers))
        for b in stored.spec.blocks
    ]
    loaded, every = sum(size for is_loaded, size in blocks if is_loaded), sum(size for _, size in blocks)
    more = entry["checkpoint_bytes"] - every
    assert entry["checkpoint_bytes"] in (loaded, every) or f"{more:,} bytes more" in entry["note"]


def test_most_stored_bytes_are_equal() -> None:
    assert len(WITH_BYTES) >= 20


@pytest.mark.parametrize("path", ENTRIES[::20], ids=lambda p: p.stem)
def test_entries_are_yaml_as_well(path: Path) -> None:
    assert yamlfile.load(path) == shipped.read(path)


# Counts as the publishers state them, independent of the entries.
PUBLISHED = {
    "meta-llama/Llama-2-7b-hf": 6_738_415_616,
    "meta-llama/Llama-2-70b-hf": 68_976_648_192,
    "meta-llama/Llama-3.1-8B": 8_030_261_248,
    "mistralai/Mistral-7B-v0.1": 7_241_732_096,
    "mistralai/Mixtral-8x7B-v0.1": 46_702_792_704,
    "Qwen/Qwen2.5-7B-Instruct": 7_615_616_512,
    "Qwen/Qwen3-235B-A22B": 235_093_634_560,
    "google/gemma-3-4b-it": 4_300_079_472,
    "google/gemma-3-27b-it": 27_432_406_640,
    "deepseek-ai/DeepSeek-V3": 671_026_404_352,
    "openai-community/gpt2": 124_439_808,
    "state-spaces/mamba-2.8b-hf": 2_768_345_600,
    "ai21labs/Jamba-v0.1": 51_570_323_328,
    "openai/whisper-large-v3": 1_543_490_560,
    "google-t5/t5-small": 60_506_624,
    "openai/clip-vit-base-patch32": 151_277_313,
    "Qwen/Qwen2.5-VL-7B-Instruct": 8_292_166_656,
    "OpenGVLab/InternVL2-8B": 8_075_365_376,
    "openbmb/MiniCPM-V-2_6": 8_099_175_152,
    "xai-org/grok-1": 315_684_820_992,
    "stable-diffusion-v1-5/stable-diffusion-v1-5": 859_520_964 + 123_060_480 + 83_653_863 + 303_981_588,
    "black-forest-labs/FLUX.1-dev": 16_870_599_139,
}


@pytest.mark.parametrize(("name", "parameters"), PUBLISHED.items())
def test_well_known_counts(name: str, parameters: int) -> None:
    assert read_model(name).parameters == parameters


def test_deepseek_v3_is_stored_as_its_files_say() -> None:
    """safetensors metadata of deepseek-ai/DeepSeek-V3: elements by type, the deep prediction layer included."""
    elements: dict[str, int] = {}
    for block in store(read_model("deepseek-ai/DeepSeek-V3"), "auto").spec.blocks:
        for t in block.tensors:
            elements[t.dtype or ""] = elements.get(t.dtype or "", 0) + t.elements * len(block.layers)
    assert elements == {"bf16": 3_918_786_560, "fp8": 680_571_043_840, "fp32": 41_555_600}


def test_gpt_oss_20b_is_stored_as_its_index_says() -> None:
    """total_size of openai/gpt-oss-20b's model.safetensors.index.json."""
    assert calculate_memory("openai/gpt-oss-20b").weight_memory_bytes == 13_761_264_768


def test_no_list_of_unquantised_layers_was_cut_off() -> None:
    """compressed-tensors always writes ``ignore`` (QuantizationConfig): where it is missing, somebody left it out."""
    assert not [p for p in ENTRIES if '"compressed-tensors"' in (t := p.read_text("utf-8")) and '"ignore"' not in t]
