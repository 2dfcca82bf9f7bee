"""Typed reads of a GGUF file's metadata: keys of the architecture are found under its own prefix."""

from __future__ import annotations

from typing import Any

from llmmem.config import MOST_LAYERS
from llmmem.errors import ConfigError
from llmmem.tensors import Header


class Metadata:
    """The metadata and what the tensors add to it.

    Args:
        header: of the file, or of all its parts.
    """

    def __init__(self, header: Header) -> None:
        self.values = header.metadata
        self.shapes = {t.name: t.shape for t in header.tensors}
        name = header.metadata.get("general.architecture")
        if not isinstance(name, str) or not name:
            raise ConfigError("The file's metadata name no general.architecture.", "Convert the model again.")
        self.architecture = name

    def get(self, key: str) -> Any:
        """The value under the architecture's prefix; None where there is none."""
        return self.values.get(f"{self.architecture}.{key}")

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number; of a list with one entry per layer the largest.

        Raises:
            ConfigError: missing without default, or no whole number.
        """
        value = self.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, list) and value:
            return max(self._whole(key, v) for v in value)
        return self._whole(key, value)

    def some(self, key: str, default: int | None = None) -> int:
        """A whole number above zero.

        Raises:
            ConfigError: as ``number``, or zero.
        """
        value = self.number(key, default)
        if value < 1:
            raise ConfigError(
                f"The file's metadata give 0 for {self.architecture}.{key}, which leaves nothing.",
                "Convert the model again with a current llama.cpp.",
            )
        return value

    def each(self, key: str, layers: int, default: int | None = None) -> list[int]:
        """One number per layer, whether it is given once or as a list.

        Raises:
            ConfigError: missing without default, no whole number, or too short a list.
        """
        value = self.get(key)
        if not isinstance(value, list):
            return [self.number(key, default)] * layers
        if len(value) < layers:
            raise ConfigError(
                f"The file's {self.architecture}.{key} has {len(value)} entries for {layers} layers.",
                "Convert the model again.",
            )
        return [self._whole(key, v) for v in value[:layers]]

    def _whole(self, key: str, value: Any) -> int:
        if not isinstance(value, int) or not 0 <= value <= 1 << 40:
            problem = "are missing" if value is None else f"give {str(value)[:40]!r} for"
            raise ConfigError(
                f"The file's metadata {problem} {self.architecture}.{key}.",
                "Convert the model again with a current llama.cpp.",
            )
        return value

    def count(self, key: str, default: int | None = None, times: int = 1) -> int:
        """A number of layers, or of passes over so many layers: small enough to be walked.

        Raises:
            ConfigError: as ``number``, or beyond reason.
        """
        value = self.number(key, default)
        if value * times > MOST_LAYERS:
            raise ConfigError(
                f"The file's {self.architecture}.{key} is {value:,}: no model has so many layers.", "Get it again."
            )
        return value

    @property
    def blocks(self) -> int:
        """Layers as the metadata count them, those for deep prediction included; of two stacks the deeper's."""
        return max(self.count("block_count"), self.count("decoder_block_count", 0))

    @property
    def predictors(self) -> int:
        """Layers at the end that predict further tokens; llama.cpp leaves them aside."""
        return min(self.number("nextn_predict_layers", 0), self.blocks)

    @property
    def layers(self) -> int:
        """Layers that run for every token."""
        return self.blocks - self.predictors

    @property
    def vocabulary(self) -> int:
        """Rows of the embeddings."""
        shape = self.shapes.get("token_embd.weight", ())
        return shape[0] if len(shape) == 2 else self.number("vocab_size", 0)

    def has(self, name: str) -> bool:
        """Whether the file has a tensor."""
        return name in self.shapes
