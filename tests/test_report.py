"""Memory reports against numbers worked out by hand from published facts."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import pytest

from llmmem import (
    LlmmemError,
    MemoryReport,
    calculate_memory,
    compare_models,
    estimate_max_batch_size,
    read_model,
)
from llmmem.dtypes import BITS
from llmmem.engines.plan import Plan
from llmmem.errors import ConfigError, LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.fit import fit_table
from llmmem.gpus import find

ORACLE = Path(__file__).parent / "fixtures" / "oracle"
LLAMA = {"model_type": "llama", "torch_dtype": "float16"}


def default(model_type: str, **changes: Any) -> dict[str, Any]:
    """The default config of a type, with a 16-bit checkpoint."""
    return {"model_type": model_type, "torch_dtype": "bfloat16", **changes}


# What every rival gets wrong, at batch 1 with a 16-bit cache under transformers.


def test_falcon_7b_has_one_kv_head() -> None:
    report = calculate_memory(default("falcon"), seq_length=2048)
    assert report.kv_cache_bytes == 16 * 2**20
    assert report.attention_type.startswith("MQA")


def test_deepseek_v3_caches_the_latent() -> None:
    report = calculate_memory(default("deepseek_v3"), seq_length=32768, precision="bf16")
    assert report.kv_cache_bytes == 61 * 32768 * 576 * 2
    assert report.attention_type == "MLA"


def test_gemma_3_27b_keeps_windows_on_five_of_six_layers() -> None:
    text = {
        "model_type": "gemma3_text", "hidden_size": 5376, "intermediate_size": 21504, "num_attention_heads": 32,
        "num_hidden_layers": 62, "num_key_value_heads": 16, "head_dim": 128, "sliding_window": 1024,
    }  # fmt: skip
    report = calculate_memory(
        {"model_type": "gemma3", "text_config": text, "torch_dtype": "bfloat16"}, seq_length=32768
    )
    per_token = 2 * 16 * 128 * 2
    assert report.kv_cache_bytes == per_token * (10 * 32768 + 52 * 1023)


def test_gpt_oss_keeps_windows_on_half_of_its_layers() -> None:
    report = calculate_memory(default("gpt_oss"), seq_length=32768, precision="bf16")
    assert report.kv_cache_bytes == 2 * 8 * 64 * 2 * (18 * 32768 + 18 * 127)


def test_jamba_has_four_attention_layers_and_fp32_states() -> None:
    report = calculate_memory(default("jamba"), seq_length=32768)
    assert report.kv_cache_bytes == 4 * 32768 * 2 * 8 * 128 * 2
    states = {(line.group, line.label) for line in report.lines if line.group == "state"}
    assert states == {("state", "convolution state"), ("state", "recurrent state")}
    recurrent = next(line for line in report.lines if line.label == "recurrent state")
    assert recurrent.bytes == 28 * 8192 * 16 * 4


def test_whisper_reads_1500_frames_whatever_is_written() -> None:
    config = default("whisper", d_model=1280, encoder_layers=32, decoder_layers=32, encoder_attention_heads=20,
                     decoder_attention_heads=20)  # fmt: skip
    for tokens in (1, 448):
        report = calculate_memory(config, seq_length=tokens)
        cross = next(line for line in report.lines if "cross" in line.label)
        assert cross.bytes == 32 * 2 * 1280 * 1500 * 2


def test_a_head_that_checkpoints_hold_apart_is_in_the_weights() -> None:
    """flan-t5-base: 247,577,856 parameters as published, 222,903,552 as the class with its tied head counts."""
    config = default("t5", d_model=768, d_ff=2048, num_layers=12, num_heads=12, feed_forward_proj="gated-gelu",
                     tie_word_embeddings=False)  # fmt: skip
    report = calculate_memory(config)
    assert report.parameter_count == 222_903_552
    assert report.weight_memory_bytes == 2 * 247_577_856
    (line,) = (x for x in report.lines if x.component == "untied head")
    assert (line.basis, line.low, line.high) == ("estimated", 0, line.bytes)


def test_an_encoder_length_asked_for_wins() -> None:
    config = default("t5")
    short, long = (calculate_memory(config, seq_length=100, encoder_length=n) for n in (50, 500))
    assert long.kv_cache_bytes - short.kv_cache_bytes == 6 * 2 * 8 * 64 * 450 * 2


@pytest.mark.parametrize("model_type", ["mamba", "mamba2", "falcon_mamba"])
def test_mamba_has_no_kv_cache(model_type: str) -> None:
    short, long = (calculate_memory(default(model_type), seq_length=n) for n in (16, 100_000))
    assert short.kv_cache_bytes == long.kv_cache_bytes == 0
    assert 0 < short.state_memory_bytes == long.state_memory_bytes
    assert long.cache.bytes_per_token == 0


def test_gemma_3_4b_config_omits_its_head_counts() -> None:
    """google/gemma-3-4b-it as published: head counts are those of the configuration class."""
    config = {
        "model_type": "gemma3", "torch_dtype": "bfloat16", "mm_tokens_per_image": 256,
        "text_config": {"hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text",
                        "num_hidden_layers": 34, "sliding_window": 1024},
        "vision_config": {"hidden_size": 1152, "image_size": 896, "intermediate_size": 4304,
                          "model_type": "siglip_vision_model", "num_attention_heads": 16, "num_hidden_layers": 27,
                          "patch_size": 14, "vision_use_head": False},
    }  # fmt: skip
    report = calculate_memory(config, seq_length=32768)
    assert report.parameter_count == 4_300_079_472
    assert report.kv_cache_bytes == 2 * 4 * 256 * 2 * (5 * 32768 + 29 * 1023)


def test_llama_2_7b_int8_is_what_llm_int8_stores() -> None:
    report = calculate_memory(LLAMA, precision="int8")
    matrices = 32 * (4 * 4096 * 4096 + 3 * 4096 * 11008)
    scales = 32 * (4 * 4096 + 2 * 11008 + 4096) * 4
    kept = (6_738_415_616 - matrices) * 2
    assert report.weight_memory_bytes == matrices + scales + kept
    assert report.precision == "int8"


@pytest.mark.parametrize(
    ("precision", "size"), [("fp32", 4), ("fp16", 2), ("bf16", 2), ("torch.bfloat16", 2), ("float32", 4), ("auto", 2)]
)
def test_plain_precisions(precision: str, size: int) -> None:
    assert calculate_memory(LLAMA, precision=precision).weight_memory_bytes == size * 6_738_415_616


def test_fp8_blocks_of_deepseek_v3() -> None:
    """The published safetensors metadata of deepseek-ai/DeepSeek-V3 counts 680,571,043,840 fp8 and 3,918,786,560 bf16
    elements with the deep prediction layer, and 41,555,600 fp32 (scales and router biases)."""
    config = {
        "model_type": "deepseek_v3", "torch_dtype": "bfloat16", "num_nextn_predict_layers": 1,
        "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128], "fmt": "e4m3"},
    }  # fmt: skip
    spec = read_model(config)
    assert spec.parameters + spec.unloaded_parameters == 680_571_043_840 + 3_918_786_560
    report = calculate_memory(config)
    assert report.precision == "fp8"
    assert report.weight_memory_bytes < 1.01 * 671_026_404_352 + 4e9


def test_unknown_quantisation_is_refused_by_name() -> None:
    config = {**LLAMA, "quantization_config": {"quant_method": "vptq"}}
    with pytest.raises(UnsupportedArchitectureError, match="vptq"):
        calculate_memory(config)
    assert calculate_memory(config, precision="bf16").weight_memory_bytes == 2 * 6_738_415_616


def test_a_dtype_that_is_not_stated_is_not_claimed_to_be_exact() -> None:
    line = calculate_memory({"model_type": "llama"}).lines[0]
    assert line.group == "weights"
    assert line.basis == "estimated"
    assert line.bytes == line.high == 4 * 6_738_415_616
    assert line.low == line.bytes // 2


# Conservation


@pytest.mark.parametrize("model_type", sorted(p.stem for p in ORACLE.glob("*.json")))
@pytest.mark.parametrize("tp", [2, 4, 8])
def test_ranks_add_up_to_the_whole_and_what_is_repeated(model_type: str, tp: int) -> None:
    config = json.loads((ORACLE / f"{model_type}.json").read_text())["defaults"]["config"]
    one = calculate_memory(config, precision="bf16")
    try:
        many = calculate_memory(config, precision="bf16", tensor_parallel=tp)
    except LayoutError as error:
        assert "cannot be shared evenly" in str(error)
        assert model_type not in ("llama", "mixtral", "deepseek_v3", "qwen3_next", "gpt_oss", "gemma3", "t5")
        return
    if many.spec.unknown:  # of a tower that nothing is given to the weights alone are known
        ranks = many.weight_memory_bytes * tp
    else:
        ranks = sum(rank.weights for rank in many.ranks)
        assert len(many.ranks) == tp
    uncut, even = 0, True
    for block in read_model(config).blocks:
        for t in block.tensors if block.loaded else ():
            cut = (
                t.shard is not None and t.role != "embedding" and block.component in ("language", "encoder", "decoder")
            )
            even &= not cut or t.shape[t.shard or 0] // t.unit % tp == 0
            uncut += 0 if cut else len(block.layers) * prod(t.shape) * t.copies * BITS[t.dtype or "bf16"] // 8
    assert ranks >= one.weight_memory_bytes
    if even:
        assert ranks == one.weight_memory_bytes + (tp - 1) * uncut


def test_kv_heads_are_repeated_when_there_are_fewer_than_ranks() -> None:
    config = default("llama", num_attention_heads=32, num_key_value_heads=4)
    one, eight = (calculate_memory(config, tensor_parallel=tp) for tp in (1, 8))
    assert eight.kv_cache_bytes == one.kv_cache_bytes // 4


@pytest.mark.parametrize("tp", [3, 5, 64])
def test_heads_that_cannot_be_shared_are_refused(tp: int) -> None:
    with pytest.raises(LayoutError, match="32 attention heads") as error:
        calculate_memory(LLAMA, tensor_parallel=tp)
    assert "--tp" in error.value.hint
    assert error.value.exit_status == 1


# The parts of a report


def test_lines_add_up_and_carry_their_basis() -> None:
    report = calculate_memory(default("gemma3"), batch_size=3, seq_length=5000, images=2)
    assert report.total_memory_bytes == sum(line.bytes for line in report.lines)
    groups = (
        report.weight_memory_bytes, report.kv_cache_bytes, report.state_memory_bytes, report.activation_memory_bytes,
        report.image_memory_bytes, report.overhead_bytes,
    )  # fmt: skip
    assert sum(groups) == report.total_memory_bytes
    for line in report.lines:
        assert line.basis in ("exact", "measured", "estimated")
        assert line.why
        assert line.low <= line.bytes <= line.high
        if line.basis == "exact":
            assert line.low == line.high
    assert report.image_memory_bytes > 0
    assert report.peak_low <= report.total_memory_bytes <= report.peak_high


def test_units() -> None:
    report = calculate_memory(LLAMA)
    assert report.weight_memory_gb == report.weight_memory_bytes / 1e9
    assert report.kv_cache_gib == report.kv_cache_bytes / 2**30 == 1.0
    assert report.total_memory_gb == report.total_memory_bytes / 10**9
    with pytest.raises(AttributeError):
        _ = report.nonsense_gb


def test_framework_overhead_multiplies() -> None:
    plain = calculate_memory(LLAMA, framework_overhead=1.0)
    more = calculate_memory(LLAMA, framework_overhead=1.2)
    assert plain.overhead_bytes == 0
    assert more.total_memory_bytes == int(plain.total_memory_bytes * 1.2)


def test_pictures_lengthen_the_context() -> None:
    config = default("llava")
    none, two = (calculate_memory(config, seq_length=1000, images=n) for n in (0, 2))
    per_token = 32 * 2 * 4096 * 2
    assert two.kv_cache_bytes - none.kv_cache_bytes == 2 * 576 * per_token
    assert none.image_memory_bytes == 0
    with pytest.raises(LayoutError, match="takes no pictures"):
        calculate_memory(LLAMA, images=1)


def test_growth_stops_where_the_window_is_full() -> None:
    config = default("mistral", sliding_window=4096)
    assert calculate_memory(config, seq_length=4094).cache.bytes_per_token == 32 * 2 * 8 * 128 * 2
    assert calculate_memory(config, seq_length=4095).cache.bytes_per_token == 0


def test_moe_active_parameters() -> None:
    """Mixtral 8x7B: 46.7 B parameters of which 12.9 B are used per token (Mistral AI, arXiv:2401.04088)."""
    spec = read_model({"model_type": "mixtral"})
    assert spec.parameters == 46_702_792_704
    assert spec.active_parameters == 12_879_925_248


def test_largest_batch_is_an_exact_inverse() -> None:
    batch = estimate_max_batch_size(LLAMA, 80, 4096)
    assert batch > 1
    fits, too_many = (calculate_memory(LLAMA, batch_size=b, seq_length=4096) for b in (batch, batch + 1))
    assert fits.total_memory_bytes <= 80e9 < too_many.total_memory_bytes
    assert estimate_max_batch_size(LLAMA, 8, 4096) == 0


def test_totals_grow_with_batch_and_context() -> None:
    for model_type in ("llama", "gemma3", "jamba", "t5", "whisper", "mamba", "deepseek_v3", "qwen2_5_vl"):
        spec = read_model(default(model_type))
        plan: Plan = calculate_memory(spec).plan
        totals = [plan.total(1, n).high for n in (1, 2, 37, 300, 1023, 1024, 1025, 4096)]
        assert totals == sorted(totals), model_type
        totals = [plan.total(n, 512).high for n in (1, 2, 3, 64)]
        assert totals == sorted(totals), model_type


# Traced in transformers 5.23 (bfloat16, no gradients): live tensors beyond weights, inputs and the final cache.
LLAMA_8B = default("llama", hidden_size=4096, intermediate_size=14336, num_key_value_heads=8, vocab_size=128256)


@pytest.mark.parametrize(
    ("batch", "tokens", "attention", "logits", "traced"),
    [
        (1, 4096, "sdpa", "last", 488_669_184),
        (1, 16384, "sdpa", "last", 1_954_676_736),
        (1, 16384, "sdpa", "all", 4_336_910_336),
        (4, 1024, "sdpa", "all", 1_084_227_584),
        (1, 4096, "eager", "last", 5_605_720_064),
        (4, 1024, "eager", "all", 1_552_424_960),
    ],
)
def test_prefill_peak_of_a_dense_decoder(batch: int, tokens: int, attention: str, logits: str, traced: int) -> None:
    report = calculate_memory(
        LLAMA_8B, batch_size=batch, seq_length=tokens, attn_implementation=attention, logits=logits
    )
    assert report.activation_memory_bytes == traced


@pytest.mark.parametrize(
    ("batch", "tokens", "traced"), [(1, 64, 72_155_136), (1, 128, 143_613_952), (4, 64, 287_514_624)]
)
def test_a_scan_without_its_kernels_is_inside_the_band(batch: int, tokens: int, traced: int) -> None:
    """Mamba's own PyTorch path, traced like the above: what a machine without mamba-ssm needs must not be more."""
    config = default("mamba", hidden_size=2560, num_hidden_layers=2, vocab_size=50280, time_step_rank=160)
    report = calculate_memory(config, batch_size=batch, seq_length=tokens)
    line = next(x for x in report.lines if x.group == "activations")
    assert line.low < line.bytes < traced <= line.high < 1.05 * traced


