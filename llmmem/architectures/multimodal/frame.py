"""The frame around a language model that also reads what towers and a projector make of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, dtype_of, head_of, model_spec, quantization_of, refuse_head
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, linear
from llmmem.tensors import Block, Images, ModelSpec

#: the note of models whose pictures become a number of tokens that `Images` cannot say
NOT_SIZED = "pictures are not sized yet: they are cut into as many pieces as their sides ask for"


def typed(c: Config, name: str, model_type: str) -> Config:
    """A sub-config of one fixed class: its own model_type does not count (transformers 5.23, SubConfigSpec)."""
    sub = c.sub(name)
    return Config({**sub.raw, "model_type": model_type}, sub.path, sub.reads)


def filled(c: Config, name: str, default: Mapping[str, Any], *, always: bool = False) -> Config:
    """A sub-config whose defaults (its model_type among them) the wrapper states itself.

    Args:
        always: for every key that is left out; else only where there is no sub-config at all, and one without a
            model_type is still of the same type.
    """
    sub = c.sub(name)
    whole = default if always or c.get(name) is None else {"model_type": default["model_type"]}
    return Config({**whole, **sub.raw}, sub.path, sub.reads)


def language_only(c: Config, language: Config) -> ModelSpec:
    """The causal language model's own class on a wrapper's config: it reads its sub-config, and no tower is loaded."""
    spec = build(language, "lm")
    return spec._replace(
        architecture=architecture_of(c),
        dtype=dtype_of(c) or spec.dtype,
        quantization=quantization_of(c) or spec.quantization,
    )


def multimodal(
    c: Config,
    head: str | None,
    text: ModelSpec,
    others: Sequence[Block],
    *,
    text_prefix: str = "language_model.model.",
    head_prefix: str | None = "language_model.",
    tied: bool = False,
    tops: Mapping[str, Tensors] | None = None,
    images: Images | None = None,
    notes: tuple[str, ...] = (),
) -> ModelSpec:
    """A language model, its towers and what joins them.

    Args:
        text: the language model, without a head ("base") where the wrapper's class has one.
        others: towers and projectors, in place.
        head_prefix: where the wrapper's lm_head stands; None: the language model brings its own.
        tied: whether that lm_head is the table of embeddings.
        tops: what stands on classes that write no text, by kind.

    Raises:
        ConfigError: the language model is none.
    """
    if not text.vocab_size:
        raise ConfigError(f"A {text.model_type} has no vocabulary.", "Give a language model in text_config.")
    kind = head_of(c, head)
    tops = tops or {}
    language = text.placed(text_prefix)
    ties = [(text_prefix + alias, text_prefix + name) for alias, name in text.tied]
    blocks = [*language, *others]
    if kind == "lm" and head_prefix is not None:
        if tied:
            tables = (b.prefix + t.name for b in language for t in b.tensors if t.role == "embedding")
            ties.append((f"{head_prefix}lm_head.weight", next(tables)))
        else:
            top = linear("lm_head", text.hidden_size, text.vocab_size, cut="column", role="head")
            blocks.append(Block("language", head_prefix, top))
    elif kind in tops:
        blocks.append(Block("language", "", tops[kind]))
    elif kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    spec = model_spec(
        c,
        blocks,
        hidden=text.hidden_size,
        vocab=text.vocab_size,
        max_context=text.max_context,
        tied=ties,
        notes=(*text.notes, *notes),
    )
    within = "" if spec.quantization or not text.quantization else head_prefix or text_prefix
    return spec._replace(
        dtype=spec.dtype or text.dtype,
        images=images,
        quantization=spec.quantization or text.quantization,
        quantized_within=within,
    )
