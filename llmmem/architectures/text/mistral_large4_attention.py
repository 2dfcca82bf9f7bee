"""Mistral Large 4's attention, under the names it is stored by, and the indexer that picks what it reads."""

from __future__ import annotations

from llmmem.config import Config
from llmmem.parts.attention import indexer, latent_attention
from llmmem.parts.basic import COLUMN, Tensors, linear, norm, scalars
from llmmem.tensors import Part, join

#: the projections of the attention, as other models call them -> as they are stored
_STORED = {"kv_a_proj_with_mqa": "wkv_a_with_mqa", "kv_a_layernorm": "kv_a_norm", "kv_b_proj": "wkv_b"}


def attention(c: Config, hidden: int, heads: int, rope: int, *, turns: bool, owns: bool) -> Part:
    """Latent attention, which in layers without rotary embedding has heads of the same width.

    Args:
        turns: queries and keys are rotated.
        owns: keys and values are not an earlier layer's.
    """
    nope = c.int("qk_nope_head_dim", default=64)
    part = latent_attention(
        "attention",
        hidden,
        heads,
        q_rank=None,
        query=linear("wq", hidden, heads * (nope + rope), cut=COLUMN, unit=nope + rope),
        kv_rank=c.int("kv_lora_rank", default=512, least=1),
        nope=nope if turns else nope + rope,
        rope=rope if turns else 0,
        value=c.int("v_head_dim", default=128, least=1),
        bias=c.bool("attention_bias"),
        extra=_scaling("ssmax_scaling", heads),
    )
    tensors = []
    for tensor in part.tensors:
        module = tensor.name.split(".")[1]
        if owns or not module.startswith("kv_a"):
            tensors.append(tensor._replace(name=tensor.name.replace(module, _STORED.get(module, module))))
    return Part(tuple(tensors), part.caches if owns else (), part.work)


def index(c: Config, hidden: int) -> Part:
    """It reads the residual stream, and scales its scores as the attention does."""
    heads = c.int("index_n_heads", default=32)
    extra = (*norm("q_input_norm", hidden, bias=True), *_scaling("ssmax_scaling", heads))
    return join(
        indexer("attention.indexer", hidden, hidden, heads, c.int("index_head_dim", default=128)),
        tuple(t._replace(name=f"attention.indexer.{t.name}", shard=None) for t in extra),
    )


def _scaling(name: str, heads: int) -> Tensors:
    """Scores grow with the length of the text, for every head by its own law."""
    return (*scalars(f"{name}.s", heads, shard=0), *scalars(f"{name}.b", heads, shard=0))
