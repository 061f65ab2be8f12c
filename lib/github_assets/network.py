"""Requests that are repeated where that helps, and never carry a credential to a host it is not for.

The one boundary at which the errors of requests and urllib3 become ours.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry

from github_assets import __version__
from github_assets.errors import (
    AccessForbidden,
    CertificateRefused,
    CredentialsRefused,
    DeadlinePassed,
    GithubAssetsError,
    NotFound,
    RateLimited,
    RedirectRefused,
    RequestRefused,
    ServerFailed,
    ServerUnreachable,
)
from github_assets.log import Log
from github_assets.secrets import Secret

ATTEMPTS = 5
LONGEST_WAIT = 120
"""Seconds that one wait may last when a server asks for it; what is longer fails at once and says until when."""
DAY = 86400
"""Seconds; a rate limit that ends later is not believed, as urllib3 does not believe a longer Retry-After."""
CONNECT_TIMEOUT = 10
READ_TIMEOUT = 15
"""Seconds without a byte after which a connection counts as broken."""
CONNECTIONS = 16
"""Per host."""
REDIRECTS = 5
CHUNK = 1 << 18
LONGEST_ERROR_BODY = 1 << 16

_Result = TypeVar("_Result")


class Credential(NamedTuple):
    """A token and the origin (scheme, host, port) that it is for."""

    token: Secret
    origin: str


def origin(url: str) -> str:
    """Return the scheme, host and port of a URL; the port always, so that two spellings compare equal."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or {'https': 443, 'http': 80}.get(parts.scheme)}"


class Network:
    """All requests of one run: one pool of connections per host, one time limit for everything."""

    def __init__(self, log: Log, trust: ssl.SSLContext, timeout: float) -> None:
        self._log = log
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._session = _Session()
        self._session.max_redirects = REDIRECTS
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Adapter(trust))
        self._session.headers.update({"User-Agent": f"github-assets-cnb/{__version__}", "Accept-Encoding": "identity"})

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @contextmanager
    def get(
        self, url: str, headers: Mapping[str, str] | None = None, credential: Credential | None = None
    ) -> Iterator[requests.Response]:
        """Yield the answer to one GET, redirects followed, its body not yet read.

        Raises what `github_assets.errors` has under `# network`, also for faults while the body is read.
        """
        sent = dict(headers or {})
        if credential and origin(url) == credential.origin:
            sent["Authorization"] = f"Bearer {credential.token.reveal()}"
        authenticated = "Authorization" in sent
        host = host_of(url)
        self._check_deadline(host)
        with _translated(host):
            response = self._session.get(url, headers=sent, stream=True, timeout=self._patience())
        with response:
            host = host_of(response.url)
            with _translated(host):
                _check_status(response, host, authenticated)
                yield response

    def chunks(self, response: requests.Response) -> Iterator[bytes]:
        """Yield the body as it arrives. Raises DeadlinePassed."""
        host = host_of(response.url)
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            self._check_deadline(host)
            yield chunk

    def persistently(self, action: Callable[[], _Result]) -> _Result:
        """Return what the action returns, after repeating it while its errors are transient.

        The last error is raised, with the number of attempts in it.
        """
        retry = Retry(total=ATTEMPTS - 1, backoff_factor=0.25, backoff_jitter=0.25, backoff_max=8)
        attempt = 1
        while True:
            try:
                return action()
            except GithubAssetsError as error:
                error.attempts = attempt
                if isinstance(error, ServerUnreachable):
                    self._check_deadline(error.host)
                if not error.transient or error.wait > self._longest_wait():
                    raise
                try:
                    retry = retry.increment(error=error)
                except MaxRetryError:
                    raise error from None
                wait = max(error.wait, retry.get_backoff_time())
                if wait > self._longest_wait():
                    raise
                from github_assets.messages import headline

                self._log.detail(f"{headline(error)} Trying again in {wait:.0f} s ({attempt} of {ATTEMPTS} failed).")
            time.sleep(wait)
            attempt += 1

    def _longest_wait(self) -> float:
        return min(LONGEST_WAIT, self._deadline - time.monotonic())

    def _patience(self) -> tuple[float, float]:
        left = max(self._deadline - time.monotonic(), 0.1)
        return min(CONNECT_TIMEOUT, left), min(READ_TIMEOUT, left)

    def _check_deadline(self, host: str) -> None:
        if time.monotonic() > self._deadline:
            raise DeadlinePassed(host=host, seconds=self._timeout)


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.auth = _keep_netrc_out

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Drop the token on the way to another origin; requests would also look for one in ~/.netrc."""
        if origin(prepared_request.url or "") != origin(response.request.url or ""):
            prepared_request.headers.pop("Authorization", None)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        try:
            scheme = origin(requests.compat.urljoin(resp.url, target)).partition(":")[0]
        except ValueError:
            resp.close()
            raise requests.exceptions.InvalidURL(response=resp) from None
        if scheme not in ("https", urlsplit(resp.url).scheme):
            resp.close()
            raise RedirectRefused(host=host_of(resp.url), reason=f"to {scheme}:, which is not encrypted")
        return target


def _keep_netrc_out(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand where requests would otherwise look for credentials of its own."""
    return request


