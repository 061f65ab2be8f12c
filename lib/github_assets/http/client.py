"""Requests that are repeated where that helps, and never carry a credential to a host it is not for.

The one boundary at which the errors of sockets, TLS and HTTP become ours.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from github_assets import __version__
from github_assets.errors import GithubAssetsError
from github_assets.errors.http import (
    AccessForbidden,
    CertificateRefused,
    CredentialsRefused,
    DeadlineExceeded,
    NotFound,
    RateLimited,
    RedirectRefused,
    RequestRefused,
    ServerFailed,
    ServerUnreachable,
)
from github_assets.http.connections import DEFAULT_TIMEOUTS, Connections, ProtocolError, Response, Timeouts
from github_assets.http.file_urls import FileResponse
from github_assets.http.proxies import NO_PROXIES, Proxies
from github_assets.http.urls import FILE_URL, address, host_of, origin
from github_assets.log import Log
from github_assets.secrets import Secret

ATTEMPTS = 5
PROGRESS = 1 << 20
"""Bytes; an attempt that brings them is followed by as many more as the first."""
LONGEST_BACKOFF = 8
"""Seconds, and some more so that clients do not come in step."""
LONGEST_WAIT = 120
"""Seconds that one wait may last when a server asks for it; what is longer fails at once and says until when."""
DAY = 86400
"""Seconds; a rate limit that ends later is not believed."""
REDIRECTS = 5
CHUNK = 1 << 18
LONGEST_ERROR_BODY = 1 << 16
NO_URL = "to an invalid URL"

_Result = TypeVar("_Result")


class Credential(NamedTuple):
    """A token, the origin (scheme, host, port) that it is for, and the setting that it comes from."""

    token: Secret
    origin: str
    setting: str = "TOKEN"
    scheme: str = "Bearer"
    shared: bool = False
    """Whether it is for all of github.com, most of which is public, and not for some assets."""


class Client:
    """All requests of one run: one pool of connections per host, one time limit for everything."""

    def __init__(
        self,
        log: Log,
        trust: ssl.SSLContext,
        timeout: float,
        proxies: Proxies = NO_PROXIES,
        patience: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._log = log
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._patience = patience
        self._left_out: set[Credential] = set()
        self._lock = threading.Lock()
        self._connections = Connections(trust, self._deadline, patience, proxies)

    def close(self) -> None:
        """End everything that is under way in other threads, and close all connections."""
        self._connections.stop()

    @contextmanager
    def get(
        self, url: str, headers: Mapping[str, str] | None = None, credential: Credential | None = None
    ) -> Iterator[Response]:
        """Yield the answer to one GET, redirects followed, its body not yet read.

        A credential that is refused is left out, from then on, if it goes without; the refusal is raised otherwise.
        Raises what `github_assets.errors` has under `# network`, also for faults while the body is read.
        """
        with ExitStack() as stack:
            if credential is None or origin(url) != credential.origin or credential in self._left_out:
                response = stack.enter_context(self._get(url, headers, None))
            else:
                try:
                    response = stack.enter_context(self._get(url, headers, credential))
                except (CredentialsRefused, AccessForbidden) as refusal:
                    if refusal.host != host_of(url):
                        raise
                    refusal.setting = credential.setting
                    try:
                        response = self.with_retries(lambda: stack.enter_context(self._get(url, headers, None)))
                    except GithubAssetsError as error:
                        raise error if error.final else refusal from None
                    self._leave_out(credential, refusal)
            yield response

    def _leave_out(self, credential: Credential, refusal: GithubAssetsError) -> None:
        with self._lock:
            if credential in self._left_out:
                return
            self._left_out.add(credential)
        from github_assets.messages import headline

        self._log.warning(f"{headline(refusal)} Continuing without {credential.setting}.")

    @contextmanager
    def _get(self, url: str, headers: Mapping[str, str] | None, credential: Credential | None) -> Iterator[Response]:
        sent = {
            "User-Agent": f"github-assets-cnb/{__version__}",
            "Accept-Encoding": "identity",
            "Accept": "*/*",
            **(headers or {}),
        }
        if url.startswith(FILE_URL):
            with self._translated(url), closing(FileResponse(url)) as file:
                _check_status(file, url, authenticated=False)
                yield file
            return
        try:
            address(url)
        except ValueError:
            raise RedirectRefused(host=host_of(url), reason=NO_URL) from None
        if credential:
            sent["Authorization"] = f"{credential.scheme} {credential.token.reveal()}"
        for _ in range(REDIRECTS + 1):
            host = host_of(url)
            with self._translated(host):
                response = self._connections.get(url, sent)
            try:
                target = _redirect(response, host)
                if target is None:
                    with self._translated(host):
                        _check_status(response, host, "Authorization" in sent)
                        yield response
                    return
            finally:
                response.close()
            if origin(target) != origin(url):
                sent.pop("Authorization", None)
            url = target
        raise RedirectRefused(host=host, reason=f"more than {REDIRECTS} times")

    def chunks(self, response: Response) -> Iterator[memoryview]:
        """Yield the body as it arrives; a piece is overwritten by the next one."""
        buffer = memoryview(bytearray(CHUNK))
        while some := response.readinto(buffer):
            yield buffer[:some]

    def with_retries(self, action: Callable[[], _Result]) -> _Result:
        """Return what the action returns, after repeating it while its errors are transient.

        The last error is raised, with the number of attempts in it.
        """
        tries = Attempts(self)
        while True:
            try:
                return action()
            except GithubAssetsError as error:
                tries.failed(error)

    def log_fallback(self, error: GithubAssetsError, url: str) -> None:
        """Say that another way is taken, and why."""
        from github_assets.messages import headline

        self._log.detail(f"{headline(error)} Trying {host_of(url)} instead.")

    def spare(self, url: str) -> bool:
        """Whether another connection to the URL's host would take none away from anybody who waits for one."""
        return self._connections.spare(url)

    def wait(self, error: GithubAssetsError, failed: int) -> None:
        """Wait until the next attempt after this many have failed. Raises the error where there is none."""
        error.attempts = failed
        longest = min(LONGEST_WAIT, self._deadline - time.monotonic())
        first = self._patience.first_wait
        backoff = min(first * 2 ** (failed - 1), LONGEST_BACKOFF) + first * random.random()  # noqa: S311
        wait = max(error.wait, backoff)
        if failed >= ATTEMPTS or wait > longest:
            raise error
        from github_assets.messages import headline

        self._log.detail(f"{headline(error)} Retrying in {wait:.0f} s (attempt {failed} of {ATTEMPTS} failed).")
        with self._translated(getattr(error, "host", "")):
            self._connections.sleep(wait)

    @contextmanager
    def _translated(self, host: str) -> Iterator[None]:
        try:
            yield
        except (OSError, ProtocolError) as error:
            if time.monotonic() >= self._deadline:
                raise DeadlineExceeded(host=host, seconds=self._timeout) from None
            if isinstance(error, ssl.SSLCertVerificationError):
                raise CertificateRefused(host=host, reason=error.verify_message) from None
            raise ServerUnreachable(host=host, reason=self._reason(error)) from None

    def _reason(self, error: Exception) -> str:
        """Say what broke in words that hold no URL."""
        if isinstance(error, ProtocolError):
            return str(error)
        if isinstance(error, TimeoutError):
            return error.strerror or f"no data for {self._patience.stall:g} s"
        return getattr(error, "strerror", None) or type(error).__name__


