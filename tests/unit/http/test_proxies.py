"""Which proxy a request uses, and with which credentials."""

from __future__ import annotations

import pytest

from github_assets.http.proxies import Proxy, read_proxies
from github_assets.secrets import Secret


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
        ("*.a.example", "b.a.example", True),
        ("*.a.example", "c.b.a.example", True),
        ("*.a.example", "a.example", False),
        ("*.a.example:443", "b.a.example", True),
        ("*.a.example:80", "b.a.example", False),
        ("*.A.Example", "b.a.example", True),
        ("*a.example", "ba.example", True),
        ("*a.example", "b.example", False),
        ("10.1.*", "10.1.2.3", True),
        ("10.1.*", "10.2.2.3", False),
        ("a.example.", "a.example", True),
        ("a.example.:443", "b.a.example", True),
        (".", "a.example", False),
        ("*.", "a.example", False),
        ("b.example, a.example", "a.example", True),
        ("b.example;a.example", "a.example", True),
        ("b.example|*.a.example", "c.a.example", True),
        ("https://a.example", "b.a.example", True),
        ("https://a.example/", "a.example", True),
        ("https://a.example:8443/", "a.example", False),
    ],
)
def test_hosts_that_are_reached_without_a_proxy(without: str, host: str, direct: bool) -> None:
    proxies = read_proxies({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": without}.get)

    assert (proxies.of("https", host, 443) is None) is direct


def test_which_proxy() -> None:
    proxies = read_proxies({"HTTPS_PROXY": "http://secure", "ALL_PROXY": "http://every:3128"}.get)

    assert proxies.of("https", "h", 443) == Proxy("secure", 80)
    assert proxies.of("http", "h", 80) == Proxy("every", 3128)
    assert read_proxies({}.get).of("https", "h", 443) is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_nobody_sees_what_this_machine_says_to_itself(host: str) -> None:
    proxies = read_proxies({"ALL_PROXY": "http://every"}.get)

    assert proxies.of("http", host, 8080) is None
    assert proxies.of("https", host, 8080)
    assert proxies.of("http", f"{host}.example.com", 8080)


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("http://proxy", None),
        ("http://me@proxy", "Basic bWU6"),
        ("http://me:pass@proxy", "Basic bWU6cGFzcw=="),
        ("http://me:%C3%A4%3A%40@proxy", "Basic bWU6w6Q6QA=="),
        ("http://me:a/b?c#d[e]@f@proxy", "Basic bWU6YS9iP2MjZFtlXUBm"),
    ],
)
def test_the_credentials_of_the_proxy(url: str, header: str | None) -> None:
    proxy = read_proxies({"HTTPS_PROXY": url}.get).https

    assert proxy
    assert proxy.authorization == (Secret(header) if header else None)


def test_the_secret_parts_of_a_proxy_url() -> None:
    proxies = read_proxies({"HTTPS_PROXY": "http://me:p%40ss@proxy"}.get)

    assert proxies.secrets == [Secret("p%40ss"), Secret("p@ss"), Secret("Basic bWU6cEBzcw==")]
    assert "p@ss" not in repr(proxies)
    assert "p%40ss" not in repr(proxies)
