"""From the tensors of a checkpoint to those vLLM 0.33 creates for them.

Sources: layers/quantization (create_weights of auto_gptq, auto_awq, fp8, modelopt and compressed_tensors), kv_cache.py
and CompressedTensorsKVCacheMethod (scales of attention layers), layers/mamba (A in fp32), fused_moe/oracle/mxfp4.py
(padding of experts).
"""

from __future__ import annotations

from llmmem.checkpoint import Stored
from llmmem.checkpoint.said import Said
from llmmem.deployment import Deployment
from llmmem.engines.mixers import b_and_c, longer, mixer
from llmmem.engines.parallel import in_blocks, key_biases, values
from llmmem.engines.plan import TEXT
from llmmem.engines.vllm.classes import CORRECTIONS, CUT, OWN_BLOCKS, WHOLE, WHOLE_TABLES, own_dtype, unparallel
from llmmem.engines.vllm.defaults import capability
from llmmem.engines.vllm.weights import expert_ranks, whole_experts
from llmmem.errors import UnsupportedArchitectureError
from llmmem.tensors import Block, Tensor

#: quant_method -> scales beside the attention of each layer: of q, k, v and the probabilities in the model's dtype; or
#: of q, k and v in fp32 with zero points in the model's dtype. None: not for latent attention
ATTENTION_SCALES = {
    "fp8": (("attention scales", 4, None),),
    "modelopt": (("attention scales", 4, None),),
    "modelopt_fp4": (("attention scales", 4, None),),
    "compressed-tensors": (("attention scales", 3, "fp32"), ("attention zero points", 3, None)),
    "quark": (("attention scales", 4, None),),
}
#: matrices that are parts of another's: what is there once for a matrix is there once for all of it
FUSED = ("k_proj", "v_proj", "up_proj")
#: read by vLLM 0.33's own classes; what others read is refused
METHODS = {
    *("awq", "auto_awq", "awq_marlin", "compressed-tensors", "fbgemm_fp8", "fp8", "gptq", "auto_gptq", "gptq_marlin"),
    *("modelopt", "modelopt_fp4", "modelopt_mixed", "mxfp4", "quark", "torchao"),
}
#: multiples that the two sides of an MXFP4 expert are padded to: Triton's kernels on Hopper and data centre Blackwell,
#: Marlin's elsewhere
MXFP4_PADDING_TRITON = (64, 1)
MXFP4_PADDING = (128, 256)


def refuse(said: Said) -> None:
    """What vLLM does not load.

    Raises:
        UnsupportedArchitectureError: a quantisation without a class, or GPTQ in order of importance.
    """
    if said.method and said.method not in METHODS:
        raise UnsupportedArchitectureError(
            f"vLLM 0.33 does not load checkpoints quantised with {said.method[:40]!r}.",
            "Use --engine transformers, or another checkpoint of the model.",
        )
    if said.sorted_inputs:
        raise UnsupportedArchitectureError(
            "vLLM 0.33 does not load GPTQ checkpoints whose inputs are sorted by importance (desc_act).",
            "Use a checkpoint with desc_act false.",
        )


def loaded(stored: Stored, d: Deployment, method: str) -> Stored:
    """The stored model with the tensors that vLLM creates.

    Args:
        method: how the checkpoint is quantised; "" where it is not, or is converted.
    """
    name = stored.spec.architecture
    blocks = tuple(_block(b, stored.compute, d, method, name) if b.loaded else b for b in stored.spec.blocks)
    return stored._replace(spec=stored.spec._replace(blocks=blocks))


def _block(block: Block, compute: str, d: Deployment, named: str, architecture: str) -> Block:
    tensors: list[Tensor] = []
    packed = any(t.name.endswith(("weight_packed", "qweight")) for t in block.tensors)
    groups = b_and_c(block) if block.component in TEXT else None
    more = groups.more(d.tp) if groups else 0
    kda = mixer(block) == "kda"
    whole = unparallel(architecture, block.component)
    for t in block.tensors:
        if whole or (t.role == "embedding" and architecture in WHOLE_TABLES):
            t = t._replace(shard=None)
        if any(name in t.name for name in WHOLE):
            t = t._replace(shard=None)
        if t.name in CUT.get(architecture, ()):
            t = t._replace(shard=0)
        last = t.name.rpartition(".")[2]
        if last == "g_idx" or (t.role == "scale" and last in ("k_scale", "v_scale", "q_scale")):
            continue
        if last == "weight_shape" and t.name.rsplit(".", 2)[-2] in FUSED:
            continue
        if t.role == "buffer" and last not in CORRECTIONS:
            continue
        t = t._replace(dtype="fp32" if kda and last == "dt_bias" else own_dtype(architecture, t) or t.dtype)
        if named == "compressed-tensors" and not packed and last in ("weight_scale", "input_scale"):
            t = t._replace(dtype="fp32")
        if (more and ".in_proj." in t.name) or (more and ".conv1d." in t.name):
            t = longer(t, more)
        if named == "mxfp4" and t.copies > 1:
            t = _padded(t, d)
        tensors.append(in_blocks(t, tensors, d.tp, own=architecture in OWN_BLOCKS))
    tensors += [*values(block, tensors), *key_biases(tensors)]
    kinds = {c.kind for c in block.caches}
    attends = bool(kinds & {"full", "sliding", "chunked"}) or (named.startswith("modelopt") and "latent" in kinds)
    if attends:
        for name, count, dtype in ATTENTION_SCALES.get(named, ()):
            tensors.append(Tensor(name, (count,), "scale", dtype=dtype or compute))
    return block._replace(tensors=tuple(tensors))


def _padded(t: Tensor, d: Deployment) -> Tensor:
    """An MXFP4 expert with its sides padded to what the kernel takes."""
    ranks = 1 if whole_experts(d) else expert_ranks(d)
    rows, width = MXFP4_PADDING if capability(d.gpu)[0] not in (9, 10) else MXFP4_PADDING_TRITON
    last = t.name.rpartition(".")[2]
    shape = list(t.shape)

    def inner(size: int) -> int:
        return -((-size // ranks) // rows) * rows * ranks

    def outer(size: int) -> int:
        return -(-size // width) * width

    if last.startswith("gate_up"):  # gate and up lie one after the other; one entry for 32 inputs
        shape[0] = 2 * inner(shape[0] // 2)
        if len(shape) > 1:
            shape[1] = outer(shape[1] * 32) // 32
    else:
        shape[0] = outer(shape[0])
        if len(shape) > 1:
            shape[1] = inner(shape[1] * 32) // 32
    return t._replace(shape=tuple(shape))
