"""Signs of life while assets are being downloaded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from github_assets.errors import OutputUnavailable
from github_assets.log import Log
from github_assets.parallel import BackgroundThread
from github_assets.text import human_size

INTERVAL = 5.0
"""Seconds between two lines, and before the first one. CI systems end jobs that are silent for minutes."""


class Heartbeat:
    """Logs every few seconds how much of the assets has come, as long as the block takes."""

    def __init__(self, log: Log, sizes: Sequence[int], clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._sizes, self._clock = log, sizes, clock
        self._received = [0] * len(sizes)
        self._before, self._time = 0, clock()
        self._ended = threading.Event()
        self._thread = BackgroundThread(self._run)

    def progress(self, number: int) -> Callable[[int], None]:
        """Return the function to call with the bytes of an asset that have come."""

        def report(received: int) -> None:
            self._received[number] = received

        return report

    def beat(self) -> None:
        """Log a line. Raises OutputUnavailable."""
        received, now = sum(self._received), self._clock()
        speed = max(received - self._before, 0) / ((now - self._time) or 1)
        self._before, self._time = received, now
        total, assets = sum(self._sizes), len(self._sizes)
        share = f"{human_size(received)} of {human_size(total)} ({received * 100 // (total or 1)} %)"
        done = sum(map(int.__ge__, self._received, self._sizes))
        count = f", {done} of {assets} assets" if assets > 1 else ""
        self._log.step(f"Downloaded {share}{count}, {human_size(round(speed))}/s")

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ended.wait(INTERVAL):
                self.beat()
        except OutputUnavailable:  # the next line of the build's own thread raises it too
            return
