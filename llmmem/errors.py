"""Exceptions: each carries one sentence, a hint with the next step, and the exit status a shell sees."""

from __future__ import annotations


class LlmmemError(Exception):
    """Base of everything llmmem raises for bad input.

    Attributes:
        hint: the next step for the user; empty when there is none.
        kind: a stable word for scripts, printed in JSON.
        exit_status: 1 when the command is fine but cannot be answered, 2 for wrong usage.
    """

    kind = "error"
    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(LlmmemError):
    """A config.json that is broken, contradictory or makes no sense."""

    kind = "config"


class UnsupportedArchitectureError(LlmmemError):
    """A model_type, class or quantisation that llmmem has no exact description of."""

    kind = "unsupported"


class ModelNotFoundError(LlmmemError):
    """The reference names no file, folder, catalogue entry, cached or remote model."""

    kind = "not_found"


class GatedModelError(LlmmemError):
    """The model exists but the Hub wants a token or an accepted licence."""

    kind = "gated"


class SourceUnavailableError(LlmmemError):
    """The Hub cannot be reached, or may not be (offline)."""

    kind = "unreachable"


class LayoutError(LlmmemError):
    """A deployment the model or the engine cannot have, such as three ranks for 32 heads."""

    kind = "layout"


class UsageError(LlmmemError):
    """A value that is wrong whatever the model: an unknown precision, engine or GPU, a size out of range."""

    kind = "usage"
    exit_status = 2
