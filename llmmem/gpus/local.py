"""The accelerators of this machine, as its own tools report them; free memory included.

Tools are asked in turn: NVML through nvidia-ml-py where that is installed, nvidia-smi, rocm-smi; Apple's shared memory
through sysctl. Nothing is loaded onto a device.
"""

from __future__ import annotations

import json
import platform
import subprocess
from importlib import import_module
from typing import Any

from llmmem.errors import LlmmemError, SourceUnavailableError
from llmmem.gpus import Gpu, entry_gpu, find

MIB = 2**20
#: seconds a tool may take
PATIENCE = 10


def local() -> tuple[Gpu, ...]:
    """This machine's accelerators, one entry for each device; ``usable_bytes`` is what is free on it now.

    Raises:
        SourceUnavailableError: no tool reports one.
    """
    for ask in (_nvml, _nvidia_smi, _rocm_smi, _apple):
        if found := ask():
            return tuple(found)
    raise SourceUnavailableError(
        "This machine shows no accelerator: neither NVML, nvidia-smi, rocm-smi nor Apple's sysctl reports one.",
        "Name one of the catalogue with --gpu; `llmmem gpus` lists them.",
    )


def _device(name: str, vendor: str, total: int, free: int, tool: str, index: int) -> Gpu:
    """A device under the facts of its catalogue entry, with the memory the tool reports."""
    try:
        known = find(name)
    except LlmmemError:
        known = entry_gpu({"id": name, "name": name, "vendor": vendor, "memory_gb": total / 2**30, "source": tool})
    used = total - free
    return known._replace(
        id=f"local:{index}",
        name=name,
        memory_mib=total // MIB,
        usable_bytes=free,
        usable_basis="measured",
        usable_why=f"Measured: {tool} reports {total // MIB:,} MiB, of which {used // MIB:,} MiB are in use.",
        source=tool,
    )


def _nvml() -> list[Gpu]:
    try:
        nvml: Any = import_module("pynvml")
        nvml.nvmlInit()
    except Exception:  # not installed, or no driver: whatever its own exceptions are, another tool is asked
        return []
    try:
        out = []
        for index in range(nvml.nvmlDeviceGetCount()):
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            name, memory = nvml.nvmlDeviceGetName(handle), nvml.nvmlDeviceGetMemoryInfo(handle)
            shown = name.decode() if isinstance(name, bytes) else str(name)
            out.append(_device(shown, "NVIDIA", int(memory.total), int(memory.free), "NVML", index))
        return out
    finally:
        nvml.nvmlShutdown()


def _nvidia_smi() -> list[Gpu]:
    text = _run("nvidia-smi", "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits")
    out = []
    for index, line in enumerate(text.splitlines()):
        name, total, free = (part.strip() for part in line.rsplit(",", 2))
        if total.isdecimal() and free.isdecimal():  # a device in an error state reports [N/A]
            out.append(_device(name, "NVIDIA", int(total) * MIB, int(free) * MIB, "nvidia-smi", index))
    return out


def _rocm_smi() -> list[Gpu]:
    text = _run("rocm-smi", "--showproductname", "--showmeminfo", "vram", "--json")
    try:
        cards = json.loads(text) if text else {}
    except ValueError:
        return []
    out = []
    for index, (_, card) in enumerate(sorted(cards.items())):
        total, used = card.get("VRAM Total Memory (B)"), card.get("VRAM Total Used Memory (B)")
        if not (str(total).isdecimal() and str(used).isdecimal()):
            continue
        name = str(card.get("Card Series") or card.get("Card series") or "AMD GPU")
        out.append(_device(name, "AMD", int(total), int(total) - int(used), "rocm-smi", index))
    return out


def _apple() -> list[Gpu]:
    if platform.system() != "Darwin":
        return []
    chip, size = _run("sysctl", "-n", "machdep.cpu.brand_string"), _run("sysctl", "-n", "hw.memsize")
    limit = _run("sysctl", "-n", "iogpu.wired_limit_mb")
    if not size.strip().isdecimal():
        return []
    gigabytes = int(size) / 2**30
    entry = {"id": "local:0", "name": chip.strip(), "vendor": "Apple", "memory_gb": gigabytes, "unified": True}
    gpu = entry_gpu({**entry, "source": "sysctl"})
    if limit.strip().isdecimal() and int(limit) > 0:
        wired = int(limit) * MIB
        gpu = gpu._replace(usable_bytes=wired, usable_basis="measured", usable_why="Measured: iogpu.wired_limit_mb.")
    return [gpu]


def _run(*command: str) -> str:
    """What a tool prints; empty when it is not there, fails or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout if done.returncode == 0 else ""
