"""Encoders with rotary positions in place of a table: GTE, Jina embeddings v3 and Nomic, each under its own names."""

from __future__ import annotations

from llmmem.architectures.base import labels, uniform
from llmmem.architectures.encoder import POOLED_ROBERTA, Encoder, encoder, encoder_model, pooler
from llmmem.architectures.heads import classifiers, masked_head
from llmmem.config import Config
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, ROW, Tensors, embedding, linear, norm, positions
from llmmem.parts.mlp import gated_mlp, mlp
from llmmem.tensors import Block, ModelSpec, Part, Work, join


def _tables(e: Encoder) -> Tensors:
    """Words and segments."""
    segments = positions("token_type_embeddings", e.types, e.hidden) if e.types else ()
    return (*embedding("word_embeddings", e.vocab, e.hidden), *segments)


def _attend(c: Config, e: Encoder, names: tuple[str, str], *, bias: bool) -> Part:
    """Fused attention, whose heads need not share hidden_size."""
    head_dim = c.int("head_dim", default=e.head_dim)
    return fused_attention(names, e.hidden, e.heads, e.heads, head_dim, bias=bias, cache=None)


def _blocks(e: Encoder, layer: Part, pooled: Tensors) -> tuple[Block, ...]:
    """Jina's and Nomic's order, which flash-attn's BERT gave them."""
    return (
        Block(e.component, "embeddings.", _tables(e)),
        Block(e.component, "", norm("emb_ln", e.hidden, bias=True)),
        *uniform(e.component, "encoder.layers.{}.", e.layers, layer),
        Block(e.component, "", pooled),
    )


def gte(c: Config, head: str | None = None) -> ModelSpec:
    """GteForMaskedLM and its kin (arXiv:2407.19669; transformers 5.23, models/gte, under the checkpoint's names)."""
    e = encoder(c, head, vocab=250048, length=8192, types=1, even=False)
    fused = linear("mlp.up_gate_proj", e.hidden, 2 * e.intermediate, cut=COLUMN)
    down = linear("mlp.down_proj", e.intermediate, e.hidden, bias=True, cut=ROW)
    layer = join(
        _attend(c, e, ("attention.qkv_proj", "attention.o_proj"), bias=True),
        norm("attn_ln", e.hidden, bias=True),
        Part((*fused, *down), (), (Work("mlp", 4 * e.intermediate),)),
        norm("mlp_ln", e.hidden, bias=True),
    )
    words = (
        *linear("lm_head.dense", e.hidden, e.hidden, bias=True),
        *norm("lm_head.norm", e.hidden, bias=True),
        *linear("lm_head.decoder", e.hidden, e.vocab, bias=True, cut=COLUMN, role="head")[1 if e.tied else 0 :],
    )
    classes = linear("classifier", e.hidden, labels(c), bias=True, role="head")
    blocks = (
        Block(e.component, "embeddings.", (*_tables(e), *norm("LayerNorm", e.hidden, bias=True))),
        *uniform(e.component, "encoder.layer.{}.", e.layers, layer),
        Block(e.component, "", pooler(e, {"sequence"})),
    )
    tops = {"mlm": words, "sequence": classes, "token": classes}
    tied = (("lm_head.decoder.weight", "gte.embeddings.word_embeddings.weight"),)
    return encoder_model(c, e, "gte.", blocks, tops, tied)


def jina_embeddings_v3(c: Config, head: str | None = None) -> ModelSpec:
    """JinaEmbeddingsV3ForMaskedLM and its kin: XLM-RoBERTa's size and heads, without the adapters of its tasks.

    arXiv:2409.10173; transformers 5.23, models/jina_embeddings_v3, under the checkpoint's names.
    """
    e = encoder(
        c,
        head,
        vocab=250002,
        hidden=1024,
        layers=24,
        heads=16,
        intermediate=4096,
        length=8194,
        types=1,
        even=False,
    )
    layer = join(
        _attend(c, e, ("mixer.Wqkv", "mixer.out_proj"), bias=True),
        norm("norm1", e.hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), e.hidden, e.intermediate),
        norm("norm2", e.hidden, bias=True),
    )
    masked = masked_head(e, "roberta.")
    tops = {"mlm": masked.tensors, **classifiers(c, e.hidden, dense=True)}
    del tops["choice"]
    blocks = _blocks(e, layer, pooler(e, POOLED_ROBERTA))
    return encoder_model(c, e, "roberta.", blocks, tops, masked.tied)


def nomic_bert(c: Config, head: str | None = None) -> ModelSpec:
    """NomicBertForMaskedLM and its kin (arXiv:2402.01613; transformers 5.23, models/nomic_bert, checkpoint's names)."""
    e = encoder(c, head, vocab=30528, length=2048, even=False)
    layer = join(
        _attend(c, e, ("attn.Wqkv", "attn.out_proj"), bias=False),
        norm("norm1", e.hidden, bias=True),
        gated_mlp("mlp", e.hidden, e.intermediate, names=("fc12", "fc11", "fc2")),
        norm("norm2", e.hidden, bias=True),
    )
    masked = masked_head(e, "nomic_bert.", "cls.predictions", dense="transform.dense", norm_name="transform.layer_norm")
    classes = linear("classifier", e.hidden, labels(c), bias=True, role="head")
    tops = {"mlm": masked.tensors, "sequence": classes, "token": classes}
    return encoder_model(c, e, "nomic_bert.", _blocks(e, layer, pooler(e, {"sequence"})), tops, masked.tied)
