"""The engines' own options, under the engines' own names: what each takes, and what it is when nobody says."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Mapping
from typing import NamedTuple

from llmmem.dtypes import PRECISIONS
from llmmem.errors import UsageError

#: no engine takes larger numbers for serious
MOST = 1 << 40


#: ggml's types for cached keys and values
GGML_CACHES = ("f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1")
#: the engine the model is usually run by
AUTO = "auto"


class Knob(NamedTuple):
    """One option of an engine."""

    #: choice, names (one or more, with commas), int, ratio, size (bytes) or flag
    kind: str
    help: str
    #: None: the engine works it out, often from the GPU
    default: str | int | float | bool | None = None
    choices: tuple[str, ...] = ()
    least: int = 0


#: engine -> option (as a keyword; "-" for "_" on the command line) -> what it is
KNOBS: dict[str, dict[str, Knob]] = {
    "transformers": {
        "attn_implementation": Knob("choice", "attention kernels", "sdpa", ("sdpa", "eager")),
        "logits": Knob("choice", "logits of the last token or of all", "last", ("last", "all")),
        "cache_implementation": Knob("choice", "how the cache is kept", "dynamic", ("dynamic", "static", "quantized")),
    },
    "vllm": {
        "gpu_memory_utilization": Knob("ratio", "share of the GPU's memory it may fill", 0.92),
        "max_num_batched_tokens": Knob("int", "tokens of one step", least=1),
        "max_num_seqs": Knob("int", "requests at once", least=1),
        "kv_cache_memory_bytes": Knob("size", "bytes of the KV pool, instead of what the share leaves", least=1),
        "block_size": Knob("int", "tokens of a KV block", least=1),
        "decode_context_parallel_size": Knob("int", "ranks of --tp that share the tokens of a request", 1, least=1),
        "enable_expert_parallel": Knob("flag", "whole experts on each rank instead of a slice of each", False),
        "enable_prefix_caching": Knob("flag", "keep the KV blocks of prompts that come again"),
        "mamba_ssm_cache_dtype": Knob("choice", "recurrent state", "auto", ("auto", "float16", "bfloat16", "float32")),
        "enforce_eager": Knob("flag", "no CUDA graphs", False),
    },
    "sglang": {
        "mem_fraction_static": Knob("ratio", "share of the memory free before loading, for weights and pools"),
        "chunked_prefill_size": Knob("int", "tokens of a chunk of a prompt", least=1),
        "page_size": Knob("int", "tokens of a page of the KV pool", least=1),
        "max_running_requests": Knob("int", "requests at once", least=1),
        "swa_full_tokens_ratio": Knob("ratio", "tokens of layers with windows for each of the others"),
        "mamba_full_memory_ratio": Knob("ratio", "recurrent state for each byte of KV pool", 0.9),
        "disable_radix_cache": Knob("flag", "keep no prompts", False),
    },
    "llama.cpp": {
        "n_batch": Knob("int", "tokens handed in at once", 2048, least=1),
        "n_ubatch": Knob("int", "tokens computed at once", 512, least=1),
        "n_parallel": Knob("int", "slots; without it 4, or --batch, that share the cache", least=1),
        "type_k": Knob("choice", "cached keys; without it --kv-precision", choices=GGML_CACHES),
        "type_v": Knob("choice", "cached values; without it --kv-precision", choices=GGML_CACHES),
        "flash_attn": Knob("choice", "flash attention", "auto", ("auto", "on", "off")),
        "kv_unified": Knob("flag", "one cache for all slots; without it as llama-server does"),
        "swa_full": Knob("flag", "sliding windows keep the whole context", False),
        "n_outputs_max": Knob("int", "tokens of a batch with logits, 0: all; without it one for each slot"),
        "n_gpu_layers": Knob("int", "layers on the GPU, the output one of them; without it all"),
    },
    "diffusers": {
        "height": Knob("int", "height of the pictures in pixels; without it the pipeline's own", least=8),
        "width": Knob("int", "width of the pictures in pixels; without it the pipeline's own", least=8),
        "frames": Knob("int", "frames of a film; without it the pipeline's own", least=1),
        "guidance": Knob(
            "choice", "classifier-free guidance; auto: as the pipeline does", "auto", ("auto", "on", "off")
        ),
        "max_sequence_length": Knob("int", "tokens of the prompt; without it the pipeline's own", least=1),
        "offload": Knob("choice", "what waits in host memory", "none", ("none", "model", "sequential")),
        "vae_tiling": Knob("flag", "decode large pictures tile by tile", False),
        "drop": Knob("names", "components left out, such as text_encoder_3"),
        "text_encoder_precision": Knob("choice", "encoders of prompts and pictures", None, PRECISIONS),
        "transformer_precision": Knob("choice", "what denoises: transformer, UNet, prior", None, PRECISIONS),
        "vae_precision": Knob("choice", "what decodes", None, PRECISIONS),
    },
    "tensorrt-llm": {
        "free_gpu_memory_fraction": Knob("ratio", "share of what is free after a trial run, for the KV pool", 0.9),
        "max_num_tokens": Knob("int", "tokens of one step", 8192, least=1),
        "max_batch_size": Knob("int", "requests at once", 2048, least=1),
        "tokens_per_block": Knob("int", "tokens of a KV block", 32, least=1),
    },
    "tgi": {
        "cuda_memory_fraction": Knob("ratio", "share of the GPU's memory it may fill", 1.0),
        "max_batch_prefill_tokens": Knob("int", "tokens of one prefill", 4096, least=1),
        "block_size": Knob("int", "tokens of a KV block: 1 FlashInfer, 256 flash decoding, 16 paged", 1, least=1),
    },
}

#: what --kv-precision takes besides "auto" and the widths of dtypes.KV_PRECISIONS
KV_PRECISIONS: dict[str, tuple[str, ...]] = {
    "vllm": (
        "fp8_per_token_head",
        "int8_per_token_head",
        "int4_per_token_head",
        "nvfp4",
        "fp8_ds_mla",
        "nvfp4_ds_mla",
        "turboquant_k8v4",
        "turboquant_4bit_nc",
        "turboquant_k3v4_nc",
        "turboquant_3bit_nc",
    ),
    "llama.cpp": GGML_CACHES[3:],
}


def kv_precisions(engine: str) -> tuple[str, ...]:
    """What --kv-precision takes with an engine besides the usual widths; with "auto" whatever some engine takes."""
    if engine != AUTO:
        return KV_PRECISIONS.get(engine, ())
    return tuple(dict.fromkeys(name for own in KV_PRECISIONS.values() for name in own))


def check(engine: str, given: Mapping[str, object]) -> tuple[tuple[str, str | int | float | bool], ...]:
    """The options given, checked, in the order of their names.

    Raises:
        UsageError: no such engine; an option the engine does not have; a value it does not take.
    """
    if engine not in (AUTO, *KNOBS):
        raise UsageError(
            f"--engine {str(engine)[:40]!r} is unknown.",
            f"{_guess(str(engine).lower(), (AUTO, *KNOBS))}Known: {', '.join((AUTO, *KNOBS))}.",
        )
    known = KNOBS[engine] if engine != AUTO else {name: knob for own in KNOBS.values() for name, knob in own.items()}
    out: list[tuple[str, str | int | float | bool]] = []
    for name, value in sorted(given.items()):
        if name not in known:
            raise _no_option(engine, name)
        out.append((name, _value(name, known[name], value)))
    return tuple(out)


def _no_option(engine: str, name: str) -> UsageError:
    """An option that the engine does not have: whose it is, or which one is spelled like it."""
    owners = [other for other, own in KNOBS.items() if name in own]
    if owners:
        return UsageError(
            f"{engine} has no option {name!r}: it is one of {' and '.join(owners)}.",
            f"Say --engine {owners[0]}, or leave it out.",
        )
    every = tuple(dict.fromkeys(other for own in KNOBS.values() for other in own))
    takes = every if engine == AUTO else tuple(KNOBS[engine])
    who = "There is no option" if engine == AUTO else f"{engine} has no option"
    return UsageError(f"{who} {name[:40]!r}.", f"{_guess(name, takes)}Known: {', '.join(takes)}.")


def _guess(word: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # only ever needed for a message

    near = get_close_matches(word, known, n=1)
    return f"Did you mean {near[0]}? " if near else ""


def _value(name: str, knob: Knob, value: object) -> str | int | float | bool:
    shown, option = str(value)[:40], "--" + name.replace("_", "-")
    if knob.kind == "choice":
        if not isinstance(value, str) or value not in knob.choices:
            raise UsageError(f"{option} {shown!r} is unknown.", f"Known: {', '.join(knob.choices)}.")
        return value
    if knob.kind == "names":
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{option} {shown!r} is no name.", "Give one or more, with commas between them.")
        return value
    if knob.kind == "flag":
        if not isinstance(value, bool):
            raise UsageError(f"{option} is either on or off, not {shown!r}.", "Give True or False.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{option} {shown!r} is no number.", "Give a number.")
    if knob.kind == "ratio":
        if not 0 < value <= 1:
            raise UsageError(f"{option} {shown} is out of range.", "It is a share above 0 and up to 1, such as 0.9.")
        return float(value)
    if not float(value).is_integer() or not knob.least <= value <= MOST:
        raise UsageError(f"{option} {shown} is out of range.", f"Give a whole number of {knob.least:,} or more.")
    return int(value)
