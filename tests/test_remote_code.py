"""Models that bring their own code: no class of transformers counts them, so published numbers do.

Configs are the published ones without what has no size. ``stored`` is the total_size of a published
safetensors or PyTorch index (bytes of all tensors), ``parameters`` a published count.
"""

from __future__ import annotations

from typing import Any

import pytest

from llmmem import ModelSpec, calculate_memory, read_model
from llmmem.errors import ConfigError, UnsupportedArchitectureError

QWEN = {"model_type": "qwen", "architectures": ["QWenLMHeadModel"], "no_bias": True, "kv_channels": 128}
CHATGLM2 = {
    "model_type": "chatglm",
    "architectures": ["ChatGLMModel"],
    "add_bias_linear": False,
    "add_qkv_bias": True,
    "ffn_hidden_size": 13696,
    "hidden_size": 4096,
    "kv_channels": 128,
    "multi_query_attention": True,
    "multi_query_group_num": 2,
    "num_attention_heads": 32,
    "num_layers": 28,
    "padded_vocab_size": 65024,
    "post_layer_norm": True,
    "rmsnorm": True,
    "seq_length": 32768,
    "torch_dtype": "float16",
}
VISUAL = {
    "heads": 16,
    "image_size": 448,
    "layers": 48,
    "mlp_ratio": 4.9231,
    "output_dim": 4096,
    "patch_size": 14,
    "width": 1664,
}

