"""A layer of DALL-E mini as flax names and stores it."""

from __future__ import annotations

from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Part, Tensor, join


def _flax(part: Part) -> Part:
    """A part's matrices as flax stores them: kernels of (in, out)."""
    tensors = (
        t._replace(
            name=t.name.removesuffix("weight") + "kernel",
            shape=t.shape[::-1],
            shard=None if t.shard is None else 1 - t.shard,
            layout="io",
        )
        for t in part.tensors
    )
    return part._replace(tensors=tuple(tensors))


def flax_norm(name: str, size: int, *, scale: bool) -> Tensors:
    """LayerNorm; in front of a matrix it has no scale of its own."""
    bias = Tensor(f"{name}.bias", (size,), "norm")
    return (Tensor(f"{name}.scale", (size,), "norm"), bias) if scale else (bias,)


def dalle_layer(side: str, hidden: int, heads: int, head_dim: int, inner: int) -> Part:
    """NormFormer (arXiv:2110.09456): norms before and after every part; a gated feed-forward."""
    kinds = ("full", "cross") if side == "decoder" else (None,)

    def attends(index: int, kind: str | None) -> Part:
        name = f"FlaxBartAttention_{index}"
        part = attention(name, hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, cache=kind, biased=True)
        return join(
            flax_norm(f"LayerNorm_{2 * index}", hidden, scale=False),
            _flax(part),
            flax_norm(f"LayerNorm_{2 * index + 1}", hidden, scale=True),
        )

    return join(
        *(attends(index, kind) for index, kind in enumerate(kinds)),
        flax_norm("GLU_0.LayerNorm_0", hidden, scale=False),
        _flax(gated_mlp("GLU_0", hidden, inner, names=("Dense_0", "Dense_1", "Dense_2"))),
        flax_norm("GLU_0.LayerNorm_1", inner, scale=False),
    )
