"""A model from a GGUF file alone: weights from its own tensors, caches and work from its metadata.

Names and rules are llama.cpp's (src/llama-arch.cpp, src/llama-model.cpp, src/models).
"""

from __future__ import annotations

from llmmem.architectures.gguf.differences import differences
from llmmem.architectures.gguf.files import COMPONENTS, Layer, blocks, split
from llmmem.architectures.gguf.layers import Layers
from llmmem.architectures.gguf.metadata import Metadata
from llmmem.architectures.gguf.types import DIFFUSION, ENCODERS, model_type, recipe
from llmmem.config import LARGEST
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.sources.reference import shown
from llmmem.tensors import Header, ModelSpec

#: groups of a report that an architecture without a description leaves open
UNKNOWN = ("kv_cache", "state", "activations", "image")


def build(header: Header) -> ModelSpec:
    """The model a file describes.

    Raises:
        ConfigError: metadata that name no architecture or make no sense.
        UnsupportedArchitectureError: an adapter, or the statistics of a quantisation.
    """
    m = Metadata(header)
    kind = header.metadata.get("general.type", "model")
    if kind in ("adapter", "imatrix"):
        raise UnsupportedArchitectureError(
            f"The file is no model by itself: its metadata call it {kind}.", "Give the model it belongs to."
        )
    if not header.tensors:
        raise ConfigError("The file holds no tensors, only metadata.", "Give the file that has the model's weights.")
    if m.architecture == "clip":
        return _projector(m, header)
    known_as = model_type(m)
    return _unknown(m, header) if known_as is None else _spec(known_as, m, header)


def _unknown(m: Metadata, header: Header) -> ModelSpec:
    """Exact weights, and no guess about anything else."""
    note = (
        f"the architecture {shown(m.architecture)} has no description: weights are those the file states; the rest is"
        " unknown, so is whether it fits"
    )
    return ModelSpec(
        model_type=m.architecture,
        architecture=m.architecture,
        blocks=blocks(header.tensors, "language", {}, _whole(m.get("expert_used_count"))),
        hidden_size=_whole(m.get("embedding_length")),
        vocab_size=next(iter(m.shapes.get("token_embd.weight", ())), 0),
        max_context=_whole(m.get("context_length")) or None,
        dtype="fp16",
        quantization=recipe(m),
        measured="gguf",
        unknown=UNKNOWN,
        notes=(*header.notes, note),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value <= LARGEST else 0


def _projector(m: Metadata, header: Header) -> ModelSpec:
    """The tower of a model that sees or hears, which llama.cpp keeps in a file of its own (mmproj)."""
    said = next((v for k, v in m.values.items() if k.endswith(".projector_type") and isinstance(v, str)), "")
    width = next((m.values.get(f"clip.{kind}.embedding_length") for kind in ("vision", "audio")), 0)
    note = (
        f"the file holds the tower and the projector{f' ({shown(said)})' if said else ''} of a model that sees or"
        " hears; the language model is a file of its own and comes on top"
    )
    return ModelSpec(
        model_type="clip",
        architecture="clip",
        blocks=blocks(header.tensors, "projector", {}, 0),
        hidden_size=_whole(width),
        dtype="fp16",
        quantization=recipe(m),
        measured="gguf",
        unknown=("activations", "image"),
        notes=(*header.notes, note),
    )


def _spec(known_as: str, m: Metadata, header: Header) -> ModelSpec:
    layers, _ = split(header.tensors)
    reader = Layers(m)
    known: dict[tuple[str, int], Layer] = {}
    keeps_nothing = m.architecture in ENCODERS or m.architecture in DIFFUSION
    component = "encoder" if m.architecture in ENCODERS else "language"
    for (prefix, index), own in layers.items():
        if index < m.layers:
            part = reader.part(index, {t.name: t.shape for t in own})
            # llama.cpp keeps a cache for an encoder that stands alone, though nothing reads it.
            caches = () if keeps_nothing or (prefix == "enc." and m.architecture == "t5") else part.caches
            known[COMPONENTS.get(prefix, component), index] = (caches, part.work)
    used = m.number("expert_used_count", 0)
    unloaded = frozenset(range(m.layers, m.blocks))
    embedded = m.has("token_embd.weight") and not m.has("output.weight")
    return ModelSpec(
        model_type=known_as,
        architecture=m.architecture,
        blocks=blocks(header.tensors, component, known, used, unloaded),
        hidden_size=m.number("embedding_length"),
        vocab_size=m.vocabulary,
        max_context=m.number("context_length", 0) or None,
        tied=(("output.weight", "token_embd.weight"),) if embedded and component == "language" else (),
        dtype="fp16",
        quantization=recipe(m),
        measured="gguf",
        notes=(*header.notes, *differences(m, reader, layers)),
    )
