"""The largest batch and the longest context that fit: exact inverses of the sizes, at the high end of the estimate."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.deployment import MOST_CONTEXT
from llmmem.engines.plan import Plan


def largest(size: Callable[[int], int], limit: int, most: int) -> int:
    """The largest n in 1..most with ``size(n) <= limit``, 0 if there is none; ``size`` must not fall.

    Sizes are linear in pieces, so a straight line through the bracket finds the place in a few steps; a bisection
    after every line that did not halve the bracket keeps the worst case logarithmic.
    """
    low, high = 1, most
    at_low, at_high = size(low), size(high)
    if at_low > limit:
        return 0
    if at_high <= limit:
        return most
    line = True
    while high - low > 1:
        width = high - low
        middle = low + ((limit - at_low) * width // (at_high - at_low) if line else width // 2)
        middle = min(max(middle, low + 1), high - 1)
        at_middle = size(middle)
        if at_middle <= limit:
            low, at_low = middle, at_middle
        else:
            high, at_high = middle, at_middle
        line = not line or 2 * (high - low) <= width
    return low


def max_batch(plan: Plan, usable: int, context: int) -> int:
    """Largest batch whose high end is at most ``usable`` bytes at this context; 0: not even one."""
    plan.all_known()
    return largest(lambda n: plan.total(n, context).high, usable, plan.most_batch)


def max_context(plan: Plan, usable: int, batch: int) -> int | None:
    """Longest context whose high end is at most ``usable`` bytes for this batch, within the model's own limit; None for
    a model that has no context.
    """
    plan.all_known()
    if not plan.CONTEXT:
        return None
    return largest(lambda n: plan.total(batch, n).high, usable, plan.spec.max_context or MOST_CONTEXT)
