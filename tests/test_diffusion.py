"""Components of diffusion pipelines against diffusers 0.42 on the meta device, and pipelines put together of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from llmmem import LlmmemError, ModelSpec, calculate_memory, read_model
from llmmem.architectures.classes import CLASSES
from llmmem.architectures.diffusion import reader
from llmmem.checkpoint import store
from llmmem.config import Config, size_bearing
from llmmem.errors import ConfigError, UnsupportedArchitectureError

FIXTURES = Path(__file__).parent / "fixtures"
ROWS: list[dict[str, Any]] = json.loads((FIXTURES / "diffusion.json").read_text())

#: keys of published configs that size no tensor: sizes of pictures and latents, positions that are computed,
#: groups of norms and heads that split a width without changing it, sinusoids before a projection of stated width
HARMLESS = {
    "llama_layers",  # which of the text encoder's layers are read
    "addition_embed_type_num_heads",
    "addition_time_embed_dim",
    "base_width",
    "norm_num_groups",
    "num_attention_heads",
    "rope_freq_dim",
    "axes_dim_rope",
    "axes_dims",
    "axes_dims_rope",
    "axes_lens",
    "max_resolution",
    "max_size",
    "rope_axes_dim",
    "sample_frames",
    "sample_height",
    "sample_size",
    "sample_width",
    "scale_factor_spatial",
    "scale_factor_temporal",
    "spatial_compression_ratio",
    "temporal_compression_ratio",
    "vae_scale_factors",
}


def digest(spec: ModelSpec) -> str:
    names = hashlib.sha256()
    for name, shape in sorted(spec.tensors()):
        names.update(f"{name}:{','.join(map(str, shape))}\n".encode())
    return names.hexdigest()[:16]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['class']}-{row['digest'][:4]}")
def test_a_component_is_what_its_class_builds(row: dict[str, Any]) -> None:
    spec = read_model({**row["config"], "_class_name": row["class"]})
    assert spec.parameters == row["parameters"]
    assert spec.checkpoint_elements == row["elements"]
    assert len(list(spec.tensors())) == row["tensors"]
    assert digest(spec) == row["digest"]
    assert spec.architecture == row["class"]
    assert len({b.component for b in spec.blocks}) == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['class']}-{row['digest'][:4]}")
def test_no_key_that_bears_a_size_is_passed_over(row: dict[str, Any]) -> None:
    read = reader(row["class"])
    assert read is not None
    c = Config({**row["config"], "_class_name": row["class"]})
    read(c)
    unread = {key for key in c.unread() if key in c.raw and size_bearing(key, c.raw[key])}
    assert unread <= HARMLESS


def test_every_line_of_the_table_leads_to_a_function() -> None:
    for name in CLASSES:
        assert callable(reader(name))


def test_a_class_without_a_description_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedArchitectureError, match="UNet2DConditionModell") as caught:
        read_model({"_class_name": "UNet2DConditionModell"})
    assert "UNet2DConditionModel" in caught.value.hint
    with pytest.raises(UnsupportedArchitectureError, match="StableDiffusionPipeline"):
        read_model({"_class_name": "StableDiffusionPipeline"})


@pytest.mark.parametrize(
    ("name", "change", "word"),
    [
        ("UNet2DConditionModel", {"down_block_types": ["ADownBlock"]}, "down_block_types"),
        ("UNet2DConditionModel", {"block_out_channels": [320]}, "block_out_channels"),
        ("UNet2DConditionModel", {"attention_head_dim": [8, 8]}, "attention_head_dim"),
        ("UNet2DConditionModel", {"layers_per_block": "2"}, "layers_per_block"),
        ("UNet2DConditionModel", {"addition_embed_type": "sound"}, "addition_embed_type"),
        ("UNet2DModel", {"time_embedding_type": "none"}, "time_embedding_type"),
        ("AutoencoderKL", {"up_block_types": ["UpBlock3D"]}, "UpBlock3D"),
        ("AutoencoderKLWan", {"temperal_downsample": [True]}, "temperal_downsample"),
        ("FluxTransformer2DModel", {"num_layers": -1}, "num_layers"),
        ("SD3Transformer2DModel", {"qk_norm": "none"}, "qk_norm"),
        ("WanTransformer3DModel", {"patch_size": [1, 2]}, "patch_size"),
        ("HunyuanDiT2DModel", {}, "in_channels"),
        ("PriorTransformer", {"added_emb_type": "x"}, "added_emb_type"),
        ("AutoencoderKLLTX2Audio", {"ch_mult": []}, "ch_mult"),
        ("AutoencoderRAE", {"encoder_type": "siglip2"}, "siglip2"),
        ("AutoencoderSAME", {"encoder_transformer_depths": [10**9]}, "encoder_transformer_depths"),
        ("LTX2Vocoder", {"resnet_dilations": [1, 2, 3]}, "resnet_dilations"),
        ("WuerstchenDiffNeXt", {"level_config": ["X", "C", "C", "C"]}, "level_config"),
    ],
)
def test_what_makes_no_sense_is_said(name: str, change: dict[str, Any], word: str) -> None:
    with pytest.raises((ConfigError, UnsupportedArchitectureError), match=word):
        read_model({"_class_name": name, **change})


SMALL_CLIP = {"model_type": "clip_text_model", "hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 128}
#: a pipeline as its folder spells it: component -> (library, class, config)
PIPELINE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "text_encoder": ("transformers", "CLIPTextModel", SMALL_CLIP),
    "text_encoder_2": ("transformers", "CLIPTextModelWithProjection", SMALL_CLIP),
    "unet": ("diffusers", "UNet2DConditionModel", {}),
    "vae": ("diffusers", "AutoencoderKL", {}),
}


def folder(root: Path, pipeline: dict[str, tuple[str, str, dict[str, Any]]]) -> Path:
    index: dict[str, Any] = {"_class_name": "StableDiffusionXLPipeline", "scheduler": ["diffusers", "DDIMScheduler"]}
    for name, (library, kind, config) in pipeline.items():
        index[name] = [library, kind]
        (root / name).mkdir()
        (root / name / "config.json").write_text(json.dumps(config))
    (root / "model_index.json").write_text(json.dumps(index))
    return root


def test_a_pipeline_is_the_sum_of_its_components(tmp_path: Path) -> None:
    spec = read_model(folder(tmp_path, PIPELINE))
    parts = {n: read_model({**config, "_class_name": kind}) for n, (_, kind, config) in PIPELINE.items()}
    assert spec.architecture == "StableDiffusionXLPipeline"
    assert spec.parameters == sum(p.parameters for p in parts.values())
    for name, part in parts.items():
        own = [b for b in spec.blocks if b.component == name]
        assert sum(b.elements() for b in own) == part.checkpoint_elements
    names = dict(spec.tensors())
    assert names["unet.conv_in.weight"] == (320, 4, 3, 3)
    assert names["text_encoder_2.text_projection.weight"] == (512, 64)
    assert "text_encoder.text_projection.weight" not in names
    assert not any(b.caches for b in spec.blocks)


def test_only_the_quantised_component_of_a_pipeline_is_quantised(tmp_path: Path) -> None:
    nf4 = {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}
    clip = {**SMALL_CLIP, "quantization_config": nf4}
    changed = {**PIPELINE, "text_encoder": ("transformers", "CLIPTextModel", clip)}
    stored = store(read_model(folder(tmp_path, changed)), "auto").spec
    dtypes = {(b.component, t.dtype) for b in stored.blocks for t in b.tensors if t.name.endswith("q_proj.weight")}
    assert dict(dtypes)["text_encoder"] != dict(dtypes)["text_encoder_2"]


def test_components_quantised_in_two_ways_are_refused(tmp_path: Path) -> None:
    changed = dict(PIPELINE)
    for name, method in (("text_encoder", "bitsandbytes"), ("text_encoder_2", "gptq")):
        library, kind, config = PIPELINE[name]
        changed[name] = (library, kind, {**config, "quantization_config": {"quant_method": method}})
    with pytest.raises(UnsupportedArchitectureError, match="text_encoder, text_encoder_2"):
        read_model(folder(tmp_path, changed))


@pytest.mark.parametrize(
    "components",
    [{}, {"unet": None}, {"unet": {"class": "UNet2DConditionModel"}}, {"unet": {"class": 3, "config": {}}}, "unet"],
)
def test_components_that_make_no_sense_are_said(components: object) -> None:
    with pytest.raises(LlmmemError):
        read_model({"_class_name": "P", "components": components})


def test_a_message_names_the_component_it_is_about(tmp_path: Path) -> None:
    broken = {**PIPELINE, "text_encoder": ("transformers", "CLIPTextModel", {**SMALL_CLIP, "hidden_size": "wide"})}
    with pytest.raises(ConfigError, match=r"text_encoder\.hidden_size"):
        read_model(folder(tmp_path, broken))


def test_nothing_says_fits_while_activations_are_unknown() -> None:
    report = calculate_memory({"_class_name": "AutoencoderKLCosmos"}, precision="bf16")
    assert report.weight_memory_bytes == sum(line.bytes for line in report.lines if line.group == "weights")
    with pytest.raises(UnsupportedArchitectureError, match="beside its weights"):
        report.total_memory_bytes  # noqa: B018
