"""Element types and their widths, and the names people give them."""

from __future__ import annotations

from llmmem.errors import ConfigError, UsageError

#: canonical name -> bits per element
BITS = {
    "fp64": 64,
    "fp32": 32,
    "fp16": 16,
    "bf16": 16,
    "complex64": 64,
    "fp8": 8,
    "e8m0": 8,
    "fp6": 6,
    "fp4": 4,
    "int64": 64,
    "uint64": 64,
    "int32": 32,
    "uint32": 32,
    "int16": 16,
    "uint16": 16,
    "int8": 8,
    "uint8": 8,
    "bool": 8,
    "int4": 4,
}

#: ggml's block formats, by its own names in lower case -> (elements, bytes) of a block (ggml.c, type_traits, and the
#: structs of ggml-common.h). A row of a tensor is whole blocks.
BLOCKS = {
    "q1_0": (128, 18),
    "q2_0": (64, 18),
    "q4_0": (32, 18),
    "q4_1": (32, 20),
    "q5_0": (32, 22),
    "q5_1": (32, 24),
    "q8_0": (32, 34),
    "q8_1": (32, 36),
    "q2_k": (256, 84),
    "q3_k": (256, 110),
    "q4_k": (256, 144),
    "q5_k": (256, 176),
    "q6_k": (256, 210),
    "q8_k": (256, 292),
    "iq1_s": (256, 50),
    "iq1_m": (256, 56),
    "iq2_xxs": (256, 66),
    "iq2_xs": (256, 74),
    "iq2_s": (256, 82),
    "iq3_xxs": (256, 98),
    "iq3_s": (256, 110),
    "iq4_nl": (32, 18),
    "iq4_xs": (256, 136),
    "tq1_0": (256, 54),
    "tq2_0": (256, 66),
    "mxfp4": (32, 17),
    "nvfp4": (64, 36),
}

#: ggml's numbers for its types (ggml.h, enum ggml_type; the gaps are types it dropped) -> llmmem's names
GGML = dict(
    zip(
        (*range(4), *range(6, 31), 34, 35, *range(39, 43)),
        (
            "fp32", "fp16", "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q8_1", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k",
            "q8_k", "iq2_xxs", "iq2_xs", "iq3_xxs", "iq1_s", "iq4_nl", "iq3_s", "iq2_s", "iq4_xs", "int8", "int16",
            "int32", "int64", "fp64", "iq1_m", "bf16", "tq1_0", "tq2_0", "mxfp4", "nvfp4", "q1_0", "q2_0",
        ),
        strict=True,
    )
)  # fmt: skip

_ALIASES = {
    "float64": "fp64",
    "double": "fp64",
    "float32": "fp32",
    "float": "fp32",
    "f32": "fp32",
    "f64": "fp64",
    "float16": "fp16",
    "half": "fp16",
    "f16": "fp16",
    "bfloat16": "bf16",
    "float8_e4m3fn": "fp8",
    "float8_e5m2": "fp8",
    "fp8_e4m3": "fp8",
    "fp8_e5m2": "fp8",
    "i8": "int8",
    "i16": "int16",
    "i32": "int32",
    "i64": "int64",
    "8bit": "int8",
    "4bit": "int4",
}

#: recipes llama-quantize has a second name for
_RECIPE_ALIASES = {"q3_k": "q3_k_m", "q4_k": "q4_k_m", "q5_k": "q5_k_m"}
#: what llama.cpp's tools make of a model: its converter (gguf_...) and llama-quantize
GGUF_RECIPES = (
    "gguf_f16", "gguf_bf16", "q8_0", "q6_k", "q5_k_m", "q5_k_s", "q5_1", "q5_0", "q4_k_m", "q4_k_s", "q4_1", "q4_0",
    "q3_k_l", "q3_k_m", "q3_k_s", "q2_k", "q2_k_s", "iq4_nl", "iq4_xs", "iq3_m", "iq3_s", "iq3_xs", "iq3_xxs", "iq2_m",
    "iq2_s", "iq2_xs", "iq2_xxs", "iq1_m", "iq1_s", "tq2_0", "tq1_0", "mxfp4_moe",
)  # fmt: skip
#: what --precision takes; "auto" is the checkpoint's own storage
PRECISIONS = (
    "auto", "fp32", "fp16", "bf16", "fp8", "int8", "int4", "nf4", "fp4", "gptq", "awq", "mxfp4", "nvfp4", *GGUF_RECIPES,
)  # fmt: skip
#: what --kv-precision takes; "auto" is the compute dtype
KV_PRECISIONS = ("auto", "fp32", "fp16", "bf16", "fp8")


def canonical(name: str) -> str:
    """The canonical spelling of an element type ("torch.bfloat16" -> "bf16"); unknown names come back lowered."""
    name = name.lower().removeprefix("torch.").replace("-", "_")
    return _ALIASES.get(name, name)


def nbytes(elements: int, dtype: str) -> int:
    """Bytes of so many elements, a started byte or block counted whole."""
    bits = BITS.get(dtype)
    if bits is not None:
        return -(-elements * bits // 8)
    length, size = BLOCKS[dtype]
    return -(-elements // length) * size


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
    wanted = _RECIPE_ALIASES.get(wanted, wanted)
    if wanted not in allowed:
        from difflib import get_close_matches

        near = get_close_matches(wanted, allowed, n=1, cutoff=0.4)
        guess = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"{option} {str(name)[:40]!r} is unknown.", f"{guess}Known: {', '.join(allowed)}.")
    return wanted
