"""HTTP by requests over urllib3's pools, with what they lack: an end in time, whatever drips, and one kind of error."""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import EmptyPoolError, HTTPError

from github_assets.http.proxies import Proxies
from github_assets.http.urls import Address, address

CONNECTIONS = 16
"""Per host."""
READ = 1 << 16
"""Bytes that are asked for at once: urllib3 allocates as many for every TLS record, which brings a quarter at most."""
LONGEST_REST = 1 << 16
"""Bytes of a body nobody reads that are read all the same, to use the connection again."""


class ProtocolError(Exception):
    """An answer that ends too early, or breaks HTTP; the text says how."""


class Timeouts(NamedTuple):
    """Seconds that anything may take."""

    connect: float = 10
    stall: float = 15
    """Without a byte; then a connection counts as broken."""
    first_wait: float = 0.25
    """Before the second attempt; each wait is twice as long as the one before."""


DEFAULT_TIMEOUTS = Timeouts()


class Connections:
    """All connections of one run, at most CONNECTIONS per host; whatever waits ends at the deadline, or at `stop`."""

    def __init__(self, trust: ssl.SSLContext, deadline: float, patience: Timeouts, proxies: Proxies) -> None:
        self._patience, self._proxies = patience, proxies
        self._end = _End(deadline)
        self._asked: Counter[Address] = Counter()
        self._lock = threading.Lock()
        self._adapter = _Adapter(trust, self._end, patience)

    def get(self, url: str, headers: Mapping[str, str]) -> Response:
        """Return the answer to a GET, its body not yet read; it must be closed.

        Raises ProtocolError, OSError (ssl.SSLError, TimeoutError among them), and ValueError for what is not a URL.
        """
        to = address(url)
        proxy = self._proxies.of(*to)
        timeout = self.left(self._patience.connect), self.left(self._patience.stall)
        with self._lock:
            self._asked[to] += 1
        try:
            with _translated():
                request = requests.PreparedRequest()
                request.prepare_method("GET")
                request.prepare_url(url, None)
                request.prepare_headers(headers)
                response: Any = self._adapter.send(
                    request, stream=True, timeout=timeout, proxies={to.scheme: proxy} if proxy else None
                )
        except BaseException:
            self._done(to)
            raise
        return Response(url, response, self._end, lambda: self._done(to))

    def spare(self, url: str) -> bool:
        """Whether another connection to the URL's host would take none away from anybody who waits for one."""
        with self._lock:
            return self._asked[address(url)] < CONNECTIONS

    def sleep(self, seconds: float) -> None:
        """Wait, unless everything is stopped."""
        if self._end.stopped.wait(seconds):
            raise ProtocolError("stopped")

    def stop(self) -> None:
        """End all that waits or reads, now and later, and close what nobody uses."""
        self._end.stop()
        self._adapter.close()

    __del__ = stop

    def left(self, most: float) -> float:
        """Return how many seconds something may wait that is patient for `most`. Raises TimeoutError, ProtocolError."""
        return self._end.left(most)

    def _done(self, to: Address) -> None:
        with self._lock:
            self._asked[to] -= 1


class Response:
    """A status, headers (names in lower case), and a body that is read bit by bit as it was sent, encoded or not."""

    def __init__(self, url: str, response: HTTPResponse, end: _End, done: Callable[[], None]) -> None:
        self.url = url
        self._response, self._end = response, end
        self._done: Callable[[], None] | None = done
        self.status = response.status
        self.headers: dict[str, str] = {name.lower(): value for name, value in response.headers.itermerged()}
        self.size = response.length_remaining
        """Bytes of the body, where the answer tells."""

    def readinto(self, view: memoryview) -> int:
        """Fill some of the view; return how much, 0 at the end. Raises as `Connections.get` does."""
        with _translated():
            data = self._response.read1(min(len(view), READ), decode_content=False)
        if not data:
            self._end.left(0)  # it may be the end because the connection was shut
        view[: len(data)] = data
        return len(data)

    def read(self, most: int) -> bytes:
        """Return the rest of the body, or its first `most` bytes."""
        body = bytearray(most)
        view, filled = memoryview(body), 0
        while filled < most and (some := self.readinto(view[filled:])):
            filled += some
        return bytes(view[:filled])

    def close(self) -> None:
        """Be done with it; the connection is used again if the little that is left of the body comes."""
        done, self._done = self._done, None
        if done is None:
            return
        try:
            left = self._response.length_remaining
            if left is not None and 0 <= left <= LONGEST_REST:  # less than 0 after `Content-Length: 0,0`
                with suppress(OSError, ProtocolError):
                    self.read(left + 1)
        finally:
            self._response.close()
            self._response.release_conn()
            done()

    def abort(self) -> None:
        """Make whoever reads the body, in another thread, stop."""
        connection = self._response.connection
        if isinstance(connection, _Watched) and connection.connected:
            _shut(connection.connected)


