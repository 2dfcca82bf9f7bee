"""A model from a GGUF file alone: caches and work from its metadata, weights from its own tensors.

The metadata are put into the config.json of the architecture they describe, so that one description serves both; what
the file holds then takes the place of the tensors. Names and rules are llama.cpp's (src/llama-arch.cpp,
src/llama-model.cpp).
"""

from __future__ import annotations

from importlib import import_module

from llmmem.architectures import build as build_config
from llmmem.architectures.gguf.files import Layer, blocks, split
from llmmem.architectures.gguf.metadata import Metadata
from llmmem.config import Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.tensors import Header, ModelSpec

#: general.architecture -> module:function of this package
REGISTRY = {
    "llama": "dense:llama",
    "qwen3": "dense:qwen3",
    "gemma3": "dense:gemma3",
    "gpt-oss": "dense:gpt_oss",
    "deepseek2": "latent:deepseek2",
    "mamba": "recurrent:mamba",
    "qwen3next": "recurrent:qwen3next",
}


def build(header: Header) -> ModelSpec:
    """The model a file describes.

    Raises:
        ConfigError: metadata that name no architecture or make no sense.
        UnsupportedArchitectureError: an architecture without a description.
    """
    m = Metadata(header)
    if m.architecture not in REGISTRY:
        raise UnsupportedArchitectureError(
            f"The file's architecture {m.architecture[:60]!r} is not known.", f"Known: {', '.join(REGISTRY)}."
        )
    module, function = REGISTRY[m.architecture].split(":")
    raw = getattr(import_module(f"{__name__}.{module}"), function)(m)
    try:
        spec = build_config(Config(raw))
    except ConfigError as error:
        raise ConfigError(
            f"The file's metadata make no {m.architecture} model. In the words of its config.json: {error}",
            "Convert the model again with a current llama.cpp.",
        ) from error
    return _measured(spec, m, header)


def _measured(spec: ModelSpec, m: Metadata, header: Header) -> ModelSpec:
    """The spec with the file's own tensors."""
    known: dict[tuple[str, int], Layer] = {}
    for b in (b for b in spec.blocks if "{}" in b.prefix and b.loaded):
        for i in b.layers:
            caches, work = known.get((b.component, i), ((), ()))
            known[b.component, i] = (caches + b.caches, work + b.work)
    component = "encoder" if any(part == "encoder" for part, _ in known) else "language"
    unloaded = frozenset(range(m.layers, m.blocks))
    tied = bool(spec.tied) and m.has("token_embd.weight") and not m.has("output.weight")
    return spec._replace(
        blocks=blocks(header.tensors, component, known, m.number("expert_used_count", 0), unloaded),
        tied=(("output.weight", "token_embd.weight"),) if tied else (),
        dtype="fp16",
        measured="gguf",
        notes=(*spec.notes, *header.notes, *_differences(m, header)),
    )


def _differences(m: Metadata, header: Header) -> tuple[str, ...]:
    """Where metadata and tensors disagree."""
    held = {index for (prefix, index) in split(header.tensors)[0] if prefix in ("", "enc.")}
    if held != set(range(m.blocks)):
        return (f"the file's metadata count {m.blocks:,} layers, but its tensors make {len(held):,}",)
    return ()
