"""SGLang's pools: what a budget is shared out into, and what a load needs of it.

Sources: model_executor/pool_configurator.py (calculate_pool_sizes, compute_swa_request_cap),
mem_cache/kv_cache_configurator.py (_handle_max_mamba_cache, _calculate_mamba_ratio, resolve_max_num_reqs),
mem_cache/memory_pool.py (a padding page in each buffer, a padding slot for states).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Sequence
from typing import NamedTuple

from llmmem.engines.sglang.cells import Cells

#: steps between two looks at what has left a window
EVICTION = 128
#: requests at once when nobody says
LEAST_RUNNING, MOST_RUNNING = 2048, 4096


class Rules(NamedTuple):
    """What decides how a budget is shared out."""

    page: int
    chunk: int
    #: tokens of the layers' window; 0: no pool for it
    window: int
    #: --swa-full-tokens-ratio and --mamba-full-memory-ratio
    window_ratio: float
    state_ratio: float
    #: states a running request takes: its own, those kept for prompts that come again, and those in the making
    slots: int
    #: --max-running-requests, where it is given
    running: int | None
    #: whether prompts are kept
    radix: bool

    def aligned(self, tokens: int) -> int:
        """Tokens in whole pages, rounded down."""
        return tokens // self.page * self.page

    def paged(self, tokens: int) -> int:
        """Tokens in whole pages, rounded up."""
        return -(-tokens // self.page) * self.page

    def windowed(self, requests: int, context: int) -> int:
        """Tokens that layers with windows hold of so many requests at most: the window, what is not yet evicted, and
        the chunks under way."""
        each = self.window + EVICTION + 2 * self.page
        return min(requests * self.paged(context), requests * each + 2 * self.chunk + self.page)

    @property
    def capped(self) -> bool:
        """Whether the windows' pool holds the requests that may run instead of a share of the tokens."""
        return self.running is not None and not self.radix and self.window > 0


class Need(NamedTuple):
    """What a load takes on a rank of a stage, in bytes."""

    kv: int
    window: int
    state: int
    #: what must be in the other pools for these to be so large
    shared_out: int


class Pools(NamedTuple):
    """What a budget becomes; the same on every stage."""

    tokens: int
    window_tokens: int
    #: recurrent states; 0: none
    states: int
    #: requests at once
    running: int

    def bytes(self, cells: Cells, page: int) -> int:
        """Bytes allocated on a rank of a stage, padding included."""
        kv = (self.tokens + page) * cells.full if cells.full else 0
        window = (self.window_tokens + page) * cells.window if cells.window else 0
        return kv + window + (self.states + 1) * cells.state


def pools(rest: int, stages: Sequence[Cells], rules: Rules, context: int) -> Pools:
    """The pools of what is left after the weights, on the rank that has least.

    Args:
        context: --context-length, which the default number of requests depends on.
    """
    each = max(c.state for c in stages)
    states = 0
    if each:
        if rules.running is not None and not rules.radix:
            states = rules.running
        else:
            budget = rest * rules.state_ratio / (1 + rules.state_ratio)
            states = max(0, int((budget - each) // each))
        rest -= (states + 1) * each
    rest = max(0, rest)
    tokens = min((_tokens(rest, c, rules) for c in stages if c.full or c.window), default=context)
    full = any(c.full for c in stages)
    windows = 0
    if any(c.window for c in stages):
        windows = rules.aligned(int(tokens * rules.window_ratio)) if full else tokens
        if full and rules.capped:
            windows = rules.paged(rules.windowed(rules.running or 1, 1 << 40))
    return Pools(tokens, windows, states, _running(tokens, states, rules, context))


def _tokens(rest: int, cells: Cells, rules: Rules) -> int:
    if not cells.window:
        return rules.aligned(rest // cells.full)
    if not cells.full:
        return rules.aligned(rest // cells.window)
    if rules.capped:
        fixed = rules.paged(rules.windowed(rules.running or 1, 1 << 40)) * cells.window
        return rules.aligned(max(0, rest - fixed) // cells.full)
    return rules.aligned(int(rest // (cells.full + rules.window_ratio * cells.window)))


def _running(tokens: int, states: int, rules: Rules, context: int) -> int:
    usual = max(min(int(tokens / context * 512), MOST_RUNNING), LEAST_RUNNING)
    running = min(usual if rules.running is None else rules.running, tokens // 2)
    return min(running, states // rules.slots) if states else running


def need(requests: int, context: int, cells: Cells, rules: Rules) -> Need:
    """What so many requests of so many tokens take, and what the rules put beside it."""
    tokens, page = requests * rules.paged(context), rules.page
    windows = rules.paged(rules.windowed(requests, context)) if cells.window else 0
    kv = (tokens + page) * cells.full if cells.full else 0
    window = (windows + page) * cells.window if cells.window else 0
    state = (requests * rules.slots + 1) * cells.state
    budget = _token_budget(tokens, windows, cells, rules)
    if cells.state and not (rules.running is not None and not rules.radix):
        share = rules.state_ratio / (1 + rules.state_ratio)
        # The states' share of the budget must hold these states, and the rest these tokens.
        total = max(int(state / share) + 1, int(budget / (1 - share)) + 1)
    else:
        total = budget + state
    return Need(kv, window, state, max(0, total - kv - window - state))


def _token_budget(tokens: int, windows: int, cells: Cells, rules: Rules) -> int:
    """Bytes that must be left for tokens so that both kinds of layer hold theirs."""
    if not cells.window or not cells.full:
        return tokens * cells.full + windows * cells.window
    if rules.capped:
        return tokens * cells.full + rules.paged(rules.windowed(rules.running or 1, 1 << 40)) * cells.window
    least = max(tokens, rules.paged(int(windows / rules.window_ratio) + 1))
    return int(least * (cells.full + rules.window_ratio * cells.window)) + 1


def most_requests(context: int, rules: Rules, held: Pools) -> float:
    """Requests of so many tokens that the pools hold at once, as many as may run."""
    limits = [float(held.running), held.tokens / rules.paged(context)]
    if rules.window and held.window_tokens:
        each = min(rules.paged(context), rules.window + EVICTION + 2 * rules.page)
        waiting = 0 if each == rules.paged(context) else 2 * rules.chunk + rules.page
        limits.append(max(0, held.window_tokens - waiting) / each)
    return min(limits)
