"""What a generation costs: stages, precision per component, offload, and the traced and published peaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmmem import MemoryReport, analyze_attention_efficiency, calculate_memory, compare_models
from llmmem.cli import run
from llmmem.errors import LlmmemError, UnsupportedArchitectureError, UsageError

GIB = 1 << 30
CLIP = {
    "model_type": "clip_text_model", "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12,
    "num_hidden_layers": 12,
}  # fmt: skip
T5 = {
    "model_type": "t5", "d_model": 4096, "d_ff": 10240, "d_kv": 64, "num_heads": 64, "num_layers": 24,
    "vocab_size": 32128, "feed_forward_proj": "gated-gelu",
}  # fmt: skip
KL = {"block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "sample_size": 1024}
KL |= {"up_block_types": ["UpDecoderBlock2D"] * 4, "down_block_types": ["DownEncoderBlock2D"] * 4}
FLUX = {"guidance_embeds": True}
SDXL = {
    "sample_size": 128, "block_out_channels": [320, 640, 1280], "cross_attention_dim": 2048,
    "addition_embed_type": "text_time",
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "attention_head_dim": [5, 10, 20],
    "transformer_layers_per_block": [1, 2, 10], "addition_time_embed_dim": 256, "use_linear_projection": True,
    "projection_class_embeddings_input_dim": 2816,
}  # fmt: skip
WAN = {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30}
HUNYUAN_DIT = {
    "num_layers": 40, "attention_head_dim": 88, "num_attention_heads": 16, "in_channels": 4, "patch_size": 2,
    "hidden_size": 1408, "mlp_ratio": 4.3637, "sample_size": 128,
}  # fmt: skip
COGVIDEOX = {"num_attention_heads": 48, "num_layers": 42, "sample_frames": 49, "use_rotary_positional_embeddings": True}

Parts = dict[str, tuple[str, dict[str, Any]]]
FLUX_PIPELINE: Parts = {
    "text_encoder": ("CLIPTextModel", CLIP),
    "text_encoder_2": ("T5EncoderModel", T5),
    "transformer": ("FluxTransformer2DModel", FLUX),
    "vae": ("AutoencoderKL", {**KL, "latent_channels": 16, "use_quant_conv": False, "use_post_quant_conv": False}),
}
SDXL_PIPELINE: Parts = {
    "text_encoder": ("CLIPTextModel", CLIP),
    "unet": ("UNet2DConditionModel", SDXL),
    "vae": ("AutoencoderKL", KL),
}


def pipeline(parts: Parts) -> dict[str, Any]:
    made = {name: {"library": "", "class": kind, "config": config} for name, (kind, config) in parts.items()}
    return {"_class_name": "DiffusionPipeline", "components": made}


def stage(report: MemoryReport, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(s for s in report.to_dict()["stages"] if s["stage"] == name)
    return found


@pytest.mark.parametrize(
    ("kind", "config", "options", "traced"),
    [  # bytes alive at the peak, traced on the meta device under fused attention (diffusers 0.42)
        ("UNet2DConditionModel", {}, {"height": 512, "width": 512, "precision": "fp16"}, 136623368),
        ("UNet2DConditionModel", {}, {"height": 1024, "width": 1024, "precision": "fp16"}, 545764616),
        ("UNet2DConditionModel", SDXL, {"precision": "fp16"}, 331211040),
        ("UNet2DConditionModel", SDXL, {"guidance": "off", "precision": "fp16"}, 165605524),
        (
            "SD3Transformer2DModel",
            {"num_attention_heads": 24, "num_layers": 24, "caption_projection_dim": 1536, "sample_size": 128},
            {"precision": "fp16"},
            339849220,
        ),
        ("FluxTransformer2DModel", FLUX, {}, 490814986),
        ("FluxTransformer2DModel", FLUX, {"max_sequence_length": 256}, 461713930),
        ("FluxTransformer2DModel", FLUX, {"height": 512, "width": 512}, 166374922),
        ("WanTransformer3DModel", WAN, {}, 1603465224),
        ("WanTransformer3DModel", WAN, {"frames": 33}, 690528264),
        ("CogVideoXTransformer3DModel", COGVIDEOX, {}, 2837438992),
        ("Flux2Transformer2DModel", {}, {}, 1221824520),
        ("QwenImageTransformer2DModel", {}, {}, 403786250),
        ("SanaTransformer2DModel", {}, {"height": 1024, "width": 1024}, 134150916),
        ("CogView4Transformer2DModel", {}, {}, 315683854),
        ("HunyuanVideoTransformer3DModel", {}, {"frames": 33}, 3640257196),
        ("LTXVideoTransformer3DModel", {}, {}, 975922180),
        ("HunyuanDiT2DModel", HUNYUAN_DIT, {}, 809091886),
        ("WanTransformer3DModel", {}, {"frames": 33}, 1610624872),
        ("OvisImageTransformer2DModel", {}, {}, 674574340),
        ("ZImageTransformer2DModel", {}, {"guidance": "off"}, 562748418),
        ("PixArtTransformer2DModel", {"caption_channels": 4096}, {"batch_size": 4, "precision": "fp16"}, 932457920),
    ],
)  # fmt: skip
def test_a_denoising_step_keeps_alive_what_was_traced(
    kind: str, config: dict[str, Any], options: dict[str, Any], traced: int
) -> None:
    report = calculate_memory({**config, "_class_name": kind}, **{"precision": "bf16", **options})
    assert stage(report, "denoise")["activations"] == pytest.approx(traced, rel=0.12)


@pytest.mark.parametrize(
    ("kind", "config", "options", "traced"),
    [
        ("AutoencoderKL", KL, {"height": 512, "width": 512, "precision": "fp16"}, 402718720),
        ("AutoencoderKL", KL, {"height": 1024, "width": 1024}, 1611137024),
        ("AutoencoderKL", KL, {"height": 1024, "width": 1024, "precision": "fp32"}, 3221749760),
        ("AutoencoderKL", KL, {"height": 1024, "width": 1024, "vae_tiling": True}, 1611137024),
        ("AutoencoderKL", KL, {"height": 2048, "width": 2048, "vae_tiling": True}, 1634729984),
        ("AutoencoderKLWan", {}, {"height": 480, "width": 832, "frames": 81}, 4244398080),
        ("AutoencoderKLQwenImage", {}, {"height": 1024, "width": 1024}, 3627813120),
        ("AutoencoderDC", {}, {"height": 1024, "width": 1024}, 1746993152),
        ("AutoencoderKLHunyuanVideo", {}, {"height": 256, "width": 256, "frames": 65}, 2612762624),
        ("AutoencoderKLLTXVideo", {}, {"height": 512, "width": 704, "frames": 49}, 1774034944),
        ("AutoencoderKLMochi", {}, {"height": 480, "width": 848, "frames": 19}, 16805090560),
        ("AutoencoderKLWan", {}, {"height": 480, "width": 832, "frames": 33, "batch_size": 1}, 4124590080),
        ("AutoencoderKLWan", {}, {"height": 480, "width": 832, "frames": 81, "precision": "fp32"}, 8175363072),
        ("AutoencoderKLCogVideoX", {}, {"height": 480, "width": 720, "frames": 49}, 15824000000),
        ("AutoencoderKLCogVideoX", {}, {"height": 480, "width": 720, "frames": 49, "vae_tiling": True}, 4044000000),
    ],
)
def test_the_low_end_of_a_decoder_is_what_was_traced(
    kind: str, config: dict[str, Any], options: dict[str, Any], traced: int
) -> None:
    report = calculate_memory({**config, "_class_name": kind}, **{"precision": "bf16", **options})
    assert stage(report, "decode")["low"] == pytest.approx(traced, rel=0.08)


def test_flux_takes_what_was_measured_on_an_h100() -> None:
    report = calculate_memory(pipeline(FLUX_PIPELINE), precision="bf16")
    # huggingface/blog, diffusers-quantization.md: 31.447 GiB after loading, 36.166 GiB reserved at the peak
    assert report.weight_memory_gib == pytest.approx(31.447, rel=0.001)
    assert report.total_memory_gib == pytest.approx(36.166, rel=0.02)
    assert report.peak_low < 36.166 * GIB < report.peak_high
    # the same source with int8 in torchao: 17.02 GiB after loading, 21.482 GiB at the peak
    quantised = calculate_memory(
        pipeline(FLUX_PIPELINE), precision="bf16", transformer_precision="int8", text_encoder_precision="int8"
    )
    assert quantised.weight_memory_gib == pytest.approx(17.02, rel=0.01)
    assert quantised.total_memory_gib == pytest.approx(21.482, rel=0.03)
    assert "transformer int8" in quantised.precision


@pytest.mark.parametrize(
    ("precision", "measured"),
    [("nf4", 17.281), ("int8", 24.432), ("int4", 14.654), ("int8", 21.482), ("fp8", 21.488), ("fp8", 20.898)],
)
def test_the_band_covers_what_quantised_runs_reserved(precision: str, measured: float) -> None:
    # the same table: bitsandbytes nf4 and int8, torchao int4, int8 and float8, quanto float8
    report = calculate_memory(
        pipeline(FLUX_PIPELINE), precision="bf16", transformer_precision=precision, text_encoder_precision=precision
    )
    assert report.peak_low < measured * GIB < report.peak_high


def test_unets_without_a_decoder_work_on_pixels() -> None:
    pixels: Parts = {"unet": ("UNet2DConditionModel", {"sample_size": 64})}
    report = calculate_memory(pipeline(pixels), precision="bf16")
    assert "64 x 64" in report.plan.asked(1, 1) and stage(report, "denoise")["tokens"] == 64 * 64
    larger: Parts = {**pixels, "super_res": ("UNet2DModel", {"sample_size": 256})}
    assert calculate_memory(pipeline(larger), precision="bf16").spec.unknown == ("activations",)


def test_components_of_bitsandbytes_may_not_leave_the_gpu() -> None:
    # diffusers, docs/source/en/optimization/speed-memory-optims.md: 12.2369 GB with nf4 and model offload
    own: dict[str, Any] = {"transformer_precision": "nf4", "text_encoder_precision": "nf4"}
    report = calculate_memory(pipeline(FLUX_PIPELINE), precision="bf16", offload="model", **own)
    assert report.total_memory_bytes < 12.2369e9 < report.peak_high


def test_what_a_pipeline_never_offloads_stays() -> None:
    parts = {**SDXL_PIPELINE, "controlnet": ("ControlNetModel", {})}
    report = calculate_memory(pipeline(parts), precision="bf16", offload="model")
    resident = {s["stage"]: s["weights"] for s in report.to_dict()["stages"] if s["component"] != "controlnet"}
    alone = calculate_memory(pipeline(SDXL_PIPELINE), precision="bf16", offload="model")
    assert resident["denoise"] > stage(alone, "denoise")["weights"]
    assert resident["encode"] == stage(alone, "encode")["weights"]


def test_the_stage_with_the_highest_peak_decides() -> None:
    report = calculate_memory(pipeline(FLUX_PIPELINE), precision="bf16")
    stages = report.to_dict()["stages"]
    assert [s["stage"] for s in stages] == ["encode", "encode", "denoise", "decode"]
    assert [s["decides"] for s in stages] == [False, False, False, True]
    line = next(x for x in report.lines if x.group == "activations")
    assert (line.component, line.label, line.bytes) == ("vae", "decode peak", stages[-1]["activations"])
    tiny = calculate_memory(pipeline(FLUX_PIPELINE), precision="bf16", offload="model")
    assert [s["stage"] for s in tiny.to_dict()["stages"] if s["decides"]] == ["denoise"]
    assert {x.component for x in tiny.lines if x.group == "weights"} == {"transformer"}
    one = calculate_memory(pipeline(FLUX_PIPELINE), precision="bf16", offload="sequential")
    assert one.total_memory_bytes < tiny.total_memory_bytes < report.total_memory_bytes


def test_guidance_doubles_the_batch_only_where_the_pipeline_joins_it() -> None:
    for parts, passes in ((SDXL_PIPELINE, 2), (FLUX_PIPELINE, 1)):
        report = calculate_memory(pipeline(parts), precision="bf16")
        assert stage(report, "denoise")["passes"] == passes
        assert stage(calculate_memory(pipeline(parts), precision="bf16", guidance="off"), "denoise")["passes"] == 1


def test_the_decoder_of_sdxl_is_turned_into_fp32_where_it_is_fp16() -> None:
    half = calculate_memory(pipeline(SDXL_PIPELINE), precision="fp16")
    assert stage(half, "decode")["low"] == pytest.approx(3221749760, rel=0.001)
    assert [x.label for x in half.lines if x.component == "vae"] == ["weights", "upcast", "decode peak"]
    assert stage(calculate_memory(pipeline(SDXL_PIPELINE), precision="bf16"), "decode")["low"] < 1.7e9


def test_t5_keeps_a_matrix_in_fp32_where_the_rest_is_fp16() -> None:
    half, brain = (
        {
            x.component: x.bytes
            for x in calculate_memory(pipeline(FLUX_PIPELINE), precision=p).lines
            if x.group == "weights"
        }
        for p in ("fp16", "bf16")
    )
    assert half["text_encoder_2"] - brain["text_encoder_2"] == 2 * 24 * 4096 * 10240
    assert half["transformer"] == brain["transformer"]


def test_components_can_be_left_out() -> None:
    whole = calculate_memory(pipeline(FLUX_PIPELINE), precision="bf16")
    less = calculate_memory(pipeline(FLUX_PIPELINE), precision="bf16", drop="text_encoder_2")
    assert whole.weight_memory_bytes - less.weight_memory_bytes == 2 * 4762310656
    with pytest.raises(UsageError, match="text_encoder_9"):
        calculate_memory(pipeline(FLUX_PIPELINE), drop="text_encoder_9")


def test_a_pipeline_without_a_dtype_is_counted_as_it_is_loaded() -> None:
    report = calculate_memory(pipeline(FLUX_PIPELINE))
    assert report.precision == "fp32" and any("torch_dtype" in note for note in report.notes)
    assert all(x.basis == "estimated" for x in report.lines if x.group == "weights")


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        ({"engine": "transformers"}, UnsupportedArchitectureError, "diffusion model"),
        ({"engine": "vllm"}, UnsupportedArchitectureError, "diffusion model"),
        ({"seq_length": 4096}, UsageError, "context"),
        ({"images": 2}, UsageError, "--images"),
        ({"kv_precision": "fp8"}, UsageError, "--kv-precision"),
        ({"tensor_parallel": 2}, LlmmemError, "one GPU"),
        ({"frames": 16}, UsageError, "single pictures"),
        ({"offload": "disk"}, UsageError, "disk"),
        ({"logits": "all"}, UsageError, "logits"),
    ],
)
def test_what_means_nothing_for_a_pipeline_is_refused(
    options: dict[str, Any], error: type[LlmmemError], word: str
) -> None:
    with pytest.raises(error, match=word):
        calculate_memory(pipeline(FLUX_PIPELINE), **options)


def test_a_text_model_is_not_run_by_diffusers() -> None:
    with pytest.raises(UnsupportedArchitectureError, match="no diffusion model"):
        calculate_memory({"model_type": "llama"}, engine="diffusers")
    with pytest.raises(UsageError, match="height"):
        calculate_memory({"model_type": "llama"}, height=512)
    with pytest.raises(UsageError, match="no context"):
        analyze_attention_efficiency(pipeline(FLUX_PIPELINE))


def test_text_models_and_pipelines_stand_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, picture = compare_models([{"model_type": "llama"}, pipeline(FLUX_PIPELINE)], seq_length=8192, height=512)
    assert (text.deployment.engine, picture.deployment.engine) == ("transformers", "diffusers")
    assert text.deployment.context == 8192 and stage(picture, "denoise")["tokens"] == 32 * 64
    (tmp_path / "a.json").write_text(json.dumps({"model_type": "llama"}))
    (tmp_path / "b.json").write_text(json.dumps({**FLUX, "_class_name": "FluxTransformer2DModel"}))
    assert run(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--context", "4k"]) == 0
    shown = capsys.readouterr().out
    assert " -  " in shown and "joint attention" in shown and "MHA 32" in shown
    assert run(["calc", str(tmp_path / "b.json"), "--context", "4k"]) == 2
    assert run(["max-batch", str(tmp_path / "b.json"), "--precision", "bf16", "--gpu", "h100"]) == 0
    assert "max context" not in capsys.readouterr().out
    assert run(["attention", str(tmp_path / "b.json"), "--precision", "bf16"]) == 0
    assert "No cache grows" in capsys.readouterr().out