class Attempts:
    """The attempts at one thing, in however many threads."""

    def __init__(self, client: Client, brought: Callable[[], int] = lambda: 0) -> None:
        self._client, self._brought = client, brought
        self._failed, self._before = 0, 0

    def failed(self, error: GithubAssetsError) -> None:
        """Wait until the next attempt may begin. Raises the error where no attempt is left, or would help."""
        if self._brought() - self._before >= PROGRESS:
            self._failed, self._before = 0, self._brought()
        self._failed += 1
        error.attempts = self._failed
        if not error.transient:
            raise error
        self._client.wait(error, self._failed)


def _redirect(response: Response, host: str) -> str | None:
    """Return where the answer leads to, or None. Raises RedirectRefused."""
    location = response.headers.get("location")
    if response.status not in (301, 302, 303, 307, 308) or location is None:
        return None
    try:
        target = urljoin(response.url, quote(location.encode("latin-1"), safe="!#$%&'()*+,/:;=?@[]~"))
        scheme = urlsplit(target).scheme
        if scheme not in ("https", urlsplit(response.url).scheme):
            raise RedirectRefused(host=host, reason=f"to {scheme}:, which is not encrypted")
        address(target)
    except ValueError:
        raise RedirectRefused(host=host, reason=NO_URL) from None
    return target


def _check_status(response: Response, host: str, authenticated: bool) -> None:
    """Raise the error that the status stands for (docs.github.com/rest, "Troubleshooting the REST API")."""
    status = response.status
    if status in (200, 206, 304):
        return
    if status in (403, 429):
        message = _message(response)
        if status == 429 or _counts_requests(response, message):
            raise RateLimited(host=host, authenticated=authenticated, wait=_wait(response))
        reason = "other"
        if "x-github-sso" in response.headers or "SAML" in message:
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


def _counts_requests(response: Response, message: str) -> bool:
    headers = response.headers
    return headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers or "rate limit" in message.lower()


def _wait(response: Response) -> float:
    """Return the seconds to wait (docs.github.com/rest, "Rate limits for the REST API")."""
    asked = _retry_after(response)
    if asked is not None:
        return asked
    if response.headers.get("x-ratelimit-remaining") == "0":
        try:
            return min(max(int(response.headers["x-ratelimit-reset"]) - int(time.time()), 0) + 1, DAY)
        except (KeyError, ValueError):
            return 60
    return 60 if response.status == 403 else 0


def _retry_after(response: Response) -> float | None:
    """Return the seconds that the header asks for, as a number or a date (RFC 9110, section 10.2.3), or None."""
    header = response.headers.get("retry-after", "").strip()
    if header.isascii() and header.isdecimal():
        return min(int(header), DAY) if len(header) < 10 else DAY
    from email.utils import mktime_tz, parsedate_tz

    try:
        date = parsedate_tz(header)
        return min(max(mktime_tz(date) - time.time(), 0), DAY) if date else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _message(response: Response) -> str:
    """Return the `message` of GitHub's JSON error body, or nothing."""
    import json

    try:
        body = json.loads(response.read(LONGEST_ERROR_BODY))
        return "".join(c for c in str(body["message"])[:300] if c.isprintable())
    except (ValueError, KeyError, TypeError, RecursionError, OSError, ProtocolError):
        return ""
