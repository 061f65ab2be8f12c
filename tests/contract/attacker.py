"""A foreign TLS server that records every request it receives."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from typing import Self

import trustme

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"


class Attacker:
    """Listens on loopback with a certificate for some hosts; a context manager that starts and closes.

    A proxy's routes stand for the DNS, and trusting `authority` stands for a certificate that anybody can get.
    """

    def __init__(self, *hosts: str) -> None:
        authority = trustme.CA()
        self.hosts = hosts
        self.authority = authority.cert_pem.bytes().decode()
        """The certificate of who signed this server's, as PEM."""
        self.heads: list[str] = []
        """The request line and headers of every request."""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*hosts).configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def routes(self) -> dict[str, str]:
        """Where a proxy leads the hosts' names."""
        return {f"{host}:443": self.address for host in self.hosts}

    def was_sent(self, secret: str) -> bool:
        """Whether any request held the text."""
        return any(secret in head for head in self.heads)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), self._context.wrap_socket(client, server_side=True) as tls:
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    more = tls.recv(1 << 16)
                    if not more:
                        return
                    head += more
                self.heads.append(head.decode("latin-1"))
                tls.sendall(NOT_FOUND)
