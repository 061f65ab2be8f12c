"""The internet as a proxy sees it: every host answers, and every request is noted with the host that it reached.

What is asked through the operator's proxy reaches the hosts themselves. The application's own proxy reads what it
passes on, with certificates of an authority that nobody but the application knows.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import NamedTuple, Self

import trustme

LOCAL = "the operator's, without TLS"


class Seen(NamedTuple):
    """A request: the host and port that it reached, whether somebody read it on the way, and its head."""

    host: str
    intercepted: bool
    head: str

    @property
    def path(self) -> str:
        """What was asked for."""
        return self.head.split(" ", 2)[1]


class Internet:
    """Two proxies, and web servers without TLS of the application's and the operator's; a context manager."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], bytes] = lambda seen: b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=64) for _ in range(4)]
        urls = (f"http://127.0.0.1:{it.getsockname()[1]}" for it in self._listeners)
        self.proxy, self.evil_proxy, self.plain, self.local = urls
        self._authorities = [trustme.CA(), trustme.CA()]
        self.authority, self.evil_authority = (it.cert_pem.bytes().decode() for it in self._authorities)
        self._context = cache(self._new_context)

    def __enter__(self) -> Self:
        for listener, intercepted in zip(self._listeners, (False, True, True, False), strict=True):
            threading.Thread(target=self._accept, args=[listener, intercepted], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            listener.close()

    def _new_context(self, host: str, intercepted: bool) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authorities[intercepted].issue_cert(host).configure_cert(context)
        return context

    def _accept(self, listener: socket.socket, intercepted: bool) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=[client, intercepted], daemon=True).start()

    def _serve(self, client: socket.socket, intercepted: bool) -> None:
        with client, suppress(OSError):
            head = _head(client)
            if not head.startswith("CONNECT "):
                self._converse(client, "plain" if intercepted else LOCAL, intercepted, head)
                return
            target = head.split(" ", 2)[1]
            self.seen.append(Seen("the proxy", intercepted, head))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            host = target.rpartition(":")[0]
            with self._context(host, intercepted).wrap_socket(client, server_side=True) as tls:
                self._converse(tls, target, intercepted, _head(tls))

    def _converse(self, client: socket.socket, host: str, intercepted: bool, head: str) -> None:
        while head:
            seen = Seen(host, intercepted, head)
            self.seen.append(seen)
            client.sendall(self.answer(seen))
            head = _head(client)


def _head(client: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        more = client.recv(1 << 16)
        if not more:
            return ""
        head += more
    return head.decode("latin-1")
