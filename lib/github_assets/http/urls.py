"""What a URL says about where its server is; nothing here connects to it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

FILE_URL = "file://"


class Address(NamedTuple):
    """Where a URL's server listens."""

    scheme: str
    host: str
    port: int


def address(url: str) -> Address:
    """Return where the URL's server listens. Raises ValueError for what is not a URL of a web server."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    # A backslash ends the host for urllib3, and for urlsplit it may be the user's name.
    if parts.scheme not in ("http", "https") or not _is_host(host) or "\\" in parts.netloc:
        raise ValueError(parts.scheme)
    return Address(parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80))


def origin(url: str) -> str:
    """Return the scheme, host and port of a URL; the port always, so that two spellings compare equal."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or {'https': 443, 'http': 80}.get(parts.scheme)}"


def host_of(url: str) -> str:
    """Return a URL's host, and its port where it names one; of a file, the URL."""
    return url if url.startswith(FILE_URL) else urlsplit(url).netloc.rpartition("@")[2]


def _is_host(text: str) -> bool:
    """Whether it can be a host's name or address: what else a URL may have there, nothing resolves."""
    return text.isascii() and text.replace("-", "").replace(".", "").replace("_", "").replace(":", "").isalnum()
