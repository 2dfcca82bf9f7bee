"""Charts as SVG: readable on light and dark pages; names stand beside what they name, so colour is never alone."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from math import log2

from llmmem.render import Chart
from llmmem.render.chart import value_text

#: Okabe and Ito's colours, which people who see few colours can tell apart
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_INK, _PAPER, _RULE = "#1f2328", "#ffffff", "#d0d7de"
_FONT = "font-family='system-ui, sans-serif'"
WIDTH = 760
#: pixels of one character of the small text, about
_CHARACTER = 7.2


def drawn(chart: Chart) -> str:
    """The chart as an SVG document."""
    make = {"bars": _bars, "lines": _lines, "heat": _heat}[chart.kind]
    body, height = make(chart)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(chart.title)}">'
    )
    paper = f'<rect width="{WIDTH}" height="{height}" rx="8" fill="{_PAPER}" stroke="{_RULE}"/>'
    title = _text(20, 30, chart.title, size=16, weight="600")
    return "\n".join([head, paper, title, *body, "</svg>"]) + "\n"


def _text(
    x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", weight: str = "400", ink: str = _INK
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {_FONT} font-size="{size}" font-weight="{weight}"'
        f' text-anchor="{anchor}" fill="{ink}">{escape(text)}</text>'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" fill="{fill}"/>'


def _legend(names: Iterable[str], y: float) -> list[str]:
    out, x = [], 20.0
    for name, colour in zip(names, _COLOURS, strict=False):
        out += [_rect(x, y - 10, 12, 12, colour), _text(x + 18, y, name)]
        x += 18 + _CHARACTER * len(name) + 20
    return out


def _bars(chart: Chart) -> tuple[list[str], int]:
    """One row for each label, the series end to end."""
    sums = [sum(values[i] for _, values in chart.series) for i in range(len(chart.labels))]
    top, several = max(sums, default=0) or 1, len(chart.series) > 1
    left = 30 + min(280, _CHARACTER * max((len(label) for label in chart.labels), default=0))
    room, y = WIDTH - left - 110, 50.0
    out = _legend((name for name, _ in chart.series), 58) if several else []
    y += 24 if several else 0
    for i, label in enumerate(chart.labels):
        shown = label if len(label) <= 38 else label[:37] + "…"
        out.append(_text(left - 8, y + 15, shown, anchor="end"))
        x = left
        for (_, values), colour in zip(chart.series, _COLOURS, strict=False):
            width = room * values[i] / top
            out.append(_rect(x, y, width, 20, colour))
            x += width
        out.append(_text(x + 6, y + 15, f"{value_text(chart, sums[i])} {chart.unit}".strip()))
        y += 28
    return out, int(y + 16)


def _lines(chart: Chart) -> tuple[list[str], int]:
    """Curves over a logarithmic axis; a name at the end of each."""
    left, right, upper, lower = 80, WIDTH - 130, 60, 340
    top = max((v for _, values in chart.series for v in values), default=0) or 1
    numbers = [max(1.0, float(label.replace(",", ""))) for label in chart.labels]
    low, high = log2(numbers[0]), log2(numbers[-1])
    xs = [left + (right - left) * ((log2(n) - low) / (high - low) if high > low else 0) for n in numbers]
    out = []
    for i in range(5):
        y = lower - (lower - upper) * i / 4
        out.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{_RULE}"/>')
        out.append(_text(left - 8, y + 4, value_text(chart, top * i / 4), anchor="end"))
    if chart.knee:
        x = xs[chart.knee[0]]
        out.append(
            f'<line x1="{x:.1f}" y1="{upper}" x2="{x:.1f}" y2="{lower}" stroke="{_INK}" stroke-dasharray="4 4"/>'
        )
        out.append(_text(x + 6, upper + 10, chart.knee[1]))
    shown = -100.0
    for label, x in zip(chart.labels, xs, strict=True):
        if x - shown >= 70 and float(label.replace(",", "")) in {2.0**k for k in range(40)} | {numbers[0], numbers[-1]}:
            out.append(_text(x, lower + 20, label, anchor="middle"))
            shown = x
    taken: list[float] = []
    for (name, values), colour in zip(chart.series, _COLOURS, strict=False):
        points = " ".join(f"{x:.1f},{lower - (lower - upper) * v / top:.1f}" for x, v in zip(xs, values, strict=True))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        y = lower - (lower - upper) * values[-1] / top
        while any(abs(y - other) < 15 for other in taken):
            y -= 15
        taken.append(y)
        out.append(_text(right + 8, y + 4, name, ink=colour, weight="600"))
    out.append(_text((left + right) / 2, lower + 42, chart.axis, anchor="middle"))
    out.append(_text(left - 8, upper - 14, chart.unit, anchor="end"))
    return out, lower + 60


def _heat(chart: Chart) -> tuple[list[str], int]:
    """A cell for each label and series, with its number in it."""
    left = 30 + min(240, _CHARACTER * max((len(label) for label in chart.labels), default=0))
    cell = (WIDTH - left - 20) / max(1, len(chart.series))
    top = max((v for _, values in chart.series for v in values), default=0) or 1
    out = []
    for column, (name, values) in enumerate(chart.series):
        x = left + column * cell
        out.append(_text(x + cell / 2, 62, name, anchor="middle"))
        for row, value in enumerate(values):
            y = 72 + row * 28
            # Small numbers among large ones stay visible on a logarithmic scale.
            share = log2(1 + value) / log2(1 + top)
            out.append(f'<g opacity="{0.12 + 0.88 * share:.2f}">{_rect(x + 1, y, cell - 2, 26, _COLOURS[0])}</g>')
            ink = "#ffffff" if share > 0.45 else _INK
            out.append(_text(x + cell / 2, y + 17, value_text(chart, value), anchor="middle", ink=ink))
    for row, label in enumerate(chart.labels):
        out.append(_text(left - 8, 72 + row * 28 + 17, label, anchor="end"))
    return out, 72 + len(chart.labels) * 28 + 20
