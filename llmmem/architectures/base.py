"""What families share: the class named in a config, layer patterns, and the frame around a stack of layers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.basic import Tensors, embedding, linear, norm
from llmmem.tensors import Block, ModelSpec, Part

#: class name endings -> what stands on the stack; the longer ending first
_HEADS = {
    "ForSequenceClassification": "sequence",
    "ForTokenClassification": "token",
    "ForQuestionAnswering": "qa",
    "ForMultipleChoice": "choice",
    "ForNextSentencePrediction": "nsp",
    "ForImageClassification": "image",
    "ForAudioClassification": "audio",
    "ForPreTraining": "pretraining",
    "ForMaskedLM": "mlm",
    "ForConditionalGeneration": "lm",
    "ForCausalLM": "lm",
    "LMHeadModel": "lm",
    "MTModel": "lm",
    "WithProjection": "projection",
    "EncoderModel": "encoder",
    "Model": "base",
}


def head_of(c: Config, head: str | None, default: str = "lm") -> str:
    """What stands on the stack: given by a wrapper, else by ``architectures``, else the default.

    Raises:
        UnsupportedArchitectureError: a class whose ending says nothing known.
    """
    if head is not None:
        return head
    classes = c.list("architectures") or []
    if not classes:
        return default
    name = str(classes[0])
    for ending, kind in _HEADS.items():
        if name.endswith(ending):
            return kind
    raise UnsupportedArchitectureError(
        f"llmmem does not know what the class {name[:60]!r} adds to a {c.str('model_type')} model.",
        f"Known endings: {', '.join(_HEADS)}.",
    )


def refuse_head(c: Config, head: str) -> UnsupportedArchitectureError:
    """The error for a head this family has no description of."""
    ending = next((e for e, kind in _HEADS.items() if kind == head), head)
    return UnsupportedArchitectureError(
        f"llmmem does not know {ending} classes of the {c.str('model_type')} family.",
        "Give the config of the language model itself, or take the class out of 'architectures'.",
    )


def labels(c: Config, default: int = 2) -> int:
    """Outputs of a classification head: num_labels, else as many as id2label names (PreTrainedConfig)."""
    names = c.get("id2label")
    return c.int("num_labels", default=len(names) if isinstance(names, dict) else default)


def dtype_of(c: Config) -> str | None:
    """The element type a config states, as it spells it."""
    return c.str("dtype", "torch_dtype") or None


def blocks_by_kind(
    component: str, prefix: str, kinds: Sequence[Hashable], make: Callable[..., Part]
) -> tuple[Block, ...]:
    """One block per kind of layer: ``make(*kind)`` is called once for each, layers keep their indices."""
    places: dict[Any, list[int]] = {}
    for index, kind in enumerate(kinds):
        places.setdefault(kind, []).append(index)
    blocks = []
    for kind, layers in places.items():
        part = make(*kind) if isinstance(kind, tuple) else make(kind)
        blocks.append(Block(component, prefix, part.tensors, tuple(layers), part.caches, part.work))
    return tuple(blocks)


def uniform(component: str, prefix: str, layers: int, part: Part) -> tuple[Block, ...]:
    """``layers`` layers all alike; none at all when there are none."""
    return (Block(component, prefix, part.tensors, range(layers), part.caches, part.work),) if layers else ()


def layer_windows(
    c: Config, layers: int, window: int | None, *, chunk: int | None = None, pattern: list[str] | None = None
) -> list[tuple[str, int | None]]:
    """Kind and window of every layer's cache, as transformers 5.23 plans it (cache_utils.py, DynamicCache).

    ``layer_types`` decides where it is given; else the family's ``pattern``, else one window (or none) for all.
    """
    types = c.each_layer("layer_types", layers=layers) or pattern
    if types is None:
        return [("sliding", window) if window is not None else ("full", None)] * layers
    kinds: dict[str, tuple[str, int | None]] = {
        "full_attention": ("full", None),
        "sliding_attention": ("sliding", window),
        "chunked_attention": ("chunked", chunk),
        "linear_attention": ("linear", None),
    }
    try:
        return [kinds[t] for t in types]
    except (KeyError, TypeError):
        bad = next(t for t in types if t not in kinds)
        raise UnsupportedArchitectureError(
            f"layer_types names {bad!r}, which llmmem does not know.", f"Known: {', '.join(kinds)}."
        ) from None


def language_model(
    c: Config,
    head: str | None,
    layers: Sequence[Block],
    *,
    hidden: int,
    vocab: int,
    stem: Tensors | None = None,
    final: Tensors | None = None,
    base: str = "model.",
    tied: bool = False,
    head_name: str = "lm_head",
    head_bias: bool = False,
    head_inputs: int | None = None,
    max_context: int | None = None,
    component: str = "language",
    mtp: Sequence[Block] = (),
    default_head: str = "lm",
    notes: tuple[str, ...] = (),
) -> ModelSpec:
    """Embeddings, layers, final norm and the head of a decoder-only model.

    Args:
        layers: blocks relative to the base model ("layers.{}.").
        stem, final: tensors before and after the layers (default: embed_tokens and norm).
        base: prefix of the base model inside a class with a head.
        tied: the class default of ``tie_word_embeddings``.
        mtp: deep prediction layers, relative to the base model: in the checkpoint, not loaded.
    """
    kind = head_of(c, head, default_head)
    prefix = "" if kind == "base" else base
    if stem is None:
        stem = embedding("embed_tokens", vocab, hidden)
    if final is None:
        final = norm("norm", hidden)
    blocks = [
        Block(component, prefix, stem),
        *(b._replace(prefix=prefix + b.prefix) for b in layers),
        Block(component, prefix, final),
        *(b._replace(prefix=prefix + b.prefix) for b in mtp),
    ]
    ties: tuple[tuple[str, str], ...] = ()
    shares = c.bool("tie_word_embeddings", default=tied)
    top = linear(head_name, head_inputs or hidden, vocab, bias=head_bias, cut="column", role="head")
    if kind == "lm" and shares:
        ties = ((f"{head_name}.weight", prefix + stem[0].name),)
        blocks.append(Block(component, "", top[1:]))
    elif kind == "lm":
        blocks.append(Block(component, "", top))
    elif kind == "sequence":
        blocks.append(Block(component, "", linear("score", hidden, labels(c), role="head")))
    elif kind == "token":
        blocks.append(Block(component, "", linear("score", hidden, labels(c), bias=True, role="head")))
    elif kind == "qa":
        blocks.append(Block(component, "", linear("qa_outputs", hidden, 2, bias=True, role="head")))
    elif kind != "base":
        raise refuse_head(c, kind)
    return ModelSpec(
        model_type=c.str("model_type"),
        architecture=architecture_of(c),
        blocks=tuple(b for b in blocks if b.tensors or b.caches),
        hidden_size=hidden,
        vocab_size=vocab,
        max_context=max_context,
        tied=ties,
        dtype=dtype_of(c),
        quantization=c.get("quantization_config"),
        notes=notes,
    )


def model_spec(
    c: Config,
    blocks: Sequence[Block],
    *,
    hidden: int,
    vocab: int = 0,
    max_context: int | None = None,
    encoder_length: int | None = None,
    tied: Sequence[tuple[str, str]] = (),
    notes: tuple[str, ...] = (),
) -> ModelSpec:
    """A spec of blocks that need no frame: empty ones dropped, the facts every config states filled in."""
    return ModelSpec(
        model_type=c.str("model_type"),
        architecture=architecture_of(c),
        blocks=tuple(b for b in blocks if b.tensors or b.caches),
        hidden_size=hidden,
        vocab_size=vocab,
        max_context=max_context,
        tied=tuple(tied),
        dtype=dtype_of(c),
        encoder_length=encoder_length,
        quantization=c.get("quantization_config"),
        notes=notes,
    )


def architecture_of(c: Config) -> str:
    """The class the config names, or its model_type."""
    classes = c.list("architectures")
    return str(classes[0]) if classes else c.str("model_type")
