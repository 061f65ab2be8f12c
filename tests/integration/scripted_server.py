"""A minimal server that sends scripted bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


def response(status: int, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return an answer with these headers and no others."""
    lines = [f"HTTP/1.1 {status} As asked", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def whole(status: int, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return a response with Content-Length."""
    return response(status, {**headers, "Content-Length": str(len(body))}, body)


class ScriptedServer:
    """Sends the same bytes to every request, or what a function makes of the request's head.

    Without `hang` it closes the connection afterwards; with it, the connection stays open and silent.
    """

    def __init__(self, data: bytes | Callable[[bytes], bytes], *, hang: bool = True) -> None:
        self.data, self.hang = data, hang
        self.heads: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.at = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"http://{self.at}/file"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    more = client.recv(1 << 16)
                    if not more:
                        return
                    head += more
                self.heads.append(head)
                client.sendall(self.data(head) if callable(self.data) else self.data)
                if not self.hang:
                    return
