"""llama.cpp's start-up log (llama-model.cpp, llama-kv-cache.cpp, llama-memory-recurrent.cpp, llama-context.cpp).

Buffers stand under their device. Where a GPU has some, the GPU with most is compared; else the CPU's together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmmem.engines.log import NUMBER, Measured, Reading, amount, settled

#: device and kind of a buffer
Key = tuple[str, str]
BUFFER = re.compile(rf"\b(\w{{1,40}}) +(?:(model|KV|RS|compute|output) )?buffer size += +{NUMBER} ?(MiB|KiB|GiB)")
#: caches of versions that name no device, and state
WHOLE = re.compile(rf"(?:llama_kv_cache\w*: +size =|KV self size +=|llama_memory_recurrent: +size =) *{NUMBER} ?(MiB)")
WHATS = {
    "model": "weights",
    "": "weights",
    "KV": "kv_cache",
    "RS": "state",
    "compute": "activations",
    "output": "output",
}
SETTINGS = {
    "cells": re.compile(r"\bn_ctx += +(\d+)"),
    "n_batch": re.compile(r"\bn_batch += +(\d+)"),
    "n_ubatch": re.compile(r"\bn_ubatch += +(\d+)"),
    "n_parallel": re.compile(r"\bn_seq_max += +(\d+)"),
}


def read(lines: Sequence[tuple[int, str]]) -> Reading:
    """What the log says."""
    buffers: dict[Key, Measured] = {}
    caches: dict[Key, Measured] = {}
    for number, line in lines:
        match = BUFFER.search(line)
        whole = WHOLE.search(line)
        if match:
            what = WHATS[match[2] or ""]
            _add(buffers, (match[1], what), match[3], match[4], number, match[0])
        elif whole:
            what = "state" if "recurrent" in whole[0] else "kv_cache"
            _add(caches, ("", what), whole[1], whole[2], number, whole[0])
    measured = {what: m for what in dict.fromkeys(WHATS.values()) if (m := _fullest(buffers, what)) is not None}
    return Reading(
        "llama.cpp", tuple(({what: m for (_, what), m in caches.items()} | measured).values()), settled(lines, SETTINGS)
    )


def _add(kept: dict[Key, Measured], key: Key, number: str, unit: str, line: int, text: str) -> None:
    """A buffer of its kind more; of a graph that is planned several times the largest counts."""
    size, step = amount(number, unit)
    what = key[1]
    old = kept.get(key)
    if old is None:
        kept[key] = Measured(what, size, "bytes", step, line, text.strip())
    elif what == "activations":
        kept[key] = old._replace(value=max(old.value, size))
    else:
        kept[key] = old._replace(value=old.value + size, step=old.step + step)


def _fullest(buffers: dict[Key, Measured], what: str) -> Measured | None:
    own = {device: m for (device, kind), m in buffers.items() if kind == what}
    devices = [m for device, m in own.items() if not device.startswith("CPU") and not device.endswith("_Host")]
    if devices:
        return max(devices, key=lambda m: m.value)
    if not own:
        return None
    all_of_it = list(own.values())
    return all_of_it[0]._replace(value=sum(m.value for m in all_of_it), step=sum(m.step for m in all_of_it))