class _Adapter(HTTPAdapter):
    """Connections that trust exactly the context's authorities; requests alone would add those of certifi."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        super().__init__(pool_connections=CONNECTIONS, pool_maxsize=CONNECTIONS, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._trust, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._trust, **kwargs)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {**pool, "ssl_context": self._trust, "ca_certs": None, "cert_reqs": "CERT_REQUIRED"}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"


@contextmanager
def _translated(host: str) -> Iterator[None]:
    try:
        yield
    except requests.TooManyRedirects:
        raise RedirectRefused(host=host, reason=f"more than {REDIRECTS} times") from None
    except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL, UnicodeError):
        raise RedirectRefused(host=host, reason="to an address that is not a URL of a web server") from None
    except (requests.RequestException, HTTPError, OSError) as error:
        request = getattr(error, "request", None)  # the one that failed, which redirects may have led to
        if request is not None:
            host = host_of(request.url)
        causes = list(_causes(error))
        for cause in causes:
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise CertificateRefused(host=host, reason=cause.verify_message) from None
        raise ServerUnreachable(host=host, reason=_reason(causes)) from None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what it wraps; requests and urllib3 keep it in `reason` or in the arguments."""
    while error is not None:
        yield error
        inner = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((each for each in inner if isinstance(each, BaseException) and each is not error), None)


def _reason(causes: Sequence[BaseException]) -> str:
    """Say what broke, in the innermost words: the outer ones hold URLs."""
    innermost = causes[-1]
    if isinstance(innermost, OSError) and innermost.strerror:
        return innermost.strerror
    name = type(innermost).__name__
    words = {
        "RemoteDisconnected": "connection closed without an answer",
        "IncompleteRead": "connection closed in the middle of the answer",
        "ReadTimeoutError": f"no byte for {READ_TIMEOUT} s",
        "TimeoutError": "timed out",
        "ConnectTimeoutError": "no connection in time",
        "NameResolutionError": "unknown host",
        "DecodeError": "an answer that cannot be decoded",
        "error": "an answer that cannot be decoded",
        "HTTPException": "an answer that breaks HTTP",
        "BadStatusLine": "an answer that breaks HTTP",
        "LineTooLong": "an answer that breaks HTTP",
    }
    return words.get(name, name)


def _check_status(response: requests.Response, host: str, authenticated: bool) -> None:
    """Raise the error that the status stands for (docs.github.com/rest, "Troubleshooting the REST API")."""
    status = response.status_code
    if status in (200, 206, 304):
        return
    if status in (403, 429):
        message = _message(response)
        if status == 429 or _counts_requests(response, message):
            raise RateLimited(host=host, authenticated=authenticated, wait=_wait(response))
        reason = "other"
        if "X-GitHub-SSO" in response.headers or "SAML" in message:
            reason = "saml"
        elif "IP allow list" in message or "IP address" in message:
            reason = "ip"
        raise AccessForbidden(host=host, reason=reason, message=message)
    if status == 401:
        raise CredentialsRefused(host=host, authenticated=authenticated)
    if status == 404:
        raise NotFound(host=host, authenticated=authenticated)
    if status == 408 or status >= 500:
        raise ServerFailed(host=host, status=status, wait=_retry_after(response) or 0)
    raise RequestRefused(host=host, status=status)


def _counts_requests(response: requests.Response, message: str) -> bool:
    headers = response.headers
    return headers.get("x-ratelimit-remaining") == "0" or "Retry-After" in headers or "rate limit" in message.lower()


def _wait(response: requests.Response) -> float:
    """Return the seconds to wait (docs.github.com/rest, "Rate limits for the REST API")."""
    asked = _retry_after(response)
    if asked is not None:
        return asked
    if response.headers.get("x-ratelimit-remaining") == "0":
        try:
            return min(max(int(response.headers["x-ratelimit-reset"]) - int(time.time()), 0) + 1, DAY)
        except (KeyError, ValueError):
            return 60
    return 60 if response.status_code == 403 else 0


def _retry_after(response: requests.Response) -> float | None:
    header = response.headers.get("Retry-After")
    if header is None:
        return None
    try:
        return max(Retry().parse_retry_after(header), 0)
    except (HTTPError, ValueError, OverflowError):
        return None


def _message(response: requests.Response) -> str:
    """Return the `message` of GitHub's JSON error body, or nothing."""
    try:
        import json

        body = json.loads(response.raw.read(LONGEST_ERROR_BODY, decode_content=True))
        return "".join(c for c in str(body["message"])[:300] if c.isprintable())
    except (ValueError, KeyError, TypeError, HTTPError, OSError):
        return ""


def host_of(url: str) -> str:
    """Return a URL's host, and its port where it names one."""
    return urlsplit(url).netloc.rpartition("@")[2]
