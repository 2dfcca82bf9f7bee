"""Models for pictures and sound that bring their own code: published counts and file sizes instead of an oracle.

Configs are the published ones without what has no size.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmmem import calculate_memory, read_model
from llmmem.architectures import REGISTRY
from llmmem.architectures.refused import REFUSED
from llmmem.checkpoint import store
from llmmem.dtypes import nbytes
from llmmem.errors import UnsupportedArchitectureError
from llmmem.media.images import picture

MINICPM = {
    "model_type": "minicpmv",
    "hidden_size": 2304,
    "intermediate_size": 5760,
    "num_attention_heads": 36,
    "num_hidden_layers": 40,
    "num_key_value_heads": 36,
    "query_num": 64,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "vision_encoder": "vit_so400m_patch14_siglip_384.webli",
    "vocab_size": 122753,
}
QWEN2_7B = {
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_attention_heads": 28,
    "num_hidden_layers": 28,
    "num_key_value_heads": 4,
}
LLAMA3_8B = {
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
}
QWEN3_8B = {**LLAMA3_8B, "head_dim": 128, "intermediate_size": 12288, "num_hidden_layers": 36, "vocab_size": 151748}
INTERN_VIT_300M = {
    "hidden_size": 1024,
    "image_size": 448,
    "intermediate_size": 4096,
    "norm_type": "layer_norm",
    "num_attention_heads": 16,
    "num_hidden_layers": 24,
    "patch_size": 14,
    "qk_normalization": False,
    "qkv_bias": True,
}
INTERNLM2 = {"bias": False, "intermediate_size": 14336, "model_type": "internlm2", "num_key_value_heads": 8}
SO400M = {"layers": 27, "mlp_ratio": 3.7362, "patch_size": 14, "width": 1152}
VL2_TINY = {
    "first_k_dense_replace": 1,
    "hidden_size": 1280,
    "intermediate_size": 6848,
    "kv_lora_rank": None,
    "model_type": "deepseek_v2",
    "moe_intermediate_size": 896,
    "n_routed_experts": 64,
    "n_shared_experts": 2,
    "num_attention_heads": 10,
    "num_experts_per_tok": 6,
    "num_hidden_layers": 12,
    "num_key_value_heads": 10,
    "q_lora_rank": None,
    "use_mla": False,
    "vocab_size": 129280,
}
VL2_SMALL = {
    **VL2_TINY,
    "hidden_size": 2048,
    "intermediate_size": 10944,
    "kv_lora_rank": 512,
    "moe_intermediate_size": 1408,
    "num_attention_heads": 16,
    "num_hidden_layers": 27,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "use_mla": True,
    "v_head_dim": 128,
    "vocab_size": 102400,
}
MOLMO = {
    "model_type": "molmo",
    **QWEN2_7B,
    "embedding_size": 152064,
    "intermediate_size": 37888,
    "layer_norm_type": "rms",
    "qkv_bias": True,
    "torch_dtype": "float16",
    "vocab_size": 152064,
}
MEGA = {
    "model_type": "dallebart",
    "d_model": 2048,
    "decoder_attention_heads": 32,
    "decoder_layers": 24,
    "encoder_attention_heads": 32,
    "encoder_layers": 24,
    "encoder_vocab_size": 50272,
    "image_vocab_size": 16415,
}
JANUS = {
    "model_type": "multi_modality",
    "aligner_config": {"params": {"depth": 2, "input_dim": 1024, "n_embed": 2048, "projector_type": "mlp_gelu"}},
    "gen_aligner_config": {"params": {"depth": 2, "input_dim": 8, "n_embed": 2048, "projector_type": "mlp_gelu"}},
    "gen_head_config": {"params": {"image_token_embed": 2048, "image_token_size": 16384, "n_embed": 2048}},
    "gen_vision_config": {"cls": "VQ-16", "params": {"image_token_size": 16384, "n_embed": 8}},
    "language_config": {
        "model_type": "llama",
        "hidden_size": 2048,
        "intermediate_size": 5632,
        "num_attention_heads": 16,
        "num_hidden_layers": 24,
        "num_key_value_heads": 16,
        "vocab_size": 102400,
    },
    "vision_config": {"params": {"image_size": 384, "model_name": "siglip_large_patch16_384", "select_layer": -1}},
}
FISH = {"dim": 2560, "head_dim": 128, "intermediate_size": 9728, "n_head": 32, "n_local_heads": 8}
FISH_S2 = {
    "model_type": "fish_qwen3_omni",
    "audio_decoder_config": {**FISH, "max_seq_len": 11, "n_layer": 4, "num_codebooks": 10, "vocab_size": 4096},
    "text_config": {
        **FISH,
        "attention_qk_norm": True,
        "max_seq_len": 32768,
        "n_layer": 36,
        "tie_word_embeddings": True,
        "vocab_size": 155776,
    },
    "dtype": "bfloat16",
}

#: name -> (config, published parameters)
COUNTED: dict[str, tuple[dict[str, Any], int]] = {
    # openbmb/MiniCPM-V-2: half of the 6,869,931,584 bytes of its model.safetensors.index.json
    "MiniCPM-V-2": (MINICPM, 3_434_965_792),
    # MiniCPM-Llama3-V-2_5 ("8.54 B"), MiniCPM-V-2_6 ("8.1 B"), MiniCPM-V-4_5 ("8.7 B")
    "MiniCPM-V-2.5": (
        {
            "model_type": "minicpmv",
            **LLAMA3_8B,
            "drop_vision_last_layer": False,
            "query_num": 96,
            "vision_config": {"model_type": "idefics2"},
        },
        8_537_092_336,
    ),
    "MiniCPM-V-2.6": (
        {"model_type": "minicpmv", "version": 2.6, **QWEN2_7B, "drop_vision_last_layer": False, "vocab_size": 151666},
        8_099_175_152,
    ),
    "MiniCPM-V-4.5": (
        {"model_type": "minicpmv", "version": 4.5, **QWEN3_8B, "drop_vision_last_layer": False},
        8_695_895_280,
    ),
    # OpenGVLab/InternVL2-8B ("8.08 B") and InternVL3-8B ("7.94 B")
    "InternVL2-8B": (
        {
            "model_type": "internvl_chat",
            "llm_config": {**INTERNLM2, "vocab_size": 92553},
            "vision_config": INTERN_VIT_300M,
        },
        8_075_365_376,
    ),
    "InternVL3-8B": (
        {
            "model_type": "internvl_chat",
            "llm_config": {"model_type": "qwen2", **QWEN2_7B, "tie_word_embeddings": False, "vocab_size": 151674},
            "vision_config": INTERN_VIT_300M,
        },
        7_944_373_760,
    ),
    # microsoft/Phi-3-vision-128k-instruct ("4.15 B")
    "Phi-3-vision": (
        {
            "model_type": "phi3_v",
            "embd_layer": {"projection_cls": "mlp", "use_hd_transform": True, "with_learnable_separator": True},
            "img_processor": {"image_dim_out": 1024, "name": "clip_vision_model"},
            "vocab_size": 32064,
        },
        4_146_621_440,
    ),
    # deepseek-ai/deepseek-vl2-tiny ("3.37 B") and -small ("16.1 B")
    "deepseek-vl2-tiny": (
        {
            "model_type": "deepseek_vl_v2",
            "language_config": VL2_TINY,
            "projector_config": {"n_embed": 1280},
            "vision_config": SO400M,
        },
        3_370_501_440,
    ),
    "deepseek-vl2-small": (
        {
            "model_type": "deepseek_vl_v2",
            "language_config": VL2_SMALL,
            "projector_config": {"n_embed": 2048},
            "vision_config": SO400M,
        },
        16_148_349_504,
    ),
    # moonshotai/Kimi-VL-A3B-Instruct ("16.4 B")
    "Kimi-VL-A3B": (
        {
            "model_type": "kimi_vl",
            "text_config": {
                **VL2_SMALL,
                "intermediate_size": 11264,
                "model_type": "deepseek_v3",
                "num_nextn_predict_layers": 0,
                "vocab_size": 163840,
            },
            "vision_config": {"merge_kernel_size": [2, 2]},
        },
        16_407_654_384,
    ),
    # allenai/Molmo-7B-D-0924 ("8.02 B")
    "Molmo-7B-D": (MOLMO, 8_021_025_280),
    # dalle-mini/dalle-mega ("2.6 B") and the config of dalle-mini beside its code, whose checkpoint is narrower
    "dalle-mega": (MEGA, 2_587_521_024),
    "dalle-mini": ({"model_type": "dallebart", "image_vocab_size": 16391}, 538_593_280),
    # openflamingo/OpenFlamingo-3B-vitl-mpt1b ("3 B") and -9B-vitl-mpt7b ("9 B")
    "OpenFlamingo-3B": (
        {
            "model_type": "open_flamingo",
            "cross_attn_every_n_layers": 1,
            "text_config": {
                "model_type": "mosaic_gpt",
                "alibi": True,
                "attn_qk_ln": True,
                "no_bias": True,
                "vocab_size": 50280,
            },
        },
        2_559_117_360,
    ),
    "OpenFlamingo-9B": (
        {
            "model_type": "open_flamingo",
            "cross_attn_every_n_layers": 4,
            "text_config": {
                "model_type": "mpt",
                "d_model": 4096,
                "n_heads": 32,
                "n_layers": 32,
                "vocab_size": 50280,
            },
        },
        8_131_465_232,
    ),
    # deepseek-ai/Janus-1.3B: 2,089,297,547 elements ("2.09 B"), of which 65,536 say which codes were used
    "Janus-1.3B": (JANUS, 2_089_297_547 - 65_536),
    # fishaudio/s2-pro: half of the 9,123,704,832 bytes of its model.safetensors.index.json
    "s2-pro": (FISH_S2, 4_561_852_416),
}


@pytest.mark.parametrize(("config", "parameters"), COUNTED.values(), ids=COUNTED)
def test_parameters(config: dict[str, Any], parameters: int) -> None:
    spec = read_model(config)
    assert spec.parameters == parameters
    names = [name for name, _ in spec.tensors()]
    assert len(names) == len(set(names))
    assert calculate_memory(config, batch_size=2, seq_length=64, precision="bf16").total_memory_bytes > 0


def test_a_quantised_molmo_has_the_size_of_its_files() -> None:
    """model.safetensors.index.json of a 4-bit Molmo-7B-D: the tower, the head and the last norm stay in fp16."""
    kept = ["model.vision_backbone", "model.transformer.ff_out", "model.transformer.ln_f"]
    quantization = {
        "bnb_4bit_quant_type": "nf4",
        "bnb_4bit_use_double_quant": False,
        "llm_int8_skip_modules": kept,
        "load_in_4bit": True,
        "quant_method": "bitsandbytes",
    }
    stored = store(read_model({**MOLMO, "quantization_config": quantization}), "auto")
    assert (
        sum(len(b.layers) * nbytes(t.elements, t.dtype or "") for b in stored.spec.blocks for t in b.tensors)
        == 6_661_964_712
    )


@pytest.mark.parametrize(
    ("name", "per_token"),
    [
        ("MiniCPM-V-2", 40 * 2 * 2304),
        ("InternVL3-8B", 28 * 2 * 512),
        ("deepseek-vl2-tiny", 12 * 2 * 1280),
        ("deepseek-vl2-small", 27 * 576),
        ("Kimi-VL-A3B", 27 * 576),
        ("Molmo-7B-D", 28 * 2 * 512),
        ("dalle-mega", 24 * 2 * 2 * 2048),
        ("OpenFlamingo-9B", 32 * 2 * 4096),
        # What the small model keeps lives for one frame.
        ("s2-pro", 36 * 2 * 1024),
    ],
)
def test_caches(name: str, per_token: int) -> None:
    blocks = read_model(COUNTED[name][0]).blocks
    assert sum(len(b.layers) * sum(cache.per_token for cache in b.caches) for b in blocks) == per_token


@pytest.mark.parametrize(
    "config",
    [
        {**MINICPM, "vision_encoder": "eva02_large_patch14_clip_336"},
        {**MINICPM, "version": 3.0},
        {"model_type": "deepseek_vl_v2", "language_config": VL2_TINY, "projector_config": {"token_pooling": True}},
        {"model_type": "deepseek_vl_v2", "language_config": VL2_TINY, "tile_tag": "1D"},
        {"model_type": "internvl_chat", "llm_config": INTERNLM2, "vision_config": {"norm_type": "batch"}},
        {**MOLMO, "layer_norm_type": "default"},
        {"model_type": "phi3_v", "img_processor": {"name": "siglip"}},
        {**FISH_S2, "text_config": {**FISH_S2["text_config"], "use_moe": True}},
        {**MEGA, "ln_positions": "swinv2"},
        {**JANUS, "vision_config": {"params": {"model_name": "siglip_so400m_patch14_384"}}},
        {**MEGA, "use_bias": True},
        {"model_type": "open_flamingo", "cross_attn_every_n_layers": 4},
        {**COUNTED["OpenFlamingo-9B"][0], "clip_vision_encoder_path": "ViT-H-14"},
        {"model_type": "mosaic_gpt", "no_bias": False},
    ],
)
def test_what_is_not_described_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedArchitectureError):
        read_model(config)


def test_flamingo_reads_pictures_in_every_fourth_layer() -> None:
    names = dict(read_model(COUNTED["OpenFlamingo-9B"][0]).tensors())
    gates = [name for name in names if name.endswith("attn_gate")]
    assert [int(name.split(".")[3]) for name in gates] == [3, 7, 11, 15, 19, 23, 27, 31]
    assert names["lang_encoder.transformer.blocks.0.decoder_layer.attn.Wqkv.weight"] == (12288, 4096)
    assert names["perceiver.layers.5.0.to_kv.weight"] == (1024, 1024)


def test_flax_keeps_inputs_first() -> None:
    names = dict(read_model(MEGA).tensors())
    assert names["model.encoder.layers.FlaxBartEncoderLayer_0.GLU_0.Dense_0.kernel"] == (2048, 4096)
    assert names["model.decoder.layers.FlaxBartDecoderLayer_23.LayerNorm_4.bias"] == (2048,)
    assert "model.decoder.layers.FlaxBartDecoderLayer_22.LayerNorm_4.bias" not in names


@pytest.mark.parametrize("config", [{"model_type": name} for name in REFUSED] + [{"model": "xtts"}])
def test_what_is_known_by_name_is_refused_with_what_helps(config: dict[str, Any]) -> None:
    assert config.get("model_type") not in REGISTRY
    with pytest.raises(UnsupportedArchitectureError) as error:
        read_model(config)
    assert "does not know the model type" not in str(error.value)
    assert error.value.hint


def test_janus_paints_with_what_its_class_builds() -> None:
    spec = read_model(JANUS)
    names = dict(spec.tensors())
    assert spec.checkpoint_elements == 2_089_297_547
    assert names["gen_vision_model.encoder.conv_blocks.4.attn.1.q.weight"] == (512, 512, 1, 1)
    assert names["gen_vision_model.decoder.conv_blocks.3.upsample.conv.weight"] == (128, 128, 3, 3)
    assert names["gen_vision_model.decoder.mid.1.norm.weight"] == (512,)
    assert names["vision_model.vision_tower.attn_pool.kv.weight"] == (2048, 1024)


def test_internvl_chat_cuts_pictures_as_its_successor_does() -> None:
    """Tokens of pictures recorded with the processor of transformers' InternVL, which has the same tiles."""
    config = {
        **COUNTED["InternVL3-8B"][0],
        "dynamic_image_size": True,
        "force_image_size": 448,
        "max_dynamic_patch": 12,
        "use_thumbnail": True,
    }
    recorded = json.loads((Path(__file__).parent / "fixtures" / "media.json").read_text())["internvl"]["pictures"]
    images = read_model(config).images
    assert images is not None
    for height, width, tokens in recorded:
        assert picture(images, (height, width)).tokens == tokens
    assert read_model({**config, "use_thumbnail": False}).images is None


def test_cogvlm_is_known_by_its_class() -> None:
    with pytest.raises(UnsupportedArchitectureError, match="CogVLM"):
        read_model({"architectures": ["CogVLMVideoForCausalLM"], "hidden_size": 4096})
