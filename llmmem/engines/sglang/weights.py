"""Weights as SGLang 0.5.23 holds them on one rank.

Sources: layers/linear.py and layers/vocab_parallel_embedding.py (a vocabulary that ranks cannot share is padded until
they can), models/deepseek_v2.py and layers/dp_attention.py (with --attn-dp-size attention is cut by its own ranks, all
else by all, the table of embeddings not at all), models/deepseek_common/deepseek_weight_loader.py (w_kc and w_vc),
layers/rotary_embedding/base.py (tables in fp32).
"""

from __future__ import annotations

from llmmem.checkpoint import Stored
from llmmem.checkpoint.said import Said
from llmmem.deployment import Deployment
from llmmem.engines import parallel
from llmmem.engines.mixers import b_and_c, longer
from llmmem.engines.parallel import Ranks, padded_vocab
from llmmem.engines.plan import TEXT, Share
from llmmem.tensors import Block, ModelSpec, Tensor

#: what is cut by all ranks where the attention has fewer
FEED_FORWARD = ("mlp.", "feed_forward.", "block_sparse_moe.")
#: classes whose attention takes its slices as they come, whatever the blocks of a common scale
OWN_BLOCKS = frozenset({"MiMoV2ForCausalLM", "MiMoV2FlashForCausalLM"})
#: classes whose router is fp32
FP32_ROUTERS = frozenset(
    {
        *("Glm4MoeForCausalLM", "Glm4MoeLiteForCausalLM", "Glm4vMoeForConditionalGeneration", "MiniMaxM2ForCausalLM"),
        *("MiMoV2FlashForCausalLM", "HYV3ForCausalLM", "Ernie4_5_VLMoeForConditionalGeneration"),
    }
)
#: matrices that every rank holds whole though they could be cut
WHOLE = ("fc1_latent_proj.", "fc2_latent_proj.")
#: in fp32 whatever the checkpoint's
FP32 = ("A_log", "e_score_correction_bias")


def rank_elements(component: str, t: Tensor, d: Deployment) -> int:
    """Elements of a tensor (all copies) on the fullest rank.

    Raises:
        LayoutError: the axis cannot be shared so.
    """
    everyone = d.tp * d.dp
    dense = component in TEXT and t.name.startswith(FEED_FORWARD)
    ranks = Ranks(everyone if dense else d.tp, everyone, d.ep > 1)

    def vocab(rows: int) -> int:
        if d.dp > 1 and t.role == "embedding":
            return padded_vocab(rows)
        padded = padded_vocab(rows)
        if padded % everyone:  # steps of 64 rows for each rank
            step = parallel.VOCAB_PADDING * everyone
            padded = -(-rows // step) * step
        return padded // everyone

    return parallel.rank_elements(component, t, ranks, vocab)


def loaded(stored: Stored, d: Deployment, of: Said) -> Stored:
    """The stored model with the tensors that SGLang creates."""
    name = stored.spec.architecture
    blocks = tuple(_block(b, d, of, name) if b.loaded else b for b in stored.spec.blocks)
    return stored._replace(spec=stored.spec._replace(blocks=blocks))


def _block(block: Block, d: Deployment, of: Said, architecture: str) -> Block:
    packed = any(t.name.endswith(("weight_packed", "qweight")) for t in block.tensors)
    groups = b_and_c(block) if block.component in TEXT else None
    more = groups.more(d.tp) if groups else 0
    tensors: list[Tensor] = []
    for t in block.tensors:
        last = t.name.rpartition(".")[2]
        if last == "g_idx" and not of.sorted_inputs:
            continue
        if t.role == "scale" and last in ("k_scale", "v_scale", "q_scale"):
            continue
        if t.role == "buffer" and last not in FP32:
            continue
        scale = of.method == "compressed-tensors" and not packed and last in ("weight_scale", "input_scale")
        if any(name in t.name for name in WHOLE):
            t = t._replace(shard=None)
        router = t.role == "router" and architecture in FP32_ROUTERS and t.name.endswith("gate.weight")
        if last in FP32 or scale or router:
            t = t._replace(dtype="fp32")
        if more and (".in_proj." in t.name or ".conv1d." in t.name):
            t = longer(t, more)
        tensors.append(parallel.in_blocks(t, tensors, d.tp, own=architecture in OWN_BLOCKS))
    tensors += [*parallel.values(block, tensors), *parallel.key_biases(tensors)]
    return block._replace(tensors=tuple(tensors))


def latent_copies(share: Share, d: Deployment) -> tuple[int, int]:
    """Bytes of w_kc and w_vc, the halves of kv_b_proj that decoding multiplies by: one byte an element where it is
    stored so, two elsewhere; and the layers they belong to."""
    size = layers = 0
    for block in share.stored:
        if not any(c.kind == "latent" for c in block.caches):
            continue
        for t in block.tensors:
            if t.name.endswith("kv_b_proj.weight") and block.component in TEXT:
                width = 1 if t.dtype in ("fp8", "fp8_e4m3", "float8_e4m3fn") else 2
                size += rank_elements(block.component, t, d) * width * len(block.layers)
                layers += len(block.layers)
    return size, layers


def rotary_bytes(spec: ModelSpec) -> int:
    """cos and sin of every position in fp32; 0: the model has none, or no limit."""
    widths = {w.head_dim for b in spec.blocks for w in b.work if w.head_dim and b.component in TEXT}
    latent = {c.value for b in spec.blocks for c in b.caches if c.kind == "latent"}
    return (spec.max_context or 0) * max(latent or widths, default=0) * 4
