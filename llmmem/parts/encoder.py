"""Layers of the original Transformer's line, with LayerNorm and biases: BERT's and fairseq's."""

from __future__ import annotations

from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Part, join

BERT_QKVO = ("self.query", "self.key", "self.value", "output.dense")
FAIRSEQ_QKVO = ("q_proj", "k_proj", "v_proj", "out_proj")


def bert_attention(name: str, hidden: int, heads: int, head_dim: int, *, cache: str | None = None) -> Part:
    """Attention and the norm after it."""
    return join(
        attention(name, hidden, heads, heads, head_dim, names=BERT_QKVO, bias=True, out_bias=True, cache=cache),
        norm(f"{name}.output.LayerNorm", hidden, bias=True),
    )


def bert_layer(
    hidden: int, heads: int, head_dim: int, intermediate: int, *, cache: str | None = None, cross: bool = False
) -> Part:
    """A layer of BERT (arXiv:1810.04805) under the names it has since.

    Args:
        cache: "full" where the model writes text and keeps what it needs for the next token.
        cross: it also reads another encoder.
    """
    return join(
        bert_attention("attention", hidden, heads, head_dim, cache=cache),
        bert_attention("crossattention", hidden, heads, head_dim, cache="cross" if cache else None) if cross else (),
        mlp(("intermediate.dense", "output.dense"), hidden, intermediate),
        norm("output.LayerNorm", hidden, bias=True),
    )


def fairseq_layer(
    hidden: int,
    heads: int,
    head_dim: int,
    intermediate: int,
    *,
    decoder: bool,
    bias: bool | tuple[bool, bool, bool] = True,
) -> Part:
    """A layer of the encoder or the decoder of BART and its kin; where the norms act does not change their names.

    Args:
        decoder: keeps its keys and values, and reads the encoder.
        bias: of q, k, v.
    """

    def attend(name: str, cache: str | None) -> Part:
        return join(
            attention(name, hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, bias=bias, out_bias=True, cache=cache),
            norm(f"{name}_layer_norm", hidden, bias=True),
        )

    return join(
        attend("self_attn", "full" if decoder else None),
        attend("encoder_attn", "cross") if decoder else (),
        mlp(("fc1", "fc2"), hidden, intermediate),
        norm("final_layer_norm", hidden, bias=True),
    )
