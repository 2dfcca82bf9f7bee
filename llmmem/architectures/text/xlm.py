"""XLM and FlauBERT."""

from __future__ import annotations

from llmmem.architectures.base import head_of, labels, uniform
from llmmem.architectures.encoder import Encoder, encoder_model
from llmmem.architectures.heads import span_head, summary
from llmmem.config import Config, divide
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, embedding, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor


def xlm(c: Config, head: str | None = None) -> ModelSpec:
    """XLMWithLMHeadModel, FlaubertWithLMHeadModel and their kin; they keep nothing for the next token.

    arXiv:1901.07291, arXiv:1912.05372; transformers 5.23, models/xlm and models/flaubert.

    Raises:
        ConfigError: a decoder, which the class does not build.
        UnsupportedArchitectureError: an adaptive softmax.
    """
    hidden = c.int("hidden_size", "emb_dim", default=2048, least=1)
    heads = c.int("num_attention_heads", "n_heads", default=16, least=1)
    e = Encoder(
        kind=head_of(c, head),
        hidden=hidden,
        heads=heads,
        head_dim=divide(c, "emb_dim over n_heads", hidden, heads),
        layers=c.count("num_hidden_layers", "n_layers", default=12),
        intermediate=4 * hidden,
        vocab=c.int("n_words", "vocab_size", default=30145),
        length=c.int("max_position_embeddings", default=512),
        types=0,
        tied=c.bool("tie_word_embeddings", default=True),
    )
    if not c.bool("is_encoder", default=True):
        raise ConfigError("is_encoder is false, but the class builds encoders only.", "Check the config.json.")
    if c.bool("asm") and e.kind == "lm":
        raise UnsupportedArchitectureError(
            "The config asks for an adaptive softmax (asm), which llmmem does not know.",
            "Take asm out of the config to size a model with a plain head.",
        )
    languages = c.int("n_langs", default=1)
    table = languages > 1 and c.bool("use_lang_emb", default=True)
    stem = (
        *positions("position_embeddings", e.length, hidden),
        *(positions("lang_embeddings", languages, hidden) if table else ()),
        *embedding("embeddings", e.vocab, hidden),
        *norm("layer_norm_emb", hidden, bias=True),
    )
    names = ("q_lin", "k_lin", "v_lin", "out_lin")
    attend = attention("", hidden, heads, heads, e.head_dim, names=names, bias=True, out_bias=True, cache=None)
    attend = attend._replace(tensors=tuple(t._replace(name=t.name[1:]) for t in attend.tensors))
    normed = Part((Tensor("weight", (hidden,), "norm"), Tensor("bias", (hidden,), "norm")))
    blocks = [
        Block(e.component, "", stem),
        *uniform(e.component, "attentions.{}.", e.layers, attend),
        *uniform(e.component, "layer_norm1.{}.", e.layers, normed),
        *uniform(e.component, "ffns.{}.", e.layers, mlp(("lin1", "lin2"), hidden, e.intermediate)),
        *uniform(e.component, "layer_norm2.{}.", e.layers, normed),
    ]
    summed, _ = summary(c, hidden, projected=True, to_labels=True)
    count = labels(c)
    tops = {
        "lm": linear("pred_layer.proj", hidden, e.vocab, bias=True, cut=COLUMN, role="head")[1 if e.tied else 0 :],
        "sequence": summed,
        "token": linear("classifier", hidden, count, bias=True, role="head"),
        # The class takes the summary to be as wide as there are labels.
        "choice": (*summed, *linear("logits_proj", count, 1, bias=True, role="head")),
        "qa": span_head("qa_outputs.", hidden),
        "qa_simple": linear("qa_outputs", hidden, count, bias=True, role="head"),
    }
    return encoder_model(
        c, e, "transformer.", blocks, tops, (("pred_layer.proj.weight", "transformer.embeddings.weight"),)
    )
