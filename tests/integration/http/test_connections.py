"""Connections to a server of a few lines: reuse, how many there are, when they end, proxies."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from github_assets.http.connections import CONNECTIONS, DEFAULT_TIMEOUTS, Connections, ProtocolError
from github_assets.http.proxies import NO_PROXIES, read_proxies
from github_assets.http.urls import address
from tests.integration.scripted_server import ScriptedServer

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
THREE = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
HANGS = 20
"""Seconds after which a test has failed."""


@pytest.fixture
def scripted_server() -> Iterator[Callable[..., ScriptedServer]]:
    servers: list[ScriptedServer] = []

    def make(data: bytes = THREE, **options: bool) -> ScriptedServer:
        servers.append(ScriptedServer(data, **options))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Connections]]:
    made: list[Connections] = []

    def make(seconds: float = HANGS, **variables: str) -> Connections:
        proxies = read_proxies(variables.get) if variables else NO_PROXIES
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.append(Connections(trust, time.monotonic() + seconds, DEFAULT_TIMEOUTS, proxies))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def body(connections: Connections, url: str) -> bytes:
    with closing(connections.get(url, {})) as response:
        return response.read(1 << 16)


# reuse


@pytest.mark.parametrize(
    ("data", "received", "again"),
    [
        (THREE, b"abc", True),
        (THREE.replace(b"1.1", b"1.0", 1), b"abc", False),
        (THREE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), b"abc", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (CHUNKED + b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n", b"abc0123456789", True),
        (THREE.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"), b"abc", True),
    ],
)
def test_a_connection_is_used_again_where_that_is_possible(
    scripted_server: Callable[..., ScriptedServer],
    connect: Callable[..., Connections],
    data: bytes,
    received: bytes,
    again: bool,
) -> None:
    server, connections = scripted_server(data), connect()

    assert [body(connections, server.url) for _ in range(3)] == [received] * 3
    assert server.connections == (1 if again else 3)


@pytest.mark.parametrize(("size", "again"), [(0, True), (1000, True), (1 << 20, False)])
def test_a_body_nobody_reads(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections], size: int, again: bool
) -> None:
    server, connections = (
        scripted_server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size),
        connect(),
    )

    for _ in range(2 * CONNECTIONS):  # one that was not given back would be missed
        connections.get(server.url, {}).close()
    assert server.connections == (1 if again else 2 * CONNECTIONS)


def test_nothing_is_added_to_a_request(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections]
) -> None:
    server, connections = scripted_server(THREE.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n")), connect()

    for _ in range(2):
        url = server.url.replace("//", "//user:password@")
        with closing(connections.get(url, {"Accept-Encoding": "identity", "User-Agent": "me"})):
            pass
    names = {line.partition(b":")[0] for head in server.heads for line in head.split(b"\r\n")[1:-2]}
    assert names == {b"Host", b"Accept-Encoding", b"User-Agent"}


def test_redirects_are_the_caller_s(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections]
) -> None:
    server, connections = (
        scripted_server(b"HTTP/1.1 302 Found\r\nLocation: ftp://[\r\nContent-Length: 0\r\n\r\n"),
        connect(),
    )

    with closing(connections.get(server.url, {})) as response:
        assert (response.status, response.headers["location"], response.size) == (302, "ftp://[", 0)


# what is no answer


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (b"", "closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", "closed in the middle"),
        (CHUNKED + b"3\r\nabc\r\n", "closed in the middle"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabc", "breaks HTTP"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "breaks HTTP"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "breaks HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 17) + b"\r\n\r\n", "breaks HTTP"),
    ],
)
def test_what_is_no_answer(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections], data: bytes, how: str
) -> None:
    server, connections = scripted_server(data, hang=False), connect()

    for _ in range(CONNECTIONS + 1):
        with pytest.raises(ProtocolError, match=how):
            body(connections, server.url)


# limits


def test_so_many_connections_and_no_more(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections]
) -> None:
    server, connections = scripted_server(), connect()
    responses = [connections.get(server.url, {}) for _ in range(CONNECTIONS - 1)]
    assert connections.spare(server.url)
    responses.append(connections.get(server.url, {}))
    assert not connections.spare(server.url)
    received: list[bytes] = []
    waiting = threading.Thread(target=lambda: received.append(body(connections, server.url)), daemon=True)
    waiting.start()
    responses.pop().close()
    waiting.join(HANGS)

    assert received == [b"abc"]
    assert server.connections == CONNECTIONS
    for response in responses:
        response.close()
    assert connections.spare(server.url)


def test_the_wait_for_a_connection_ends_at_the_deadline(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections]
) -> None:
    server, connections = scripted_server(), connect(1)
    responses = [connections.get(server.url, {}) for _ in range(CONNECTIONS)]

    with pytest.raises(TimeoutError):
        connections.get(server.url, {})
    for response in responses:
        response.close()


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\nX:", CHUNKED, THREE[:-1]])
@pytest.mark.parametrize("stopped", [True, False])
def test_everything_ends_at_the_deadline_and_when_it_is_stopped(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections], data: bytes, stopped: bool
) -> None:
    server, connections = scripted_server(data), connect(HANGS if stopped else 0.5)
    errors: list[BaseException] = []

    def read() -> None:
        try:
            body(connections, server.url)
        except (ProtocolError, OSError) as error:
            errors.append(error)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    while stopped and not server.heads:
        time.sleep(0.01)
    if stopped:
        connections.stop()
    reading.join(DEFAULT_TIMEOUTS.stall / 2)

    assert len(errors) == 1
    with pytest.raises((ProtocolError, TimeoutError)):
        connections.get(server.url, {})
    if stopped:
        with pytest.raises(ProtocolError, match="stopped"):
            connections.sleep(HANGS)


def test_another_thread_can_abort(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections]
) -> None:
    server, connections = (
        scripted_server(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nabc"),
        connect(),
    )

    with closing(connections.get(server.url, {})) as response:
        assert response.read(3) == b"abc"
        response.abort()
        with pytest.raises(ProtocolError, match="in the middle"):
            response.read(1)


def test_an_unknown_host(connect: Callable[..., Connections]) -> None:
    with pytest.raises(ProtocolError, match="unknown host"):
        connect().get("http://unknown.invalid/", {})


@pytest.mark.parametrize("url", ["ftp://h/", "https:///x", "https://h:port/", "https://h:99999/", "https://a b/", "x"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - urlsplit's words differ by version
        address(url)


# proxies


@pytest.mark.parametrize(
    ("without", "host", "direct"),
    [
        ("*", "a.example", True),
        ("a.example", "a.example", True),
        ("a.example", "b.a.example", True),
        (".a.example", "b.a.example", True),
        ("a.example", "ba.example", False),
        ("A.Example", "a.example", True),
        ("a.example:443", "a.example", True),
        ("a.example:80", "a.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "a.example", False),
        ("0.1.2", "10.0.1.2", False),
        ("fd00::/8", "fd00::1", True),
        ("fd00::1", "fd00::1", True),
        ("[fd00::1]:443", "fd00::1", True),
        ("not/a/network", "10.1.2.3", False),
        ("", "a.example", False),
        ("b.example, a.example", "a.example", True),
    ],
)
def test_hosts_that_are_reached_without_a_proxy(without: str, host: str, direct: bool) -> None:
    proxies = read_proxies({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": without}.get)

    assert (proxies.of("https", host, 443) is None) is direct


def test_which_proxy() -> None:
    proxies = read_proxies({"HTTPS_PROXY": "http://secure", "ALL_PROXY": "http://every:3128"}.get)

    assert proxies.of("https", "h", 443) == "http://secure"
    assert proxies.of("http", "h", 80) == "http://every:3128"
    assert read_proxies({}.get).of("https", "h", 443) is None


def test_a_request_without_tls_goes_through_the_proxy(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections]
) -> None:
    server = scripted_server()
    connections = connect(HTTP_PROXY=f"http://me:%C3%A4@{server.at}")

    assert body(connections, "http://a.example/x?y") == b"abc"
    [head] = server.heads
    assert head.startswith(b"GET http://a.example/x?y HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic bWU6w6Q=\r\n" in head.replace(
        b"proxy-authorization", b"Proxy-Authorization"
    )


def test_a_proxy_that_refuses(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., Connections]
) -> None:
    server = scripted_server(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(ProtocolError, match="the proxy returned status 407"):
        connect(HTTPS_PROXY=f"http://{server.at}").get("https://a.example/", {})
    assert server.heads[0].startswith(b"CONNECT a.example:443 ")
