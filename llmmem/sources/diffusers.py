"""A diffusers pipeline: its model_index.json and the config.json of each of its components, as one raw dict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmmem.errors import ConfigError, UnsupportedArchitectureError

INDEX = "model_index.json"

#: endings of classes that hold no weights
_WEIGHTLESS = (
    "Scheduler",
    "Tokenizer",
    "TokenizerFast",
    "FeatureExtractor",
    "ImageProcessor",
    "ImageProcessorFast",
    "VideoProcessor",
    "Processor",
    "Guidance",
)


def read_pipeline(fetch: Callable[[str], dict[str, Any] | None]) -> dict[str, Any]:
    """The pipeline as ``{"_class_name": ..., "components": {name: {"library", "class", "config"}}}``.

    Schedulers, tokenizers and processors are passed over, and so are components the index gives as null.

    Args:
        fetch: the parsed JSON of a file of the repository or folder, by its name; None where there is none.

    Raises:
        ConfigError: the index is missing or broken, or a component has no config.json.
        UnsupportedArchitectureError: a component of a form that is not read.
    """
    index = fetch(INDEX)
    if index is None:
        raise ConfigError(f"There is no {INDEX}.", "Give the folder or id of a diffusers pipeline.")
    components: dict[str, Any] = {}
    for name, entry in index.items():
        if name.startswith("_") or not isinstance(entry, list):
            continue  # facts about the whole, such as requires_safety_checker
        if len(entry) != 2:
            raise ConfigError(f"{INDEX}: {name[:60]} should be a library and a class.", "Check the file.")
        if "/" in name or "\\" in name or name in ("", ".."):
            raise ConfigError(f"{INDEX}: {name[:60]!r} is no name of a component.", "Check the file.")
        library, kind = entry
        if kind is None:
            continue
        if not isinstance(kind, str) or not (library is None or isinstance(library, str)):
            raise UnsupportedArchitectureError(
                f"{INDEX}: {name[:60]} is no single class, and llmmem does not read such components.",
                "Give the config.json of each component by itself.",
            )
        if kind.endswith(_WEIGHTLESS):
            continue
        config = fetch(f"{name}/config.json")
        if config is None:
            raise ConfigError(
                f"The pipeline's {name[:60]} ({kind[:60]}) has no config.json.",
                f"There should be one at {name[:60]}/config.json.",
            )
        components[name] = {"library": library, "class": kind, "config": config}
    if not components:
        raise ConfigError(f"{INDEX} names no component that has weights.", "Check the file.")
    return {"_class_name": index.get("_class_name") or "DiffusionPipeline", "components": components}
