"""A proxy: tunnels for TLS (RFC 9110, section 9.3.6), and forwarded requests."""

from __future__ import annotations

import contextlib
import socket
import threading
from base64 import b64encode
from collections.abc import Mapping
from typing import Self


class Proxy:
    """Listens on a loopback address, and notes where clients want to go; a context manager that starts and closes."""

    def __init__(self, *, user: str | None = None, routes: Mapping[str, str] | None = None) -> None:
        """Create a proxy, which may require `user:password`, and may route requests to other addresses."""
        self._expected = user and f"Basic {b64encode(user.encode()).decode()}"
        self._routes = routes or {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked: list[str] = []
        """`host:port` of every request, in order."""
        self.heads: list[str] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = bytearray()
            while b"\r\n\r\n" not in head:
                more = client.recv(1 << 16)
                if not more:
                    return
                head += more
            text = head.decode("latin-1")
            method, target, _ = text.split(" ", 2)
            where = target if method == "CONNECT" else target.split("/")[2]
            self.asked.append(where)
            self.heads.append(text)
            if self._expected and f"proxy-authorization: {self._expected}".lower() not in text.lower():
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            host, _, port = self._routes.get(where, where).rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    server.sendall(head)
                back = threading.Thread(target=_pump, args=[server, client], daemon=True)
                back.start()
                _pump(client, server)
                back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
