"""The request log."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TextIO

from .exchange import Request, Role


@dataclass
class Record:
    """One request that arrived; `number` counts all requests in the order of their arrival."""

    number: int
    role: Role
    connection: int
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    at: float = field(default_factory=time.time)
    fault: str | None = None
    status: int | None = None
    """None as long as no answer has begun, and for ever where none did."""
    sent: int = 0
    """Body bytes handed to the kernel."""

    @property
    def range(self) -> str | None:
        """The Range header."""
        return self.headers.get("range")


class RequestLog:
    """A thread-safe list of records, optionally copied to a file, a JSON line each when its answer has ended."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._records: list[Record] = []
        self._count = 0
        self._lock = threading.Lock()

    def begin(self, request: Request, connection: int) -> Record:
        """Note a request's arrival, before anything is answered."""
        with self._lock:
            self._count += 1
            record = Record(
                self._count,
                request.role,
                connection,
                request.method,
                request.path,
                request.query,
                request.headers,
            )
            self._records.append(record)
            return record

    def end(self, record: Record) -> None:
        """Note that nothing more is sent."""
        if self._file:
            with self._lock:
                self._file.write(json.dumps(asdict(record)) + "\n")
                self._file.flush()

    def records(self, role: Role | None = None) -> list[Record]:
        """The records so far, of one role or of all."""
        with self._lock:
            return [record for record in self._records if role in (None, record.role)]

    def clear(self) -> None:
        """Forget the records so far; the count and the file go on."""
        with self._lock:
            self._records.clear()
