"""ESM: BERT for proteins, with norms before the sublayers."""

from __future__ import annotations

from llmmem.architectures.base import labels
from llmmem.architectures.encoder import encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import dense_classifier
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, Tensors, buffer, linear, norm
from llmmem.tensors import ModelSpec, Part, Tensor


def _renamed(layer: Part) -> Part:
    """transformers writes the norms of the layers under their oldest names."""
    names = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}

    def old(name: str) -> str:
        return next((name.removesuffix(new) + first for new, first in names.items() if name.endswith(new)), name)

    return layer._replace(tensors=tuple(t._replace(name=old(t.name)) for t in layer.tensors))


def esm(c: Config, head: str | None = None) -> ModelSpec:
    """EsmForMaskedLM and its kin (ESM-1b, ESM-2; transformers 5.23, models/esm).

    Raises:
        ConfigError: no vocab_size, for which the class has no default.
    """
    if c.get("vocab_size") is None:
        raise c.missing("vocab_size")
    # It may be built as a decoder, but keeps nothing for the next token.
    e = encoder(c, head, decoder=True, length=1026, types=None)._replace(cache=None)
    placing = c.str("position_embedding_type", default="absolute")
    before = norm("layer_norm", e.hidden, bias=True) if c.bool("emb_layer_norm_before") else ()
    table = stem(e, before, placed=placing == "absolute", segments=False, normed=False)
    words = (
        *linear("lm_head.dense", e.hidden, e.hidden, bias=True),
        *norm("lm_head.layer_norm", e.hidden, bias=True),
        *(() if e.tied else linear("lm_head.decoder", e.hidden, e.vocab, cut=COLUMN, role="head")),
        Tensor("lm_head.bias", (e.vocab,), "head", 0),
    )
    tops: dict[str, Tensors] = {
        "mlm": words,
        "sequence": dense_classifier("classifier", e.hidden, labels(c)),
        "token": linear("classifier", e.hidden, labels(c), bias=True, role="head"),
    }
    after = (
        *norm("encoder.emb_layer_norm_after", e.hidden, bias=True),
        *(buffer("rotary_embeddings.inv_freq", e.head_dim // 2) if placing == "rotary" else ()),
        *pooler(e, {"base"}),
        # Reads every head of every layer, to say which residues touch.
        *linear("contact_head.regression", e.layers * e.heads, 1, bias=True, role="head"),
    )
    layer = _renamed(e.layer(norms=("LayerNorm", "LayerNorm")))
    tied = (("lm_head.decoder.weight", "esm.embeddings.word_embeddings.weight"),)
    return encoder_model(c, e, "esm.", frame(e, table, layer, after=after), tops, tied)
