"""HTTP over `http.client`, with what it lacks: pools of connections, proxies, and an end in time, whatever drips.

Not over urllib3 or requests: their import, and a copy of every body, would be a quarter of a build (docs/speed.md).
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
    RemoteDisconnected,
    parse_headers,
)
from typing import NamedTuple

from github_assets.http.proxies import Proxies, Proxy
from github_assets.http.urls import Url, parse_url
from github_assets.parallel import BackgroundThread

MAX_CONNECTIONS = 32
"""To one origin."""
READ_SIZE = 1 << 16
"""Bytes that are read at once, at most: http.client allocates as many for every TLS record, which has a quarter."""
DRAIN_LIMIT = 1 << 16
"""Bytes of a body nobody wants that are read all the same, to use the connection again."""
MAX_INFORMATIONAL = 32
"""Informational responses before the response itself."""


class ProtocolError(Exception):
    """The connection broke, or the response is not HTTP. The text says how; it holds no URL."""


class ProxyError(ProtocolError):
    """The proxy can't be reached, or does not connect to the server."""

    def __init__(self, reason: str, proxy: str) -> None:
        super().__init__(reason)
        self.proxy = proxy


class Timeouts(NamedTuple):
    """Seconds."""

    connect: float = 10
    read: float = 15
    """Without any data."""


DEFAULT_TIMEOUTS = Timeouts()


class Response:
    """The head of a response, and its body, which is read piece by piece as it was sent, encoded or not."""

    def __init__(self, url: str, status: int, headers: Mapping[str, str], content_length: int | None) -> None:
        self.url = url
        self.status = status
        self.headers = headers
        """By name in lower case."""
        self.content_length = content_length
        """Bytes of the body; None if the server does not say."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill some of the buffer and return how many bytes, 0 at the end. Raises ProtocolError, OSError."""
        raise NotImplementedError

    def read(self, limit: int) -> bytes:
        """Return the rest of the body, at most `limit` bytes of it. Raises ProtocolError, OSError."""
        body, buffer = bytearray(), memoryview(bytearray(min(limit, READ_SIZE)))
        while len(body) < limit and (count := self.readinto(buffer[: limit - len(body)])):
            body += buffer[:count]
        return bytes(body)

    def close(self) -> None:
        """Give the connection back; it is used again if little of the body is left."""
        raise NotImplementedError

    def abort(self) -> None:
        """Make a read in another thread fail."""
        raise NotImplementedError


