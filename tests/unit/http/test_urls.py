"""Parsing URLs."""

from __future__ import annotations

import pytest

from github_assets.http.urls import Url, host_of, origin, parse_url


@pytest.mark.parametrize("url", ["ftp://h/", "https:///x", "https://h:port/", "https://h:99999/", "https://a b/", "x"])
def test_what_is_not_a_url_of_a_web_server(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - urlsplit's words differ by version
        parse_url(url)


@pytest.mark.parametrize(
    ("url", "parsed", "absolute"),
    [
        ("https://a.example", Url("https", "a.example", 443, "/"), "https://a.example/"),
        ("HTTP://A.Example:80/x?y#z", Url("http", "a.example", 80, "/x?y"), "http://a.example/x?y"),
        ("http://me:secret@[::1]:8080", Url("http", "::1", 8080, "/"), "http://[::1]:8080/"),
        ("http://h?a=%2B+&b=/", Url("http", "h", 80, "/?a=%2B+&b=/"), "http://h/?a=%2B+&b=/"),
        ('http://h/a b/ä"?{ü}', Url("http", "h", 80, "/a%20b/%C3%A4%22?%7B%C3%BC%7D"), None),
    ],
)
def test_the_parts_of_a_url(url: str, parsed: Url, absolute: str | None) -> None:
    assert parse_url(url) == parsed
    assert absolute in (None, parsed.absolute)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://api.github.com", "https://API.github.com:443/repos?x=1", True),
        ("http://127.0.0.1/x", "http://127.0.0.1:80", True),
        ("https://a.example", "http://a.example", False),
        ("https://a.example", "https://a.example:8443", False),
        ("https://a.example", "https://b.a.example", False),
        ("https://a.example", "https://a.example@b.example", False),
        ("https://[::1]:8443/x", "https://[::1]:8443", True),
    ],
)
def test_origin(one: str, other: str, same: bool) -> None:
    assert (origin(one) == origin(other)) is same


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://me:secret@ghe.example.com:8443/x?y", "ghe.example.com:8443"),
        ("https://me:secret@h?y@z", "h"),
        ("https://[x", "[x"),
        ("https://h:port/", "h:port"),
        ("x", ""),
    ],
)
def test_host_of_has_no_user(url: str, host: str) -> None:
    assert host_of(url) == host
