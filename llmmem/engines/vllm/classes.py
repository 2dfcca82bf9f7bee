"""Where vLLM 0.33's own model classes hold a tensor otherwise than the checkpoint does."""

from __future__ import annotations

from llmmem.engines.plan import TEXT
from llmmem.tensors import Block, Cache, Tensor

#: classes whose router is fp32 (params_dtype of their GateLinear), by the name in config.json
FP32_ROUTERS = frozenset(
    {
        "AfmoeForCausalLM",
        "Ernie4_5_MoeForCausalLM",
        "Ernie4_5_VLMoeForConditionalGeneration",
        "Glm4MoeForCausalLM",
        "Glm4MoeLiteForCausalLM",
        "Glm4vMoeForConditionalGeneration",
        "HYV3ForCausalLM",
        "MiMoV2FlashForCausalLM",
        "MiniMaxM2ForCausalLM",
        "Step3p5ForCausalLM",
    }
)

#: what keeps experts evenly used: a parameter in vLLM, in fp32; other buffers of a checkpoint it makes itself
CORRECTIONS = ("e_score_correction_bias", "expert_bias")
#: classes of models that never have attention; the others that have states are hybrids, whatever their layers
ATTENTION_FREE = frozenset({"MambaForCausalLM", "Mamba2ForCausalLM", "FalconMambaForCausalLM"})
#: classes whose towers are transformers' own, whole on every rank
WHOLE_TOWERS = frozenset({"Gemma3nForConditionalGeneration", "Gemma4ForConditionalGeneration"})
#: classes whose table of embeddings is neither padded nor cut
WHOLE_TABLES = frozenset({"WhisperForConditionalGeneration"})
#: classes that cache latent attention as keys and values of every head, values as wide as keys
EXPANDED = frozenset({"MiniCPM3ForCausalLM"})
#: matrices that every rank holds whole though they could be cut
WHOLE = ("fc1_latent_proj.", "fc2_latent_proj.")
#: matrices that are cut by their outputs though transformers keeps them whole
CUT = {"Llama4ForConditionalGeneration": ("patch_embedding.linear.weight",)}
#: classes whose attention takes its slices as they come, whatever the blocks of a common scale
OWN_BLOCKS = frozenset({"MiMoV2FlashForCausalLM"})


def unparallel(architecture: str, component: str) -> bool:
    """Whether every rank holds the component whole."""
    return architecture in WHOLE_TOWERS and component not in TEXT


def expanded(architecture: str, block: Block) -> Block:
    """The block with its caches as vLLM's class keeps them."""
    if architecture not in EXPANDED:
        return block
    work = next((w for w in block.work if w.heads), None)
    if work is None:
        return block
    full = Cache("full", work.heads, work.head_dim, work.head_dim)
    return block._replace(caches=tuple(full if c.kind == "latent" else c for c in block.caches))


def own_dtype(architecture: str, t: Tensor) -> str | None:
    """The dtype vLLM holds a tensor in whatever the checkpoint's; None: the checkpoint's own."""
    last = t.name.rpartition(".")[2]
    if last in ("A_log", *CORRECTIONS) or ".indexer.k_norm." in t.name:
        return "fp32"
    if t.role == "router" and architecture in FP32_ROUTERS and t.name.endswith("gate.weight"):
        return "fp32"
    return None
