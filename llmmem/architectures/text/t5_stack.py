"""The stacks of T5 and its kin."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llmmem.architectures.base import blocks_by_kind
from llmmem.architectures.encdec import stack
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.mlp import gated_mlp, mlp
from llmmem.tensors import Block, Part, Tensor, join, runs

QKVO = ("q", "k", "v", "o")


def t5_stack(
    c: Config,
    side: str,
    hidden: int,
    heads: int,
    feed: Callable[[str, bool], Part],
    layers: Sequence[bool],
    *,
    every: bool = False,
    own: str = "SelfAttention",
    extra: Callable[[bool], Tensors] | None = None,
) -> list[Block]:
    """The "encoder" or the "decoder": relative positions are a bias per head, learned in the first layer alone.

    Args:
        heads: the class default.
        feed: makes a layer's feed-forward part, of its name and the layer's entry in ``layers``.
        every: every layer has a table of positions.
        own, extra: name and further tensors of the self attention; whether the layer has a table decides them.
    """
    heads = c.int("num_attention_heads", "num_heads", default=heads, least=1)
    head_dim = c.int("head_dim", "d_kv", default=64)
    buckets = c.int("relative_attention_num_buckets", default=32)
    decoder = side == "decoder"

    def attend(name: str, cache: str | None, tables: Tensors) -> Part:
        # Layers without a table of their own add the first one's, and cross attention adds zeros.
        part = attention(
            name, hidden, heads, heads, head_dim, names=QKVO, extra=tables, cache=cache, biased=True, rotary=False
        )
        return runs(part, scores=(2, 0), written=False, table=True)

    def layer(table: bool, kind: bool) -> Part:
        ff = "layer.2" if decoder else "layer.1"
        tables: Tensors = (Tensor("relative_attention_bias.weight", (buckets, heads), "position", 1),) if table else ()
        return join(
            attend(f"layer.0.{own}", "full" if decoder else None, (*tables, *(extra(table) if extra else ()))),
            norm("layer.0.layer_norm", hidden),
            join(attend("layer.1.EncDecAttention", "cross", ()), norm("layer.1.layer_norm", hidden)) if decoder else (),
            feed(ff, kind),
            norm(f"{ff}.layer_norm", hidden),
        )

    blocks = blocks_by_kind(side, "block.{}.", [(every or i == 0, kind) for i, kind in enumerate(layers)], layer)
    return stack(side, f"{side}.", (), blocks, norm("final_layer_norm", hidden))


def dense(c: Config, hidden: int, intermediate: int, act: str) -> Callable[[str, bool], Part]:
    """What makes the feed-forward part: gated or not, as feed_forward_proj (class default ``act``) says."""
    width = c.int("d_ff", default=intermediate)
    form = c.str("feed_forward_proj", default=act)
    gated = c.bool("is_gated_act", default=form.split("-")[0] == "gated")
    act_fn = "gelu_new" if form == "gated-gelu" else form.split("-")[-1]

    def feed(name: str, _: bool) -> Part:
        inner = f"{name}.DenseReluDense"
        if gated:
            return gated_mlp(inner, hidden, width, names=("wi_0", "wi_1", "wo"), act=act_fn)
        return mlp((f"{inner}.wi", f"{inner}.wo"), hidden, width, bias=False, act=act_fn)

    return feed


def t5_depths(c: Config, layers: int, decoder: int | None = None) -> tuple[int, int]:
    """Layers of the encoder and the decoder; null is as many as the encoder has by its own name.

    Args:
        decoder: the class default of the decoder (None: as the encoder).
    """
    own = c.count("num_layers", default=layers)
    missing = own if decoder is None or c.has("num_decoder_layers") else decoder
    return c.count("num_hidden_layers", default=own), c.count("num_decoder_layers", default=missing)
