"""Sockets: a listener per host, a thread per connection, TLS, shaping, faults."""

from __future__ import annotations

import contextlib
import os
import re
import select
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Final, Self, TextIO, get_args

import trustme

from . import api, store, web
from .exchange import FileRange, Piece, Request, Response, Role, piece_size, size
from .faults import Fault, Refused
from .log import Record, RequestLog
from .site import Site
from .state import GitHub

ADDRESSES: Final[Mapping[Role, str]] = {
    "api": "127.0.0.1",
    "store": "127.0.0.2",
    "web": "127.0.0.3",
    "other": "127.0.0.4",
    "plain": "127.0.0.4",
}
"""`other` is another host that answers like all three; `plain` is the same without TLS."""

NAMES: Final = (
    *("localhost", "github.com", "api.github.com", "release-assets.githubusercontent.com", "api.octo.ghe.com"),
    *("ghe.example.com", "artifacts.example.com"),
)
"""What clients may call the hosts too, where a proxy leads them here."""

_CHUNK: Final = 256 << 10
_API_PATHS: Final = ("/repos/", "/repositories/", "/rate_limit", f"{api.ENTERPRISE}/")
_STORE_PATHS: Final = ("/github-production-release-asset/", "/attestations/")


@dataclass(frozen=True)
class Shape:
    """How slow a host is: milliseconds before an answer's first byte, bytes per second of each connection."""

    first_byte_ms: float = 0
    bytes_per_second: float | None = None


