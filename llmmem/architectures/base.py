"""What families share: the class named in a config, layer patterns, and the frame around a stack of layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from llmmem.config import Config
from llmmem.dtypes import checkpoint_dtype
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.basic import Tensors, embedding, linear, norm
from llmmem.tensors import Block, ModelSpec, Part

#: the purpose in a class name (LlamaForRewardModel, but not RoFormerModel)
_PURPOSE = re.compile("For[A-Z]")

#: class name endings -> what stands on the stack; the longer ending first
_HEADS = {
    "ForSequenceClassification": "sequence",
    "ForTokenClassification": "token",
    "ForQuestionAnswering": "qa",
    "ForQuestionAnsweringSimple": "qa_simple",
    "ForEntityClassification": "entity",
    "ForEntityPairClassification": "entity_pair",
    "ForEntitySpanClassification": "entity_span",
    "ForMultipleChoice": "choice",
    "ForNextSentencePrediction": "nsp",
    "ForImageClassification": "image",
    "ForMaskedImageModeling": "mim",
    "ForAudioClassification": "audio",
    "ForAudioFrameClassification": "frame",
    "ForXVector": "xvector",
    "ForCTC": "ctc",
    "ForRewardModel": "reward",
    "ForPreTraining": "pretraining",
    "ForMaskedLM": "mlm",
    "ForConditionalGeneration": "lm",
    "ForVisionText2Text": "lm",
    "ForProteinText2Text": "lm",
    "ForBlockDiffusion": "lm",
    "ForCausalLM": "lm",
    "LMHeadModel": "lm",
    "MarianMTModel": "lm",
    "WithProjection": "projection",
    "EncoderModel": "encoder",
    "DoubleHeadsModel": "double",
    "GenerationDecoder": "lm",
    "ModelWithLMHead": "lm",
    "FunnelBaseModel": "encoder",
    "ForVideoClassification": "video",
    "ForRetrieval": "retrieval",
    "ForImageTextRetrieval": "retrieval",
    "ForImageAndTextRetrieval": "retrieval",
    "ForImagesAndTextClassification": "images",
    "ForImageSegmentation": "segmentation",
    "Encoder": "base",
    "VisionTransformer": "base",
    "VisionBackbone": "base",
    "Adapter": "base",
    "Model": "base",
}


def head_of(c: Config, head: str | None, default: str = "lm") -> str:
    """What stands on the stack: given by a wrapper, else by ``architectures``, else the default.

    Raises:
        UnsupportedArchitectureError: a class whose ending says nothing known.
    """
    if head is not None:
        return "lm" if head == "decoder" else head  # a language model that reads another model's encoder
    classes = c.list("architectures") or []
    if not classes or classes[0] == "Model":  # a bare Model is somebody's own class and says nothing
        return default
    name = str(classes[0])
    for ending, kind in _HEADS.items():
        if name.endswith(ending) and (kind != "base" or not _PURPOSE.search(name)):  # ForRewardModel is no base model
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


def no_head(c: Config, head: str | None) -> None:
    """For towers and codecs: nothing stands on them.

    Raises:
        UnsupportedArchitectureError: the config names a class with something on it.
    """
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)


def labels(c: Config, default: int = 2) -> int:
    """Outputs of a classification head: num_labels, else as many as id2label names (PreTrainedConfig)."""
    names = c.get("id2label")
    return c.int("num_labels", default=len(names) if isinstance(names, dict) else default)


def dtype_of(c: Config) -> str | None:
    """The element type a config states, as it spells it."""
    return c.str("dtype", "torch_dtype") or None


def quantization_of(c: Config) -> Any:
    """How the checkpoint is quantised, raw: older files of compressed-tensors and of MLX have keys of their own."""
    return c.get("quantization_config", "compression_config", "quantization")


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


def renamed(blocks: Sequence[Block], *names: tuple[str, str]) -> tuple[Block, ...]:
    """Blocks under other names: each (old, new) is applied to the layer's prefix and to the tensors' own names."""

    def named(text: str) -> str:
        for old, new in names:
            text = text.replace(old, new)
        return text

    return tuple(
        b._replace(prefix=named(b.prefix), tensors=tuple(t._replace(name=named(t.name)) for t in b.tensors))
        for b in blocks
    )


def states_in(part: Part, dtype: str) -> Part:
    """The part, its recurrent state in the dtype that a config asks engines for ("": it asks for none).

    Raises:
        ConfigError: a name that is no floating element type.
    """
    asked = checkpoint_dtype(dtype or None)
    return part._replace(caches=tuple(k._replace(asked=asked) if k.kind == "state" else k for k in part.caches))


def head_width(c: Config, hidden: int, heads: int, default: int | None = None) -> int:
    """head_dim: the class default where it is missing (if there is one), hidden_size over heads where it is null."""
    size = c.int("head_dim", default=hidden // heads if default is None else default, null=hidden // heads)
    if size < 1:
        raise ConfigError(
            f"{c.path + ': ' if c.path else ''}a hidden size of {hidden:,} leaves {heads:,} heads nothing.",
            "Check the config.json.",
        )
    return size


def layer_windows(
    c: Config,
    layers: int,
    window: int | None,
    *,
    chunk: int | None = None,
    pattern: list[str] | None = None,
    linear_layers: bool = False,
) -> list[tuple[str, int | None]]:
    """Kind and window of every layer's cache, as transformers 5.23 plans it (cache_utils.py, DynamicCache).

    ``layer_types`` decides where it is given; else the family's ``pattern``, else one window (or none) for all.
    A layer that should slide over a window of null keeps everything.
    """
    full: tuple[str, int | None] = ("full", None)
    sliding = full if window is None else ("sliding", window)
    types = c.each_layer("layer_types", layers=layers) or pattern
    if types is None:
        return [sliding] * layers
    kinds: dict[str, tuple[str, int | None]] = {
        "full_attention": full,
        "attention": full,  # its older name
        "sliding_attention": sliding,
        "chunked_attention": full if chunk is None else ("chunked", chunk),
    }
    if linear_layers:
        kinds["linear_attention"] = ("linear", None)
    try:
        return [kinds[t] for t in types]
    except (KeyError, TypeError):
        bad = next(t for t in types if not isinstance(t, str) or t not in kinds)
        raise UnsupportedArchitectureError(
            f"layer_types names {str(bad)[:40]!r}, which llmmem does not know.", f"Known: {', '.join(kinds)}."
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
    tied: bool | None = False,
    head_name: str = "lm_head",
    head_bias: bool = False,
    head_inputs: int | None = None,
    heads: Sequence[str] = ("sequence", "token", "qa"),
    sequence_head: str = "score",
    token_head: str = "score",
    qa_base: str | None = None,
    qa_outputs: int = 2,
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
        tied: the class default of ``tie_word_embeddings``; None: the class has a head of its own whatever it says.
        head_inputs: width the heads read (default: hidden).
        heads: the classes beside the language model and the base model that the family has.
        sequence_head, token_head: the linear layers of ForSequenceClassification and ForTokenClassification classes.
        qa_base: prefix of the base model inside a ForQuestionAnswering class (default: ``base``).
        qa_outputs: how many its head has.
        mtp: deep prediction layers, relative to the base model: in the checkpoint, not loaded.
    """
    kind = head_of(c, head, default_head)
    if kind not in ("lm", "base", *heads):
        raise refuse_head(c, kind)
    if c.get("per_layer_config"):
        raise UnsupportedArchitectureError(
            "The config overrides single layers in per_layer_config, which llmmem does not follow.",
            "Take per_layer_config out to size a model whose layers are as the other keys say.",
        )
    prefix = "" if kind == "base" else qa_base if kind == "qa" and qa_base is not None else base
    if stem is None:
        stem = embedding("embed_tokens", vocab, hidden)
    if final is None:
        final = norm("norm", hidden)
    width = head_inputs or hidden
    shares = c.bool("tie_word_embeddings", default=bool(tied)) and tied is not None and kind == "lm"
    top: Tensors = ()
    if kind == "lm":
        top = linear(head_name, width, vocab, bias=head_bias, cut="column", role="head")[1 if shares else 0 :]
    elif kind == "sequence":
        top = linear(sequence_head, width, labels(c), role="head")
    elif kind == "token":
        top = linear(token_head, width, labels(c), bias=True, role="head")
    elif kind == "qa":
        top = linear("qa_outputs", width, qa_outputs, bias=True, role="head")
    blocks = [
        Block(component, prefix, stem),
        *(b._replace(prefix=prefix + b.prefix) for b in layers),
        Block(component, prefix, final),
        *(b._replace(prefix=prefix + b.prefix) for b in mtp),
        Block(component, "", top),
    ]
    return model_spec(
        c,
        blocks,
        hidden=hidden,
        vocab=vocab,
        max_context=max_context,
        tied=((f"{head_name}.weight", prefix + stem[0].name),) if shares else (),
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
        quantization=quantization_of(c),
        notes=notes,
    )


def architecture_of(c: Config) -> str:
    """The class the config names, or its model_type."""
    classes = c.list("architectures")
    return str(classes[0]) if classes else c.str("model_type")
