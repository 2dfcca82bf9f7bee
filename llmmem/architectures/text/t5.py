"""T5 and T5 1.1."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, labels
from llmmem.architectures.encdec import classification_head, encoder_decoder, kind_of, stack
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import linear, norm
from llmmem.parts.mlp import gated_mlp, mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join

QKVO = ("q", "k", "v", "o")


def t5_stack(c: Config, side: str, layers: int, *, hidden: int, buckets: int, gated: bool) -> list[Block]:
    """The "encoder" or the "decoder": relative positions are a bias per head, learned in the first layer alone."""
    heads = c.int("num_attention_heads", "num_heads", default=8, least=1)
    head_dim = c.int("head_dim", "d_kv", default=64)
    intermediate = c.int("d_ff", default=2048)
    decoder = side == "decoder"

    def attend(name: str, cache: str | None, first: bool) -> Part:
        table = (Tensor("relative_attention_bias.weight", (buckets, heads), "position", 1),) if first else ()
        part = attention(name, hidden, heads, heads, head_dim, names=QKVO, extra=table, cache=cache)
        # Layers without a table of their own add the first one's, and cross attention adds zeros.
        return part._replace(work=tuple(w._replace(kind="biased_attention") for w in part.work))

    def layer(first: bool) -> Part:
        ff = "layer.2" if decoder else "layer.1"
        inner = f"{ff}.DenseReluDense"
        return join(
            attend("layer.0.SelfAttention", "full" if decoder else None, first),
            norm("layer.0.layer_norm", hidden),
            join(attend("layer.1.EncDecAttention", "cross", False), norm("layer.1.layer_norm", hidden))
            if decoder
            else (),
            gated_mlp(inner, hidden, intermediate, names=("wi_0", "wi_1", "wo"))
            if gated
            else mlp((f"{inner}.wi", f"{inner}.wo"), hidden, intermediate, bias=False),
            norm(f"{ff}.layer_norm", hidden),
        )

    kinds = [i == 0 for i in range(layers)]
    blocks = blocks_by_kind(side, "block.{}.", kinds, layer)
    return stack(side, f"{side}.", (), blocks, norm("final_layer_norm", hidden))


def t5(c: Config, head: str | None = None) -> ModelSpec:
    """T5ForConditionalGeneration and its kin (arXiv:1910.10683; transformers 5.23, models/t5)."""
    kind = kind_of(c, head)
    hidden = c.int("hidden_size", "d_model", default=512)
    vocab = c.int("vocab_size", default=32128)
    buckets = c.int("relative_attention_num_buckets", default=32)
    gated = c.bool("is_gated_act", default=c.str("feed_forward_proj", default="relu").split("-")[0] == "gated")
    layers = c.count("num_layers", default=6)
    notes: tuple[str, ...] = ()
    if kind == "lm" and not c.bool("tie_word_embeddings", default=True):
        notes = (
            f"tie_word_embeddings is false, but transformers 5.23 ties T5's head to its embeddings. Checkpoints of T5"
            f" 1.1 hold a head of their own ({vocab * hidden:,} parameters), which stays apart when it is loaded.",
        )
    return encoder_decoder(
        c,
        kind,
        t5_stack(
            c, "encoder", c.count("num_hidden_layers", default=layers), hidden=hidden, buckets=buckets, gated=gated
        ),
        t5_stack(
            c, "decoder", c.count("num_decoder_layers", default=layers), hidden=hidden, buckets=buckets, gated=gated
        ),
        {"shared": vocab, "encoder.embed_tokens": vocab, "decoder.embed_tokens": vocab},
        hidden=hidden,
        vocab=vocab,
        base="transformer." if kind in ("sequence", "token") else "",
        tops={
            "sequence": classification_head(hidden, labels(c)),
            "token": linear("classifier", hidden, labels(c), bias=True, role="head"),
            "qa": linear("qa_outputs", hidden, labels(c), bias=True, role="head"),
        },
        notes=notes,
    )
