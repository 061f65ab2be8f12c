"""The results as JSON, as a table and as a chart."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import pyplot
from matplotlib.figure import Figure

from benchmarks.measure import Series
from benchmarks.scenarios import COLD, OURS, SLOW, Result

CHECKOUT = Path(__file__).parents[1]
JSON = CHECKOUT / "benchmarks" / "results.json"
TABLE = CHECKOUT / "benchmarks" / "RESULTS.md"
CHART = CHECKOUT / "docs" / "bench.svg"
CHARTED = (COLD, SLOW)
GROWTH = CHECKOUT / "docs" / "growth.svg"
OURS_COLOR, OTHER_COLOR = "#1a7f37", "#8c959f"
# Grey reads on light and dark pages alike; the salt makes the names of elements the same each time.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "github-assets", "font.size": 9})
matplotlib.rcParams.update(dict.fromkeys(("text.color", "axes.edgecolor", "xtick.color", "ytick.color"), "#7d8590"))


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
        bars([one for one in self._results if one.title in CHARTED], CHART)
        curves([one for one in self._results if one.title.startswith("Growth: ")], GROWTH)

    def _conditions(self) -> str:
        spreads = [one.spread for result in self._results for one in result.series.values() if len(one.samples) > 3]
        noise = f"{100 * sorted(spreads)[len(spreads) // 2]:.0f} %" if spreads else "not known"
        return (
            f"{os.cpu_count()} cores ({_processor()}), Linux {platform.release()},"
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
                yield f"\n## {one.point}. {one.title}\n\n| | seconds | spread | CPU | MB |\n|---|---|---|---|---|"
                yield from (_row(name, series) for name, series in one.series.items())


def _processor() -> str:
    """Return what /proc/cpuinfo calls the processor, and which instructions it has for TLS and digests."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    flags = set(text.split())
    found = [name for name, names in (("AES", {"aes"}), ("SHA", {"sha_ni", "sha2"})) if flags & names]
    return f"{model[1] if model else platform.machine()}, instructions: {', '.join(found) or 'none of AES and SHA'}"


def line(result: Result) -> str:
    """Return a result for the terminal."""
    parts = [f"{name} {s.seconds:.3f} s {s.megabytes:.0f} MB" if s.samples else f"{name} failed: {s.failure}"
             for name, s in result.series.items()]  # fmt: skip
    return f"{result.point}. {result.title}: {_figure(result)} {result.note}\n   " + "; ".join(parts)


def bars(results: Sequence[Result], path: Path) -> None:
    """Draw the medians, a panel for each result."""
    counts = [sum(bool(one.samples) for one in result.series.values()) for result in results]
    figure, panels = pyplot.subplots(
        len(results), figsize=(6, 0.7 * len(results) + 0.32 * sum(counts)), height_ratios=counts, layout="constrained"
    )
    for result, panel in zip(results, panels, strict=True):
        medians = sorted(((one.seconds, name) for name, one in result.series.items() if one.samples), reverse=True)
        drawn = panel.barh(
            [name for _, name in medians],
            [seconds for seconds, _ in medians],
            color=[OURS_COLOR if name == OURS else OTHER_COLOR for _, name in medians],
        )
        panel.bar_label(drawn, [f"{seconds:.2f} s" for seconds, _ in medians], padding=4)
        panel.set_title(result.title, loc="left", fontweight="bold")
        panel.xaxis.set_visible(False)
        panel.margins(x=0.15)
        panel.spines[:].set_visible(False)
        panel.tick_params(length=0)
    _save(figure, path)


def curves(results: Sequence[Result], path: Path) -> None:
    """Draw a panel for each axis, both of its scales logarithmic; the dashed line grows as the axis does."""
    figure, panels = pyplot.subplots(1, len(results), figsize=(3 * len(results), 3), layout="constrained")
    figure.suptitle("Seconds of bin/build as the work grows; dashed: linear")
    for result, panel in zip(results, panels, strict=True):
        points = [(int(size), one.seconds) for size, one in result.series.items() if one.samples]
        sizes, seconds = zip(*points, strict=True)
        panel.loglog(sizes, seconds, "o-", color=OURS_COLOR)
        panel.loglog(sizes, [min(seconds) * size / sizes[0] for size in sizes], "--", color=OTHER_COLOR)
        panel.set_ylim(min(seconds) / 1.5, max(seconds) * 3)
        panel.set_title(result.title.removeprefix("Growth: "))
        panel.set_xticks(sizes, [str(size) for size in sizes], minor=False)
        panel.minorticks_off()
        panel.spines[["top", "right"]].set_visible(False)
        for size, took in points:
            panel.annotate(f"{took:.2f}", (size, took), (0, 6), textcoords="offset points", ha="center")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, transparent=True, metadata={"Date": None})
    pyplot.close(figure)


def _figure(result: Result) -> str:
    if result.figure is None:
        return "not measured"
    return f"{result.figure:.{3 if result.unit == 's' else 2}f} {result.unit}"


def _series(series: Series) -> dict[str, Any]:
    if not series.samples:
        return {"failure": series.failure}
    runs = [round(sample.seconds, 4) for sample in series.samples]
    return {
        "seconds": round(series.seconds, 4),
        "cpu": round(series.cpu, 4),
        "megabytes": round(series.megabytes, 1),
        "runs": runs,
    }


def _row(name: str, series: Series) -> str:
    if not series.samples:
        return f"| {name} | {series.failure.replace('|', '/')} | | | |"
    spread = f"{100 * series.spread:.0f} %"
    return f"| {name} | {series.seconds:.3f} | {spread} | {series.cpu:.3f} | {series.megabytes:.0f} |"
