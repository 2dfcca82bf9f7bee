"""SGLang's start-up log, 0.4 to 0.5.23 (model_runner.py, memory_pool.py, scheduler.py, cuda_graph_setup.py).

Its "GB" are GiB. Ranks mark their lines (TP1, PP0 TP3); the first tensor parallel rank of each stage is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmmem.engines.log import NUMBER, Measured, Reading, amount, found, fullest, rule, settled

RULES = (
    rule("weights", r"Load weight end\..*?mem usage=<N> ?<U>"),
    rule("tokens", r"max_total_num_tokens=<N>", "tokens"),
    rule("graphs", r"(?i:capture[\w ]*cuda graph end)\..*?mem usage=<N> ?<U>"),
)
#: sizes of the pools: one line for each pool, with one or two sizes
POOLS = {
    "kv_cache": re.compile(r"KV Cache is allocated\..*"),
    "state": re.compile(r"Mamba Cache is allocated\..*"),
}
SIZE = re.compile(rf"(?:\bK|\bV|\bKV|conv_state|ssm_state) size: {NUMBER} ?(GB)")
OTHERS = re.compile(r"\bTP([1-9]\d*)\b")
STAGE = re.compile(r"\bPP(\d+)\b")
SETTINGS = {
    "context": re.compile(r"(?:context_len=|context_length=)(\d+)"),
    "tp": re.compile(r"\btp_size=(\d+)"),
    "pp": re.compile(r"\bpp_size=(\d+)"),
    "mem_fraction_static": re.compile(r"mem_fraction_static=(0?\.\d+)"),
    "chunked_prefill_size": re.compile(r"chunked_prefill_size=(\d+)"),
    "page_size": re.compile(r"\bpage_size=(\d+)"),
}


def read(lines: Sequence[tuple[int, str]]) -> Reading:
    """What the log says."""
    first = [(number, line) for number, line in lines if not OTHERS.search(line)]
    figures = found(first, RULES)
    measured = [*fullest(m for m in figures if m.what != "graphs"), *_graphs(figures), *_pools(first)]
    if not any(m.what == "tokens" for m in measured):
        counts = found(first, (rule("tokens", r"KV Cache is allocated\..*?#tokens: <N>", "tokens"),))
        measured += [max(counts, key=lambda m: m.value)] if counts else []
    return Reading("sglang", tuple(measured), settled(lines, SETTINGS))


def _graphs(figures: Sequence[Measured]) -> list[Measured]:
    """Those of decoding and of chunks together."""
    own = [m for m in figures if m.what == "graphs"]
    return [own[0]._replace(value=sum(m.value for m in own), step=sum(m.step for m in own))] if own else []


def _pools(lines: Sequence[tuple[int, str]]) -> list[Measured]:
    """Sizes of a stage's pools together, on the stage with most."""
    sums: dict[tuple[str, str], Measured] = {}
    for number, line in lines:
        stage = STAGE.search(line)
        for what, pattern in POOLS.items():
            match = pattern.search(line)
            sizes = [amount(n, u) for n, u in SIZE.findall(match[0])] if match else []
            if match and sizes:
                key = (what, stage[1] if stage else "")
                old = sums.get(key) or Measured(what, 0, "bytes", 0, number, match[0].strip())
                more, step = sum(s for s, _ in sizes), sum(s for _, s in sizes)
                sums[key] = old._replace(value=old.value + more, step=old.step + step)
    return fullest(sums.values())
