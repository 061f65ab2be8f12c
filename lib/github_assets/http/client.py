"""GET requests: redirects, retries, and no credential to a host it is not for.

The one boundary at which the errors of sockets, TLS and HTTP become ours.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import TypeVar
from urllib.parse import quote, urljoin, urlsplit

from github_assets import __version__
from github_assets.errors import GithubAssetsError
from github_assets.errors.http import (
    AccessForbidden,
    CertificateRefused,
    CredentialsRefused,
    DeadlineExceeded,
    ProxyFailed,
    RedirectRefused,
    ServerUnreachable,
)
from github_assets.http.connections import (
    DEFAULT_TIMEOUTS,
    MAX_CONNECTIONS,
    PoolManager,
    ProtocolError,
    ProxyError,
    Response,
    Timeouts,
    reason,
)
from github_assets.http.credential import Credential
from github_assets.http.file_urls import FileResponse
from github_assets.http.proxies import NO_PROXIES, Proxies
from github_assets.http.retry import DEFAULT_RETRY_POLICY, Retries, RetryPolicy
from github_assets.http.statuses import check_status
from github_assets.http.urls import FILE_URL, host_of, origin, parse_url
from github_assets.log import Log

MAX_REDIRECTS = 5
NO_URL = "to an invalid URL"

_Result = TypeVar("_Result")


class Client:
    """All requests of one run: one pool of connections per host, one time limit for everything."""

    def __init__(
        self,
        log: Log,
        trust: ssl.SSLContext,
        timeout: float,
        proxies: Proxies = NO_PROXIES,
        *,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
    ) -> None:
        """Start the clock: `timeout` is the seconds for all requests together, `timeouts` those for steps of each."""
        self._log = log
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self.trust, self.proxies, self.timeouts, self.retry_policy = trust, proxies, timeouts, retry_policy
        self._refused: set[Credential] = set()
        self._announced: dict[tuple[str, type], float] = {}
        """By host and kind of error, the end of the wait that the log has told of."""
        self._fallbacks: set[str] = set()
        self._lock = threading.Lock()
        self.extra_connections = threading.BoundedSemaphore(MAX_CONNECTIONS)
        """For downloads over several connections: what all of them may have together, beyond their first ones."""
        self._pools = PoolManager(trust, self._deadline, timeouts, proxies)

    def close(self) -> None:
        """End everything that is under way in other threads, and close all connections."""
        self._deadline = time.monotonic()  # so that nothing is tried again, or elsewhere
        self._pools.close()

    @contextmanager
    def get(
        self, url: str, headers: Mapping[str, str] | None = None, credential: Credential | None = None
    ) -> Iterator[Response]:
        """Yield the response to one GET, redirects followed, its body not yet read.

        A credential that the server refuses is not sent again in this run if the request succeeds without it;
        otherwise the refusal is raised. Raises the errors of `errors.http`, also while the body is read.
        """
        with ExitStack() as stack:
            if credential is None or origin(url) != credential.origin or credential in self._refused:
                response = stack.enter_context(self._get(url, headers, None))
            else:
                try:
                    response = stack.enter_context(self._get(url, headers, credential))
                except (CredentialsRefused, AccessForbidden) as error:
                    if error.host != host_of(url):
                        raise
                    refusal = error.replace(setting=credential.setting)
                    response = self._without_credential(stack, url, headers, refusal)
                    self._refuse(credential, refusal)
            yield response

    def with_retries(self, action: Callable[[], _Result]) -> _Result:
        """Return the action's result, after repeating it while its errors are transient.

        Raises the last error, with the number of attempts.
        """
        retries = self.retries()
        while True:
            try:
                return action()
            except GithubAssetsError as error:
                retries.next(error)

    def retries(self, policy: RetryPolicy | None = None) -> Retries:
        """Return a new count of attempts, by the client's policy or another one."""
        return Retries(policy or self.retry_policy, self._wait)

    def log_fallback(self, error: GithubAssetsError, url: str) -> None:
        """Say that another URL is tried, and why; many assets of one host are one line."""
        from github_assets.messages import headline

        line = f"{headline(error)} Trying {host_of(url)} instead."
        with self._lock:
            announced = line in self._fallbacks
            self._fallbacks.add(line)
        if not announced:
            self._log.step(line)

    def has_free_connection(self, url: str) -> bool:
        """Whether another request to the URL's host would start at once, and make nobody else wait."""
        return self._pools.has_free_connection(url)

    def has_refused(self, credential: Credential) -> bool:
        """Return whether its server has refused the credential in this run."""
        return credential in self._refused

    def _without_credential(
        self, stack: ExitStack, url: str, headers: Mapping[str, str] | None, refusal: GithubAssetsError
    ) -> Response:
        """Return the response to the request without the credential. Raises the refusal if there is none."""
        try:
            return self.with_retries(lambda: stack.enter_context(self._get(url, headers, None)))
        except GithubAssetsError as error:
            raise error if error.final else refusal from None

    def _refuse(self, credential: Credential, refusal: GithubAssetsError) -> None:
        with self._lock:
            if credential in self._refused:
                return
            self._refused.add(credential)
        from github_assets.messages import headline

        self._log.warning(f"{headline(refusal)} Continuing without {credential.setting}.")

    @contextmanager
    def _get(self, url: str, headers: Mapping[str, str] | None, credential: Credential | None) -> Iterator[Response]:
        if url.startswith(FILE_URL):
            with self._translated(url), closing(FileResponse(url)) as file:
                check_status(file, url, authenticated=False)
                yield file
            return
        try:
            parse_url(url)
        except ValueError:
            raise RedirectRefused(host=host_of(url), reason=NO_URL) from None
        sent = {
            "User-Agent": f"github-assets-cnb/{__version__}",
            "Accept-Encoding": "identity",
            "Accept": "*/*",
            **(headers or {}),
        }
        if credential:
            sent["Authorization"] = credential.header
        for _ in range(MAX_REDIRECTS + 1):
            host = host_of(url)
            with self._translated(host), closing(self._send(url, sent, credential)) as response:
                target = _redirect_target(response, host)
                if target is None:
                    check_status(response, host, authenticated="Authorization" in sent)
                    yield response
                    return
            if origin(target) != origin(url):
                sent.pop("Authorization", None)
            url = target
        raise RedirectRefused(host=host, reason=f"more than {MAX_REDIRECTS} times")

    def _send(self, url: str, headers: Mapping[str, str], credential: Credential | None) -> Response:
        """Return the response to one request. Raises what `PoolManager.get` raises."""
        started = time.monotonic()
        outcome = "no response"
        try:
            response = self._pools.get(url, headers)
            outcome = str(response.status)
            return response
        finally:
            if self._log.debugging:
                token = f" with {credential.setting}" if credential and "Authorization" in headers else ""
                shown = f"GET {host_of(url)}{urlsplit(url).path}{token}"
                self._log.debug(f"{shown}: {outcome} in {time.monotonic() - started:.2f} s")

    def _wait(self, error: GithubAssetsError, seconds: float, count: str) -> bool:
        """Wait before the next attempt; return False if the deadline comes first."""
        now, host = time.monotonic(), getattr(error, "host", "")
        if now + seconds > self._deadline:
            return False
        with self._lock:
            announced = now < self._announced.get((host, type(error)), 0)
            if not announced:
                self._announced[host, type(error)] = now + seconds
        if not announced:  # so that many requests to a host that is down are one line
            from github_assets.messages import headline

            self._log.step(f"{headline(error)} Retrying in {seconds:.0f} s ({count}).")
        with self._translated(host):
            self._pools.sleep(seconds)
        return True

    @contextmanager
    def _translated(self, host: str) -> Iterator[None]:
        try:
            yield
        except (OSError, ProtocolError) as error:
            if time.monotonic() >= self._deadline:
                raise DeadlineExceeded(host=host, seconds=self._timeout) from None
            if isinstance(error, ssl.SSLCertVerificationError):
                raise CertificateRefused(host=host, reason=error.verify_message) from None
            if isinstance(error, ProxyError):
                raise ProxyFailed(host=host, proxy=error.proxy, reason=str(error)) from None
            if isinstance(error, TimeoutError) and not error.strerror:
                raise ServerUnreachable(host=host, reason=f"no data for {self.timeouts.read:g} s") from None
            raise ServerUnreachable(host=host, reason=reason(error)) from None


def _redirect_target(response: Response, host: str) -> str | None:
    """Return the URL that the response redirects to, or None. Raises RedirectRefused."""
    location = response.headers.get("location")
    if response.status not in (301, 302, 303, 307, 308) or location is None:
        return None
    try:
        target = urljoin(response.url, quote(location.encode("latin-1"), safe="!#$%&'()*+,/:;=?@[]~"))
        scheme = urlsplit(target).scheme
        if scheme not in ("https", urlsplit(response.url).scheme):
            raise RedirectRefused(host=host, reason=f"to {scheme}:, which is not encrypted")
        parse_url(target)
    except ValueError:
        raise RedirectRefused(host=host, reason=NO_URL) from None
    return target
