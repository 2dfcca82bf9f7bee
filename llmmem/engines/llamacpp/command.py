"""The command that serves a plan with llama-server (common/arg.cpp)."""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.dtypes import GGUF_RECIPES
from llmmem.engines.command import Command, named, options
from llmmem.engines.llamacpp.settings import Settings

#: every layer and the output; more than any model has
ALL_LAYERS = 999
PLAIN = {"fp32": "F32", "fp16": "F16", "bf16": "BF16"}
#: llmmem's names of cache types -> llama.cpp's
TYPES = {"fp32": "f32", "fp16": "f16"}


def command(
    d: Deployment, reference: str, s: Settings, types: tuple[str, str], stored: str, *, offloads: bool
) -> Command:
    """llama-server with the cells, slots and batches of the plan.

    Args:
        types: of cached keys and values.
        stored: what the weights are stored as, which names the file of a model that is no GGUF file yet.
        offloads: whether a GPU takes part.

    Raises:
        UsageError: the model has no name.
    """
    model, _ = named(reference)
    notes: tuple[str, ...] = ()
    if not model.lower().endswith(".gguf"):
        kind = stored.removeprefix("gguf_").upper() if stored in GGUF_RECIPES else PLAIN.get(stored, stored.upper())
        file = f"{model.rstrip('/').rpartition('/')[2]}-{kind}.gguf"
        notes = (f"{file} is {model} as convert_hf_to_gguf.py and llama-quantize write it",)
        model = file
    layers = d.knob("n_gpu_layers")
    key, value = (TYPES.get(name, name) for name in types)
    given = [
        ("-m", model),
        ("-c", s.cells),
        ("-np", s.slots),
        ("--kv-unified", s.streams == 1 and s.slots > 1),
        ("-ngl", (ALL_LAYERS if layers is None else layers) if offloads else 0),
        ("-sm", "layer" if d.pp > 1 else None),
        ("-ctk", key),
        ("-ctv", value),
        ("-fa", d.knob("flash_attn")),
        ("-b", d.knob("n_batch")),
        ("-ub", d.knob("n_ubatch")),
        ("--swa-full", bool(d.knob("swa_full"))),
    ]
    if d.pp > 1:
        notes = (*notes, f"the layers are shared by the {d.pp} GPUs that it sees")
    return Command((("llama-server", *options(given)),), notes)
