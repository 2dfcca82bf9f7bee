"""Where a checkpoint says how it is quantised, if not in its config.json: files that lie beside it."""

from __future__ import annotations

from typing import Any

from llmmem.errors import ConfigError

#: file -> the key whose value says how (None: the whole file), in the order they are asked; what wrote them:
#: nvidia-modelopt, AutoGPTQ and GPTQModel, AutoAWQ, auto-round and transformers
SIDECARS = {
    "hf_quant_config.json": "quantization",
    "quantize_config.json": None,
    "quant_config.json": None,
    "quantization_config.json": None,
}

#: keys of a config.json that say it
_OWN = ("quantization_config", "compression_config", "quantization")


def wants_sidecar(raw: dict[str, Any]) -> bool:
    """Whether files beside this config.json may say how its weights are stored."""
    return not any(raw.get(key) for key in _OWN)


def with_sidecar(raw: dict[str, Any], name: str, content: Any) -> dict[str, Any]:
    """The config with what the file ``name`` beside it says; a config that says it itself stays as it is.

    Raises:
        ConfigError: the file is no JSON object, or has not what its name promises.
    """
    if not wants_sidecar(raw):
        return raw
    key = SIDECARS[name]
    found = content.get(key) if isinstance(content, dict) and key else content
    if not isinstance(found, dict):
        raise ConfigError(
            f"{name} should be an object{f' with an object {key!r}' if key else ''}.", "Check the files of the model."
        )
    return {**raw, "quantization_config": found}