#: name -> (config, stored bytes)
STORED: dict[str, tuple[dict[str, Any], int]] = {
    # model.safetensors.index.json of Qwen/Qwen-72B-Chat
    "Qwen-72B-Chat": (
        {
            **QWEN,
            "hidden_size": 8192,
            "intermediate_size": 49152,
            "num_attention_heads": 64,
            "num_hidden_layers": 80,
            "vocab_size": 152064,
        },
        144_575_840_256,
    ),
    # ... of stvlynn/Qwen-7B-Chat-Cantonese, a fine-tune; the sizes are the class defaults
    "Qwen-7B": (QWEN, 15_442_649_088),
    # ... of Qwen/Qwen-VL-Chat; its Int4 sister's 9,731,786,240 follow from the same tensors packed by GPTQ
    "Qwen-VL-Chat": ({**QWEN, "visual": VISUAL}, 19_313_870_336),
    # The eight shards of THUDM/chatglm-6b, 13,416,906,785 bytes with their headers. Its index still counts the
    # 20,000 picture tokens that were cut from both tables: 13,744,473,856.
    "chatglm-6b": (
        {
            "model_type": "chatglm",
            "architectures": ["ChatGLMModel"],
            "hidden_size": 4096,
            "inner_hidden_size": 16384,
            "max_sequence_length": 2048,
            "num_attention_heads": 32,
            "num_layers": 28,
            "position_encoding_2d": True,
            "torch_dtype": "float16",
            "vocab_size": 130528,
        },
        13_744_473_856 - 2 * 20_000 * 4096 * 2,
    ),
    # pytorch_model.bin.index.json of THUDM/chatglm2-6b and codegeex2-6b
    "chatglm2-6b": (CHATGLM2, 12_487_168_064),
    # model.safetensors.index.json of THUDM/glm-4-9b-chat
    "glm-4-9b-chat": ({**CHATGLM2, "num_layers": 40, "padded_vocab_size": 151552}, 18_799_902_784),
    # pytorch_model.bin.index.json of baichuan-inc/Baichuan2-13B-Chat
    "Baichuan2-13B-Chat": (
        {
            "model_type": "baichuan",
            "hidden_size": 5120,
            "intermediate_size": 13696,
            "model_max_length": 4096,
            "num_attention_heads": 40,
            "num_hidden_layers": 40,
            "vocab_size": 125696,
        },
        27_793_336_320,
    ),
    # ... of baichuan-inc/Baichuan2-7B-Chat
    "Baichuan2-7B-Chat": (
        {
            "model_type": "baichuan",
            "max_position_embeddings": 4096,
            "model_max_length": 4096,
            "vocab_size": 125696,
        },
        15_011_946_496,
    ),
    # model.safetensors.index.json of FreedomIntelligence/openPangu-Embedded-7B; the sizes are the class defaults
    "openPangu-Embedded-7B": ({"model_type": "PanguEmbedded", "bias": True}, 16_061_784_576),
    # ... of jj8127/mimo_kor, a fine-tune of MiMo-7B-Base
    "MiMo-7B-Base": (
        {
            "model_type": "mimo",
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_attention_heads": 32,
            "num_hidden_layers": 36,
            "num_key_value_heads": 8,
            "num_nextn_predict_layers": 1,
            "head_dim": 128,
            "use_sliding_window": False,
            "vocab_size": 151680,
        },
        15_666_819_072,
    ),
    # ... of nvidia/NV-Embed-v2
    "NV-Embed-v2": (
        {
            "model_type": "nvembed",
            "architectures": ["NVEmbedModel"],
            "hidden_size": 4096,
            "latent_attention_config": {"model_type": "latent_attention"},
            "text_config": {
                "model_type": "bidir_mistral",
                "hidden_size": 4096,
                "intermediate_size": 14336,
                "num_attention_heads": 32,
                "num_hidden_layers": 32,
                "num_key_value_heads": 8,
                "sliding_window": 4096,
                "torch_dtype": "float32",
                "vocab_size": 32000,
            },
            "torch_dtype": "float16",
        },
        15_702_032_384,
    ),
    # ... of stabilityai/stable-code-3b; the sizes are the class defaults
    "stable-code-3b": ({"model_type": "stablelm_epoch", "use_qkv_bias": False}, 5_590_886_400),
    # pytorch_model.bin.index.json of mojanjp/phi-2, the first form of microsoft/phi-2
    "phi-2": (
        {
            "model_type": "mixformer-sequential",
            "n_embd": 2560,
            "n_head": 32,
            "n_layer": 32,
            "torch_dtype": "float32",
            "vocab_size": 51200,
        },
        11_118_735_360,
    ),
    # ... of tiiuae/falcon-40b, less the head, which it stores although it is the table of embeddings
    "falcon-40b": (
        {
            "model_type": "RefinedWeb",
            "hidden_size": 8192,
            "n_head": 128,
            "n_head_kv": 8,
            "n_layer": 60,
            "parallel_attn": True,
            "vocab_size": 65024,
        },
        83_671_941_120 - 65024 * 8192 * 2,
    ),
    # ... of tiiuae/falcon-7b-instruct, likewise
    "falcon-7b": (
        {
            "model_type": "RefinedWebModel",
            "hidden_size": 4544,
            "multi_query": True,
            "n_head": 71,
            "n_layer": 32,
            "parallel_attn": True,
            "vocab_size": 65024,
        },
        14_434_379_520 - 65024 * 4544 * 2,
    ),
}

SUPER = {"model_type": "nemotron-nas", "hidden_size": 8192, "num_attention_heads": 64, "vocab_size": 128256}
MAMBA = {"d_model": 2560, "n_layer": 64, "vocab_size": 50277, "ssm_cfg": {}}
MAMBA2 = {**MAMBA, "ssm_cfg": {"layer": "Mamba2"}, "attn_layer_idx": [], "attn_cfg": {}, "pad_vocab_size_multiple": 16}
S4 = {"_name_": "s4", "postact": "glu", "tie_state": False}
WT103 = {
    "model_type": "s4",
    "vocab_size": 267735,
    "model": {
        "d_model": 1024,
        "layer": [S4, S4, {"_name_": "ff", "expand": 4, "activation": "gelu"}],
        "n_layers": 16,
        "norm": "layer",
        "prenorm": True,
    },
    "task": {
        "cutoffs": [19997, 39997, 199997],
        "div_val": 4,
        "tie_projs": [True, True, True],
        "tie_weights": True,
    },
}
ARCTIC = {
    "model_type": "arctic",
    "hidden_size": 7168,
    "intermediate_size": 4864,
    "moe_layer_frequency": 1,
    "num_attention_heads": 56,
    "num_experts_per_tok": 2,
    "num_hidden_layers": 35,
    "num_key_value_heads": 8,
    "num_local_experts": 128,
    "parallel_attn_mlp_res": True,
}


