"""The architectures of llama.cpp (src/llama-arch.cpp) that are described, and transformers' model_type for each."""

from __future__ import annotations

from llmmem.architectures.gguf.metadata import Metadata

#: general.architecture -> model_type, where transformers calls it otherwise
RENAMED = {
    "bailingmoe": "bailing_moe",
    "bailingmoe2": "bailing_moe_v2",
    "bailingmoe3": "bailing_hybrid",
    "cohere2moe": "cohere2_moe",
    "command-r": "cohere",
    "deci": "nemotron-nas",
    "deepseek2": "deepseek_v3",
    "deepseek32": "deepseek_v32",
    "dots3note": "dots3_note_text",
    "ernie4_5-moe": "ernie4_5_moe",
    "exaone-moe": "exaone_moe",
    "falcon-h1": "falcon_h1",
    "gemma-embedding": "gemma3_text",
    "gemma3": "gemma3_text",
    "gemma3n": "gemma3n_text",
    "gemma4": "gemma4_text",
    "glm-dsa": "glm_moe_dsa",
    "glm4moe": "glm4_moe",
    "glm5-next": "glm5_next_text",
    "gpt-oss": "gpt_oss",
    "gptneox": "gpt_neox",
    "granitehybrid": "granitemoehybrid",
    "hunyuan-dense": "hunyuan_v1_dense",
    "hunyuan-moe": "hunyuan_v1_moe",
    "jina-bert-v3": "jina_embeddings_v3",
    "kimi-k3": "kimi_k3",
    "kimi-linear": "kimi_linear",
    "lfm2moe": "lfm2_moe",
    "llama-embed": "llama",
    "llama4": "llama4_text",
    "mimo2": "mimo_v2_flash",
    "minimax-01": "minimax_text_01",
    "minimax-m2": "minimax_m2",
    "minimax-m3": "minimax_m3_vl_text",
    "mistral3": "ministral3",
    "modern-bert": "modernbert",
    "muse-glimmer": "muse_glimmer_text",
    "nemotron_h_moe": "nemotron_h",
    "neo-bert": "neobert",
    "nomic-bert": "nomic_bert",
    "phi2": "phi",
    "qwen2moe": "qwen2_moe",
    "qwen2vl": "qwen2_vl_text",
    "qwen35": "qwen3_5_text",
    "qwen35moe": "qwen3_5_moe_text",
    "qwen3moe": "qwen3_moe",
    "qwen3next": "qwen3_next",
    "qwen3vl": "qwen3_vl_text",
    "qwen3vlmoe": "qwen3_vl_moe_text",
    "qwen4exp": "qwen4_exp_text",
    "starcoder": "gpt_bigcode",
    "step35": "step3p5",
    "t5encoder": "t5",
}

#: those that transformers calls the same, or has no class for
SAME = frozenset((
    "afmoe", "apertus", "arcee", "arctic", "arwkv7", "baichuan", "bert", "bitnet", "bloom", "chameleon",
    "chatglm", "codeshell", "cogvlm", "cohere2", "dbrx", "deepseek", "deepseek2-ocr", "dots1", "dream",
    "ernie4_5", "eurobert", "exaone", "exaone4", "falcon", "gemma", "gemma2", "glm4", "gpt2", "gptj", "granite",
    "granite_swa", "granitemoe", "grok", "grovemoe", "hunyuan_vl", "hy_v3", "hy_v4", "internlm2", "jais",
    "jais2", "jamba", "jina-bert-v2", "laguna", "lfm2", "llada", "llada-moe", "llama", "maincoder", "mamba",
    "mamba2", "maple", "mellum", "minicpm", "minicpm3", "mistral4", "mpt", "nanbeige", "nemotron", "nemotron_h",
    "nomic-bert-moe", "olmo", "olmo2", "olmoe", "openelm", "orion", "paddleocr", "pangu-embedded", "phi3",
    "phimoe", "plamo", "plamo2", "plamo3", "plm", "qwen", "qwen2", "qwen3", "qwen3tts", "refact", "rnd1",
    "rwkv6", "rwkv6qwen2", "rwkv7", "seed_oss", "smallthinker", "smollm3", "spark2_5", "stablelm", "starcoder2",
    "t5", "talkie", "xverse",
))  # fmt: skip

#: every token is there at once: nothing is kept
ENCODERS = frozenset((
    "bert", "eurobert", "gemma-embedding", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert",
    "nomic-bert", "nomic-bert-moe",
))  # fmt: skip
#: text by diffusion: the same, in a decoder's clothes
DIFFUSION = frozenset((
    "dream", "llada", "llada-moe", "rnd1",
))  # fmt: skip

#: general.file_type -> the recipe a file was made by (llama.h, enum llama_ftype; the gaps are recipes it dropped)
RECIPES = (
    "fp32", "gguf_f16", "q4_0", "q4_1", "", "", "", "q8_0", "q5_0", "q5_1", "q2_k", "q3_k_s", "q3_k_m", "q3_k_l",
    "q4_k_s", "q4_k_m", "q5_k_s", "q5_k_m", "q6_k", "iq2_xxs", "iq2_xs", "q2_k_s", "iq3_xs", "iq3_xxs", "iq1_s",
    "iq4_nl", "iq3_s", "iq3_m", "iq2_s", "iq2_m", "iq4_xs", "iq1_m", "gguf_bf16", "", "", "", "tq1_0", "tq2_0",
    "mxfp4_moe", "nvfp4", "q1_0", "q2_0",
)  # fmt: skip


def recipe(m: Metadata) -> dict[str, str] | None:
    """How the file says it was quantised; None where it does not."""
    number = m.values.get("general.file_type")
    name = RECIPES[number] if type(number) is int and 0 <= number < len(RECIPES) else ""
    return {"quant_method": "gguf", "recipe": name} if name else None


def model_type(m: Metadata) -> str | None:
    """The model_type of a file's architecture; None for one without a description."""
    name = m.architecture
    if name in ("llama", "llama-embed") and m.number("expert_count", 0):
        return "mixtral"
    if name in RENAMED:
        return RENAMED[name]
    return name if name in SAME else None
