"""The results as JSON, as a table and as a chart."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.measure import Series
from benchmarks.scenarios import OURS, Result

CHECKOUT = Path(__file__).parents[1]
JSON = CHECKOUT / "benchmarks" / "results.json"
TABLE = CHECKOUT / "benchmarks" / "RESULTS.md"
CHART = CHECKOUT / "docs" / "bench.svg"
GROWTH = CHECKOUT / "docs" / "growth.svg"
_STYLE = (
    "text{font:13px sans-serif;fill:#24292f}.ours{fill:#1a7f37}.other{fill:#8c959f}.line{fill:none;stroke:#1a7f37;"
    "stroke-width:2}.linear{stroke:#8c959f;stroke-dasharray:4}@media(prefers-color-scheme:dark){text{fill:#e6edf3}"
    ".ours{fill:#3fb950}.line{stroke:#3fb950}}"
)


class Run:
    """All results of one run."""

    def __init__(self, load: float, quick: bool) -> None:
        self._load, self._quick = load, quick
        self._results: list[Result] = []

    def add(self, result: Result) -> None:
        """Keep a result."""
        self._results.append(result)

    def write(self) -> None:
        """Write results.json, RESULTS.md and the charts."""
        JSON.write_text(json.dumps(self._json(), indent=1) + "\n", encoding="utf-8")
        TABLE.write_text("\n".join(self._table()) + "\n", encoding="utf-8")
        CHART.write_text(chart([one for one in self._results if one.point in ("1", "2")]), encoding="utf-8")
        GROWTH.write_text(growth_chart([one for one in self._results if one.point == "10"]), encoding="utf-8")

    def _conditions(self) -> str:
        spreads = [one.spread for result in self._results for one in result.series.values() if len(one.samples) > 3]
        noise = f"{100 * sorted(spreads)[len(spreads) // 2]:.0f} %" if spreads else "not known"
        return (
            f"{os.cpu_count()} cores ({platform.machine()}),"
            f" load {self._load:.1f} before and {os.getloadavg()[0]:.1f} after;"
            f" the middle half of a series spans {noise} of its median{'; a quick run' if self._quick else ''}."
        )

    def _json(self) -> dict[str, Any]:
        results = [
            {
                **{
                    field: getattr(one, field)
                    for field in ("point", "title", "figure", "unit", "target", "met", "note")
                },
                "at_least": one.at_least,
                "series": {name: _series(series) for name, series in one.series.items()},
            }
            for one in self._results
        ]
        return {"conditions": self._conditions(), "results": results}

    def _table(self) -> Iterator[str]:
        yield "# Results of `make bench`\n"
        yield f"{self._conditions()} Medians of whole processes, measured in turns; memory is the greatest peak.\n"
        yield "| point | measured | figure | target | |\n|---|---|---|---|---|"
        for one in self._results:
            sign = "" if one.target is None else f"{'≥' if one.at_least else '≤'} {one.target:g} {one.unit}"
            met = {True: "reached", False: "**missed**", None: ""}[one.met]
            words = "; ".join(filter(None, [met, one.note]))
            yield f"| {one.point} | {one.title} | {_figure(one)} | {sign} | {words} |"
        for one in self._results:
            if len(one.series) > 1:
                yield f"\n## {one.point}. {one.title}\n\n| | seconds | spread | MB |\n|---|---|---|---|"
                yield from (_row(name, series) for name, series in one.series.items())


def line(result: Result) -> str:
    """Return a result for the terminal."""
    parts = [f"{name} {s.seconds:.3f} s {s.megabytes:.0f} MB" if s.samples else f"{name} failed: {s.failure}"
             for name, s in result.series.items()]  # fmt: skip
    return f"{result.point}. {result.title}: {_figure(result)} {result.note}\n   " + "; ".join(parts)


def chart(results: Sequence[Result]) -> str:
    """Return bars of the medians, a panel for each result."""
    parts, top = [], 24
    for result in results:
        of_tools = ((name, one.seconds) for name, one in result.series.items() if one.samples)
        bars = sorted(of_tools, key=lambda bar: bar[1])
        parts.append(f'<text x="10" y="{top}" font-weight="bold">{escape(result.title)}</text>')
        for place, (name, seconds) in enumerate(bars):
            y, width = top + 14 + 28 * place, 380 * seconds / bars[-1][1]
            whose = "ours" if name == OURS else "other"
            parts += [
                f'<text x="110" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
                f'<rect class="{whose}" x="120" y="{y}" width="{width:.1f}" height="20" rx="2"/>',
                f'<text x="{126 + width:.1f}" y="{y + 14}">{seconds:.2f} s</text>',
            ]
        top += 52 + 28 * len(bars)
    return _picture("Seconds, less is better", 580, top - 24, parts)


def growth_chart(results: Sequence[Result]) -> str:
    """Return a panel for each axis, both of its scales logarithmic; the dashed line grows as the axis does."""
    parts = []
    for panel, result in enumerate(results):
        points = [(int(size), one.seconds) for size, one in result.series.items() if one.samples]
        left, top, width, height = 20 + 290 * panel, 60, 230, 190
        (small, _), (large, _) = points[0], points[-1]
        floor, decades = min(seconds for _, seconds in points), math.log10(large / small)

        def place(size: float, seconds: float) -> tuple[float, float]:
            x = left + 20 + width * math.log10(size / small) / decades  # noqa: B023
            return x, top + height - height * math.log10(seconds / floor) / decades  # noqa: B023

        places = [place(*point) for point in points]
        (x1, y1), (x2, y2) = place(small, floor), place(large, floor * large / small)
        parts += [
            f'<text x="{left}" y="{top - 12}">{escape(result.title.removeprefix("Growth: "))}</text>',
            f'<line class="linear" x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}"/>',
            f'<polyline class="line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>',
        ]
        for number, ((x, y), (size, seconds)) in enumerate(zip(places, points, strict=True)):
            parts += [
                f'<circle class="ours" cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
                f'<text x="{x - 6:.1f}" y="{y - 8:.1f}" text-anchor="end">{seconds:.2f}</text>',
                f'<text x="{x:.1f}" y="{top + height + 24 + 15 * (number % 2)}" text-anchor="middle">{size}</text>',
            ]
    title = "Seconds of bin/build as the work grows; dashed: linear"
    parts.append(f'<text x="10" y="24" font-weight="bold">{title}</text>')
    return _picture(title, 40 + 290 * len(results), 315, parts)


def _picture(title: str, width: int, height: int, parts: Iterable[str]) -> str:
    """Return an SVG that is readable on light and on dark pages."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f"{''.join(parts)}</svg>\n"
    )


def _figure(result: Result) -> str:
    return "not measured" if result.figure is None else f"{result.figure:.2f} {result.unit}"


def _series(series: Series) -> dict[str, Any]:
    if not series.samples:
        return {"failure": series.failure}
    runs = [round(sample.seconds, 4) for sample in series.samples]
    return {"seconds": round(series.seconds, 4), "megabytes": round(series.megabytes, 1), "runs": runs}


def _row(name: str, series: Series) -> str:
    if not series.samples:
        return f"| {name} | {series.failure.replace('|', '/')} | | |"
    return f"| {name} | {series.seconds:.3f} | {100 * series.spread:.0f} % | {series.megabytes:.0f} |"
