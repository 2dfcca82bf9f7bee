"""DistilBERT: BERT with half the layers and without segments, under names of its own."""

from __future__ import annotations

from llmmem.architectures.base import head_of, uniform
from llmmem.architectures.encoder import Encoder, encoder_model, stem
from llmmem.architectures.heads import classifiers
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, join


def distilbert(c: Config, head: str | None = None) -> ModelSpec:
    """DistilBertForMaskedLM and its kin (arXiv:1910.01108; transformers 5.23, models/distilbert)."""
    hidden = c.int("hidden_size", "dim", default=768, least=1)
    heads = c.int("num_attention_heads", "n_heads", default=12, least=1)
    e = Encoder(
        kind=head_of(c, head, "mlm"),
        hidden=hidden,
        heads=heads,
        head_dim=divide(c, "dim over n_heads", hidden, heads),
        layers=c.count("num_hidden_layers", "n_layers", default=6),
        intermediate=c.int("hidden_dim", default=3072),
        vocab=c.int("vocab_size", default=30522),
        length=c.int("max_position_embeddings", default=512),
        types=0,
        tied=c.bool("tie_word_embeddings", default=True),
    )
    names = ("q_lin", "k_lin", "v_lin", "out_lin")
    layer = join(
        attention("attention", hidden, heads, heads, e.head_dim, names=names, bias=True, out_bias=True, cache=None),
        norm("sa_layer_norm", hidden, bias=True),
        mlp(("ffn.lin1", "ffn.lin2"), hidden, e.intermediate),
        norm("output_layer_norm", hidden, bias=True),
    )
    masked = (
        *linear("vocab_transform", hidden, hidden, bias=True),
        *norm("vocab_layer_norm", hidden, bias=True),
        *linear("vocab_projector", hidden, e.vocab, bias=True, cut=COLUMN, role="head")[1 if e.tied else 0 :],
    )
    tops = {"mlm": masked, **classifiers(c, hidden, answers=2)}
    first = linear("pre_classifier", hidden, hidden, bias=True)
    tops |= {"sequence": (*first, *tops["sequence"]), "choice": (*first, *tops["choice"])}
    blocks = (
        Block(e.component, "embeddings.", stem(e, segments=False)),
        *uniform(e.component, "transformer.layer.{}.", e.layers, layer),
    )
    tied = (("vocab_projector.weight", "distilbert.embeddings.word_embeddings.weight"),)
    return encoder_model(c, e, "distilbert.", blocks, tops, tied)
