"""Pictures and films: as many tokens as the processors of transformers give, and what they cost."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from llmmem import calculate_memory, read_model
from llmmem.errors import LayoutError, LlmmemError, UnsupportedArchitectureError, UsageError
from llmmem.media.images import film, images_of, picture
from llmmem.media.sound import heard

FIXTURE: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures" / "media.json").read_text())
FAMILIES = sorted(name for name in FIXTURE if name not in ("recorded", "sounds"))
SOUNDS = FIXTURE["sounds"]
LLAMA = {"model_type": "llama", "torch_dtype": "bfloat16"}
QWEN = {"model_type": "qwen2_5_vl", "torch_dtype": "bfloat16"}


def test_enough_families_are_recorded() -> None:
    assert len(FAMILIES) >= 30
    assert all(len(FIXTURE[name]["pictures"]) >= 6 for name in FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_tokens_are_those_of_the_processor(family: str) -> None:
    row = FIXTURE[family]
    spec = read_model(row["config"])
    images = images_of(spec, "--images")
    for height, width, tokens in row["pictures"]:
        assert picture(images, (height, width)).tokens == tokens, (height, width)
    for frames, height, width, tokens in row.get("films", []):
        assert film(spec, frames, (height, width)).tokens == tokens, (frames, height, width)


@pytest.mark.parametrize("family", FAMILIES)
def test_without_a_size_no_ordinary_picture_is_larger(family: str) -> None:
    row = FIXTURE[family]
    images = images_of(read_model(row["config"]), "--images")
    largest = picture(images, None)
    assert largest.tokens >= max(tokens for *_, tokens in row["pictures"])


def test_pictures_cost_cache_and_embeddings() -> None:
    none, two = (calculate_memory(QWEN, images=n, image_size=(1080, 1920) if n else None) for n in (0, 2))
    per_token = 80 * 2 * 8 * 128 * 2
    assert two.kv_cache_bytes - none.kv_cache_bytes == 2 * 2691 * per_token
    lines = {line.label: line for line in two.lines if line.group == "image"}
    assert lines["pictures"].bytes == 2 * 2691 * 8192 * 2
    assert "1,920 x 1,080" in lines["pictures"].why and "2,691 tokens" in lines["pictures"].why
    assert lines["tower"].high > 0
    assert two.to_dict()["deployment"]["image_size"] == "1920x1080"


def test_a_film_costs_what_its_frames_do() -> None:
    report = calculate_memory(QWEN, video_frames=16, image_size=(1080, 1920))
    tokens = next(n for f, h, w, n in FIXTURE["qwen2_5_vl"]["films"] if (f, h, w) == (16, 1080, 1920))
    film_line = next(line for line in report.lines if line.label == "film")
    assert film_line.bytes == tokens * 8192 * 2
    assert report.to_dict()["deployment"]["video_frames"] == 16


def test_vllm_counts_pictures_as_context() -> None:
    plain = calculate_memory(QWEN, seq_length=4096 + 2 * 391, engine="vllm")
    seen = calculate_memory(QWEN, seq_length=4096, images=2, image_size=(480, 640), engine="vllm")
    assert seen.kv_cache_bytes == plain.kv_cache_bytes


def test_cross_attention_keeps_all_tiles() -> None:
    config = {"model_type": "mllama", "torch_dtype": "bfloat16"}
    none, one = (calculate_memory(config, images=n) for n in (0, 1))
    # 8 layers with keys and values of 8 heads for 4 tiles of 1,025 patches
    assert one.kv_cache_bytes - none.kv_cache_bytes == 8 * 4 * 1025 * 2 * 8 * 128 * 2


@pytest.mark.parametrize("family", sorted(SOUNDS))
def test_sound_is_as_long_as_the_processor_makes_it(family: str) -> None:
    row = SOUNDS[family]
    spec = read_model(row["config"])
    for seconds, tokens in row.get("sounds", []):
        assert heard(spec, seconds).tokens == tokens, seconds
    for seconds, frames in row.get("frames", []):
        assert heard(spec, seconds).patches == frames, seconds


def test_sound_lengthens_the_context() -> None:
    config = {"model_type": "qwen2_audio", "torch_dtype": "bfloat16"}
    none, some = (calculate_memory(config, audio=n) for n in (0, 30))
    spec = read_model(config)
    cache = next(c for b in spec.blocks for c in b.caches)
    assert some.kv_cache_bytes - none.kv_cache_bytes == 750 * spec.layers * cache.per_token * 2
    lines = {line.label: line for line in some.lines if line.group == "image"}
    assert lines["sound"].bytes == 750 * spec.hidden_size * 2
    assert "1,500 frames" in lines["sound"].why
    assert lines["tower"].component == "audio"


def test_sound_lengthens_what_an_encoder_reads() -> None:
    config = {"model_type": "moonshine", "torch_dtype": "bfloat16"}
    cross = [
        next(line.bytes for line in calculate_memory(config, audio=n).lines if "cross" in line.label) for n in (10, 30)
    ]
    assert cross[0] * 1248 == cross[1] * 415
    whisper = {"model_type": "whisper", "torch_dtype": "float16"}
    assert calculate_memory(whisper, audio=90).kv_cache_bytes == calculate_memory(whisper).kv_cache_bytes


@pytest.mark.parametrize(
    "family", ["llava_next", "internvl", "idefics3", "llama4", "phi4_multimodal", "cohere2_vision"]
)
def test_a_tower_that_sees_nothing_gives_an_answer_or_a_sentence(family: str) -> None:
    for sizes in ({"image_size": 0}, {"image_size": 7}, {"crop_size": 0}):
        config = {"model_type": family, "vision_config": sizes}
        with contextlib.suppress(LlmmemError):
            calculate_memory(config, images=1, image_size=(480, 640))


def test_a_tower_alone_hears() -> None:
    config = {"model_type": "wav2vec2", "torch_dtype": "float32"}
    short, long = (calculate_memory(config, audio=n).image_memory_bytes for n in (10, 30))
    assert 0 < 2.9 * short < long < 3.1 * short


@pytest.mark.parametrize(
    ("config", "options", "error", "match"),
    [
        (LLAMA, {"video_frames": 4}, LayoutError, "takes no pictures"),
        ({"model_type": "gemma3"}, {"video_frames": 4}, UnsupportedArchitectureError, "takes films"),
        ({"model_type": "molmo2"}, {"images": 1}, UnsupportedArchitectureError, "not known"),
        (QWEN, {"images": 1, "image_size": (10, 4000)}, LayoutError, "200 times"),
        ({"model_type": "qwen3_vl"}, {"video_frames": 1, "image_size": (480, 640)}, LayoutError, "2 frames"),
        (LLAMA, {"audio": 3}, LayoutError, "takes no sound"),
        (QWEN, {"audio": 3}, LayoutError, "takes no sound"),
        ({"model_type": "gemma3n"}, {"audio": 31}, LayoutError, "30 seconds"),
        ({"model_type": "wav2vec2"}, {"audio": 0.001}, LayoutError, "too short"),
        ({"model_type": "sew"}, {"audio": 3}, UnsupportedArchitectureError, "not known"),
        ({"model_type": "whisper"}, {"audio": float("nan")}, UsageError, "--audio"),
        ({"model_type": "whisper"}, {"audio": 3, "encoder_length": 8}, UsageError, "--encoder-length"),
        (QWEN, {"video_frames": -1}, UsageError, "--video-frames"),
        (QWEN, {"image_size": (10, 10)}, UsageError, "--image-size"),
        (QWEN, {"images": 1, "engine": "llama.cpp"}, LayoutError, "llama.cpp"),
    ],
)
def test_what_cannot_be(config: dict[str, Any], options: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        calculate_memory(config, **options)


def test_pictures_of_a_tower_alone_are_its_requests() -> None:
    """Its pictures are a batch, so they are not taken for embeddings beside one picture's peak."""
    with pytest.raises(LayoutError, match="one picture"):
        calculate_memory("google/vit-base-patch16-224-in21k", images=64, offline=True)
