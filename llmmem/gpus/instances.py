"""Cloud instances: an accelerator of the catalogue, and how many of it one machine has (configs/instances.yaml)."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from llmmem import shipped
from llmmem.gpus.usable import estimate
from llmmem.paths import configs_dir

if TYPE_CHECKING:
    from llmmem.gpus import Gpu


def instance(name: str, gpus: "Iterable[Gpu]") -> "Gpu | None":
    """The accelerator of an instance, under the instance's name; None: no such instance.

    Raises:
        ConfigError: the file is missing or broken.
    """
    entries: list[dict[str, Any]] = shipped.read(configs_dir() / "instances.yaml")
    entry = next((e for e in entries if e["id"].lower() == name), None)
    if entry is None:
        return None
    gpu = next(g for g in gpus if g.id == entry["gpu"])
    count = entry["count"]
    several = f"{count} x " if count > 1 else ""
    gpu = gpu._replace(
        id=entry["id"], name=f"{entry['cloud']} {entry['id']}: {several}{gpu.name}", gpus_per_node=count, aliases=()
    )
    if part := entry.get("memory_mib"):
        size, why = estimate(gpu._replace(memory_mib=part))
        gpu = gpu._replace(memory_mib=part, memory_gb=part / 1024, usable_gib=None, usable_bytes=size)
        gpu = gpu._replace(usable_basis="estimated", usable_why=f"Estimated: a part of the card, {why}.")
    return gpu
