"""PoolManager with a minimal server: reuse, limits, deadlines, proxies."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from github_assets.http.connections import (
    DEFAULT_TIMEOUTS,
    MAX_CONNECTIONS,
    MAX_INFORMATIONAL,
    PoolManager,
    ProtocolError,
    ProxyError,
    reason,
)
from github_assets.http.proxies import NO_PROXIES, read_proxies
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
def connect() -> Iterator[Callable[..., PoolManager]]:
    made: list[PoolManager] = []

    def make(seconds: float = HANGS, **variables: str) -> PoolManager:
        proxies = read_proxies(variables.get) if variables else NO_PROXIES
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.append(PoolManager(trust, time.monotonic() + seconds, DEFAULT_TIMEOUTS, proxies))
        return made[-1]

    yield make
    for each in made:
        each.close()


def body(pools: PoolManager, url: str) -> bytes:
    with closing(pools.get(url, {})) as response:
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
    connect: Callable[..., PoolManager],
    data: bytes,
    received: bytes,
    again: bool,
) -> None:
    server, pools = scripted_server(data), connect()

    assert [body(pools, server.url) for _ in range(3)] == [received] * 3
    assert server.connections == (1 if again else 3)


@pytest.mark.parametrize(("size", "again"), [(0, True), (1000, True), (1 << 20, False)])
def test_an_unread_body_keeps_the_connection_usable(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager], size: int, again: bool
) -> None:
    server, pools = (
        scripted_server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size),
        connect(),
    )

    for _ in range(2 * MAX_CONNECTIONS):  # one that was not given back would be missed
        pools.get(server.url, {}).close()
    assert server.connections == (1 if again else 2 * MAX_CONNECTIONS)


def test_nothing_is_added_to_a_request(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server, pools = scripted_server(THREE.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n")), connect()

    for _ in range(2):
        url = server.url.replace("//", "//user:password@")
        with closing(pools.get(url, {"Accept-Encoding": "identity", "User-Agent": "me"})):
            pass
    names = {line.partition(b":")[0] for head in server.heads for line in head.split(b"\r\n")[1:-2]}
    assert names == {b"Host", b"Accept-Encoding", b"User-Agent"}


def test_redirects_are_left_to_the_caller(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server, pools = (
        scripted_server(b"HTTP/1.1 302 Found\r\nLocation: ftp://[\r\nContent-Length: 0\r\n\r\n"),
        connect(),
    )

    with closing(pools.get(server.url, {})) as response:
        assert (response.status, response.headers["location"], response.content_length) == (302, "ftp://[", 0)


@pytest.mark.parametrize("status", [100, 102, 103, 199])
@pytest.mark.parametrize("times", [1, 3, MAX_INFORMATIONAL])
def test_informational_responses_are_skipped(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager], status: int, times: int
) -> None:
    """RFC 9110, section 15.2; they have headers of their own, which are none of the response's."""
    hint = f"HTTP/1.1 {status} Early\r\nLink: </x>; rel=preload\r\nContent-Length: 9\r\n\r\n".encode()
    server, pools = scripted_server(hint * times + THREE), connect()

    for _ in range(2):
        with closing(pools.get(server.url, {})) as response:
            assert (response.status, "link" in response.headers, response.read(9)) == (200, False, b"abc")
    assert server.connections == 1


@pytest.mark.parametrize("status", [100, 103])
def test_endless_informational_responses_are_an_error(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager], status: int
) -> None:
    server, pools = scripted_server(b"HTTP/1.1 %d Early\r\n\r\n" % status * (MAX_INFORMATIONAL + 1) + THREE), connect()

    with pytest.raises(ProtocolError, match="not a valid HTTP response"):
        pools.get(server.url, {})


def test_switching_protocols_is_an_error(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server, pools = scripted_server(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + THREE), connect()

    with pytest.raises(ProtocolError, match="not a valid HTTP response"):
        pools.get(server.url, {})


def test_informational_responses_of_a_proxy(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server = scripted_server(b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(ProxyError, match="the proxy returned status 407"):
        connect(HTTPS_PROXY=f"http://{server.at}").get("https://a.example/", {})


# what is no answer


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (b"", "closed without a response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", "closed mid-response"),
        (CHUNKED + b"3\r\nabc\r\n", "closed mid-response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabc", "not a valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "not a valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc", "not a valid HTTP"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "not a valid HTTP"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "not a valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 17) + b"\r\n\r\n", "not a valid HTTP"),
    ],
)
def test_invalid_http_responses(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager], data: bytes, how: str
) -> None:
    server, pools = scripted_server(data, hang=False), connect()

    for _ in range(MAX_CONNECTIONS + 1):
        with pytest.raises(ProtocolError, match=how):
            body(pools, server.url)


