"""Kinds of model files that are not a config.json: what they are, and what to give instead."""

from __future__ import annotations

import re
from collections.abc import Iterable

from llmmem.errors import LlmmemError, ModelNotFoundError, UnsupportedArchitectureError
from llmmem.sources.reference import shown

_WEIGHTS = {
    ".gguf": "GGUF",
    ".safetensors": "safetensors",
    ".bin": "PyTorch",
    ".pt": "PyTorch",
    ".pth": "PyTorch",
    ".ckpt": "PyTorch",
    ".pkl": "pickle",
    ".onnx": "ONNX",
    ".h5": "Keras",
    ".keras": "Keras",
    ".msgpack": "Flax",
}


def weights(name: str) -> str | None:
    """What kind of weights a file holds, by its name; None for other files."""
    dot = name.rfind(".")
    return _WEIGHTS.get(name[dot:].lower()) if dot > 0 else None


def not_opened(what: str, kind: str, beside: str) -> LlmmemError:
    """The error for a file of weights that is never opened.

    Args:
        beside: the config.json beside it; empty where there is none.
    """
    why = f"does not read {kind} files"
    if kind in ("PyTorch", "pickle"):
        why = "never opens such files: they are pickles, and loading one runs whatever code is in it"
    hint = f"Give the config.json beside it: {beside}" if beside else "Give the model's config.json or its id"
    return UnsupportedArchitectureError(
        f"{what} is a file of weights ({kind}), and llmmem {why}.", f"{hint}, or convert the file to safetensors."
    )


#: a later part of a split GGUF file, and what follows the last word of a name
_LATER = re.compile(r"-(?!00001-)\d{5}-of-\d{5}\.gguf$")
_END = r"(?:-\d{5}-of-\d{5})?\.gguf"


def gguf(what: str, names: Iterable[str], how: str, wanted: str = "") -> str | None:
    """The GGUF file of a folder or repository (of a split model its first part); None where it holds none.

    Args:
        how: how one of several is named, for the hint: "./folder/{}".
        wanted: the last word of its name, such as "Q4_K_M", whatever its case; empty: the only one there is.

    Raises:
        ModelNotFoundError: several, or none of that name.
    """
    held = sorted(n for n in names if n.lower().endswith(".gguf") and not _LATER.search(n.lower()))
    models = [n for n in held if "mmproj" not in n.lower()] or held
    end = re.compile(rf"(?:^|.*[-._/]){re.escape(wanted.lower())}{_END}")
    like = [n for n in models if end.fullmatch(n.lower())] if wanted else models
    if len(like) == 1 or not models:
        return like[0] if like else None
    some = ", ".join(shown(n) for n in models[:20]) + (f" and {len(models) - 20} more" if len(models) > 20 else "")
    count = f"{len(like)} GGUF files" if like else "no GGUF file"
    named = f" named {shown(wanted)}" if wanted else ""
    raise ModelNotFoundError(
        f"{what} has {count}{named}; it holds {some}.",
        f"Name one of them, such as {how.format(shown(models[0]))}.",
    )


def without_config(what: str, names: Iterable[str]) -> LlmmemError:
    """The error for a folder or repository that has no config.json, by what it has instead.

    Args:
        what: the folder's path or the repository's id.
        names: its files relative to it, with forward slashes.
    """
    files = sorted(names)
    top = [n for n in files if "/" not in n]
    parts = [n.removesuffix("/config.json") for n in files if n.endswith("/config.json")]
    held = {kind for kind in map(weights, top) if kind}
    listed = ", ".join(parts[:6])
    if "model_index.json" in top:
        return UnsupportedArchitectureError(
            f"{what} is a diffusers pipeline, whose parts have a config.json each.",
            f"Give the folder it lies in, or one of its parts: {listed or 'text_encoder, transformer, unet, vae'}.",
        )
    if "adapter_config.json" in top:
        return UnsupportedArchitectureError(
            f"{what} is an adapter, not a whole model.",
            "Give the model it was trained on: base_model_name_or_path in its adapter_config.json.",
        )
    if "params.json" in top:
        return UnsupportedArchitectureError(
            f"{what} is a checkpoint in its maker's own format (params.json) and has no config.json.",
            "Give the same model converted for transformers, or its config.json.",
        )
    if held - {"safetensors", "GGUF"}:
        return ModelNotFoundError(
            f"{what} has weights ({', '.join(sorted(held))}) but no config.json, and such files are never opened.",
            "Give the config.json of the model they belong to, or convert them to safetensors.",
        )
    if held:
        return ModelNotFoundError(
            f"{what} has several files of weights and no config.json, so which are its model is unknown.",
            f"Name one of them: {', '.join(n for n in top if weights(n))[:160]}.",
        )
    if parts:
        return ModelNotFoundError(f"{what} has no config.json at its top.", f"Its parts have one each: {listed}.")
    holds = ", ".join(top[:6])
    return ModelNotFoundError(
        f"{what} has no config.json.", f"It holds: {holds}." if holds else "Give a model that has one."
    )