@dataclass
class Injection:
    """A fault that waits for requests; `hits` is how often it struck."""

    role: Role
    fault: Fault
    times: int | None
    match: re.Pattern[str]
    authorized: bool | None
    hits: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it should."""
        return self.times is not None and self.hits >= self.times

    def fits(self, request: Request) -> bool:
        """Whether it strikes this request."""
        credentials = "authorization" in request.headers
        return (
            self.role == request.role
            and not self.spent
            and self.authorized in (None, credentials)
            and self.match.search(request.target) is not None
        )


class Server:
    """A GitHub that listens; a context manager that starts and closes it."""

    def __init__(
        self,
        github: GitHub,
        *,
        tls: bool = True,
        ports: Mapping[Role, int] | None = None,
        addresses: Mapping[Role, str] = ADDRESSES,
        names: Mapping[Role, str] | None = None,
        directory: str | None = None,
        log_file: TextIO | None = None,
    ) -> None:
        """Bind all ports; nothing is answered before `start`.

        Args:
            github: what exists.
            tls: whether the hosts (but `plain`) speak TLS.
            ports: ports by role; the others are ephemeral.
            addresses: addresses by role.
            names: the hosts' names in URLs, by role, where clients can resolve them; the others have their address.
            directory: where `ca.pem` is written; a temporary directory where it is None.
            log_file: gets the request log, a JSON line each.
        """
        self.github = github
        self.log = RequestLog(log_file)
        self._own_directory = None if directory else tempfile.TemporaryDirectory(prefix="githubd-")
        self.ca_path = os.path.join(directory or self._own_directory.name, "ca.pem")  # type: ignore[union-attr]
        names = names or {}
        context = self._certificates({*addresses.values(), *names.values(), *NAMES}) if tls else None
        self._listeners: dict[Role, _Listener] = {}
        for role, address in addresses.items():
            secure = None if role == "plain" else context
            port = (ports or {}).get(role, 0)
            self._listeners[role] = _Listener(self, role, address, port, secure, names.get(role, address))
        self.site = Site(github, {role: one.url for role, one in self._listeners.items()})
        self._injections: list[Injection] = []
        self._shapes: dict[Role, Shape] = {}
        self._lock = threading.Lock()
        self.api_url, self.web_url = self.site.urls["api"], self.site.urls["web"]
        self.store_url, self.other_url = self.site.urls["store"], self.site.urls["other"]
        self.plain_url = self.site.urls["plain"]

    def _certificates(self, hosts: Iterable[str]) -> ssl.SSLContext:
        authority = trustme.CA(organization_name="githubd")
        authority.cert_pem.write_to_path(self.ca_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        authority.issue_cert(*sorted(hosts)).configure_cert(context)
        return context

    def start(self) -> Self:
        """Begin to answer."""
        for listener in self._listeners.values():
            listener.start()
        return self

    def close(self) -> None:
        """Close all ports and connections."""
        for listener in self._listeners.values():
            listener.close()
        if self._own_directory:
            self._own_directory.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def requests(self, role: Role | None = None) -> list[Record]:
        """The requests that arrived, of one role or of all, in order."""
        return self.log.records(role)

    def shape(self, role: Role, *, first_byte_ms: float = 0, bytes_per_second: float | None = None) -> None:
        """Make a host slow, or fast again."""
        self._shapes[role] = Shape(first_byte_ms, bytes_per_second)

    def shape_of(self, role: Role) -> Shape:
        """How slow a host is."""
        return self._shapes.get(role, Shape())

    def fail(
        self,
        role: Role,
        fault: Fault,
        *,
        times: int | None = None,
        match: str = "",
        authorized: bool | None = None,
    ) -> Injection:
        """Let a fault strike the host's next `times` requests, or all (None); several faults queue up.

        Args:
            role: the host.
            fault: what goes wrong.
            times: how often; None for ever.
            match: a regular expression that path and query must hold.
            authorized: strike only requests with (True) or without (False) an Authorization header.
        """
        if role not in get_args(Role):
            raise ValueError(f"no host {role!r}; there are {', '.join(get_args(Role))}")
        injection = Injection(role, fault, times, re.compile(match), authorized)
        if isinstance(fault, Refused):
            if match or authorized is not None:
                raise ValueError("a refused connection has no request to match")
            self._listeners[role].refuse(injection)
        with self._lock:
            self._injections.append(injection)
        return injection

    def heal(self, role: Role | None = None) -> None:
        """Take the faults away, of one host or of all."""
        with self._lock:
            healed = [one for one in self._injections if role in (None, one.role)]
            self._injections = [one for one in self._injections if one not in healed]
        for injection in healed:
            if isinstance(injection.fault, Refused):
                self._listeners[injection.role].accept_again()

    def respond(self, request: Request, record: Record) -> Response:
        """The answer to a request, faults and all."""
        injection = self._strike(request)
        if injection is None:
            return self._answer(request)
        record.fault = type(injection.fault).__name__
        return injection.fault.apply(self.site, request, self._answer)

    def _strike(self, request: Request) -> Injection | None:
        with self._lock:
            injection = next((one for one in self._injections if one.fits(request)), None)
            if injection:
                injection.hits += 1
            return injection

    def _answer(self, request: Request) -> Response:
        shared = request.role in ("other", "plain")
        if request.role == "store" or (shared and request.path.startswith(_STORE_PATHS)):
            return store.response(self.site, request)
        enterprise = request.path.startswith(f"{api.ENTERPRISE}/")
        if request.role == "api" or enterprise or (shared and request.path.startswith(_API_PATHS)):
            return api.response(self.site, request)
        return web.response(self.site, request)


class _Listener:
    """One port of one host and its connections."""

    def __init__(
        self, server: Server, role: Role, address: str, port: int, tls: ssl.SSLContext | None, name: str
    ) -> None:
        self.server, self.role, self._address, self._tls = server, role, address, tls
        self._socket = self._bind(port)
        self._port = self._socket.getsockname()[1]
        self.url = (
            f"https://{name}" if tls and self._port == 443 else f"{'https' if tls else 'http'}://{name}:{self._port}"
        )
        self._connections: set[socket.socket] = set()
        self._count = 0
        self._open = threading.Event()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name=f"githubd {role}", daemon=True)

    def _bind(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with socket.socket() as finder:  # only a port that was named is kept over a shutdown
            finder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            finder.bind((self._address, port))
            listener.bind(finder.getsockname())
        return listener

    def start(self) -> None:
        self.accept_again()
        self._thread.start()

    def accept_again(self) -> None:
        with self._lock:
            if not self._closed:
                self._socket.listen(128)
                self._open.set()

    def refuse(self, injection: Injection) -> None:
        """Close the port (it stays ours) until the injection is spent or healed."""
        witness = _raw_socket(self._address) if injection.times is not None else None
        self._open.clear()
        self._socket.shutdown(socket.SHUT_RD)
        self._drop()
        if witness:
            threading.Thread(target=self._count_refusals, args=(injection, witness), daemon=True).start()

    def _count_refusals(self, injection: Injection, witness: socket.socket) -> None:
        with witness:
            while not (self._open.is_set() or self._closed):
                readable, _, _ = select.select([witness], [], [], 0.1)
                injection.hits += bool(readable) and _asks_for(witness.recv(65535), self._port)
                if injection.spent:
                    self.accept_again()

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)
        self._open.set()
        if self._thread.ident:
            self._thread.join()
        self._socket.close()
        self._drop()

    def _drop(self) -> None:
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)  # a TLS socket's would drop to plain text

    def _serve(self) -> None:
        while not self._closed:
            self._open.wait()
            try:
                connection, _ = self._socket.accept()
            except OSError:
                continue
            self._count += 1
            threading.Thread(target=self._converse, args=(connection, self._count), daemon=True).start()

    def _converse(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):  # a client may go away at any time
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            with self._lock:
                self._connections.add(connection)
            if self._open.is_set() and not self._closed:
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                _Conversation(connection, self, number)
        with self._lock:
            self._connections.discard(connection)
        connection.close()


class _Conversation(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    connection: socket.socket

    def __init__(self, connection: socket.socket, listener: _Listener, number: int) -> None:
        self.listener, self.number = listener, number
        super().__init__(connection, connection.getpeername(), listener)  # type: ignore[arg-type]

    def _exchange(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers}
        request = Request(self.listener.role, self.command, path, query, headers)
        self.rfile.read(int(headers.get("content-length", 0)))
        server = self.listener.server
        record = server.log.begin(request, self.number)
        try:
            self._send(server.respond(request, record), server.shape_of(request.role), record)
        finally:
            server.log.end(record)

    def _send(self, response: Response, shape: Shape, record: Record) -> None:
        time.sleep(shape.first_byte_ms / 1000)
        if not response.silent:
            record.status = response.status
            head = self._head(response)
            if self.command == "HEAD" or not response.body:
                self.wfile.write(head)
            else:
                self._send_body(head, response, response.bytes_per_second or shape.bytes_per_second, record)
        self._end(response)

    def _head(self, response: Response) -> bytes:
        length = size(response.body) if response.declared is None else response.declared
        headers = {"Server": "github.com", "Date": self.date_time_string(), **response.headers}
        if response.status != 304:
            headers["Content-Length"] = str(length)
        lines = [f"HTTP/1.1 {response.status} {_reason(response.status)}", *(f"{n}: {v}" for n, v in headers.items())]
        hints = "".join(
            f"HTTP/1.1 {status} {_reason(status)}\r\nLink: </style.css>; rel=preload\r\n\r\n"
            for status in response.informational
        )
        return (hints + "\r\n".join([*lines, "", ""])).encode("latin-1", "replace")

    def _send_body(self, head: bytes, response: Response, rate: float | None, record: Record) -> None:
        began, sent = time.monotonic(), 0
        chunk = _CHUNK if rate is None else max(1, min(_CHUNK, int(rate / 50)))
        for piece in response.body:
            if rate is None and isinstance(piece, FileRange) and not isinstance(self.connection, ssl.SSLSocket):
                self.wfile.write(head)
                head = b""
                record.sent += piece_size(piece)
                with open(piece.path, "rb") as file:
                    self.connection.sendfile(file, piece.start, piece_size(piece))
                continue
            for data in _chunks(piece, chunk):
                sent += len(data)
                if rate is not None:
                    time.sleep(max(0.0, began + sent / rate - time.monotonic()))
                record.sent += len(data)
                self.wfile.write(head + bytes(data) if head else data)
                head = b""
        self.wfile.write(head)  # still there where no piece has a byte

    def _end(self, response: Response) -> None:
        if response.ending == "keep":
            return
        self.close_connection = True
        if response.ending == "stall":
            select.select([self.connection], [], [])
        elif response.ending == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _exchange  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Print nothing: the request log has it."""

    def finish(self) -> None:
        """Leave the socket to the listener, which closes it."""
        self.rfile.close()


