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
from github_assets.connections import USUAL, Answer, Broken, Connections, Patience, address
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
from github_assets.local import FileAnswer
from github_assets.log import Log
from github_assets.proxies import NO_PROXIES, Proxies
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
FILE_URL = "file://"
REDIRECTS = 5
CHUNK = 1 << 18
LONGEST_ERROR_BODY = 1 << 16
NO_URL = "to an address that is not a URL of a web server"

_Result = TypeVar("_Result")


class Credential(NamedTuple):
    """A token, the origin (scheme, host, port) that it is for, and the setting that it comes from."""

    token: Secret
    origin: str
    setting: str = "TOKEN"
    scheme: str = "Bearer"
    shared: bool = False
    """Whether it is for all of github.com, most of which is public, and not for some assets."""


def origin(url: str) -> str:
    """Return the scheme, host and port of a URL; the port always, so that two spellings compare equal."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or {'https': 443, 'http': 80}.get(parts.scheme)}"


class Network:
    """All requests of one run: one pool of connections per host, one time limit for everything."""

    def __init__(
        self,
        log: Log,
        trust: ssl.SSLContext,
        timeout: float,
        proxies: Proxies = NO_PROXIES,
        patience: Patience = USUAL,
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
    ) -> Iterator[Answer]:
        """Yield the answer to one GET, redirects followed, its body not yet read.

        A credential that is refused is left out, from then on, if it goes without; the refusal is raised otherwise.
        Raises what `github_assets.errors` has under `# network`, also for faults while the body is read.
        """
        with ExitStack() as stack:
            if credential is None or origin(url) != credential.origin or credential in self._left_out:
                answer = stack.enter_context(self._get(url, headers, None))
            else:
                try:
                    answer = stack.enter_context(self._get(url, headers, credential))
                except (CredentialsRefused, AccessForbidden) as refusal:
                    if refusal.host != host_of(url):
                        raise
                    refusal.setting = credential.setting
                    try:
                        answer = self.persistently(lambda: stack.enter_context(self._get(url, headers, None)))
                    except GithubAssetsError as error:
                        raise error if error.final else refusal from None
                    self._leave_out(credential, refusal)
            yield answer

    def _leave_out(self, credential: Credential, refusal: GithubAssetsError) -> None:
        with self._lock:
            if credential in self._left_out:
                return
            self._left_out.add(credential)
        from github_assets.messages import headline

        self._log.warning(f"{headline(refusal)} Going on without {credential.setting}.")

    @contextmanager
    def _get(self, url: str, headers: Mapping[str, str] | None, credential: Credential | None) -> Iterator[Answer]:
        sent = {
            "User-Agent": f"github-assets-cnb/{__version__}",
            "Accept-Encoding": "identity",
            "Accept": "*/*",
            **(headers or {}),
        }
        if url.startswith(FILE_URL):
            with self._translated(url), closing(FileAnswer(url)) as file:
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
                answer = self._connections.get(url, sent)
            try:
                target = _redirect(answer, host)
                if target is None:
                    with self._translated(host):
                        _check_status(answer, host, "Authorization" in sent)
                        yield answer
                    return
            finally:
                answer.close()
            if origin(target) != origin(url):
                sent.pop("Authorization", None)
            url = target
        raise RedirectRefused(host=host, reason=f"more than {REDIRECTS} times")

    def chunks(self, answer: Answer) -> Iterator[memoryview]:
        """Yield the body as it arrives; a piece is overwritten by the next one."""
        buffer = memoryview(bytearray(CHUNK))
        while some := answer.readinto(buffer):
            yield buffer[:some]

    def persistently(self, action: Callable[[], _Result]) -> _Result:
        """Return what the action returns, after repeating it while its errors are transient.

        The last error is raised, with the number of attempts in it.
        """
        tries = Tries(self)
        while True:
            try:
                return action()
            except GithubAssetsError as error:
                tries.failed(error)

    def say_instead(self, error: GithubAssetsError, url: str) -> None:
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

        self._log.detail(f"{headline(error)} Trying again in {wait:.0f} s ({failed} of {ATTEMPTS} failed).")
        with self._translated(getattr(error, "host", "")):
            self._connections.sleep(wait)

    @contextmanager
    def _translated(self, host: str) -> Iterator[None]:
        try:
            yield
        except (OSError, Broken) as error:
            if time.monotonic() >= self._deadline:
                raise DeadlinePassed(host=host, seconds=self._timeout) from None
            if isinstance(error, ssl.SSLCertVerificationError):
                raise CertificateRefused(host=host, reason=error.verify_message) from None
            raise ServerUnreachable(host=host, reason=self._reason(error)) from None

    def _reason(self, error: Exception) -> str:
        """Say what broke in words that hold no URL."""
        if isinstance(error, Broken):
            return str(error)
        if isinstance(error, TimeoutError):
            return error.strerror or f"no byte for {self._patience.stall:g} s"
        return getattr(error, "strerror", None) or type(error).__name__


class Tries:
    """The attempts at one thing, in however many threads."""

    def __init__(self, network: Network, brought: Callable[[], int] = lambda: 0) -> None:
        self._network, self._brought = network, brought
        self._failed, self._before = 0, 0

    def failed(self, error: GithubAssetsError) -> None:
        """Wait until the next attempt may begin. Raises the error where no attempt is left, or would help."""
        if self._brought() - self._before >= PROGRESS:
            self._failed, self._before = 0, self._brought()
        self._failed += 1
        error.attempts = self._failed
        if not error.transient:
            raise error
        self._network.wait(error, self._failed)


def _redirect(answer: Answer, host: str) -> str | None:
    """Return where the answer leads to, or None. Raises RedirectRefused."""
    location = answer.headers.get("location")
    if answer.status not in (301, 302, 303, 307, 308) or location is None:
        return None
    try:
        target = urljoin(answer.url, quote(location.encode("latin-1"), safe="!#$%&'()*+,/:;=?@[]~"))
        scheme = urlsplit(target).scheme
        if scheme not in ("https", urlsplit(answer.url).scheme):
            raise RedirectRefused(host=host, reason=f"to {scheme}:, which is not encrypted")
        address(target)
    except ValueError:
        raise RedirectRefused(host=host, reason=NO_URL) from None
    return target


def _check_status(answer: Answer, host: str, authenticated: bool) -> None:
    """Raise the error that the status stands for (docs.github.com/rest, "Troubleshooting the REST API")."""
    status = answer.status
    if status in (200, 206, 304):
        return
    if status in (403, 429):
        message = _message(answer)
        if status == 429 or _counts_requests(answer, message):
            raise RateLimited(host=host, authenticated=authenticated, wait=_wait(answer))
        reason = "other"
        if "x-github-sso" in answer.headers or "SAML" in message:
            reason = "saml"
        elif "IP allow list" in message or "IP address" in message:
            reason = "ip"
        raise AccessForbidden(host=host, reason=reason, message=message)
    if status == 401:
        raise CredentialsRefused(host=host, authenticated=authenticated)
    if status == 404:
        raise NotFound(host=host, authenticated=authenticated)
    if status == 408 or status >= 500:
        raise ServerFailed(host=host, status=status, wait=_retry_after(answer) or 0)
    raise RequestRefused(host=host, status=status)


def _counts_requests(answer: Answer, message: str) -> bool:
    headers = answer.headers
    return headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers or "rate limit" in message.lower()


def _wait(answer: Answer) -> float:
    """Return the seconds to wait (docs.github.com/rest, "Rate limits for the REST API")."""
    asked = _retry_after(answer)
    if asked is not None:
        return asked
    if answer.headers.get("x-ratelimit-remaining") == "0":
        try:
            return min(max(int(answer.headers["x-ratelimit-reset"]) - int(time.time()), 0) + 1, DAY)
        except (KeyError, ValueError):
            return 60
    return 60 if answer.status == 403 else 0


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds that the header asks for, as a number or a date (RFC 9110, section 10.2.3), or None."""
    header = answer.headers.get("retry-after", "").strip()
    if header.isascii() and header.isdecimal():
        return min(int(header), DAY) if len(header) < 10 else DAY
    from email.utils import mktime_tz, parsedate_tz

    try:
        date = parsedate_tz(header)
        return min(max(mktime_tz(date) - time.time(), 0), DAY) if date else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _message(answer: Answer) -> str:
    """Return the `message` of GitHub's JSON error body, or nothing."""
    import json

    try:
        body = json.loads(answer.read(LONGEST_ERROR_BODY))
        return "".join(c for c in str(body["message"])[:300] if c.isprintable())
    except (ValueError, KeyError, TypeError, RecursionError, OSError, Broken):
        return ""


def host_of(url: str) -> str:
    """Return a URL's host, and its port where it names one; of a file, the URL."""
    return url if url.startswith(FILE_URL) else urlsplit(url).netloc.rpartition("@")[2]