def rwkv7(hidden: int, layers: int, decay: int, rate: int, value: int, gate: int) -> dict[str, Any]:
    return {
        "model_type": "rwkv7",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "decay_low_rank_dim": decay,
        "a_low_rank_dim": rate,
        "v_low_rank_dim": value,
        "gate_low_rank_dim": gate,
        "vocab_size": 65536,
    }


def s4_layers(**changes: Any) -> dict[str, Any]:
    layer = {**S4, **changes}
    model = {**WT103["model"], "layer": [layer, layer, WT103["model"]["layer"][2]]}
    return {**WT103, "model": model}


#: name -> (config, parameters)
COUNTED: dict[str, tuple[dict[str, Any], int]] = {
    # internlm/internlm2-chat-7b ("7.74 B") and internlm2-7b-reward ("7.36 B")
    "internlm2-chat-7b": (
        {
            "model_type": "internlm2",
            "bias": False,
            "intermediate_size": 14336,
            "num_key_value_heads": 8,
            "vocab_size": 92544,
        },
        7_737_708_544,
    ),
    "internlm2-7b-reward": (
        {
            "model_type": "internlm2",
            "architectures": ["InternLM2ForRewardModel"],
            "bias": False,
            "intermediate_size": 14336,
            "num_key_value_heads": 8,
            "vocab_size": 92544,
        },
        7_737_708_544 - 92544 * 4096 + 4096,
    ),
    # internlm/internlm-7b ("7.32 B")
    "internlm-7b": ({"model_type": "internlm"}, 7_321_948_160),
    # deepseek-ai/deepseek-moe-16b-base ("16.4 B")
    "deepseek-moe-16b": (
        {
            "model_type": "deepseek",
            "first_k_dense_replace": 1,
            "hidden_size": 2048,
            "intermediate_size": 10944,
            "moe_intermediate_size": 1408,
            "n_routed_experts": 64,
            "n_shared_experts": 2,
            "num_attention_heads": 16,
            "num_experts_per_tok": 6,
            "num_hidden_layers": 28,
            "num_key_value_heads": 16,
        },
        16_375_728_128,
    ),
    # MiniMaxAI/MiniMax-M1-80k ("456 B")
    "MiniMax-M1": (
        {
            "model_type": "minimax_m1",
            "attn_type_list": ([0] * 7 + [1]) * 10,
            "head_dim": 128,
            "hidden_size": 6144,
            "intermediate_size": 9216,
            "num_attention_heads": 64,
            "num_hidden_layers": 80,
            "num_key_value_heads": 8,
            "num_local_experts": 32,
            "shared_intermediate_size": 0,
            "vocab_size": 200064,
        },
        456_089_655_296,
    ),
    # openbmb/MiniCPM-2B-sft-bf16 ("2.72 B")
    "MiniCPM-2B": (
        {
            "model_type": "minicpm",
            "hidden_size": 2304,
            "intermediate_size": 5760,
            "num_attention_heads": 36,
            "num_hidden_layers": 40,
            "num_key_value_heads": 36,
            "vocab_size": 122753,
        },
        2_724_880_896,
    ),
    # microsoft/Phi-3-small-8k-instruct ("7.39 B"); the sizes are the class defaults
    "Phi-3-small": ({"model_type": "phi3small"}, 7_392_272_384),
    # microsoft/phi-1_5 ("1.42 B"): 2,836,541,440 bytes of its 2,836,623,617 byte file
    "phi-1.5": (
        {"model_type": "mixformer-sequential", "n_embd": 2048, "n_head": 32, "n_layer": 24, "vocab_size": 51200},
        1_418_270_720,
    ),
    # stepfun-ai/step3: a 316 B language model; the sizes are the class defaults
    "step3": ({"model_type": "step3_text"}, 316_294_538_240),
    # LGAI-EXAONE/EXAONE-3.0-7.8B-Instruct ("7.82 B")
    "EXAONE-3.0-7.8B": (
        {
            "model_type": "exaone",
            "hidden_size": 4096,
            "intermediate_size": 14336,
            "num_key_value_heads": 8,
            "tie_word_embeddings": False,
        },
        7_818_448_896,
    ),
    # xai-org/grok-1 (314 B without the table of embeddings) and the conversions that untie the head
    "grok-1": ({"model_type": "grok-1"}, 315_684_820_992),
    "grok-1-untied": ({"model_type": "grok-1", "tie_word_embeddings": False}, 316_490_127_360),
    # Snowflake/snowflake-arctic-instruct ("479 B")
    "arctic": (ARCTIC, 478_584_608_768),
    # tiiuae/falcon-rw-1b ("1.31 B")
    "falcon-rw-1b": (
        {
            "model_type": "RefinedWebModel",
            "alibi": True,
            "bias": True,
            "hidden_size": 2048,
            "n_head": 32,
            "n_layer": 24,
            "vocab_size": 50304,
        },
        1_311_625_216,
    ),
    # xverse/XVERSE-7B ("7.3 B")
    "XVERSE-7B": (
        {
            "model_type": "xverse",
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_attention_heads": 32,
            "num_hidden_layers": 32,
            "vocab_size": 100534,
        },
        7_299_846_144,
    ),
    # OrionZheng/openmoe-8b, first named openmoe-10B: 10.8 B without the two tables
    "openmoe-8b": (
        {
            "architectures": ["OpenMoeForCausalLM"],
            "gated": True,
            "head_dim": 128,
            "hidden_act": "swiglu",
            "hidden_size": 2048,
            "intermediate_size": 8192,
            "moe_layer_interval": 6,
            "num_attention_heads": 24,
            "num_experts": 32,
            "num_hidden_layers": 24,
            "topk": 2,
            "vocab_size": 256384,
        },
        11_855_046_656,
    ),
    # state-spaces/mamba-*: what transformers' MambaForCausalLM and Mamba2ForCausalLM have in the converted form
    "mamba-130m": ({**MAMBA, "d_model": 768, "n_layer": 24}, 129_135_360),
    "mamba-370m": ({**MAMBA, "d_model": 1024, "n_layer": 48}, 371_516_416),
    "mamba-1.4b": ({**MAMBA, "d_model": 2048, "n_layer": 48}, 1_372_178_432),
    "mamba-2.8b": (MAMBA, 2_768_345_600),
    "mamba2-130m": ({**MAMBA2, "d_model": 768, "n_layer": 24}, 128_989_632),
    "mamba2-2.7b": (MAMBA2, 2_702_599_680),
    # BlinkDL's World models: 1.58, 3.06, 7.52; 1.60, 3.10, 7.64, 14.1; 0.19, 2.9 B (arXiv:2404.05892, 2503.14456)
    "rwkv-5-1b5": ({"model_type": "rwkv5", "hidden_size": 2048, "num_hidden_layers": 24}, 1_577_754_624),
    "rwkv-5-3b": ({"model_type": "rwkv5", "hidden_size": 2560, "num_hidden_layers": 32}, 3_062_999_040),
    "rwkv-5-7b": ({"model_type": "rwkv5", "hidden_size": 4096, "num_hidden_layers": 32}, 7_518_044_160),
    "rwkv-6-1b6": ({"model_type": "rwkv6", "hidden_size": 2048, "num_hidden_layers": 24}, 1_599_873_024),
    "rwkv-6-7b": ({"model_type": "rwkv6", "hidden_size": 4096, "num_hidden_layers": 32}, 7_635_746_816),
    "rwkv-6-14b": ({"model_type": "rwkv6", "hidden_size": 4096, "num_hidden_layers": 61}, 14_069_088_256),
    # state-spaces/s4, experiment lm/s4-wt103: "249 M" (arXiv:2111.00396)
    "s4-wt103": (WT103, 249_661_306),
    # ... as its checked-in configuration has it, with one state space for all channels
    "s4-wt103-one": (s4_layers(n_ssm=1), 243_375_994),
    # ... with S4D's diagonal: 65,536 fewer in each of 32 layers (2,363,392 and 2,297,856 as their class has them)
    "s4d-wt103": (s4_layers(mode="diag"), 249_661_306 - 32 * (2_363_392 - 2_297_856)),
    "rwkv-6-3b": ({"model_type": "rwkv6", "hidden_size": 2560, "num_hidden_layers": 32}, 3_099_863_040),
    "rwkv-7-0.4b": (rwkv7(1024, 24, 64, 64, 32, 128), 450_767_872),
    "rwkv-7-1.5b": (rwkv7(2048, 24, 96, 96, 64, 256), 1_527_404_544),
    "rwkv-7-0.1b": (rwkv7(768, 12, 64, 64, 32, 128), 191_034_624),
    "rwkv-7-2.9b": (rwkv7(2560, 32, 96, 96, 64, 320), 2_947_735_040),
}


