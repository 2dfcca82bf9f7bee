"""llmmem: how much memory a model needs, and on which GPUs it fits.

Everything here is loaded when first touched, so importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmmem.api import analyze_attention_efficiency as analyze_attention_efficiency
    from llmmem.api import calculate_memory as calculate_memory
    from llmmem.api import compare_models as compare_models
    from llmmem.api import estimate_max_batch_size as estimate_max_batch_size
    from llmmem.api import read_model as read_model
    from llmmem.errors import LlmmemError as LlmmemError
    from llmmem.memory.report import MemoryReport as MemoryReport
    from llmmem.tensors import ModelSpec as ModelSpec

_PLACES = {
    "HuggingFaceConfigLoader": "api",
    "LlmmemError": "errors",
    "MemoryReport": "memory.report",
    "ModelMemoryCalculator": "api",
    "ModelSpec": "tensors",
    "UniversalParameterCounter": "api",
    "analyze_attention_efficiency": "api",
    "analyze_hf_model": "api",
    "calculate_memory": "api",
    "compare_models": "api",
    "estimate_max_batch_size": "api",
    "read_model": "api",
}
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("llmmem")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__, "__version__"]
