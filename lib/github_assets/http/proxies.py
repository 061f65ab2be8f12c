"""Which proxy a request goes through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, as curl reads them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from github_assets.errors.config import SettingInvalid
from github_assets.secrets import Secret


class Proxies(NamedTuple):
    """The proxies' URLs, and the hosts that are reached without them."""

    https: str | None = None
    http: str | None = None
    without: tuple[str, ...] = ()

    def of(self, scheme: str, host: str, port: int) -> str | None:
        """Return the URL of the proxy for an origin, or None where there is none."""
        proxy = self.https if scheme == "https" else self.http
        if proxy is None or any(_is(host, port, each) for each in self.without):
            return None
        return proxy

    @property
    def secrets(self) -> list[Secret]:
        """Return the proxies' passwords, which must not be printed, as they are written and as they are sent."""
        passwords = [urlsplit(url).password or "" for url in (self.https, self.http) if url]
        return [Secret(text) for password in passwords for text in (password, unquote(password))]


NO_PROXIES = Proxies()


def read_proxies(variable: Callable[[str], str | None]) -> Proxies:
    """Return what the variables say, each of which may be in lower case too. Raises SettingInvalid."""

    def proxy(name: str) -> str | None:
        url = variable(name)
        return _checked(url if "://" in url else f"http://{url}", name) if url else None

    every = proxy("ALL_PROXY")
    return Proxies(
        https=proxy("HTTPS_PROXY") or every,
        http=proxy("HTTP_PROXY") or every,
        without=tuple((variable("NO_PROXY") or "").replace(",", " ").split()),
    )


def _checked(url: str, where: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise SettingInvalid(
            where=where, value="(not shown)", expected="an http:// URL; HTTPS and SOCKS proxies are not supported"
        )
    return url


def _is(host: str, port: int, pattern: str) -> bool:
    """Whether the pattern is `*`, the host or a domain it is in, perhaps with a port, or a network of addresses."""
    if pattern == "*":
        return True
    if "/" in pattern and _is_address(host):
        import ipaddress

        try:
            return ipaddress.ip_address(host) in ipaddress.ip_network(pattern, strict=False)
        except ValueError:
            return False
    name, colon, number = pattern.rpartition(":")
    if colon and number.isdigit() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        pattern = name
    pattern = pattern.strip("[]").lstrip(".").lower()
    return bool(pattern) and (host == pattern or (host.endswith(f".{pattern}") and not _is_address(host)))


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False
