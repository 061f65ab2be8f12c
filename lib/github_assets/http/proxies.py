"""Which proxy a request goes through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as curl reads them."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from github_assets.config.names import loopback_name
from github_assets.errors import ErrorCollector
from github_assets.errors.config import SettingInvalid
from github_assets.secrets import Secret


class Proxy(NamedTuple):
    """An HTTP proxy."""

    host: str
    port: int
    userinfo: Secret | None = None
    """`user:password`, percent-encoded as it stands in the URL."""

    @property
    def url(self) -> Secret:
        """The proxy's URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        userinfo = f"{self.userinfo.reveal()}@" if self.userinfo else ""
        return Secret(f"http://{userinfo}{host}:{self.port}")

    @property
    def authorization(self) -> Secret | None:
        """The value of the `Proxy-Authorization` header (RFC 7617)."""
        if self.userinfo is None:
            return None
        user, _, password = self.userinfo.reveal().partition(":")
        pair = f"{unquote(user)}:{unquote(password)}"
        return Secret(f"Basic {b64encode(pair.encode()).decode()}")

    @property
    def secrets(self) -> list[Secret]:
        """The password as it is written, as it is meant, and as it is sent."""
        password = self.userinfo.reveal().partition(":")[2] if self.userinfo else ""
        if not password or not self.authorization:
            return []
        return [Secret(password), Secret(unquote(password)), self.authorization]


class Proxies(NamedTuple):
    """The proxies by the scheme of the requested URL, and the hosts that are reached without one."""

    https: Proxy | None = None
    http: Proxy | None = None
    no_proxy: tuple[str, ...] = ()

    def of(self, scheme: str, host: str, port: int) -> Proxy | None:
        """Return the proxy for an origin, or None if there is none.

        There is none for a loopback address without TLS, where the proxy would read the token: an application may set
        a proxy.
        """
        proxy = self.https if scheme == "https" else self.http
        if proxy is None or any(_matches(host, port, pattern) for pattern in self.no_proxy):
            return None
        if scheme == "http" and loopback_name(f"[{host}]" if ":" in host else host):
            return None
        return proxy

    @property
    def secrets(self) -> list[Secret]:
        """The proxies' passwords, which must not be printed."""
        return [secret for proxy in (self.https, self.http) if proxy for secret in proxy.secrets]


NO_PROXIES = Proxies()
_SEPARATORS = dict.fromkeys(map(ord, ",;|"), " ")
"""What stands between the hosts of NO_PROXY: commas, and what other systems' lists have."""


def read_proxies(variable: Callable[[str], str | None]) -> Proxies:
    """Return what the variables say, each of which may be in lower case too.

    Raises SettingInvalid, SeveralFailed for several.
    """

    def proxy(name: str) -> Proxy | None:
        url = variable(name)
        return _parse(url if "://" in url else f"http://{url}", name) if url else None

    errors, found, no_proxy = ErrorCollector(), dict[str, Proxy | None](), ""
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"):
        with errors:
            found[name] = proxy(name)
    with errors:
        no_proxy = variable("NO_PROXY") or ""
    errors.raise_collected()
    return Proxies(
        https=found["HTTPS_PROXY"] or found["ALL_PROXY"],
        http=found["HTTP_PROXY"] or found["ALL_PROXY"],
        no_proxy=tuple(no_proxy.translate(_SEPARATORS).split()),
    )


def _parse(url: str, where: str) -> Proxy:
    # A password may hold what would end the host: / ? # [ ]
    scheme, _, rest = url.partition("://")
    userinfo, at, address = rest.rpartition("@")
    try:
        parts = urlsplit(f"{scheme}://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not host.isascii() or parts.scheme != "http" or port == 0:
        raise SettingInvalid(
            where=where,
            value="(not shown)",
            expected="an http:// URL with an ASCII host; HTTPS and SOCKS proxies are not supported",
        )
    return Proxy(host, port or 80, Secret(userinfo) if at else None)


def _matches(host: str, port: int, pattern: str) -> bool:
    """Whether the host is meant by an entry of NO_PROXY.

    That is a host or a domain that it is in, a glob such as `*.` and a domain, or a network; perhaps with a port.
    A URL stands for its host.
    """
    if "://" in pattern:
        pattern = pattern.partition("://")[2].partition("/")[0]
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
    pattern = pattern.lower()
    if "*" in pattern:
        return fnmatchcase(host, pattern)
    domain = pattern.strip("[]").strip(".")
    return bool(domain) and (host == domain or (host.endswith(f".{domain}") and not _is_address(host)))


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False
