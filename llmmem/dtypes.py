"""Element types and their widths, and the names people give them."""

from __future__ import annotations

from llmmem.errors import ConfigError, UsageError

#: canonical name -> bits per element
BITS = {
    "fp64": 64,
    "fp32": 32,
    "fp16": 16,
    "bf16": 16,
    "fp8": 8,
    "fp4": 4,
    "int64": 64,
    "int32": 32,
    "uint32": 32,
    "int16": 16,
    "int8": 8,
    "uint8": 8,
    "bool": 8,
    "int4": 4,
}

_ALIASES = {
    "float64": "fp64",
    "double": "fp64",
    "float32": "fp32",
    "float": "fp32",
    "f32": "fp32",
    "float16": "fp16",
    "half": "fp16",
    "f16": "fp16",
    "bfloat16": "bf16",
    "float8_e4m3fn": "fp8",
    "float8_e5m2": "fp8",
    "fp8_e4m3": "fp8",
    "fp8_e5m2": "fp8",
    "8bit": "int8",
    "4bit": "int4",
}

#: what --precision takes; "auto" is the checkpoint's own storage
PRECISIONS = (
    "auto", "fp32", "fp16", "bf16", "fp8", "int8", "int4", "nf4", "fp4", "gptq", "awq", "mxfp4", "nvfp4",
)  # fmt: skip
#: what --kv-precision takes; "auto" is the compute dtype
KV_PRECISIONS = ("auto", "fp32", "fp16", "bf16", "fp8")


def canonical(name: str) -> str:
    """The canonical spelling of an element type ("torch.bfloat16" -> "bf16"); unknown names come back lowered."""
    name = name.lower().removeprefix("torch.").replace("-", "_")
    return _ALIASES.get(name, name)


def nbytes(elements: int, dtype: str) -> int:
    """Bytes of so many elements, a started byte counted whole."""
    return -(-elements * BITS[dtype] // 8)


def checkpoint_dtype(stated: str | None) -> str | None:
    """The canonical dtype a config states, None when it states none.

    Raises:
        ConfigError: a name that is no floating element type.
    """
    if stated is None:
        return None
    name = canonical(stated)
    if name not in ("fp64", "fp32", "fp16", "bf16", "fp8"):
        raise ConfigError(
            f"config.json states the dtype {stated[:40]!r}, which llmmem does not know.", "Give --precision."
        )
    return name


def precision(name: str, allowed: tuple[str, ...], option: str) -> str:
    """A precision the user named, in canonical spelling.

    Raises:
        UsageError: not one of ``allowed``, with the nearest as a hint.
    """
    wanted = canonical(str(name))
    if wanted not in allowed:
        from difflib import get_close_matches

        near = get_close_matches(wanted, allowed, n=1, cutoff=0.4)
        guess = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"{option} {str(name)[:40]!r} is unknown.", f"{guess}Known: {', '.join(allowed)}.")
    return wanted