# Bad input


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"precision": "int3"}, UsageError),
        ({"kv_precision": "nonsense"}, UsageError),
        ({"engine": "vlllm"}, UsageError),
        ({"batch_size": 0}, UsageError),
        ({"batch_size": -1}, UsageError),
        ({"batch_size": 10**30}, UsageError),
        ({"seq_length": 0}, UsageError),
        ({"seq_length": 1.5}, UsageError),
        ({"tensor_parallel": 0}, UsageError),
        ({"framework_overhead": 0.5}, UsageError),
        ({"framework_overhead": float("nan")}, UsageError),
        ({"images": -1}, UsageError),
        ({"image_size": (10, 10)}, UsageError),
        ({"attn_implementation": "flash"}, UsageError),
        ({"max_num_seqs": 4}, UsageError),
        ({"no_such_option": 4}, UsageError),
        ({"engine": None}, UsageError),
        ({"gpu": 5}, UsageError),
        ({"revision": 5}, UsageError),
        ({"images": 1, "image_size": 640}, UsageError),
        ({"encoder_length": 5}, LayoutError),
    ],
)
def test_bad_options(options: dict[str, Any], error: type[LlmmemError]) -> None:
    with pytest.raises(error) as caught:
        calculate_memory(LLAMA, **options)
    assert caught.value.hint
    assert caught.value.exit_status == (2 if error is UsageError else 1)


