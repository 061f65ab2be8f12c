"""What a URL says about its server; nothing here connects to it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlsplit

FILE_URL = "file://"
_PORTS = {"https": 443, "http": 80}


class Url(NamedTuple):
    """An http or https URL: where its server listens, and what the request line asks it for."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, in ASCII (RFC 9112, section 3.2.1)."""

    @property
    def absolute(self) -> str:
        """The URL that the request line gives to a proxy: no user, no fragment (RFC 9112, section 3.2.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


def parse_url(url: str) -> Url:
    """Return the URL's parts. Raises ValueError if it is not that of a web server."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    # Browsers end the host at a backslash, which for urlsplit is part of the user's name: no URL may mean two hosts.
    if parts.scheme not in _PORTS or not _is_host(host) or "\\" in parts.netloc:
        raise ValueError(parts.scheme)
    query = f"?{parts.query}" if parts.query else ""
    target = quote(f"{parts.path or '/'}{query}", safe="!$%&'()*+,/:;=?@[]~")
    return Url(parts.scheme, host, parts.port or _PORTS[parts.scheme], target)


def origin(url: str) -> str:
    """Return the scheme, host and port of a URL; the port always, so that two spellings compare equal.

    Raises ValueError if it is not a URL.
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS.get(parts.scheme)}"


def host_of(url: str) -> str:
    """Return a URL's host, and its port if it names one; for a file, the URL. Any text has one: messages need it."""
    if url.startswith(FILE_URL):
        return url
    rest = url.partition("://")[2]
    end = min((at for mark in "/?#" if (at := rest.find(mark)) >= 0), default=len(rest))
    return rest[:end].rpartition("@")[2]


def _is_host(text: str) -> bool:
    """Whether it can be a host's name or address: no resolver knows what else a URL may hold there."""
    return text.isascii() and text.replace("-", "").replace(".", "").replace("_", "").replace(":", "").isalnum()
