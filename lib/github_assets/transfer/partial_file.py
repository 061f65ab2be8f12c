"""A file that is filled in several places at once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterable
from typing import Any

from github_assets.errors import CannotWrite
from github_assets.files import NEW_FILE


class Span:
    """Bytes of a file, from `start` to `stop`; those before `position` are there."""

    __slots__ = ("position", "start", "stop")

    def __init__(self, start: int, stop: int) -> None:
        self.start = self.position = start
        self.stop = stop


class PartialFile:
    """A file in the making; digests are made of it in its order, most of it while it is in memory anyway.

    `write` may be called by several threads, by one at a time for the same span.
    """

    def __init__(self, path: str, algorithms: Iterable[str]) -> None:
        """Create a file where there is none, not even a link. Raises CannotWrite."""
        self.path = path
        self._algorithms = frozenset(algorithms)
        self._lock = threading.Lock()
        try:
            self._file = os.open(path, NEW_FILE, 0o644)
        except OSError as error:
            raise self._refused(error) from None
        self.start_over()

    def start_over(self, *spans: Span) -> None:
        """Forget everything; these spans are to be written from their start on. Raises CannotWrite."""
        self._spans = list(spans)
        for span in spans:
            span.position = span.start
        self._hashes: dict[str, Any] = {name: hashlib.new(name) for name in self._algorithms}
        self._hashed, self._hashing = 0, False
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
            mine = self._hashed == at and not self._hashing
            self._hashing |= mine
        if mine:
            self._update(data)

    def hash_what_is_there(self, buffer: memoryview) -> None:
        """Bring the digests as far as the file has no gap, through a buffer. Raises CannotWrite."""
        while True:
            with self._lock:
                at, end = self._hashed, self._without_gap()
                if self._hashing or at == end:
                    return
                self._hashing = True
            try:
                some = os.preadv(self._file, [buffer[: end - at]], at)
            except OSError as error:
                raise self._refused(error) from None
            self._update(buffer[:some])

    def digests(self) -> dict[str, str]:
        """Return what the file is, by hashlib's names, in lower-case hex."""
        return {name: each.hexdigest() for name, each in self._hashes.items()}

    def close(self) -> None:
        """Let go of the file. Raises CannotWrite: some disks tell only now that they are full."""
        try:
            os.close(self._file)
        except OSError as error:
            raise self._refused(error) from None

    def remove(self) -> None:
        """Let go of the file, and leave none."""
        with contextlib.suppress(OSError):
            os.close(self._file)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def _update(self, data: memoryview) -> None:
        for each in self._hashes.values():
            each.update(data)
        with self._lock:
            self._hashed += len(data)
            self._hashing = False

    def _without_gap(self) -> int:
        end = 0
        for span in self._spans:
            end = span.position
            if end < span.stop:
                break
        return end

    def _refused(self, error: OSError) -> CannotWrite:
        return CannotWrite(path=self.path, reason=error.strerror or str(error))