# limits


def test_the_number_of_connections_is_limited(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server, pools = scripted_server(), connect()
    responses = [pools.get(server.url, {}) for _ in range(MAX_CONNECTIONS - 1)]
    assert pools.has_free_connection(server.url)
    responses.append(pools.get(server.url, {}))
    assert not pools.has_free_connection(server.url)
    received: list[bytes] = []
    waiting = threading.Thread(target=lambda: received.append(body(pools, server.url)), daemon=True)
    waiting.start()
    responses.pop().close()
    waiting.join(HANGS)

    assert received == [b"abc"]
    assert server.connections == MAX_CONNECTIONS
    for response in responses:
        response.close()
    assert pools.has_free_connection(server.url)


def test_the_wait_for_a_connection_ends_at_the_deadline(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server, pools = scripted_server(), connect(1)
    responses = [pools.get(server.url, {}) for _ in range(MAX_CONNECTIONS)]

    with pytest.raises(TimeoutError):
        pools.get(server.url, {})
    for response in responses:
        response.close()


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\nX:", CHUNKED, THREE[:-1]])
@pytest.mark.parametrize("stopped", [True, False])
def test_everything_ends_at_the_deadline_and_when_it_is_stopped(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager], data: bytes, stopped: bool
) -> None:
    server, pools = scripted_server(data), connect(HANGS if stopped else 0.5)
    errors: list[BaseException] = []

    def read() -> None:
        try:
            body(pools, server.url)
        except (ProtocolError, OSError) as error:
            errors.append(error)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    while stopped and not server.heads:
        time.sleep(0.01)
    if stopped:
        pools.close()
    reading.join(DEFAULT_TIMEOUTS.read / 2)

    assert len(errors) == 1
    with pytest.raises((ProtocolError, TimeoutError)):
        pools.get(server.url, {})
    if stopped:
        with pytest.raises(ProtocolError, match="stopped"):
            pools.sleep(HANGS)


def test_another_thread_can_abort(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server, pools = (
        scripted_server(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nabc"),
        connect(),
    )

    with closing(pools.get(server.url, {})) as response:
        assert response.read(3) == b"abc"
        response.abort()
        with pytest.raises(ProtocolError, match="mid-response"):
            response.read(1)


def test_an_unknown_host(connect: Callable[..., PoolManager]) -> None:
    with pytest.raises(socket.gaierror) as caught:
        connect().get("http://unknown.invalid/", {})
    assert reason(caught.value) == "unknown host"


# proxies


def test_a_request_without_tls_goes_through_the_proxy(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server = scripted_server()
    pools = connect(HTTP_PROXY=f"http://me:%C3%A4@{server.at}")

    assert body(pools, "http://a.example/x?y") == b"abc"
    [head] = server.heads
    assert head.startswith(b"GET http://a.example/x?y HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic bWU6w6Q=\r\n" in head.replace(
        b"proxy-authorization", b"Proxy-Authorization"
    )


def test_a_proxy_that_refuses(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    server = scripted_server(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(ProxyError, match="the proxy returned status 407") as caught:
        connect(HTTPS_PROXY=f"http://{server.at}").get("https://a.example/", {})
    assert caught.value.proxy == server.at
    assert server.heads[0].startswith(b"CONNECT a.example:443 ")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("proxy", "how"), [("127.0.0.9:9", "Connection refused"), ("unknown.invalid:3128", "unknown host")]
)
def test_a_proxy_that_does_not_exist(connect: Callable[..., PoolManager], scheme: str, proxy: str, how: str) -> None:
    with pytest.raises(ProxyError, match=how) as caught:
        connect(ALL_PROXY=f"http://me:secret@{proxy}").get(f"{scheme}://a.example/", {})
    assert caught.value.proxy == proxy


def test_a_server_behind_a_proxy_without_tls(
    scripted_server: Callable[..., ScriptedServer], connect: Callable[..., PoolManager]
) -> None:
    """That is the server's fault, and not the proxy's."""
    server = scripted_server(b"HTTP/1.1 200 OK\r\n\r\nno TLS\r\n", hang=False)

    with pytest.raises((ssl.SSLError, ConnectionResetError)):  # the latter if the server has gone before it is greeted
        connect(HTTPS_PROXY=f"http://{server.at}").get("https://a.example/", {})
