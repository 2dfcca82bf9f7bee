"""Which layers of an architecture see how much: windows that llama.cpp gives by architecture, not by metadata.

From ``load_arch_hparams`` of each model in llama.cpp's src/models; ``attention.sliding_window_pattern`` in the file, a
flag for every layer or the length of a period, wins over the period here.
"""

from __future__ import annotations

from typing import NamedTuple

from llmmem.architectures.gguf.metadata import Metadata

#: kind of the cache and its window
Reach = tuple[str, int | None]
FULL: Reach = ("full", None)


class Rule(NamedTuple):
    """Every ``period``-th layer sees everything, the last of a period or (``dense_first``) its first; with 0, none."""

    period: int
    dense_first: bool = False
    #: the window where the metadata state none; 0: then there are no windows
    default: int = 0
    kind: str = "sliding"
    #: the window whatever the metadata state
    fixed: int = 0


RULES = {
    "afmoe": Rule(4),
    "cohere2": Rule(4),
    "cohere2moe": Rule(4, dense_first=True),
    "dots3note": Rule(1),
    "exaone-moe": Rule(4, default=128),
    "gemma2": Rule(2, default=4096),
    "gemma3": Rule(6),
    "gemma3n": Rule(5),
    "gemma4": Rule(1),
    "gpt-oss": Rule(2),
    "granite_swa": Rule(1),
    "laguna": Rule(4, dense_first=True),
    "lfm2": Rule(0),
    "llama4": Rule(4, default=8192, kind="chunked", fixed=8192),
    "maple": Rule(1),
    "mellum": Rule(4),
    "mimo2": Rule(1),
    "muse-glimmer": Rule(4),
    "olmo2": Rule(4),
    "plamo3": Rule(8),
    "smallthinker": Rule(4, dense_first=True, fixed=4096),
    "spark2_5": Rule(1),
    "step35": Rule(1),
}


def reaches(m: Metadata) -> list[Reach]:
    """Kind and window of every layer's keys and values."""
    rule = _rule(m)
    window = 0 if rule is None else m.number("attention.sliding_window", rule.default)
    if rule is None or not window:
        return [FULL] * m.blocks
    local: Reach = (rule.kind, rule.fixed or window)
    pattern = m.get("attention.sliding_window_pattern") if rule.period else None
    if isinstance(pattern, list):
        flags = m.each("attention.sliding_window_pattern", m.blocks)
        return [local if flag else FULL for flag in flags]
    period = rule.period if pattern is None else m.number("attention.sliding_window_pattern")
    dense = 0 if rule.dense_first else period - 1
    out = [FULL if period and i % period == dense else local for i in range(m.layers)]
    return out + [FULL] * (m.blocks - m.layers)


def _rule(m: Metadata) -> Rule | None:
    if m.architecture == "exaone4":  # the 32B model alone has windows; its smaller kin has none
        return Rule(4, default=4096) if m.layers == 64 else None
    return RULES.get(m.architecture)
