"""DeBERTa and DeBERTa-v2: what a word says and where it stands attend apart."""

from __future__ import annotations

from llmmem.architectures.encoder import Encoder, encoder, encoder_model, frame, stem
from llmmem.architectures.heads import bert_head, classifiers
from llmmem.config import Config, divide
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, conv, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, Tensor, join


def _above_zero(c: Config, name: str) -> int:
    """A number of positions; -1 means none."""
    value = c.get(name)
    return 0 if isinstance(value, int) and value < 0 else c.int(name, default=0)


def _ways(c: Config) -> list[str]:
    """Whether content attends to position and position to content: a list, or a string with bars between."""
    ways = c.get("pos_att_type")
    return [way.strip() for way in ways.lower().split("|")] if isinstance(ways, str) else c.list("pos_att_type") or []


def _layer(e: Encoder, projections: Tensors, head_dim: int) -> Part:
    """Projections and positions of the attention, and what follows them; the scores get a bias for the positions."""
    work = attention_work(e.heads, e.heads, head_dim)._replace(kind="biased_attention")
    own = tuple(t._replace(name=f"attention.self.{t.name}") for t in projections)
    return join(
        Part(own, (), (work,)),
        linear("attention.output.dense", e.hidden, e.hidden, bias=True, cut=ROW, unit=head_dim),
        norm("attention.output.LayerNorm", e.hidden, bias=True),
        mlp(("intermediate.dense", "output.dense"), e.hidden, e.intermediate),
        norm("output.LayerNorm", e.hidden, bias=True),
    )


def _model(c: Config, e: Encoder, layer: Part, beside: Tensors, pooled: tuple[str, ...]) -> ModelSpec:
    """The frame and the classes both share.

    Args:
        beside: what stands beside the layers.
        pooled: the classes with a pooler.
    """
    width = c.int("embedding_size", default=e.hidden)
    masked = bert_head(e, "deberta.", width=width)
    if not c.bool("legacy", default=True):  # reads the embeddings themselves
        masked = masked._replace(
            tensors=(
                *linear("lm_predictions.lm_head.dense", e.hidden, e.hidden, bias=True),
                *norm("lm_predictions.lm_head.LayerNorm", e.hidden, bias=True),
                Tensor("lm_predictions.lm_head.bias", (e.vocab,), "head", 0),
            ),
            tied=(),
        )
    tops = {"mlm": masked.tensors, **classifiers(c, e.hidden)}
    if "choice" not in pooled:
        del tops["choice"]
    inner = c.int("pooler_hidden_size", default=e.hidden)
    for kind in pooled:
        tops[kind] = (*linear("pooler.dense", inner, inner, bias=True), *tops[kind])
    table = stem(
        e, width=width, placed=c.bool("position_biased_input", default=True), segments=e.types > 0, normed=False
    )
    table = (
        *table,
        *(linear("embed_proj", width, e.hidden) if width != e.hidden else ()),
        *norm("LayerNorm", e.hidden, bias=True),
    )
    return encoder_model(c, e, "deberta.", frame(e, table, layer, after=beside), tops, masked.tied)


def deberta(c: Config, head: str | None = None) -> ModelSpec:
    """DebertaForMaskedLM and its kin (arXiv:2006.03654; transformers 5.23, models/deberta)."""
    e = encoder(c, head, vocab=50265, types=0)
    relative, ways = c.bool("relative_attention"), _ways(c)
    projections: Tensors = (
        Tensor("q_bias", (e.hidden,), "bias", 0, e.head_dim),
        Tensor("v_bias", (e.hidden,), "bias", 0, e.head_dim),
        *linear("in_proj", e.hidden, 3 * e.hidden, cut=COLUMN, unit=e.head_dim),
    )
    if c.bool("talking_head"):
        projections += (*linear("head_logits_proj", e.heads, e.heads), *linear("head_weights_proj", e.heads, e.heads))
    if relative and "c2p" in ways:
        projections += linear("pos_proj", e.hidden, e.hidden, cut=COLUMN, unit=e.head_dim)
    if relative and "p2c" in ways:
        projections += linear("pos_q_proj", e.hidden, e.hidden, bias=True, cut=COLUMN, unit=e.head_dim)
    furthest = _above_zero(c, "max_relative_positions") or e.length
    table = positions("encoder.rel_embeddings", 2 * furthest, e.hidden) if relative else ()
    return _model(c, e, _layer(e, projections, e.head_dim), table, ("sequence",))


def deberta_v2(c: Config, head: str | None = None) -> ModelSpec:
    """DebertaV2ForMaskedLM and its kin, also of DeBERTa-v3 (arXiv:2111.09543; transformers 5.23, models/deberta_v2)."""
    e = encoder(c, head, vocab=128100, hidden=1536, layers=24, heads=24, intermediate=6144, types=0)
    relative, ways = c.bool("relative_attention"), _ways(c)
    head_dim = c.int("attention_head_size", default=e.head_dim)
    names = ["query_proj", "key_proj", "value_proj"]
    if relative and not c.bool("share_att_key"):
        names += [name for name, way in (("pos_key_proj", "c2p"), ("pos_query_proj", "p2c")) if way in ways]
    wide = e.heads * head_dim
    projections = tuple(t for n in names for t in linear(n, e.hidden, wide, bias=True, cut=COLUMN, unit=head_dim))
    beside: Tensors = ()
    if relative:
        furthest = _above_zero(c, "position_buckets") or _above_zero(c, "max_relative_positions") or e.length
        beside += positions("encoder.rel_embeddings", 2 * furthest, e.hidden)
    if "layer_norm" in [way.strip() for way in c.str("norm_rel_ebd", default="none").lower().split("|")]:
        beside += norm("encoder.LayerNorm", e.hidden, bias=True)
    kernel = c.int("conv_kernel_size", default=0)
    if kernel:
        groups = c.int("conv_groups", default=1, least=1)
        inputs = divide(c, "hidden_size over conv_groups", e.hidden, groups)
        beside += conv("encoder.conv.conv", e.hidden, inputs, kernel, bias=True)
        beside += norm("encoder.conv.LayerNorm", e.hidden, bias=True)
    return _model(c, e, _layer(e, projections, head_dim), beside, ("sequence", "choice"))
