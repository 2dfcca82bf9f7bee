"""The catalogue of accelerators (configs/gpus.yaml), how to find one, and how much of its memory programs can have."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from functools import cache
from typing import Any, NamedTuple

from llmmem import shipped
from llmmem.errors import UsageError
from llmmem.gpus.names import keys, words
from llmmem.gpus.usable import GIB, estimate
from llmmem.paths import configs_dir

#: What is longer is no name, and would only make the search for near ones slow.
LONGEST_NAME = 80


class Gpu(NamedTuple):
    """One accelerator. The head of configs/gpus.yaml explains the fields and their units; None is unknown.

    ``usable_bytes`` is what one device gives to programs, and the number "it fits" is decided with. It is measured
    where ``usable_gib`` is known and estimated otherwise (see ``estimate``); ``usable_why`` says how, in one sentence.
    """

    id: str
    name: str
    vendor: str
    memory_gb: float
    source: str
    memory_mib: int | None = None
    usable_gib: float | None = None
    memory_type: str | None = None
    bandwidth_gbs: float | None = None
    fp16_tflops: float | None = None
    fp8_tflops: float | None = None
    fp4_tflops: float | None = None
    interconnect: str | None = None
    gpus_per_node: int | None = None
    year: int | None = None
    compute_capability: str | None = None
    aliases: tuple[str, ...] = ()
    unified: bool = False
    common: bool = False
    devices: int = 1
    note: str | None = None
    usable_bytes: int = 0
    #: measured or estimated
    usable_basis: str = ""
    usable_why: str = ""


def _entries(mark: str = "") -> list[dict[str, Any]]:
    """The file as it stands, or at least the entries with a mark in them.

    Raises:
        ConfigError: it is missing or broken.
    """
    entries: list[dict[str, Any]] = shipped.read(configs_dir() / "gpus.yaml", mark)
    return entries


@cache
def catalogue() -> tuple[Gpu, ...]:
    """Every accelerator llmmem ships, in the order of the file.

    Raises:
        ConfigError: the file is missing or broken.
    """
    return tuple(entry_gpu(entry) for entry in _entries())


def common() -> tuple[Gpu, ...]:
    """The short list of widely used ones, least usable memory first."""
    gpus = (entry_gpu(entry) for entry in _entries('"common"') if entry.get("common"))
    return tuple(sorted(gpus, key=lambda gpu: gpu.usable_bytes))


def find(name: str, own: tuple[Gpu, ...] = ()) -> Gpu:
    """The accelerator with this id, name or alias, in any case, punctuation and order of words.

    The maker's name, the brand and the memory size may be there or not. A name that several share ("a100-40gb",
    "RTX 4060 Ti", "M4 Max") is the one with the least usable memory, so that a verdict is safe whichever was meant.
    A cloud instance ("p5.48xlarge") is its accelerator, as many to a node as it has; "local" is the least of this
    machine's own.

    Args:
        own: the user's accelerators, which win over those llmmem ships.

    Raises:
        UsageError: none is called so; the hint has the three nearest. Or no name at all.
        SourceUnavailableError: "local" on a machine that shows no accelerator.
    """
    if not isinstance(name, str):
        raise UsageError(
            f"A GPU is named by a word, not {type(name).__name__}.", "Such as h100; `llmmem gpus` lists all."
        )
    identifier = name.strip().lower()
    if identifier == "local":
        from llmmem.gpus.local import local

        return min(local(), key=lambda gpu: gpu.usable_bytes)
    for gpu in (*own, *catalogue()):
        if gpu.id == identifier:
            return gpu
    wanted = keys(words(name[:LONGEST_NAME]))
    for index in (_index(own), _index(catalogue())):
        for key in wanted:
            if key in index:
                return index[key]

    from llmmem.gpus.instances import instance

    if found := instance(identifier, catalogue()):
        return found

    from difflib import get_close_matches  # only ever needed for this message

    index = {**_index(catalogue()), **_index(own)}
    near = get_close_matches(wanted[0], index, n=len(index), cutoff=0)
    ids = list(dict.fromkeys(index[key].id for key in near))[:3]
    raise UsageError(
        f"llmmem knows no GPU {name[:LONGEST_NAME]!r}.", f"Nearest: {', '.join(ids)}. `llmmem gpus` lists all."
    )


def select(vendor: str | None = None, min_memory: int | None = None, own: tuple[Gpu, ...] = ()) -> tuple[Gpu, ...]:
    """The catalogue, or the part by one vendor (in any case) or with at least ``min_memory`` usable bytes.

    Args:
        own: the user's accelerators, listed first.

    Raises:
        UsageError: an unknown vendor.
    """
    replaced = {gpu.id for gpu in own}
    gpus = (*own, *(gpu for gpu in catalogue() if gpu.id not in replaced))
    if vendor is not None:
        vendors = list(dict.fromkeys(gpu.vendor for gpu in gpus))
        if vendor.lower() not in (known.lower() for known in vendors):
            raise UsageError(f"llmmem knows no GPU by {vendor!r}.", f"Vendors: {', '.join(vendors)}.")
        gpus = tuple(gpu for gpu in gpus if gpu.vendor.lower() == vendor.lower())
    return tuple(gpu for gpu in gpus if min_memory is None or gpu.usable_bytes >= min_memory)


def entry_gpu(entry: dict[str, Any]) -> Gpu:
    """The accelerator of a checked entry, with what of its memory programs can have."""
    gpu = Gpu(**entry | {"aliases": tuple(entry.get("aliases", ()))})
    if gpu.usable_gib is None:
        size, why = estimate(gpu)
        basis = "estimated"
    else:
        size, why = int(gpu.usable_gib * GIB), f"{gpu.usable_gib:g} GiB is the total that programs see"
        basis = "measured"
    if gpu.unified and gpu.vendor != "Apple":  # Apple's limit already leaves the rest of the memory to the CPU
        why += ", shared with the CPU"
    note = f" ({gpu.note})" if gpu.note else ""
    return gpu._replace(usable_bytes=size, usable_basis=basis, usable_why=f"{basis.capitalize()}: {why}{note}.")


@cache
def _index(gpus: tuple[Gpu, ...]) -> dict[str, Gpu]:
    """The keys of every id, name and alias, with and without the size; of entries that share one, the least usable."""
    index: dict[str, Gpu] = {}
    for gpu in sorted(gpus, key=lambda gpu: gpu.usable_bytes, reverse=True):
        size = f"{gpu.memory_gb:g}gb"
        for name in (gpu.id, gpu.name, *gpu.aliases):
            parts = words(name)
            for key in keys(parts) if size in parts else (*keys(parts), *keys([*parts, size])):
                index[key] = gpu
    return index
