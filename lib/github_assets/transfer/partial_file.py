"""A file that is filled in several places at once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import threading
from collections.abc import Iterable
from typing import Any

from github_assets.errors import CannotWrite
from github_assets.files import NEW_FILE
from github_assets.parallel import BackgroundThread

HASH_INTERVAL = 1 << 20
"""Bytes after which the hashing goes on. A file with fewer needs no thread for it."""
HASH_SIZE = 1 << 18
"""Bytes that are hashed at once."""


class Span:
    """Bytes of a file, from `start` to `stop`; those before `position` are there."""

    __slots__ = ("position", "start", "stop")

    def __init__(self, start: int, stop: int) -> None:
        self.start = self.position = start
        self.stop = stop


class PartialFile:
    """A file in the making; a thread makes digests of it, in its order, while it is written.

    `write` may be called by several threads, by one at a time for the same span.
    """

    def __init__(self, path: str, algorithms: Iterable[str]) -> None:
        """Create a file where there is none, not even a link. Raises CannotWrite."""
        self.path = path
        self._algorithms = frozenset(algorithms)
        self._lock = threading.Lock()
        self._hasher: threading.Thread | None = None
        self._buffer: memoryview | None = None
        try:
            self._file = os.open(path, NEW_FILE, 0o644)
        except OSError as error:
            raise self._refused(error) from None
        self.start_over()

    def start_over(self, *spans: Span) -> None:
        """Forget everything; these spans are to be written from their start on. Raises CannotWrite."""
        self._stop_hashing(drop=True)
        self._spans = list(spans)
        for span in spans:
            span.position = span.start
        self._hashes: dict[str, Any] = {name: hashlib.new(name) for name in self._algorithms}
        self._hashed = 0
        self._hash_error: OSError | None = None
        try:
            if os.fstat(self._file).st_size:  # ext4 writes to the disk at once what it closes after it was truncated
                os.ftruncate(self._file, 0)
        except OSError as error:
            raise self._refused(error) from None

    def span(self, start: int, stop: int) -> Span:
        """Return a span that is to be written; they are asked for in the file's order."""
        with self._lock:
            self._spans.append(Span(start, stop))
            return self._spans[-1]

    def write(self, span: Span, data: memoryview) -> None:
        """Write what comes next in a span. Raises CannotWrite."""
        at, left = span.position, data
        try:
            while left:
                left = left[os.pwrite(self._file, left, at + len(data) - len(left)) :]
        except OSError as error:
            raise self._refused(error) from None
        with self._lock:
            span.position += len(data)
            if at // HASH_INTERVAL == span.position // HASH_INTERVAL:
                return
            if self._hasher is None:
                self._written = queue.SimpleQueue[bool]()
                self._hasher = BackgroundThread(self._hash_in_background)
                self._hasher.start()
            self._written.put(True)

    def digests(self) -> dict[str, str]:
        """Return what the file is, by hashlib's names, in lower-case hex. Raises CannotWrite."""
        self._stop_hashing()
        self._hash()
        if self._hash_error:
            raise self._refused(self._hash_error)
        return {name: each.hexdigest() for name, each in self._hashes.items()}

    def close(self) -> None:
        """Let go of the file. Raises CannotWrite: some disks tell only now that they are full."""
        self._stop_hashing()
        try:
            os.close(self._file)
        except OSError as error:
            raise self._refused(error) from None

    def remove(self) -> None:
        """Let go of the file, and leave none."""
        self._stop_hashing(drop=True)
        with contextlib.suppress(OSError):
            os.close(self._file)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def _hash_in_background(self) -> None:
        while self._written.get():
            self._hash()

    def _stop_hashing(self, *, drop: bool = False) -> None:
        with self._lock:
            hasher, self._hasher = self._hasher, None
            if drop:
                self._spans = []
        if hasher:
            self._written.put(False)
            hasher.join()

    def _hash(self) -> None:
        """Bring the digests as far as the file has no gap; called by one thread at a time."""
        self._buffer = self._buffer or memoryview(bytearray(HASH_SIZE))
        try:
            while (size := min(self._without_gap() - self._hashed, HASH_SIZE)) > 0:
                some = self._buffer[: os.preadv(self._file, [self._buffer[:size]], self._hashed)]
                for each in self._hashes.values():
                    each.update(some)
                self._hashed += len(some)
        except OSError as error:
            self._hash_error = error

    def _without_gap(self) -> int:
        end = 0
        with self._lock:
            for span in self._spans:
                end = span.position
                if end < span.stop:
                    break
        return end

    def _refused(self, error: OSError) -> CannotWrite:
        return CannotWrite(path=self.path, reason=error.strerror or str(error))
