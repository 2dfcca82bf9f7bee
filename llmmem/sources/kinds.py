"""Kinds of model files that are not a config.json: what they are, and what to give instead."""

from __future__ import annotations

from collections.abc import Iterable

from llmmem.errors import LlmmemError, ModelNotFoundError, UnsupportedArchitectureError

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
            f"{what} is a diffusers pipeline, and llmmem does not read pipelines yet.",
            f"Give the config.json of one of its parts: {listed or 'text_encoder, transformer, unet, vae'}.",
        )
    if "adapter_config.json" in top:
        return UnsupportedArchitectureError(
            f"{what} is an adapter, not a whole model.",
            "Give the model it was trained on: base_model_name_or_path in its adapter_config.json.",
        )
    if "GGUF" in held:
        return UnsupportedArchitectureError(
            f"{what} holds GGUF files, and llmmem does not read them yet.",
            "Give the model they were made from: its id or its config.json.",
        )
    if "params.json" in top:
        return UnsupportedArchitectureError(
            f"{what} is a checkpoint in its maker's own format (params.json) and has no config.json.",
            "Give the same model converted for transformers, or its config.json.",
        )
    if held:
        return ModelNotFoundError(
            f"{what} has weights ({', '.join(sorted(held))}) but no config.json.",
            "Give the config.json of the model they belong to.",
        )
    if parts:
        return ModelNotFoundError(f"{what} has no config.json at its top.", f"Its parts have one each: {listed}.")
    holds = ", ".join(top[:6])
    return ModelNotFoundError(
        f"{what} has no config.json.", f"It holds: {holds}." if holds else "Give a model that has one."
    )
