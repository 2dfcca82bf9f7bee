"""A whole pipeline: the blocks of its components, each under the component's name."""

from __future__ import annotations

from typing import Any

from llmmem.config import Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.tensors import Block, Diffusion, ModelSpec

#: components a pipeline is known by, the first that is there
_DENOISERS = ("transformer", "unet", "decoder", "prior")

#: components of pipelines that make sound
_SOUND = {"vocoder", "audio_vae", "language_model"}


def pipeline(c: Config) -> ModelSpec:
    """The spec of ``{"_class_name": ..., "components": {name: {"library", "class", "config"}}}``.

    Raises:
        ConfigError: components that make no sense.
        UnsupportedArchitectureError: one of a class without a description.
    """
    given = c.get("components")
    if not isinstance(given, dict) or not given:
        raise ConfigError("components should name the parts of a pipeline.", "Check the config.")
    specs = {str(name): _component(c, str(name), value) for name, value in given.items()}
    blocks: list[Block] = []
    for name, spec in specs.items():
        # A pipeline encodes a prompt in one pass and keeps no keys and values of it.
        blocks += [b._replace(caches=()) for b in spec.placed(f"{name}.", name)]
    main = next((n for n in _DENOISERS if n in specs), next(iter(specs)))
    kind = c.str("_class_name", default="DiffusionPipeline")
    quantization, within = _quantization(specs)
    works = _in_pixels(tuple(_work(name, spec) for name, spec in specs.items() if not spec.unknown))
    # What sounds is sized by seconds, not by pixels; without a denoiser there are no steps to speak of.
    known = not any(s.unknown for s in specs.values()) and not specs.keys() & _SOUND
    sides = {work.sample for work in works if work.stage == "denoise" and work.scale == 1}
    known = known and any(work.stage == "denoise" for work in works) and len(sides) < 2
    return ModelSpec(
        model_type=kind,
        architecture=kind,
        blocks=tuple(blocks),
        hidden_size=specs[main].hidden_size,
        tied=tuple((f"{n}.{a}", f"{n}.{b}") for n, s in specs.items() for a, b in s.tied),
        dtype=_dtype(specs),
        quantization=quantization,
        quantized_within=within,
        diffusion=works,
        unknown=() if known else ("activations",),
        notes=tuple(dict.fromkeys(note for s in specs.values() for note in s.notes)),
    )


def _in_pixels(works: tuple[Diffusion, ...]) -> tuple[Diffusion, ...]:
    """UNets of a pipeline without a decoder work on the pixels themselves (DeepFloyd IF, Karlo)."""
    if any(work.stage == "decode" for work in works):
        return works
    return tuple(w._replace(scale=1) if w.stage == "denoise" and w.patch == (1, 1, 1) else w for w in works)


def _work(name: str, spec: ModelSpec) -> Diffusion:
    """What a component does; models of transformers encode what the user gives."""
    for known in spec.diffusion or ():
        return known._replace(component=name)
    return Diffusion(name, "encode", hidden=spec.hidden_size, prompt=spec.max_context or 0)


def _component(c: Config, name: str, value: Any) -> ModelSpec:
    from llmmem.architectures import build

    if not isinstance(value, dict) or not isinstance(value.get("config"), dict):
        raise ConfigError(f"The component {name[:60]} has no config.", "Check the config.")
    raw = {**value["config"], "_class_name": value.get("class") or value["config"].get("_class_name")}
    # A path of its own makes messages say which component they are about.
    return build(Config(raw, f"{name}", c.reads))


def _dtype(specs: dict[str, ModelSpec]) -> str | None:
    """The element type all components state; diffusers' own configs state none, so mostly nothing is known."""
    stated = {s.dtype for s in specs.values()}
    return stated.pop() if len(stated) == 1 else None


def _quantization(specs: dict[str, ModelSpec]) -> tuple[dict[str, Any] | None, str | tuple[str, ...]]:
    """How components are quantised, and which of them.

    Raises:
        UnsupportedArchitectureError: several, each in another way.
    """
    found = {f"{name}.": s.quantization for name, s in specs.items() if s.quantization}
    if not found:
        return None, ""
    first = next(iter(found.values()))
    if any(q != first for q in found.values()):
        raise UnsupportedArchitectureError(
            f"The components {', '.join(n[:-1] for n in found)} are quantised each in another way.",
            "Give the config.json of each component by itself.",
        )
    return first, tuple(found)
