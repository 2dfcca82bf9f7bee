"""Typed reads of a quantization_config, and the keys in it that do not say how weights are stored."""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmmem.config import Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError

#: No format has groups as long.
LONGEST_GROUP = 1 << 20

#: words of keys that may say how weights are stored
_STORAGE = re.compile(
    "bits|group|pack|format|storage|dtype|scale|zero|spars|dynamic|transform|block|rank|codebook|quant|modules|targets"
    "|ignore|exclude|hadamard|rotation|outlier|lora|embed|head|layers|algo|mode|method"
)

#: keys with such a word that only say how a checkpoint was made or is run
_HARMLESS = frozenset(
    {
        # GPTQ: which samples, in which order; where the blocks are (transformers 5.23, GPTQConfig; GPTQModel)
        "block_name_to_quantize", "cache_block_outputs", "module_name_preceding_first_block", "static_groups",
        "quantizer", "quant_mode", "act_group_aware", "autoround", "true_sequential", "model_file_base_name",
        # AWQ: fused modules of its own runtime
        "modules_to_fuse", "do_fuse",
        # bitsandbytes: how it computes
        "bnb_4bit_compute_dtype", "llm_int8_enable_fp32_cpu_offload", "llm_int8_threshold",
        # compressed-tensors: progress and bookkeeping
        "quantization_status", "global_compression_ratio",
        # fp8: how activations are quantised as the model runs
        "activation_scheme", "activation_scale_ub", "fmt", "dequantize",
        # modelopt: the cache, which deployments size by an option of their own
        "kv_cache_quant_algo", "kv_cache_scheme", "kv_cache_quant_config",
        # torchao: tied embeddings
        "untie_embedding_weights",
    }
)  # fmt: skip


def unsupported(message: str) -> UnsupportedArchitectureError:
    """The error for a way of storing weights that llmmem does not know."""
    return UnsupportedArchitectureError(
        message,
        "Read the files' own headers with --headers, or give --precision (int8, int4, fp8, bf16 ...) to size a"
        " conversion of the unquantised model.",
    )


def check_keys(c: Config) -> None:
    """That every key that may say how weights are stored was read.

    Raises:
        UnsupportedArchitectureError: one was not, and it asks for something.
    """
    for key, value in c.raw.items():
        where = f"{c.path}.{key}" if c.path else str(key)
        if where in c.reads or key in _HARMLESS or value in (None, False, "", [], {}):
            continue
        if _STORAGE.search(str(key).lower()):
            raise unsupported(f"{where[:80]} may change how weights are stored, and llmmem does not know it.")


def bits(c: Config, *names: str, known: Sequence[int], default: int | None = None) -> int:
    """A width in bits.

    Raises:
        UnsupportedArchitectureError: a width the format does not have.
    """
    value = c.int(*names) if default is None else c.int(*names, default=default)
    if value not in known:
        raise unsupported(f"{c.path}.{names[0]} is {value}; llmmem knows {', '.join(map(str, known))}.")
    return value


def group(c: Config, *names: str, default: int, whole: bool = True) -> int | None:
    """Inputs that share a scale; None where all of them do (-1).

    Raises:
        ConfigError: zero, or another senseless size.
    """
    value = c.int(*names, default=default, least=-1)
    if value == -1 and whole:
        return None
    if not 0 < value <= LONGEST_GROUP:
        raise ConfigError(
            f"{c.path}.{names[0]} is {value:,}; a group has at least one input.", "Check the quantization_config."
        )
    return value


def known(c: Config, name: str, values: Sequence[str], default: str = "") -> str:
    """A word out of a few, lowered.

    Raises:
        UnsupportedArchitectureError: another word.
    """
    value = c.str(name, default=default).lower()
    if value not in values:
        raise unsupported(f"{c.path}.{name} is {value[:40]!r}; llmmem knows {', '.join(v for v in values if v)}.")
    return value


def words(c: Config, *names: str) -> list[str] | None:
    """A list of strings, or None when missing or null.

    Raises:
        ConfigError: not a list, or not of strings.
    """
    value = c.list(*names)
    if value is not None and not all(isinstance(v, str) and v for v in value):
        raise ConfigError(f"{c.path}.{names[0]} should be a list of names.", "Check the quantization_config.")
    return value
