"""The catalogue of accelerators (configs/gpus.yaml), how to find one, and how much of its memory programs can have."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

import re
from functools import cache
from typing import Any, NamedTuple

from llmmem import shipped
from llmmem.errors import UsageError
from llmmem.paths import configs_dir

GIB = 2**30
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
    """Every accelerator, in the order of the file.

    Raises:
        ConfigError: the file is missing or broken.
    """
    return tuple(_gpu(entry) for entry in _entries())


def common() -> tuple[Gpu, ...]:
    """The short list of widely used ones, least usable memory first."""
    gpus = (_gpu(entry) for entry in _entries('"common"') if entry.get("common"))
    return tuple(sorted(gpus, key=lambda gpu: gpu.usable_bytes))


def find(name: str) -> Gpu:
    """The accelerator with this id, name or alias, in any case, punctuation and order of words.

    The maker's name, the brand and the memory size may be there or not. A name that several share ("a100-40gb",
    "RTX 4060 Ti", "M4 Max") is the one with the least usable memory, so that a verdict is safe whichever was meant.

    Raises:
        UsageError: none is called so; the hint has the three nearest.
    """
    identifier = name.strip().lower()
    for gpu in catalogue():
        if gpu.id == identifier:
            return gpu
    index, keys = _index(), _keys(_words(name[:LONGEST_NAME]))
    for key in keys:
        if key in index:
            return index[key]

    from difflib import get_close_matches  # only ever needed for this message

    near = get_close_matches(keys[0], index, n=len(index), cutoff=0)
    ids = list(dict.fromkeys(index[key].id for key in near))[:3]
    raise UsageError(
        f"llmmem knows no GPU {name[:LONGEST_NAME]!r}.", f"Nearest: {', '.join(ids)}. `llmmem gpus` lists all."
    )


def select(vendor: str | None = None, min_memory: int | None = None) -> tuple[Gpu, ...]:
    """The catalogue, or the part by one vendor (in any case) or with at least ``min_memory`` usable bytes.

    Raises:
        UsageError: an unknown vendor.
    """
    gpus = catalogue()
    if vendor is not None:
        vendors = list(dict.fromkeys(gpu.vendor for gpu in gpus))
        if vendor.lower() not in (known.lower() for known in vendors):
            raise UsageError(f"llmmem knows no GPU by {vendor!r}.", f"Vendors: {', '.join(vendors)}.")
        gpus = tuple(gpu for gpu in gpus if gpu.vendor.lower() == vendor.lower())
    return tuple(gpu for gpu in gpus if min_memory is None or gpu.usable_bytes >= min_memory)


class _Rule(NamedTuple):
    """What an estimate leaves out."""

    #: share of the size sold that tools report, where no tool's total is known
    reported: float
    #: GiB and share of the reported size that programs cannot have
    fixed: float
    share: float
    #: the measurements it is derived from
    data: str


# The lowest measured share, rounded down; the measurements are in the docstring of estimate().
_ECC = 0.93
_NVIDIA = "no measured NVIDIA card loses more than 0.36 GiB and 1 %"
_AMD = "no measured AMD card loses more than 0.31 GiB"
_UNIFIED = _Rule(1, 0, 0.10, "the measured devices that share memory with the CPU lose 4 to 8 %")
_INTEL = _Rule(1, 0, 0.07, "the measured Intel devices with drivers since 2024 lose up to 5.6 %")
_GOOGLE = _Rule(1, 0, 0.05, "the measured TPUs lose up to 3.9 %")
_UNMEASURED = _Rule(1, 0, 0.12, "the largest loss seen on a data-centre device, an Ascend 910B4, is 11 %")

#: macOS rounds, and so do the logs: up to 1.3 MiB below the rule.
_APPLE_MARGIN = 2 * 2**20


def estimate(gpu: Gpu) -> tuple[int, str]:
    """Usable bytes of a device nobody measured, and why. Meant never to be too high; ``usable_gib`` is not looked at.

    From the total that tools report, or from the size sold where no tool's total is known. The catalogue's measured
    rows give the rules, and a test holds each of them against its rule, but for two whose software takes a share of
    its own: an Arc A750 with a driver of 2022 (21 %), and Strix Halo, where Linux gives half of the memory.

    - NVIDIA, 0.5 GiB and 1 % of the reported total: the measured cards lose 0.1 GiB (GTX 1080 Ti) to 1.1 GiB (GH200).
      The rule leaves 0.14 GiB or more on each, for the loss grows with the driver. Reported of sold: GeForce 0.995 and
      up (0.99 taken); GDDR6 with ECC, as workstation and data-centre cards have it, 0.937 (0.93 taken, for GDDR5 too);
      HBM3e 0.933 on B300 (0.93 taken, for HBM4 too); anything else 0.995 (0.99 taken).
    - AMD, 0.25 GiB and 0.5 %: 0.02 GiB on bare metal, 0.31 GiB of 192 as a cloud's virtual function. Reported of sold:
      Radeon PRO with ECC 0.933 (0.93 taken); HBM4 as NVIDIA's; 1 otherwise.
    - Intel 7 %: Arc A770 and B580 lose 5.6 %.
    - Google 5 %: TPU v4 loses 3.9 %.
    - Memory shared with the CPU 10 %: Jetson Orin Nano loses 7.9 %, DGX Spark 6.5 %.
    - Anything else 12 %: a log of an Ascend 910B4 has 28.50 of 32 GiB, 10.9 % less. Makers whose GB is 10^9 bytes
      (6.9 % less) are covered too.
    - Apple: the GPU's default limit before macOS 26, 2/3 of the memory, from 36 GB on 3/4. macOS 26 gives more, 0.74 to
      0.84. `iogpu.wired_limit_mb` changes it.
    """
    size = gpu.memory_gb / gpu.devices
    if gpu.vendor == "Apple":
        share, words = (2 / 3, "2/3") if size < 36 else (3 / 4, "3/4")
        why = f"{words} of {size:g} GB, the default limit for the GPU before macOS 26"
        return int(size * share * GIB) - _APPLE_MARGIN, why
    rule = _rule(gpu)
    if gpu.memory_mib is not None:
        total, origin = gpu.memory_mib / 1024, f"{gpu.memory_mib} MiB reported"
    else:
        total, origin = size * rule.reported, f"{size:g} GB"
        if rule.reported < 1:
            origin += f", of which {100 * rule.reported:g} % are reported"
    less = (f"{rule.fixed:g} GiB and " if rule.fixed else "") + f"{100 * rule.share:g} %"
    return int((total - rule.fixed - total * rule.share) * GIB), f"{origin}, less {less}: {rule.data}"


def _rule(gpu: Gpu) -> _Rule:
    kind = gpu.memory_type or ""
    if gpu.unified:
        return _UNIFIED
    if gpu.vendor == "NVIDIA":
        low = kind in ("HBM3e", "HBM4") or (kind in ("GDDR5", "GDDR6") and "GeForce" not in gpu.name)
        return _Rule(_ECC if low else 0.99, 0.5, 0.01, _NVIDIA)
    if gpu.vendor == "AMD":
        return _Rule(_ECC if kind == "HBM4" or " PRO " in gpu.name else 1, 0.25, 0.005, _AMD)
    return {"Intel": _INTEL, "Google": _GOOGLE}.get(gpu.vendor, _UNMEASURED)


def _gpu(entry: dict[str, Any]) -> Gpu:
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


# Words that people and tools put into a name or leave out.
_OPTIONAL = {"nvidia", "amd", "intel", "apple", "google", "aws", "huawei"}
_OPTIONAL |= {"geforce", "tesla", "jetson", "radeon", "instinct", "gtx", "rtx", "rx", "blackwell"}
_OPTIONAL |= {"gpu", "graphics", "generation", "edition", "oam"}
# Patterns are compiled when first used: most commands look nothing up.
_MARKS = r"\((?:r|tm)\)"
_SIZE = r"\b([0-9]+) ?g(?:i?b)?\b"
_WORD = r"(?:\b(?:gtx|rtx|rx))?([a-z0-9]+)"


def _words(name: str) -> list[str]:
    """The words names are compared by: "NVIDIA RTX4090 24 GB" is 4090, 24gb."""
    text = re.sub(_SIZE, r"\1gb", re.sub(_MARKS, " ", name.lower()))
    return [word for word in re.findall(_WORD, text) if word not in _OPTIONAL]


def _keys(words: list[str]) -> tuple[str, str]:
    """Run together, so that spaces do not matter; and in alphabetical order, so that their order does not."""
    return "".join(words), " ".join(sorted(words))


@cache
def _index() -> dict[str, Gpu]:
    """The keys of every id, name and alias, with and without the size; of entries that share one, the least usable."""
    index: dict[str, Gpu] = {}
    for gpu in sorted(catalogue(), key=lambda gpu: gpu.usable_bytes, reverse=True):
        size = f"{gpu.memory_gb:g}gb"
        for name in (gpu.id, gpu.name, *gpu.aliases):
            words = _words(name)
            for key in _keys(words) if size in words else (*_keys(words), *_keys([*words, size])):
                index[key] = gpu
    return index
