"""Whether deployments hold what was asked of them: on their GPUs and within their budget, with the reason if not."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections import Counter
from typing import Any, NamedTuple

from llmmem.errors import LlmmemError
from llmmem.fit import Fit
from llmmem.memory.report import MemoryReport
from llmmem.units import format_bytes

#: what tells deployments of one model apart, and how it is written
_APART = {
    "engine": "{}",
    "precision": "{}",
    "kv_precision": "{} cache",
    "batch": "batch {:,}",
    "context": "context {:,}",
    "tp": "tp {}",
    "pp": "pp {}",
    "ep": "ep {}",
    "dp": "dp {}",
    "images": "{:,} pictures",
    "image_size": "pictures of {}",
    "video_frames": "{:,} frames",
    "audio": "{:,g} s of sound",
}


class Case(NamedTuple):
    """One deployment of a comparison and what was found out about it."""

    name: str
    report: MemoryReport
    fits: tuple[Fit, ...] = ()
    #: bytes that the high end on a GPU may have; None: not said
    budget: int | None = None
    #: where it stands in a file
    line: int | None = None

    @property
    def high(self) -> int | None:
        """High end of the total; None where it is unknown."""
        return None if self.report.spec.unknown else self.report.peak_high

    @property
    def over(self) -> bool:
        """Whether it is above its budget, or nobody knows."""
        return bool(excess(self.report, self.budget))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it does not hold, one sentence each; empty when it does."""
        return (*(_too_much(fit) for fit in self.fits if not fit.fits), *excess(self.report, self.budget))

    @property
    def passed(self) -> bool | None:
        """Whether it holds; None where there is nothing to hold it against."""
        return not self.reasons if self.fits or self.budget is not None else None


class Unanswered(NamedTuple):
    """One deployment of a check that nothing could be found out about, and why."""

    name: str
    #: as it was asked for
    engine: str
    error: LlmmemError
    #: where it stands in a file
    line: int | None = None


def excess(report: MemoryReport, budget: int | None) -> tuple[str, ...]:
    """The sentence for a high end above a budget, or for one that nobody knows."""
    if budget is None:
        return ()
    allowed = format_bytes(budget, "GiB")
    if report.spec.unknown:
        return (f"only the weights are known, so nobody can say whether it stays within {allowed}",)
    if report.peak_high <= budget:
        return ()
    much = format_bytes(report.peak_high - budget, "GiB")
    return (f"needs up to {format_bytes(report.peak_high, 'GiB')} on a GPU, {much} above the {allowed} allowed",)


def _too_much(fit: Fit) -> str:
    usable = f"{fit.gpu.id} has {format_bytes(fit.usable, 'GiB')}"
    if fit.used_high is None or fit.headroom is None:
        known = "the weights alone are too large" if fit.fits is False else "only the weights are known"
        return f"{usable}, and {known}"
    group = {"kv_cache": "KV cache", "image": "pictures"}.get(fit.obstacle or "", fit.obstacle)
    most = f"{fit.max_batch:,} requests at once would fit" if fit.max_batch else "not even one request fits"
    return (
        f"needs up to {format_bytes(fit.used_high, 'GiB')} on a GPU, {usable}: {format_bytes(-fit.headroom, 'GiB')}"
        f" too much; the memory runs out at the {group}; {most}"
    )


def named(cases: list[Case]) -> list[Case]:
    """The cases with a name each: their own, or the model's with what sets it apart from others of this model."""
    facts = [_facts(case) for case in cases]
    unnamed: dict[str, list[dict[str, Any]]] = {}
    for case, fact in zip(cases, facts, strict=True):
        if not case.name:
            unnamed.setdefault(case.report.reference, []).append(fact)
    out: list[Case] = []
    taken: Counter[str] = Counter(case.name for case in cases if case.name)
    for case, fact in zip(cases, facts, strict=True):
        if case.name:
            out.append(case)
            continue
        alike = unnamed[case.report.reference]
        parts = [text for key, text in fact.items() if any(other[key] != text for other in alike)]
        name = ", ".join([case.report.reference or case.report.model_type, *filter(None, parts)])
        taken[name] += 1
        out.append(case._replace(name=name if taken[name] == 1 else f"{name} ({taken[name]})"))
    return out


def _facts(case: Case) -> dict[str, str]:
    d = case.report.to_dict()["deployment"]
    knobs = (f"{name.replace('_', '-')} {value}" for name, value in case.report.deployment.knobs)
    gpus = " or ".join(fit.gpu.id for fit in case.fits)
    said = {key: "" if d[key] is None else text.format(d[key]) for key, text in _APART.items()}
    return said | {"gpu": gpus, "knobs": ", ".join(knobs)}