def test_one_model_is_no_list_to_compare() -> None:
    for models in ("org/name", LLAMA, 5):
        with pytest.raises(UsageError, match="list of models"):
            compare_models(models)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"model_type": "lama"},
        {"model_type": 7},
        {"model_type": "llama", "hidden_size": "4096"},
        {"model_type": "llama", "hidden_size": -1},
        {"model_type": "llama", "hidden_size": 0},
        {"model_type": "llama", "num_hidden_layers": 10**12},
        {"model_type": "llama", "num_attention_heads": 0},
        {"model_type": "llama", "num_attention_heads": True},
        {"model_type": "llama", "hidden_size": 1.5},
        {"model_type": "llama", "vocab_size": float("nan")},
        {"model_type": "llama", "architectures": ["LlamaForEverything"]},
        {"model_type": "llama", "architectures": "LlamaForCausalLM"},
        {"model_type": "llama", "torch_dtype": "float17"},
        {"model_type": "gemma3", "text_config": []},
        {"model_type": "gemma2", "layer_types": ["full_attention"]},
        {"model_type": "gemma2", "layer_types": ["strange"] * 26},
    ],
)
def test_bad_configs(config: dict[str, Any]) -> None:
    with pytest.raises(LlmmemError) as caught:
        calculate_memory(config)
    assert isinstance(caught.value, ConfigError | UnsupportedArchitectureError)
    assert caught.value.exit_status == 1
    assert "\n" not in str(caught.value)


