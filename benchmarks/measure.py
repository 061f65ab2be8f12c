"""Whole processes, measured by hyperfine, in turns: what disturbs one tool for a while disturbs all."""

from __future__ import annotations

import json
import shlex
import shutil
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import programs


class Sample(NamedTuple):
    """One run."""

    seconds: float
    cpu: float
    """Seconds of processor time, in the program and for it."""
    megabytes: float
    """Peak resident set size of the largest process."""


class Contender(NamedTuple):
    """A command that is run in an empty directory again and again."""

    command: Sequence[str | Path]
    environment: Mapping[str, str]
    prepare: Callable[[Path], None] = lambda folder: None
    """Furnishes the directory before each run; its time does not count."""
    product: tuple[str, int] | None = None
    """Where the file must be in the directory after the run, and its size in bytes."""


class Series(NamedTuple):
    """All runs of a contender, or why there are none."""

    samples: tuple[Sample, ...] = ()
    failure: str = ""

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(sample.seconds for sample in self.samples)

    @property
    def cpu(self) -> float:
        """The median."""
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def megabytes(self) -> float:
        """The greatest peak."""
        return max(sample.megabytes for sample in self.samples)

    @property
    def spread(self) -> float:
        """The range of the middle half, relative to the median."""
        seconds = sorted(sample.seconds for sample in self.samples)
        quarter = len(seconds) // 4
        return (seconds[-1 - quarter] - seconds[quarter]) / self.seconds


def in_turns(
    contenders: Mapping[str, Contender], folder: Path, rounds: int, *, warm_up: bool = True
) -> dict[str, Series]:
    """Return the series of each; one that fails once is measured no more, and its series says why.

    Without a warm-up, which fills the caches, every round counts.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    failures: dict[str, str] = {}
    for turn in range(0 if warm_up else 1, rounds + 1):
        for name, contender in contenders.items():
            if name in failures:
                continue
            try:
                sample = once(contender, folder)
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                failures[name] = str(error)
            else:
                if turn:
                    samples[name].append(sample)
    return {name: Series(tuple(samples[name]), failures.get(name, "")) for name in contenders}


def once(contender: Contender, folder: Path) -> Sample:
    """Return how one run went. Raises RuntimeError where it fails, or does not leave what it should."""
    work, report, output = folder / "work", folder / "report.json", folder / "output"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    contender.prepare(work)
    hyperfine = programs.cargo("hyperfine", "1.20.0", "hyperfine")
    command = shlex.join(str(word) for word in contender.command)
    done = subprocess.run(
        [
            *(hyperfine, "--runs=1", "--warmup=0", "--shell=none", "--style=none", "--ignore-failure"),
            *("--export-json", report, "--output", output, "--", command),
        ],
        cwd=work,
        env=contender.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{contender.command[0]} cannot be run: {done.stderr.strip()[-300:]}")
    result: dict[str, Any] = json.loads(report.read_text())["results"][0]
    [status], [seconds], [size] = result["exit_codes"], result["times"], result["memory_usage_byte"]
    if status != 0:
        printed = output.read_text(errors="replace").strip().splitlines()
        raise RuntimeError(f"status {status}: {' | '.join(printed[-3:])[:300]}")
    if contender.product:
        name, expected = contender.product
        if not (work / name).is_file() or (work / name).stat().st_size != expected:
            raise RuntimeError(f"{name} is not there, or not of {expected} bytes")
    return Sample(seconds, result["user"] + result["system"], size / 1e6)
