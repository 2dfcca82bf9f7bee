"""How much of a device's memory programs can have, where nobody measured it."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from llmmem.gpus import Gpu

GIB = 2**30


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


def estimate(gpu: "Gpu") -> tuple[int, str]:
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


def _rule(gpu: "Gpu") -> _Rule:
    kind = gpu.memory_type or ""
    if gpu.unified:
        return _UNIFIED
    if gpu.vendor == "NVIDIA":
        low = kind in ("HBM3e", "HBM4") or (kind in ("GDDR5", "GDDR6") and "GeForce" not in gpu.name)
        return _Rule(_ECC if low else 0.99, 0.5, 0.01, _NVIDIA)
    if gpu.vendor == "AMD":
        return _Rule(_ECC if kind == "HBM4" or " PRO " in gpu.name else 1, 0.25, 0.005, _AMD)
    return {"Intel": _INTEL, "Google": _GOOGLE}.get(gpu.vendor, _UNMEASURED)
