"""HTTP/1.1 over TLS (RFC 9112): as much of it as a download needs, and nothing to import but `ssl`.

requests and urllib3 take longer to import than an asset of 50 MB takes to arrive, and neither reads into a buffer that
is used again, nor ends in time when an answer's headers drip.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from github_assets.proxies import Proxies

CONNECTIONS = 16
"""Per host."""
LONGEST_HEAD = 1 << 16
LONGEST_REST = 1 << 16
"""Bytes of a body nobody reads that are read all the same, to use the connection again."""
_SAFE = "!#$%&'()*+,/:;=?@[]~"


class Broken(Exception):
    """An answer that ends too early, or breaks HTTP; the text says how."""


class Patience(NamedTuple):
    """Seconds that anything may take."""

    connect: float = 10
    stall: float = 15
    """Without a byte; then a connection counts as broken."""
    first_wait: float = 0.25
    """Before the second attempt; each wait is twice as long as the one before."""


USUAL = Patience()


class Address(NamedTuple):
    """Where a URL's server listens."""

    scheme: str
    host: str
    port: int


def address(url: str) -> Address:
    """Return where the URL's server listens. Raises ValueError for what is not a URL of a web server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _plain(parts.hostname):
        raise ValueError(parts.scheme)
    return Address(parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))


class Connections:
    """All connections of one run, at most CONNECTIONS per host; whatever waits ends at the deadline, or at `stop`."""

    def __init__(self, trust: ssl.SSLContext, deadline: float, patience: Patience, proxies: Proxies) -> None:
        self._trust, self._deadline, self._patience, self._proxies = trust, deadline, patience, proxies
        self._changed = threading.Condition()
        self._used: dict[Address, int] = {}
        self._waiting: dict[Address, int] = {}
        self._idle: dict[Address, list[Connection]] = {}
        self._sessions: dict[Address, ssl.SSLSession | None] = {}
        self._sockets: set[socket.socket] = set()
        self._stopped = threading.Event()

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a GET, its body not yet read; it must be closed.

        Raises Broken, OSError (ssl.SSLError, TimeoutError among them), and ValueError for what is not a URL.
        """
        to = address(url)
        proxy = self._proxies.of(*to)
        target = _target(url) if proxy is None or to.scheme == "https" else _whole(url)
        all_headers = {"Host": _host(to), **headers}
        if proxy and to.scheme == "http":
            all_headers.update(_proxy_authorization(proxy))
        head = _head(f"GET {target}", all_headers)
        connection = self._take(to) or self._new(to, proxy)
        try:
            connection.send(head)
            return Answer(url, connection, lambda again: self._give_back(to, connection, again))
        except BaseException:
            self._give_back(to, connection, False)
            raise

    def spare(self, url: str) -> bool:
        """Whether another connection to the URL's host would take none away from anybody who waits for one."""
        to = address(url)
        with self._changed:
            return self._used.get(to, 0) + self._waiting.get(to, 0) < CONNECTIONS

    def sleep(self, seconds: float) -> None:
        """Wait, unless everything is stopped."""
        if self._stopped.wait(seconds):
            raise Broken("stopped")

    def stop(self) -> None:
        """End all that waits or reads, now and later, and close what nobody uses."""
        self._stopped.set()
        with self._changed:
            for connection in (each for idle in self._idle.values() for each in idle):
                self._close(connection)
            self._idle.clear()
            for each in self._sockets:
                _shut(each)
            self._changed.notify_all()

    __del__ = stop

    def left(self, most: float) -> float:
        """Return how many seconds something may wait that is patient for `most`. Raises TimeoutError, Broken."""
        if self._stopped.is_set():
            raise Broken("stopped")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(most, left)

    def _take(self, to: Address) -> Connection | None:
        """Return an idle connection, or None after a place for a new one was taken."""
        with self._changed:
            self._waiting[to] = self._waiting.get(to, 0) + 1
            try:
                while self._used.get(to, 0) >= CONNECTIONS:
                    self._changed.wait(self.left(60))
            finally:
                self._waiting[to] -= 1
            self._used[to] = self._used.get(to, 0) + 1
            idle = self._idle.get(to, [])
            while idle:
                connection = idle.pop()
                if connection.is_quiet():
                    return connection
                self._close(connection)
        return None

    def _new(self, to: Address, proxy: str | None) -> Connection:
        """Return a connection in the place that was taken, or give the place back."""
        try:
            return self._open(to, proxy)
        except BaseException:
            with self._changed:
                self._used[to] -= 1
                self._changed.notify()
            raise

    def _give_back(self, to: Address, connection: Connection, again: bool) -> None:
        with self._changed:
            self._used[to] -= 1
            if again and not self._stopped.is_set():
                self._idle.setdefault(to, []).append(connection)
                self._sessions[to] = connection.session
            else:
                self._close(connection)
            self._changed.notify()

    def _close(self, connection: Connection) -> None:
        self._sockets.discard(connection.socket)
        connection.socket.close()

    def _open(self, to: Address, proxy: str | None) -> Connection:
        plain = self._connect(address(proxy) if proxy else to)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if to.scheme == "http":
                return self._kept(plain)
            if proxy:
                self._tunnel(plain, to, proxy)
            plain.settimeout(self.left(self._patience.stall))
            secure = self._trust.wrap_socket(
                plain, server_hostname=to.host, session=self._sessions.get(to), do_handshake_on_connect=False
            )
        except BaseException:
            plain.close()
            raise
        connection = self._kept(secure)
        try:
            secure.do_handshake()
        except BaseException:
            with self._changed:
                self._close(connection)
            raise
        return connection

    def _kept(self, of: socket.socket) -> Connection:
        with self._changed:
            self._sockets.add(of)
        return Connection(of, lambda: self.left(self._patience.stall))

    def _connect(self, to: Address) -> socket.socket:
        failure: OSError | None = None
        for family, kind, protocol, _, where in self._resolve(to):
            one = socket.socket(family, kind, protocol)
            try:
                one.settimeout(self.left(self._patience.connect))
                one.connect(where)
            except OSError as error:
                one.close()
                failure = error
            else:
                return one
        raise failure or OSError("no address")

    def _resolve(self, to: Address) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """Return the host's addresses. A name server may take longer than there is time, and cannot be hurried."""
        found: list[object] = []

        def resolve() -> None:
            try:
                found.append(socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                found.append(error)

        if to.host.replace(".", "").isdigit() or ":" in to.host:
            resolve()
        else:
            thread = threading.Thread(target=resolve, daemon=True)
            thread.start()
            thread.join(self.left(self._patience.connect))
        if not found:
            raise Broken("no answer from the name server")
        if isinstance(found[0], Exception):
            raise Broken("unknown host") from found[0]
        return found[0]  # type: ignore[return-value]

    def _tunnel(self, plain: socket.socket, to: Address, proxy: str) -> None:
        """Ask the proxy for a way to the server (RFC 9110, section 9.3.6)."""
        way = Connection(plain, lambda: self.left(self._patience.stall))
        where = f"{_bracketed(to.host)}:{to.port}"
        way.send(_head(f"CONNECT {where}", {"Host": where, **_proxy_authorization(proxy)}))
        status, _ = way.head()
        if status != 200:
            raise Broken(f"the proxy answers {status}")


class Connection:
    """A socket, and what it has sent that nobody has asked for yet."""

    def __init__(self, of: socket.socket, wait: Callable[[], float]) -> None:
        self.socket, self._wait = of, wait
        self._pending = b""

    @property
    def session(self) -> ssl.SSLSession | None:
        """What spares the next connection to the same host most of the handshake (RFC 8446, section 2.2)."""
        return self.socket.session if isinstance(self.socket, ssl.SSLSocket) else None

    def is_quiet(self) -> bool:
        """Whether the server has neither closed an idle connection nor sent something out of turn."""
        try:
            self.socket.settimeout(0)
            socket.socket.recv(self.socket, 1, socket.MSG_PEEK)  # below TLS
        except BlockingIOError:
            return not self._pending
        except OSError:
            return False
        return False

    def send(self, data: bytes) -> None:
        """Send everything."""
        self.socket.settimeout(self._wait())
        self.socket.sendall(data)

    def readinto(self, view: memoryview) -> int:
        """Fill some of the view; return how much, 0 at the end."""
        if self._pending:
            some = min(len(view), len(self._pending))
            view[:some] = self._pending[:some]
            self._pending = self._pending[some:]
            return some
        self.socket.settimeout(self._wait())
        return self.socket.recv_into(view)

    def until(self, mark: bytes, most: int) -> bytes:
        """Return what comes before the mark, which is read too. Raises Broken where it does not come."""
        data = bytearray(self._pending)
        self._pending = b""
        while (end := data.find(mark)) < 0:
            if len(data) > most:
                raise Broken("an answer that breaks HTTP")
            self.socket.settimeout(self._wait())
            more = self.socket.recv(1 << 14)
            if not more:
                where = "in the middle of the answer" if data or mark == b"\r\n" else "without an answer"
                raise Broken(f"connection closed {where}")
            data += more
        if end > most:
            raise Broken("an answer that breaks HTTP")
        self._pending = bytes(data[end + len(mark) :])
        return bytes(data[:end])

    def head(self) -> tuple[int, dict[str, str]]:
        """Return status and headers of the next answer, names in lower case, values of the same name joined."""
        status = 100
        while 100 <= status < 200:
            first, *lines = self.until(b"\r\n\r\n", LONGEST_HEAD).decode("latin-1").split("\r\n")
            version, _, rest = first.partition(" ")
            if not version.startswith("HTTP/1.") or not (rest[:3].isdecimal() and rest[3:4] in ("", " ")):
                raise Broken("an answer that breaks HTTP")
            status = int(rest[:3])
        headers: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not _plain(name):
                raise Broken("an answer that breaks HTTP")
            name, value = name.lower(), value.strip(" \t")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        if version == "HTTP/1.0":
            headers.setdefault("connection", "close")
        return status, headers


class Answer:
    """A status, headers (names in lower case), and a body that is read bit by bit as it was sent, encoded or not."""

    def __init__(self, url: str, connection: Connection, done: Callable[[bool], None]) -> None:
        self.url = url
        self._connection = connection
        self._done: Callable[[bool], None] | None = done
        self.status, self.headers = connection.head()
        self.size: int | None = None
        """Bytes of the body, where the answer tells."""
        self._chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        self._left: int | None = 0
        if self.status not in (204, 304) and not self._chunked:
            length = self.headers.get("content-length")
            if length is not None and not (length.isascii() and length.isdecimal() and len(length) < 20):
                raise Broken("an answer that breaks HTTP")
            self.size = self._left = int(length) if length else None
        self._ended = self.size == 0 or self.status in (204, 304)

    def readinto(self, view: memoryview) -> int:
        """Fill some of the view; return how much, 0 at the end. Raises as `Connections.get` does."""
        if self._ended or (self._chunked and not self._left and not self._next_chunk()):
            return 0
        most = len(view) if self._left is None else min(len(view), self._left)
        some = self._connection.readinto(view[:most])
        if self._left is None:
            self._ended = not some
        elif not some:
            raise Broken("connection closed in the middle of the answer")
        else:
            self._left -= some
            if not self._left:
                if self._chunked:
                    self._end_of_line()
                else:
                    self._ended = True
        return some

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
        again = False
        try:
            if not self._ended and self._left is not None and self._left <= LONGEST_REST and not self._chunked:
                self.read(self._left)
            again = self._ended and self._left is not None and "close" not in self.headers.get("connection", "").lower()
        except (OSError, Broken):
            pass
        finally:
            done(again)

    def abort(self) -> None:
        """Make whoever reads the body, in another thread, stop."""
        _shut(self._connection.socket)

    def _next_chunk(self) -> bool:
        """Read a chunk's size (RFC 9112, section 7.1); return whether it has one."""
        text = self._connection.until(b"\r\n", LONGEST_HEAD).partition(b";")[0].strip()
        if not text or len(text) > 16 or text.strip(b"0123456789abcdefABCDEF"):
            raise Broken("an answer that breaks HTTP")
        self._left = int(text, 16)
        if not self._left:
            while self._connection.until(b"\r\n", LONGEST_HEAD):
                pass
            self._ended = True
        return not self._ended

    def _end_of_line(self) -> None:
        if self._connection.until(b"\r\n", LONGEST_HEAD):
            raise Broken("an answer that breaks HTTP")


def _shut(one: socket.socket) -> None:
    with suppress(OSError):  # closed already, or never connected
        socket.socket.shutdown(one, socket.SHUT_RDWR)  # a TLS socket's own would drop to plain text


def _plain(text: str) -> bool:
    """Whether it is printable ASCII without white space."""
    return text.isascii() and text.isprintable() and " " not in text and text != ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _host(to: Address) -> str:
    usual = 443 if to.scheme == "https" else 80
    return _bracketed(to.host) if to.port == usual else f"{_bracketed(to.host)}:{to.port}"


def _target(url: str) -> str:
    parts = urlsplit(url)
    return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)


def _whole(url: str) -> str:
    to = address(url)
    return f"{to.scheme}://{_host(to)}{_target(url)}"


def _head(request: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{request} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _proxy_authorization(proxy: str) -> dict[str, str]:
    """Return the header for the name and the password in the proxy's URL (RFC 7617), if it has any."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    from binascii import b2a_base64

    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {b2a_base64(pair.encode(), newline=False).decode()}"}
