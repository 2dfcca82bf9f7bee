"""Layers of the original Transformer's line, with LayerNorm and biases: BERT's and fairseq's."""

from __future__ import annotations

from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Part, join, runs

BERT_QKVO = ("self.query", "self.key", "self.value", "output.dense")
FAIRSEQ_QKVO = ("q_proj", "k_proj", "v_proj", "out_proj")


def bert_attention(
    name: str,
    hidden: int,
    heads: int,
    head_dim: int,
    *,
    cache: str | None = None,
    norm_at: str = "output.LayerNorm",
    bias: bool = True,
    extra: Tensors = (),
) -> Part:
    """Attention and its norm.

    Args:
        norm_at: name of the norm inside ``name``.
        bias: of q, k, v.
        extra: further projections and parameters; named relative to ``name.self``.
    """
    own = tuple(t._replace(name=f"self.{t.name}") for t in extra)
    return join(
        runs(
            attention(
                name,
                hidden,
                heads,
                heads,
                head_dim,
                names=BERT_QKVO,
                bias=bias,
                out_bias=True,
                extra=own,
                cache=cache,
                rotary=False,
            ),
            held=2,
            scores=(2, 0),
        ),
        norm(f"{name}.{norm_at}", hidden, bias=True),
    )


def bert_layer(
    hidden: int,
    heads: int,
    head_dim: int,
    intermediate: int,
    *,
    cache: str | None = None,
    cross: bool = False,
    norms: tuple[str, str] = ("output.LayerNorm", "output.LayerNorm"),
    bias: bool = True,
    extra: Tensors = (),
) -> Part:
    """A layer of BERT (arXiv:1810.04805) under the names it has since.

    Args:
        cache: "full" where the model writes text and keeps what it needs for the next token.
        cross: it also reads another encoder.
        norms: names of the norm inside an attention and of the one of the feed-forward layer; before or after it,
            the sizes are the same.
        bias: of q, k, v.
        extra: further tensors of the attention to itself; named relative to ``attention.self``.
    """

    def attend(name: str, cache: str | None, extra: Tensors) -> Part:
        return bert_attention(name, hidden, heads, head_dim, cache=cache, norm_at=norms[0], bias=bias, extra=extra)

    return join(
        attend("attention", cache, extra),
        attend("crossattention", "cross" if cache else None, ()) if cross else (),
        runs(mlp(("intermediate.dense", "output.dense"), hidden, intermediate), held=3),
        norm(norms[1], hidden, bias=True),
    )


def fairseq_layer(
    hidden: int,
    heads: int,
    head_dim: int,
    intermediate: int,
    *,
    decoder: bool,
    bias: bool | tuple[bool, bool, bool] = True,
    out_bias: bool = True,
    biased: bool = False,
    source: int | None = None,
    own: Part | None = None,
) -> Part:
    """A layer of the encoder or the decoder of BART and its kin; where the norms act does not change their names.

    Args:
        decoder: keeps its keys and values, and reads the encoder.
        bias: of q, k, v.
        biased: the scores are written out whole (no fused kernel).
        source: width of the encoder's output (default: hidden).
        own: the self attention where it is not a plain one.
    """

    def attend(name: str, cache: str | None, source: int | None = None) -> Part:
        part = attention(
            name,
            hidden,
            heads,
            heads,
            head_dim,
            names=FAIRSEQ_QKVO,
            bias=bias,
            out_bias=out_bias,
            cache=cache,
            source=source,
            biased=biased,
            rotary=False,
        )
        return runs(part, scores=(2, 0), masked=decoder, common=1)

    return join(
        attend("self_attn", "full" if decoder else None) if own is None else own,
        norm("self_attn_layer_norm", hidden, bias=True),
        join(attend("encoder_attn", "cross", source), norm("encoder_attn_layer_norm", hidden, bias=True))
        if decoder
        else (),
        runs(mlp(("fc1", "fc2"), hidden, intermediate), common=1),
        norm("final_layer_norm", hidden, bias=True),
    )
