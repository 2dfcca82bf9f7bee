"""How Inkling's vision tower grows from single points to a whole patch: which sizes its layers have."""

from __future__ import annotations

import math
import struct
from itertools import accumulate
from operator import mul
from typing import NamedTuple


class Scale(NamedTuple):
    """Points that stand together as one vector (over time and both sides), and how wide it is."""

    time: int
    side: int
    width: int

    @property
    def points(self) -> int:
        """Points in one vector."""
        return self.time * self.side**2


def layer_scales(frames: int, side: int, layers: int, channels: int) -> list[Scale]:
    """The scale before the first and after every layer (transformers 5.23, inkling, plan_out_scales).

    Points grow by the prime factors of the patch, those of its sides first. Each layer takes the scale nearest to an
    even growth; where there are fewer layers than scales, no scale is taken twice. The numbers are single precision,
    as there: some choices hang on their rounding.
    """
    sides = list(accumulate(reversed(_primes(side)), mul))
    scales = [Scale(1, 1, channels)]
    scales += [Scale(1, n, -(-n * n * channels // 64) * 64) for n in sides]
    scales += [Scale(n, side, n * side * side * channels * 64) for n in accumulate(reversed(_primes(frames)), mul)]
    whole = _single(math.log(side * side * frames * channels))
    step = _single(whole / max(layers, 1))
    half = (layers + 1) // 2
    ideal = [
        _single(step * i) if i < half else _single(whole - _single(step * (layers - i))) for i in range(layers + 1)
    ]
    logs = [_single(math.log(scale.points)) for scale in scales]
    costs = [[abs(_single(x - y)) for y in logs] for x in ideal]
    chosen = [row.index(min(row)) for row in costs] if layers >= len(scales) else _assign(costs)
    chosen[0], chosen[-1] = 0, len(scales) - 1
    return [scales[i] for i in chosen]


def _single(x: float) -> float:
    return float(struct.unpack("f", struct.pack("f", x))[0])


def _primes(number: int) -> list[int]:
    factors, prime = [], 2
    while prime * prime <= number:
        while number % prime == 0:
            factors.append(prime)
            number //= prime
        prime += 1
    return [*factors, number] if number > 1 else factors


def _assign(costs: list[list[float]]) -> list[int]:
    """A column of its own for every row, at the least cost in all: shortest augmenting paths (Crouse 2016).

    Among equals the order is scipy's, which the class asks: columns from the last to the first, free ones preferred.
    """
    rows, columns = len(costs), len(costs[0])
    u, v = [0.0] * rows, [0.0] * columns
    column_of, row_of = [-1] * rows, [-1] * columns
    for start in range(rows):
        path, least = [-1] * columns, [math.inf] * columns
        seen = []
        left = list(range(columns - 1, -1, -1))
        row, reached, sink = start, 0.0, -1
        while sink < 0:
            place, lowest = -1, math.inf
            for at, column in enumerate(left):
                cost = reached + costs[row][column] - u[row] - v[column]
                if cost < least[column]:
                    path[column], least[column] = row, cost
                if least[column] < lowest or (least[column] == lowest and row_of[column] < 0):
                    place, lowest = at, least[column]
            reached, column = lowest, left[place]
            seen.append(column)
            left[place] = left[-1]
            left.pop()
            if row_of[column] < 0:
                sink = column
            else:
                row = row_of[column]
        u[start] += reached
        for column in seen:
            if column != sink:
                u[row_of[column]] += reached - least[column]
            v[column] -= reached - least[column]
        column = sink
        while True:
            row = path[column]
            row_of[column] = row
            column_of[row], column = column, column_of[row]
            if row == start:
                break
    return column_of
