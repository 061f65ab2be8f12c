"""Whole processes, measured from outside, in turns: what disturbs one tool for a while disturbs all."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

LAUNCHER = Path(__file__).with_name("launcher.py")


class Sample(NamedTuple):
    """One run."""

    seconds: float
    megabytes: float
    """Peak resident set size of the largest process; what is below 9 shows the launcher's."""


class Contender(NamedTuple):
    """A command that is run in an empty folder again and again."""

    command: Sequence[str | Path]
    environment: Mapping[str, str]
    prepare: Callable[[Path], None] = lambda folder: None
    """Furnishes the folder before each run; its time does not count."""
    product: tuple[str, int] | None = None
    """Where the file must be in the folder after the run, and its size in bytes."""


class Series(NamedTuple):
    """All runs of a contender, or why there are none."""

    samples: tuple[Sample, ...] = ()
    failure: str = ""

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(sample.seconds for sample in self.samples)

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
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    contender.prepare(work)
    with open(folder / "output", "wb+") as output:
        command = [sys.executable, "-I", "-S", LAUNCHER, *contender.command]
        environment = contender.environment
        subprocess.run(
            command, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=True
        )
        output.seek(0)
        *printed, last = output.read().decode(errors="replace").strip().splitlines()
    status, seconds, kilobytes = last.split()
    if status != "0":
        raise RuntimeError(f"status {status}: {' | '.join(printed[-3:])[:300]}")
    if contender.product:
        name, size = contender.product
        if not (work / name).is_file() or (work / name).stat().st_size != size:
            raise RuntimeError(f"{name} is not there, or not of {size} bytes")
    return Sample(float(seconds), int(kilobytes) / 1024)