class _End:
    """When everything ends: at the deadline, or earlier. It knows all sockets, to end what reads from them."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._lock = threading.Lock()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self.stopped = threading.Event()
        self._timer = threading.Timer(max(deadline - time.monotonic(), 0), self._shut_all)
        self._timer.daemon = True
        self._timer.start()

    def left(self, most: float) -> float:
        if self.stopped.is_set():
            raise ProtocolError("stopped")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(most, left)

    def holds_for(self, one: socket.socket) -> None:
        with self._lock:
            self._sockets.add(one)
        self.left(0)

    def stop(self) -> None:
        self.stopped.set()
        self._timer.cancel()
        self._shut_all()

    def _shut_all(self) -> None:
        with self._lock:
            for one in self._sockets:
                _shut(one)


class _Watched(HTTPConnection):
    """A connection whose socket is shut at the end, and that is made in time or not at all."""

    end: _End
    patience: Timeouts
    connected: socket.socket | None = None
    """Outlives `sock`, which goes as soon as an answer says that it is the last one."""

    def connect(self) -> None:
        """Connect in a thread: nothing can hurry a name server, or a handshake that drips."""
        failed: list[BaseException] = []

        def connect() -> None:
            try:
                super(_Watched, self).connect()
            except BaseException as error:  # raised where it is waited for
                failed.append(error)

        thread = threading.Thread(target=connect, daemon=True)
        thread.start()
        thread.join(self.end.left(self.patience.connect + self.patience.stall))
        if failed:
            raise failed[0]
        if thread.is_alive():
            raise TimeoutError
        self.connected = self.sock
        self.end.holds_for(self.sock)


class _Adapter(HTTPAdapter):
    """Pools that trust exactly the context's authorities; requests alone would add those of certifi.

    It is used without a session: no variables, no ~/.netrc, no cookies, no redirects, nobody's name from a URL.
    """

    def __init__(self, trust: ssl.SSLContext, end: _End, patience: Timeouts) -> None:
        self._trust = trust
        self._lock = threading.Lock()

        class Plain(_Watched):
            pass

        class Secure(Plain, HTTPSConnection):
            pass

        Plain.end, Plain.patience = end, patience

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

            def urlopen(self, *args: Any, **options: Any) -> Any:
                options["pool_timeout"] = end.left(math.inf)
                return super().urlopen(*args, **options)

        class SecurePool(PlainPool, HTTPSConnectionPool):
            ConnectionCls = Secure

        self._pools = {"http": PlainPool, "https": SecurePool}
        super().__init__(pool_connections=CONNECTIONS, pool_maxsize=CONNECTIONS, pool_block=True, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        with self._lock:
            manager = super().proxy_manager_for(proxy, ssl_context=self._trust, **options)
            manager.pool_classes_by_scheme = self._pools
            return manager

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Return the header for the name and the password in the proxy's URL (RFC 7617), if it has any."""
        parts = urlsplit(proxy)
        if parts.username is None:
            return {}
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return dict(make_headers(proxy_basic_auth=pair.encode().decode("latin-1")))

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {**pool, "ssl_context": self._trust, "ca_certs": None, "cert_reqs": "CERT_REQUIRED"}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> Any:
        """Return urllib3's answer as it is: requests' own would look for cookies and a charset in it."""
        return resp


@contextmanager
def _translated() -> Iterator[None]:
    """Raise ProtocolError or the system's own error for whatever requests, urllib3 and http.client make of it."""
    try:
        yield
    except (requests.RequestException, HTTPError, HTTPException, OSError, UnicodeError) as error:
        raise _translation(error) from None


def _translation(error: BaseException) -> Exception:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return cause
        if isinstance(cause, (EmptyPoolError, TimeoutError)):
            return TimeoutError()
        if isinstance(cause, socket.gaierror):
            return ProtocolError("unknown host")
        if isinstance(cause, IncompleteRead):
            return ProtocolError("connection closed in the middle of the response")
        if isinstance(cause, RemoteDisconnected):
            return ProtocolError("connection closed without a response")
    innermost = causes[-1]
    if isinstance(innermost, OSError) and innermost.strerror:
        return innermost
    _, tunnel, status = str(innermost).partition("Tunnel connection failed: ")
    return ProtocolError(f"the proxy returned status {status[:3]}" if tunnel else "invalid HTTP response")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what it wraps; requests and urllib3 keep it in `reason` or in the arguments."""
    while error is not None:
        yield error
        inner = [getattr(error, "reason", None), *error.args, error.__cause__]
        error = next((each for each in inner if isinstance(each, BaseException)), None)


def _shut(one: socket.socket) -> None:
    with suppress(OSError):  # closed already, or never connected
        socket.socket.shutdown(one, socket.SHUT_RDWR)  # a TLS socket's own would drop to plain text
