"""Requests and responses as values, which hosts compute and faults change before any socket is involved."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs

Role = Literal["api", "web", "store", "other", "plain"]
Ending = Literal["keep", "close", "reset", "stall"]


class FileRange(NamedTuple):
    """Bytes `start` to `stop` of a file on disk."""

    path: str
    start: int
    stop: int


Piece = bytes | FileRange
Body = tuple[Piece, ...]


def piece_size(piece: Piece) -> int:
    """Bytes in a piece."""
    return len(piece) if isinstance(piece, bytes) else piece.stop - piece.start


def size(body: Body) -> int:
    """Bytes in a body."""
    return sum(map(piece_size, body))


def part(body: Body, start: int, stop: int) -> Body:
    """Bytes `start` to `stop` of a body."""
    pieces: list[Piece] = []
    offset = 0
    for piece in body:
        length = piece_size(piece)
        low, high = max(start - offset, 0), min(stop - offset, length)
        if low < high:
            if isinstance(piece, bytes):
                pieces.append(piece[low:high])
            else:
                pieces.append(FileRange(piece.path, piece.start + low, piece.start + high))
        offset += length
    return tuple(pieces)


def read(body: Body) -> bytes:
    """The whole body in memory."""
    return b"".join(map(_read_piece, body))


def _read_piece(piece: Piece) -> bytes:
    if isinstance(piece, bytes):
        return piece
    with open(piece.path, "rb") as file:
        return os.pread(file.fileno(), piece.stop - piece.start, piece.start)


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names are in lower case, `path` and `query` are as they came."""

    role: Role
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    direct: bool = False
    """Response a download with the bytes, not with a redirect to the store."""

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, the last value of each."""
        return {name: values[-1] for name, values in parse_qs(self.query, keep_blank_values=True).items()}

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def without(self, *names: str) -> Request:
        """The same request without some headers."""
        return replace(self, headers={n: value for n, value in self.headers.items() if n not in names})


@dataclass(frozen=True)
class Response:
    """One HTTP answer, and how its connection ends."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = ()
    declared: int | None = None
    """Content-Length, if it differs from the size of the body."""
    ending: Ending = "keep"
    silent: bool = False
    """Not even a status line is sent before the ending."""
    informational: tuple[int, ...] = ()
    """Statuses of the informational responses that are sent before this one."""
    bytes_per_second: float | None = None

    def with_headers(self, **headers: str) -> Response:
        """The same response with more headers; `_` stands for `-`."""
        return replace(self, headers={**self.headers, **{n.replace("_", "-"): v for n, v in headers.items()}})


def json_response(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer in GitHub's media type."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, (body,))


def compressed(response: Response, request: Request) -> Response:
    """The response compressed with gzip, if it is JSON of some length and the request accepts that."""
    wanted = "gzip" in request.headers.get("accept-encoding", "")
    if not wanted or "json" not in response.headers.get("Content-Type", "") or size(response.body) < 500:
        return response
    packed = gzip.compress(read(response.body), compresslevel=1, mtime=0)
    return replace(response, body=(packed,)).with_headers(Content_Encoding="gzip", Vary="Accept-Encoding")