class PoolManager:
    """Pools of connections, one for each origin. Whatever waits ends at the deadline, or when the manager is closed."""

    def __init__(self, trust: ssl.SSLContext, deadline: float, timeouts: Timeouts, proxies: Proxies) -> None:
        self._trust, self._timeouts, self._proxies = trust, timeouts, proxies
        self._deadline = _Deadline(deadline)
        self._pools: dict[tuple[str, str, int], _Pool] = {}

    def get(self, url: str, headers: Mapping[str, str]) -> Response:
        """Return the response to a GET, its body not yet read; it must be closed. Redirects are the caller's.

        Raises ProtocolError, OSError (ssl.SSLError and TimeoutError among them), and ValueError for what is no URL.
        """
        parsed = parse_url(url)
        proxy = self._proxies.of(parsed.scheme, parsed.host, parsed.port)
        target, sent = parsed.target, dict(headers)
        if proxy and parsed.scheme == "http":
            target = parsed.absolute
            if proxy.authorization:
                sent["Proxy-Authorization"] = proxy.authorization.reveal()
        pool = self._pool(parsed)
        pool.acquire(self._deadline.remaining())
        connection = None
        try:
            with _protocol_errors():
                connection = pool.idle_connection() or self._connect(parsed)
                sock = connection.sock
                sock.settimeout(self._deadline.remaining(self._timeouts.read))
                connection.request("GET", target, headers=sent)
                raw = connection.getresponse()
            return _HTTPResponse(url, raw, sock, self._deadline, lambda reusable: pool.release(connection, reusable))
        except BaseException:
            pool.release(connection, reusable=False)
            raise

    def has_free_connection(self, url: str) -> bool:
        """Whether another request to the URL's origin would start at once, and make nobody else wait."""
        return self._pool(parse_url(url)).requests < MAX_CONNECTIONS

    def sleep(self, seconds: float) -> None:
        """Wait, unless the manager is closed meanwhile. Raises ProtocolError then."""
        self._deadline.sleep(seconds)

    def close(self) -> None:
        """End all that waits or reads, now and later, in whatever thread, and close all connections."""
        self._deadline.end()
        for pool in list(self._pools.values()):
            pool.close()

    __del__ = close

    def _pool(self, url: Url) -> _Pool:
        return self._pools.setdefault((url.scheme, url.host, url.port), _Pool())

    def _connect(self, url: Url) -> HTTPConnection:
        """Connect in a thread of its own: nothing else bounds a name server, or a handshake that drips."""
        proxy = self._proxies.of(url.scheme, url.host, url.port)
        connection = self._connection(url, proxy)
        errors: list[BaseException] = []

        def connect() -> None:
            try:
                connection.connect()
            except BaseException as error:  # raised in the thread that waits
                errors.append(error)

        thread = BackgroundThread(connect)
        thread.start()
        thread.join(self._deadline.remaining(self._timeouts.connect + self._timeouts.read))
        try:
            if thread.is_alive() or (errors and isinstance(errors[0], TimeoutError) and not errors[0].strerror):
                raise ProtocolError(f"no connection within {self._timeouts.connect:g} s")
            if errors:
                raise errors.pop()
            self._deadline.watch(connection.sock)
        except (OSError, ProtocolError) as error:
            if proxy and connection.sock is None:
                raise ProxyError(reason(error), f"{proxy.host}:{proxy.port}") from None
            connection.close()
            raise
        return connection

    def _connection(self, url: Url, proxy: Proxy | None) -> HTTPConnection:
        host, port = (proxy.host, proxy.port) if proxy else (url.host, url.port)
        timeout = self._deadline.remaining(self._timeouts.connect)
        if url.scheme == "http":
            connection = HTTPConnection(host, port, timeout=timeout)
        else:
            connection = HTTPSConnection(host, port, timeout=timeout, context=self._trust)
            if proxy:
                authorization = proxy.authorization
                headers = {"Proxy-Authorization": authorization.reveal()} if authorization else None
                connection.set_tunnel(url.host, url.port, headers)
        connection.response_class = _FinalResponse
        return connection


