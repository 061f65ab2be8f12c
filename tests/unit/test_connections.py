"""Answers as they come out of a socket, whatever comes in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.connections import Answer, Broken, Connection, address
from github_assets.proxies import read_proxies

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def answering(data: bytes) -> Iterator[Connection]:
    client, server = socket.socketpair()
    with client, server:
        server.sendall(data)
        server.shutdown(socket.SHUT_WR)
        yield Connection(client, lambda: 1)


def read(data: bytes) -> tuple[Answer, bytes, bool]:
    """Return the answer, its body, and whether the connection may be used again."""
    again: list[bool] = []
    with answering(data) as connection:
        answer = Answer("https://h/", connection, again.append)
        body = answer.read(1 << 16)
        answer.close()
    return answer, body, again[0]


@pytest.mark.parametrize(
    ("data", "body", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", b"abc", True),
        (b"HTTP/1.1 200\r\ncontent-length:3\r\n\r\nabc", b"abc", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", b"abc", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc", False),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", b"abc", False),
        (b"HTTP/1.1 204 No Content\r\n\r\nabc", b"", True),
        (b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a", True),
        (CHUNKED + b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n", b"abc0123456789", True),
    ],
)
def test_a_body_ends_where_the_answer_says(data: bytes, body: bytes, again: bool) -> None:
    assert read(data)[1:] == (body, again)


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (b"", "closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nConte", "closed in the middle"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", "closed in the middle"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "closed in the middle"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n", "breaks HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n", "breaks HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabc", "breaks HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc", "breaks HTTP"),
        (b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\nabc", "breaks HTTP"),
        (b"HTTP/1.1 200 OK\r\n Folded: x\r\n\r\nabc", "breaks HTTP"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "breaks HTTP"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "breaks HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 17) + b"\r\n\r\n", "breaks HTTP"),
    ],
)
def test_what_is_no_answer(data: bytes, how: str) -> None:
    with pytest.raises(Broken, match=how):
        read(data)


@given(head=st.binary(max_size=200), body=st.binary(max_size=50))
def test_any_bytes_are_an_answer_or_broken(head: bytes, body: bytes) -> None:
    for data in (head + body, b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + body):
        try:
            answer, received, _ = read(data)
        except Broken:
            continue
        assert answer.size is None or len(received) == answer.size
        assert received in data or "transfer-encoding" in answer.headers


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