def stored_bytes(spec: ModelSpec) -> int:
    """Every tensor of the files, in the dtype the config states unless the tensor has one of its own."""
    item = 4 if spec.dtype == "float32" else 2
    return sum(len(b.layers) * t.elements * (4 if t.dtype == "fp32" else item) for b in spec.blocks for t in b.tensors)


@pytest.mark.parametrize(("config", "stored"), STORED.values(), ids=STORED)
def test_stored_bytes(config: dict[str, Any], stored: int) -> None:
    assert stored_bytes(read_model(config)) == stored


@pytest.mark.parametrize(("config", "parameters"), COUNTED.values(), ids=COUNTED)
def test_parameters(config: dict[str, Any], parameters: int) -> None:
    assert read_model(config).parameters == parameters


@pytest.mark.parametrize("config", [c for c, _ in (*STORED.values(), *COUNTED.values())])
def test_sized(config: dict[str, Any]) -> None:
    """Names are unique, and a whole report can be made of the model."""
    names = [name for name, _ in read_model(config).tensors()] if config.get("model_type") != "arctic" else []
    assert len(names) == len(set(names))
    assert calculate_memory(config, batch_size=2, seq_length=64, precision="bf16").total_memory_bytes > 0


#: nvidia/Llama-3_3-Nemotron-Super-49B-v1, layer by layer: (query heads per key head, ffn_mult), how many in a row
SUPER_49B = [
    ((8, 2.625), 1),
    ((8, 5.25), 5),
    ((None, 2.625), 2),
    ((8, 5.25), 3),
    ((None, 3.28125), 1),
    ((8, 5.25), 30),
    ((None, 1.3125), 1),
    ((None, 2.625), 2),
    ((None, 1.3125), 1),
    ((None, 5.25), 1),
    ((None, 1.3125), 1),
    ((None, 2.625), 1),
    ((None, 1.3125), 3),
    ((8, 5.25), 1),
    ((None, 1.3125), 1),
    ((None, 1.0), 2),
    ((None, 1.3125), 1),
    ((None, 1.0), 3),
    ((None, 1.3125), 2),
    ((None, 0.5), 2),
    ((None, 1.0), 2),
    ((None, 0.5), 2),
    ((None, 1.0), 1),
    ((None, 0.5), 2),
    ((8, 5.25), 9),
]