class _Pool:
    """The connections to one origin."""

    def __init__(self) -> None:
        self.requests = 0
        """How many hold a connection, or wait for one."""
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._lock = threading.Lock()
        self._idle: list[HTTPConnection] = []
        self._closed = False

    def acquire(self, seconds: float) -> None:
        """Wait until there may be one more connection. Raises TimeoutError."""
        with self._lock:
            self.requests += 1
        if not self._slots.acquire(timeout=seconds):
            with self._lock:
                self.requests -= 1
            raise TimeoutError

    def idle_connection(self) -> HTTPConnection | None:
        """Return a connection that is open, as far as can be seen, or None."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not _is_readable(connection.sock):  # else it is the end, or bytes that nobody asked for
                return connection
            connection.close()

    def release(self, connection: HTTPConnection | None, reusable: bool) -> None:
        """End what `acquire` began."""
        with self._lock:
            self.requests -= 1
            if connection and reusable and not self._closed:
                self._idle.append(connection)
            elif connection:
                connection.close()
        self._slots.release()

    def close(self) -> None:
        """Close the idle connections, and the others when they are given back."""
        with self._lock:
            self._closed = True
            for connection in self._idle:
                connection.close()
            self._idle.clear()


class _FinalResponse(HTTPResponse):
    """Skips informational responses (RFC 9110, section 15.2), not without limit; http.client itself skips only 100."""

    def _read_status(self) -> tuple[str, int, str]:
        """Return the status line of what is not informational; called for a proxy's response to CONNECT as well."""
        for _ in range(MAX_INFORMATIONAL + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status == HTTPStatus.SWITCHING_PROTOCOLS:
                break  # which nobody asked for
            if status >= HTTPStatus.OK:
                return version, status, reason
            parse_headers(self.fp)
        raise HTTPException("no final response")


class _HTTPResponse(Response):
    def __init__(
        self,
        url: str,
        raw: HTTPResponse,
        sock: socket.socket,
        deadline: _Deadline,
        release: Callable[[bool], None],
    ) -> None:
        headers: dict[str, str] = {}
        for name, value in raw.headers.items():
            name = name.lower()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        length = headers.get("content-length", "0").strip(" \t")
        delimited = length.isascii() and length.isdecimal() and "transfer-encoding" not in headers
        if not raw.chunked and not delimited:  # http.client would read until the connection ends
            raw.close()
            raise ProtocolError("not a valid HTTP response")
        super().__init__(url, raw.status, headers, raw.length)
        self._raw, self._sock, self._deadline = raw, sock, deadline
        self._release: Callable[[bool], None] | None = release
        self._broken = False

    def readinto(self, buffer: memoryview) -> int:
        try:
            with _protocol_errors():
                count = self._raw.readinto1(buffer[:READ_SIZE])  # readinto would lose what came before an error
            if not count:
                self._deadline.remaining()  # perhaps it is the end because the socket was shut down
                if self._raw.length:
                    raise ProtocolError("connection closed mid-response")
        except BaseException:
            self._broken = True
            raise
        return count

    def close(self) -> None:
        release, self._release = self._release, None
        if release is None:
            return
        try:
            if self._raw.length and self._raw.length <= DRAIN_LIMIT and not self._broken:
                with suppress(OSError, ProtocolError):
                    self.read(self._raw.length)
        finally:
            complete = self._raw.length == 0 or self._raw.isclosed()
            self._raw.close()
            release(complete and not (self._broken or self._raw.will_close))

    def abort(self) -> None:
        _shut_down(self._sock)


class _Deadline:
    """When everything ends: at a time, or earlier by `end`. The sockets it knows are shut down then."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._lock = threading.Lock()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._ended = threading.Event()
        BackgroundThread(self._end_in_time).start()

    def remaining(self, limit: float = threading.TIMEOUT_MAX) -> float:
        """Return the seconds until the deadline, `limit` at most. Raises TimeoutError, ProtocolError if it ended."""
        if self._ended.is_set():
            raise ProtocolError("stopped")
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return min(seconds, limit)

    def watch(self, sock: socket.socket) -> None:
        """Shut the socket down at the end. Raises what `remaining` raises."""
        with self._lock:
            self._sockets.add(sock)
        self.remaining()

    def sleep(self, seconds: float) -> None:
        """Wait. Raises ProtocolError if `end` is called meanwhile."""
        if self._ended.wait(seconds):
            raise ProtocolError("stopped")

    def end(self) -> None:
        """Make now the deadline."""
        self._ended.set()
        self._shut_down()

    def _end_in_time(self) -> None:
        if not self._ended.wait(max(self._deadline - time.monotonic(), 0)):
            self._shut_down()

    def _shut_down(self) -> None:
        with self._lock:
            for sock in self._sockets:
                _shut_down(sock)


@contextmanager
def _protocol_errors() -> Iterator[None]:
    """Raise ProtocolError for what http.client has against a response, and the system's own errors as they are."""
    try:
        yield
    except IncompleteRead:
        raise ProtocolError("connection closed mid-response") from None
    except RemoteDisconnected:
        raise ProtocolError("connection closed without a response") from None
    except OSError:  # before ValueError, which a refused certificate is too
        raise
    except (HTTPException, ValueError):
        raise ProtocolError("not a valid HTTP response") from None


def reason(error: OSError | ProtocolError) -> str:
    """Return what broke, in words that hold no URL."""
    if isinstance(error, ProtocolError):
        return str(error)
    if isinstance(error, socket.gaierror):
        return "unknown host"
    _, refused, status = str(error).partition("Tunnel connection failed: ")  # http.client's words
    if refused:
        return f"the proxy returned status {status[:3]}"
    return error.strerror or type(error).__name__


def _is_readable(sock: socket.socket) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):  # closed already, or never connected
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # a TLS socket's own would drop to plain text