def _reason(status: int) -> str:
    return BaseHTTPRequestHandler.responses.get(status, ("",))[0]


def _chunks(piece: Piece, chunk: int) -> Iterator[memoryview]:
    if isinstance(piece, bytes):
        view = memoryview(piece)
        for start in range(0, len(piece), chunk):
            yield view[start : start + chunk]
        return
    buffer = bytearray(chunk)
    with open(piece.path, "rb", buffering=0) as file:
        file.seek(piece.start)
        left = piece.stop - piece.start
        while left:
            got = file.readinto(memoryview(buffer)[: min(chunk, left)])
            if not got:
                return
            left -= got
            yield memoryview(buffer)[:got]


def _raw_socket(address: str) -> socket.socket:
    """A socket that sees every TCP segment to an address, also to ports without a listener."""
    try:
        witness = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    except PermissionError as error:
        raise PermissionError("counting refused connections needs root; times=None does not") from error
    witness.bind((address, 0))
    return witness


def _asks_for(packet: bytes, port: int) -> bool:
    """Whether an IPv4 packet opens a TCP connection to a port: SYN without ACK (RFC 9293, section 3.1)."""
    segment = packet[(packet[0] & 15) * 4 :]
    return int.from_bytes(segment[2:4], "big") == port and segment[13] & 0x12 == 0x02
