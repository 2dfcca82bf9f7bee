"""Charts in characters: bars, curves over a logarithmic axis, and grids of numbers."""

from __future__ import annotations

from llmmem.render import Chart, gib

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SHADES = " ░▒▓█"
#: one mark for each series, told apart without colour
_MARKS = "●○▲△■□"
_PLAIN_MARKS = "*o+x#%"
HEIGHT = 12


def can_draw(encoding: str | None) -> bool:
    """Whether the terminal can show block characters."""
    try:
        (_EIGHTHS + _MARKS).encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def bar(value: float, largest: float, width: int, *, plain: bool = False) -> str:
    """A bar of at most ``width`` cells; what is not zero shows at least a sliver."""
    if largest <= 0 or value <= 0:
        return ""
    if plain:
        return "#" * max(1, round(width * value / largest))
    eighths = max(1, round(8 * width * value / largest))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def value_text(chart: Chart, value: float) -> str:
    """A value of the chart for people."""
    return gib(int(value)) if chart.unit == "GiB" else f"{value:,.0f}"


def drawn(chart: Chart, width: int, *, plain: bool = False) -> list[str]:
    """The chart in at most ``width`` columns."""
    return _lines(chart, width, _PLAIN_MARKS if plain else _MARKS) if chart.kind == "lines" else _heat(chart, plain)


def _lines(chart: Chart, width: int, marks: str) -> list[str]:
    """Curves: a column of cells for each label, spread over the width."""
    top = max((v for _, values in chart.series for v in values), default=0)
    left = max(len(value_text(chart, top)), len("0")) + 1
    columns = max(2, min(width - left - 2, 72))
    last = len(chart.labels) - 1
    places = [round(i * (columns - 1) / last) if last else 0 for i in range(len(chart.labels))]
    grid = [[" "] * columns for _ in range(HEIGHT)]
    if chart.knee:
        for row in grid:
            row[places[chart.knee[0]]] = "|"
    for mark, (_, values) in zip(marks, chart.series, strict=False):
        for place, value in zip(places, values, strict=True):
            row_index = HEIGHT - 1 - (round((HEIGHT - 1) * value / top) if top else 0)
            grid[row_index][place] = mark
    out = [f"{chart.title} ({chart.unit})"]
    for i, row in enumerate(grid):
        name = value_text(chart, top) if i == 0 else "0" if i == HEIGHT - 1 else ""
        out.append(f"{name:>{left}} |{''.join(row).rstrip()}")
    out.append(" " * left + " +" + "-" * columns)
    out.append(" " * left + "  " + _spread(chart.labels, places, columns))
    legend = "   ".join(f"{mark} {name}" for mark, (name, _) in zip(marks, chart.series, strict=False))
    out.append(" " * left + "  " + legend + (f"   | {chart.knee[1]}" if chart.knee else ""))
    return out


def _spread(labels: tuple[str, ...], places: list[int], columns: int) -> str:
    """As many labels as there is room for, each under its place."""
    final = labels[-1].rjust(columns)
    line = ""
    for label, place in zip(labels[:-1], places, strict=False):
        number = label.replace(",", "")
        round_one = not number.isdecimal() or int(number) & (int(number) - 1) == 0
        if (
            (not line or round_one)
            and len(line) < place + (not line)
            and place + len(label) < columns - len(labels[-1])
        ):
            line = line.ljust(place) + label
    return line + final[len(line) :]


def _heat(chart: Chart, plain: bool) -> list[str]:
    """A grid of numbers, each beside a shade of how large it is."""
    top = max((v for _, values in chart.series for v in values), default=0)
    shades = " " * len(_SHADES) if plain else _SHADES
    names = [name for name, _ in chart.series]
    cells = [
        [
            f"{shades[min(4, int(5 * v / top)) if top else 0]} {value_text(chart, v)}"
            for _, v in zip(names, row, strict=True)
        ]
        for row in zip(*(values for _, values in chart.series), strict=True)
    ]
    widths = [max(len(n), *(len(row[i]) for row in cells)) for i, n in enumerate(names)]
    left = max((len(label) for label in chart.labels), default=0)
    out = [chart.title, " " * left + "".join(f"  {n:>{w}}" for n, w in zip(names, widths, strict=True))]
    for label, row in zip(chart.labels, cells, strict=True):
        out.append(f"{label:<{left}}" + "".join(f"  {c:>{w}}" for c, w in zip(row, widths, strict=True)))
    return out