def test_nemotron_super() -> None:
    """49,867,145,216 parameters ("49.9 B"): 49 of its 80 layers attend."""
    blocks = [
        {
            "attention": {"n_heads_in_group": group, "no_op": group is None, "replace_with_linear": False},
            "ffn": {"ffn_mult": multiple, "no_op": False, "replace_with_linear": False},
        }
        for (group, multiple), times in SUPER_49B
        for _ in range(times)
    ]
    spec = read_model({**SUPER, "num_hidden_layers": len(blocks), "block_configs": blocks})
    assert spec.parameters == 49_867_145_216
    assert sum(len(b.layers) for b in spec.blocks if b.caches) == 49
    names = dict(spec.tensors())
    assert names["model.layers.0.mlp.gate_proj.weight"] == (14336, 8192)
    assert names["model.layers.1.self_attn.k_proj.weight"] == (1024, 8192)
    assert not any(name.startswith(("model.layers.6.self_attn", "model.layers.6.input_layernorm")) for name in names)


def test_kimi_k3() -> None:
    """moonshotai/Kimi-K3: shapes as its safetensors headers have them, 2.8 T parameters, 1.56 TB."""
    full = [*range(4, 93, 4), 93]
    text = {
        "model_type": "kimi_linear",
        "attn_res_block_size": 12,
        "first_k_dense_replace": 1,
        "hidden_size": 7168,
        "intermediate_size": 33792,
        "kv_lora_rank": 512,
        "latent_moe_use_norm": True,
        "linear_attn_config": {
            "full_attn_layers": full,
            "kda_layers": [i for i in range(1, 94) if i not in full],
            "head_dim": 128,
            "num_heads": 96,
            "short_conv_kernel_size": 4,
            "use_full_rank_gate": True,
        },
        "max_position_embeddings": 1048576,
        "mla_use_output_gate": True,
        "moe_intermediate_size": 3072,
        "num_attention_heads": 96,
        "num_experts": 896,
        "num_experts_per_token": 16,
        "num_hidden_layers": 93,
        "num_shared_experts": 2,
        "q_lora_rank": 1536,
        "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64,
        "routed_expert_hidden_size": 3584,
        "v_head_dim": 128,
        "vocab_size": 163840,
    }
    vision = {
        "merge_kernel_size": [2, 2],
        "patch_size": 14,
        "qkv_hidden_size": 1536,
        "vt_hidden_size": 1024,
        "vt_intermediate_size": 4096,
        "vt_num_attention_heads": 12,
        "vt_num_hidden_layers": 27,
    }
    spec = read_model(
        {
            "model_type": "kimi_k3",
            "architectures": ["KimiK3ForConditionalGeneration"],
            "text_config": text,
            "vision_config": vision,
        }
    )
    names = dict(spec.tensors())
    assert names["language_model.model.layers.0.self_attn.A_log"] == (128,)
    assert names["language_model.model.layers.0.self_attn.g_proj.weight"] == (12288, 7168)
    assert names["language_model.model.layers.3.self_attn.q_b_proj.weight"] == (18432, 1536)
    assert names["language_model.model.layers.92.block_sparse_moe.experts.895.w2.weight"] == (3584, 3072)
    assert names["language_model.model.output_attn_res_proj.weight"] == (1, 7168)
    assert names["vision_tower.encoder.blocks.26.wqkv.weight"] == (4608, 1024)
    assert names["mm_projector.proj.2.weight"] == (7168, 4096)
    assert spec.parameters == 2_779_931_754_752
    routed = sum(len(b.layers) * t.elements for b in spec.blocks for t in b.tensors if "experts.{}" in t.name)
    # MXFP4: half a byte each, and a byte of scale for 32
    assert round((stored_bytes(spec) - 2 * routed + routed // 2 + routed // 32) / 1e12, 2) == 1.56


def test_grok_uses_a_quarter_of_itself() -> None:
    """ "25 % of the weights active on a given token": with the table of embeddings 83.8 B."""
    assert read_model({"model_type": "grok-1"}).active_parameters == 83_756_587_008


def test_kimi_k2_is_deepseek_v3() -> None:
    sizes = {"first_k_dense_replace": 1, "n_routed_experts": 384, "num_attention_heads": 64, "vocab_size": 163840}
    kimi, deepseek = (read_model({**sizes, "model_type": t}) for t in ("kimi_k2", "deepseek_v3"))
    assert kimi.blocks == deepseek.blocks
    assert kimi.unloaded_parameters > 0  # class default: one prediction layer


def test_deep_prediction_layers_are_not_loaded() -> None:
    spec = read_model(STORED["MiMo-7B-Base"][0])
    assert {b.component for b in spec.blocks if not b.loaded} == {"mtp"}
    assert "model.mtp_layers.0.input_proj.weight" in dict(spec.tensors(unloaded=True))


@pytest.mark.parametrize(
    ("config", "per_token", "fixed"),
    [
        (QWEN, 32 * 2 * 4096, 0),
        (CHATGLM2, 28 * 2 * 2 * 128, 0),
        (STORED["falcon-40b"][0], 60 * 2 * 8192, 0),  # repeated to every head before it is kept
        (STORED["falcon-7b"][0], 32 * 2 * 64, 0),
        ({"model_type": "step3_text"}, 61 * 2 * 256, 0),
        (COUNTED["MiniMax-M1"][0], 10 * 2 * 8 * 128, 70 * 64 * 128 * 128),
        (STORED["NV-Embed-v2"][0], 0, 0),
        (WT103, 0, 32 * 1024 * 64),
        (COUNTED["mamba-130m"][0], 0, 24 * 1536 * (16 + 4)),
        ({"model_type": "rwkv6", "hidden_size": 2048}, 0, 24 * (2048 * 64 + 2 * 2048)),
        (COUNTED["rwkv-7-0.1b"][0], 0, 12 * (768 * 64 + 2 * 768)),
    ],
)
def test_caches(config: dict[str, Any], per_token: int, fixed: int) -> None:
    blocks = [b for b in read_model(config).blocks if b.loaded]
    assert sum(len(b.layers) * sum(cache.per_token for cache in b.caches) for b in blocks) == per_token
    assert sum(len(b.layers) * sum(cache.fixed for cache in b.caches) for b in blocks) == fixed


def test_the_two_chatglm_formats_are_told_apart() -> None:
    first, second = read_model(STORED["chatglm-6b"][0]), read_model(CHATGLM2)
    assert "transformer.layers.0.attention.query_key_value.bias" in dict(first.tensors())
    assert "transformer.encoder.layers.0.self_attention.query_key_value.bias" in dict(second.tensors())


def test_baichuan_positions() -> None:
    """ALiBi writes scores out whole; rotary positions do not."""
    kinds = {
        name: {w.kind for b in read_model(STORED[name][0]).blocks for w in b.work}
        for name in ("Baichuan2-7B-Chat", "Baichuan2-13B-Chat")
    }
    assert "attention" in kinds["Baichuan2-7B-Chat"]
    assert "biased_attention" in kinds["Baichuan2-13B-Chat"]


@pytest.mark.parametrize(
    "config",
    [
        {**CHATGLM2, "vision_config": {"hidden_size": 1792}},
        {"model_type": "xverse", "num_experts": 64},
        {"model_type": "minicpm", "num_experts": 8},
        {"model_type": "rwkv7", **rwkv7(768, 12, 64, 64, 32, 128), "attn": {"layers": [3]}},
        {**MAMBA, "ssm_cfg": {"layer": "Mamba3"}},
        {**WT103, "model": {**WT103["model"], "layer": [{"_name_": "lstm"}]}},
        {**WT103, "task": {**WT103["task"], "tie_weights": False}},
        {"model_type": "kimi_k3", "text_config": {"hidden_size": 64}, "vision_config": {}},
    ],
)
def test_what_is_not_described_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedArchitectureError):
        read_model(config)


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "minimax_m1", "num_hidden_layers": 2},
        {"model_type": "nemotron-nas", "num_hidden_layers": 2},
        {"model_type": "nemotron-nas", "num_hidden_layers": 1, "block_configs": ["x"]},
        {"model_type": "rwkv7"},
        {"model_type": "rwkv5", "hidden_size": 100},
        {"model_type": "step3_text", "moe_layers_enum": "a,b"},
        {"model_type": "exaone", "num_attention_heads": 0},
        {"model_type": "qwen", "visual": {"layers": 1}},
    ],
)
def test_bad_configs(config: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        read_model(config)
