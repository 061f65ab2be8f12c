"""A whole body by `requests`: for the command line alone, as its import takes longer than a rebuild (docs/speed.md)."""

from __future__ import annotations

import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from github_assets import __version__
from github_assets.errors.http import RequestRefused, ServerFailed, ServerUnreachable
from github_assets.http.client import Client
from github_assets.http.urls import host_of, parse_url

_CHUNK_SIZE = 1 << 16


def fetch(url: str, limit: int, client: Client) -> bytes:
    """Return the body at an https:// URL, at most `limit` bytes of it. No credential is sent, no redirect followed.

    Authorities, proxies and timeouts are the client's. Raises ServerUnreachable, ServerFailed, RequestRefused.
    """
    host = host_of(url)
    try:
        proxy = client.proxies.of(*parse_url(url)[:3])
        with requests.Session() as session:
            session.trust_env = False  # no variables, no ~/.netrc
            session.headers = {"User-Agent": f"github-assets-cnb/{__version__}", "Accept-Encoding": "identity"}
            session.proxies = {"https": proxy.url.reveal()} if proxy else {}
            session.adapters.clear()  # no plain http
            session.mount("https://", _Adapter(client.trust))
            timeout = (client.timeouts.connect, client.timeouts.read)
            with session.get(url, stream=True, timeout=timeout, allow_redirects=False) as response:
                status, body = response.status_code, bytearray()
                for chunk in response.iter_content(_CHUNK_SIZE):
                    body += chunk
                    if len(body) >= limit:
                        break
    except (requests.RequestException, ValueError) as error:
        raise ServerUnreachable(host=host, reason=type(error).__name__) from None
    if status in (408, 429) or status >= 500:
        raise ServerFailed(host=host, status=status)
    if status != 200:
        raise RequestRefused(host=host, status=status)
    return bytes(body[:limit])


class _Adapter(HTTPAdapter):
    """Trusts exactly the context's authorities; requests alone would add those of certifi."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust, **options)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._trust, **options)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"