def test_str_is_readable() -> None:
    text = str(calculate_memory(LLAMA))
    assert "6,738,415,616 parameters" in text
    assert "GiB" in text
    assert isinstance(calculate_memory(LLAMA), MemoryReport)


def test_a_static_cache_has_room_for_the_whole_window() -> None:
    """transformers 5.23, StaticSlidingWindowLayer keeps min(window, max_cache_len), the dynamic one window - 1."""
    gemma = default("gemma3_text", num_hidden_layers=6, num_attention_heads=8, num_key_value_heads=4, head_dim=256)
    gemma["sliding_window"] = 1024
    per_token = 4 * 2 * 256 * 2
    for kept, window in (("dynamic", 1023), ("static", 1024)):
        report = calculate_memory(gemma, seq_length=4096, precision="bf16", cache_implementation=kept)
        assert report.kv_cache_bytes == per_token * (5 * window + 4096)
        assert report.cache.window_floor == per_token * (5 * 1023 + 4096)


def test_a_quantised_cache_packs_four_bits_and_keeps_the_last_tokens() -> None:
    report = calculate_memory(LLAMA_8B, seq_length=4096, precision="bf16", cache_implementation="quantized")
    elements = 32 * 8 * 256
    packed = elements * (4096 - 127) * 9 // 16  # 4 bits, and two 16-bit numbers for 64 of them
    assert report.kv_cache_bytes == packed + elements * 127 * 2
    (line,) = [line for line in report.lines if line.group == "kv_cache"]
    assert (line.low, line.basis) == (elements * 4096 * 9 // 16, "estimated")
    for model_type in ("gemma3_text", "mamba", "deepseek_v3"):
        with pytest.raises(LayoutError, match="full attention alone"):
            calculate_memory(default(model_type), cache_implementation="quantized")


@pytest.mark.parametrize("model_type", ["wav2vec2", "encodec", "qwen2_vl_vision", "parakeet_encoder"])
def test_what_a_tower_needs_is_unknown_until_something_is_given_to_it(model_type: str) -> None:
    """Nothing that runs is described: that is not the same as needing nothing, so nothing says that it fits."""
    report = calculate_memory(default(model_type))
    assert report.spec.unknown == ("activations",)
    assert report.weight_memory_bytes > 0
    with pytest.raises(UnsupportedArchitectureError):
        _ = report.total_memory_bytes
    assert [row.fits for row in fit_table(report.plan, [find("h100-sxm-80gb")])] == [None]


def test_sound_given_to_a_tower_makes_it_known() -> None:
    report = calculate_memory(default("wav2vec2"), audio=30)
    assert report.spec.unknown == () and report.image_memory_bytes > 0
    assert report.total_memory_bytes > report.weight_memory_bytes + report.image_memory_bytes
