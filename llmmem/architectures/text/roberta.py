"""RoBERTa, and the encoders that are RoBERTa under another name, with its norms elsewhere or with adapters."""

from __future__ import annotations

from llmmem.architectures.encoder import POOLED_ROBERTA, Encoder, encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import classifiers, masked_head
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm
from llmmem.tensors import ModelSpec, Part, join


def roberta_like(
    c: Config,
    e: Encoder,
    base: str,
    layer: Part,
    *,
    embeddings: Tensors | None = None,
    final: Tensors = (),
    writes: bool = True,
) -> ModelSpec:
    """RoBERTa's frame and classes around a layer.

    Args:
        base: prefix of the base model.
        embeddings: where they are not RoBERTa's.
        final: what stands on the last layer.
        writes: it has a class that writes text.
    """
    masked = masked_head(e, base)
    tops = {"mlm": masked.tensors, **classifiers(c, e.hidden, dense=True)}
    if writes:
        tops["lm"] = masked.tensors
    embeddings = stem(e) if embeddings is None else embeddings
    blocks = frame(e, embeddings, layer, after=(*final, *pooler(e, POOLED_ROBERTA)))
    return encoder_model(c, e, base, blocks, tops, masked.tied)


def roberta(c: Config, head: str | None = None) -> ModelSpec:
    """RobertaForMaskedLM and its kin (arXiv:1907.11692; transformers 5.23, models/roberta)."""
    e = encoder(c, head, decoder=True, vocab=50265)
    return roberta_like(c, e, "roberta.", e.layer())


def camembert(c: Config, head: str | None = None) -> ModelSpec:
    """CamembertForMaskedLM and XLMRobertaForMaskedLM: RoBERTa, whose classes keep BERT's vocabulary as default.

    arXiv:1911.03894, arXiv:1911.02116; transformers 5.23, models/camembert and models/xlm_roberta.
    """
    e = encoder(c, head, decoder=True)
    return roberta_like(c, e, "roberta.", e.layer())


def data2vec_text(c: Config, head: str | None = None) -> ModelSpec:
    """Data2VecTextForMaskedLM and its kin (arXiv:2202.03555; transformers 5.23, models/data2vec)."""
    e = encoder(c, head, decoder=True)
    return roberta_like(c, e, "data2vec_text.", e.layer())


def roberta_prelayernorm(c: Config, head: str | None = None) -> ModelSpec:
    """RobertaPreLayerNormForMaskedLM and its kin: norms before the sublayers and after the last layer.

    arXiv:2202.08005; transformers 5.23, models/roberta_prelayernorm.
    """
    e = encoder(c, head, decoder=True, vocab=50265)
    layer = e.layer(norms=("LayerNorm", "intermediate.LayerNorm"))
    return roberta_like(c, e, "roberta_prelayernorm.", layer, final=norm("LayerNorm", e.hidden, bias=True))


def xlm_roberta_xl(c: Config, head: str | None = None) -> ModelSpec:
    """XLMRobertaXLForMaskedLM and its kin: norms before the sublayers and none over the embeddings.

    arXiv:2105.00572; transformers 5.23, models/xlm_roberta_xl.
    """
    e = encoder(
        c,
        head,
        decoder=True,
        vocab=250880,
        hidden=2560,
        layers=36,
        heads=32,
        intermediate=10240,
        length=514,
        types=1,
    )
    layer = e.layer(norms=("self_attn_layer_norm", "LayerNorm"))
    final = norm("encoder.LayerNorm", e.hidden, bias=True)
    return roberta_like(c, e, "roberta.", layer, embeddings=stem(e, normed=False), final=final)


def xmod(c: Config, head: str | None = None) -> ModelSpec:
    """XmodForMaskedLM and its kin: an adapter per language in every layer (arXiv:2205.06266; models/xmod)."""
    e = encoder(c, head, decoder=True)
    languages = c.list("languages")
    names = ["en_XX"] if languages is None else [str(name) for name in languages]
    narrow = e.hidden // c.int("adapter_reduction_factor", default=2, least=1)
    own = c.bool("adapter_layer_norm")
    adapters = tuple(
        tensor
        for name in dict.fromkeys(names)
        for tensor in (
            *linear(f"output.adapter_modules.{name}.dense1", e.hidden, narrow, bias=True),
            *linear(f"output.adapter_modules.{name}.dense2", narrow, e.hidden, bias=True),
        )
    )
    layer = join(e.layer(), norm("output.adapter_layer_norm", e.hidden, bias=True) if own else (), adapters)
    final = norm("encoder.LayerNorm", e.hidden, bias=True) if c.bool("pre_norm") else ()
    return roberta_like(c, e, "roberta.", layer, final=final)
