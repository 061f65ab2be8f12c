"""The pods' DNS server: it knows the local GitHub's names and nothing else."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator, Mapping

_A, _IN = 1, 1
_TTL_SECONDS = 10
_RESPONSE, _NAME_ERROR = 0x8580, 3
"""Flags: a response, authoritative, recursion desired and available (RFC 1035, section 4.1.1)."""


@contextlib.contextmanager
def serving(address: str, names: Mapping[str, str]) -> Iterator[None]:
    """Answer for the length of a block; *names* maps names to IPv4 addresses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        threading.Thread(target=_serve, args=(server, names), daemon=True).start()
        yield


def _serve(server: socket.socket, names: Mapping[str, str]) -> None:
    while True:
        try:
            query, client = server.recvfrom(512)
            server.sendto(response(query, names), client)
        except OSError:
            return
        except (IndexError, struct.error, UnicodeDecodeError):
            continue  # not a query


def response(query: bytes, names: Mapping[str, str]) -> bytes:
    """Return the response to a query of one question: its address, no record of that type, or no such name."""
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("ascii"))
        at += length + 1
    question = query[12 : at + 5]
    kind, _ = struct.unpack(">HH", question[-4:])
    address = names.get(".".join(labels).lower())
    answer = b""
    if address and kind == _A:
        pointer = 0xC000 | 12
        answer = struct.pack(">HHHIH", pointer, _A, _IN, _TTL_SECONDS, 4) + socket.inet_aton(address)
    flags = _RESPONSE if address else _RESPONSE | _NAME_ERROR
    return query[:2] + struct.pack(">HHHHH", flags, 1, bool(answer), 0, 0) + question + answer
