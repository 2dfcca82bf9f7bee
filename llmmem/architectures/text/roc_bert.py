"""RoCBert: BERT that also reads how Chinese characters sound and look."""

from __future__ import annotations

from llmmem.architectures.encoder import encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import bert_head, classifiers
from llmmem.config import Config
from llmmem.parts.basic import embedding, linear
from llmmem.tensors import ModelSpec


def roc_bert(c: Config, head: str | None = None) -> ModelSpec:
    """RoCBertForMaskedLM and its kin (ACL 2022, 2022.acl-long.65; transformers 5.23, models/roc_bert)."""
    e = encoder(c, head, decoder=True)
    sound = c.int("pronunciation_embed_dim", default=768)
    shape = c.int("shape_embed_dim", default=512)
    tables = (
        *embedding("pronunciation_embed", c.int("pronunciation_vocab_size", default=910), sound),
        *embedding("shape_embed", c.int("shape_vocab_size", default=24858), shape),
    )
    if c.bool("concat_input", default=True):
        joined = (
            e.hidden
            + (sound if c.bool("enable_pronunciation", default=True) else 0)
            + (shape if c.bool("enable_shape", default=True) else 0)
        )
        tables += linear("map_inputs_layer", joined, e.hidden, bias=True)
    masked = bert_head(e, "roc_bert.")
    tops = {
        **dict.fromkeys(("mlm", "lm", "pretraining"), masked.tensors),
        **classifiers(c, e.hidden),
    }
    blocks = frame(e, stem(e, tables), e.layer(), after=pooler(e))
    return encoder_model(c, e, "roc_bert.", blocks, tops, masked.tied)
