"""Bytes that are proven: fetched, counted and hashed on their way to the disk.

A download that broke off goes on where it ended. A large one that would take long is divided among more connections.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from github_assets.errors import GithubAssetsError
from github_assets.errors.http import (
    AccessForbidden,
    CredentialsRefused,
    NotFound,
    RateLimited,
    RequestRefused,
    ServerFailed,
    ServerUnreachable,
)
from github_assets.errors.transfer import (
    AssetChanged,
    DigestMismatch,
    NotOnMirror,
    PageInsteadOfAsset,
    RangeMismatch,
    SizeMismatch,
    StorageRefused,
)
from github_assets.github.releases import ReleaseAsset
from github_assets.http.client import Client
from github_assets.http.connections import Response
from github_assets.http.urls import host_of
from github_assets.parallel import BackgroundThread
from github_assets.transfer.partial_file import PartialFile, Span
from github_assets.transfer.source import SHA256, Source

BUFFER_SIZE = 1 << 18
PROGRESS = 1 << 17
"""Bytes; after as many more the attempts are counted from the beginning."""
RESUME_ATTEMPTS = 10
"""In a row, once there was progress: a CDN's bad minute is no reason to lose what is there."""
DIGEST_ATTEMPTS = 2
"""The bytes of an asset do not change from one minute to the next: once more is enough."""

MIN_PARALLEL_SIZE = 4 << 20
"""Bytes from which on an asset may be fetched over several connections."""
PIECES = 16
MIN_PIECE = 1 << 20
MAX_PIECE = 8 << 20
"""Bytes that one request asks for: an asset has PIECES of them, or more if they would be larger than this."""
CONNECTIONS_PER_ASSET = 16
MIN_REMAINING = 0.4
"""Seconds that the rest must take for more connections to be worth what it costs to make them."""
REMAINING_PER_CONNECTION = 0.15
"""Seconds that the rest must take for each of them."""
CHECK_INTERVAL = 0.02
"""Seconds between two looks at how long the rest will take."""
MAX_CPU_SHARE = 0.5
"""Of a thread's time; one that is busier gains nothing from others that do the same."""
_START_OVER = (AssetChanged, DigestMismatch, SizeMismatch)
_STATUSES = {NotFound: 404, AccessForbidden: 403, CredentialsRefused: 401}


class Download(NamedTuple):
    """A file whose bytes were proven; `verified_by` is None where only its size could be compared."""

    path: str
    size: int
    sha256: str
    verified_by: str | None
    host: str
    seconds: float = 0.0
    """That it took, with every attempt."""


def download(
    client: Client, asset: ReleaseAsset, source: Source, path: str, progress: Callable[[int], None] | None = None
) -> Download:
    """Fetch an asset into a new file at `path`; when this returns, the file holds what GitHub says that it holds.

    `progress` is called with the bytes that are there, by several threads. They may be fewer than before: a download
    that has to start over.

    Every attempt begins at the first URL, so that it gets a signed URL of its own. Raises SizeMismatch,
    DigestMismatch, AssetChanged, RangeMismatch, PageInsteadOfAsset, StorageRefused, NotOnMirror, CannotWrite, and
    what `Client.get` raises; no file is left then.
    """
    started = time.monotonic()
    done = _download_from_either(client, asset, source, path, progress)
    return done._replace(seconds=time.monotonic() - started)


def _download_from_either(
    client: Client, asset: ReleaseAsset, source: Source, path: str, progress: Callable[[int], None] | None
) -> Download:
    try:
        return _download(client, asset, source, path, progress)
    except GithubAssetsError as error:
        if isinstance(error, NotFound) and source.mirror:
            raise NotOnMirror(url=source.url.partition("?")[0], setting=source.mirror) from None
        if source.instead is None or not _closed(error, source):
            raise
        first = error
    other = source.instead()
    if other is None:
        raise first
    client.log_fallback(first, other.url)
    other = other._replace(expected_digests=source.expected_digests)
    try:
        return _download(client, asset, other, path, progress)
    except GithubAssetsError as error:
        raise first if _closed(error, other) and not other.authenticated else error from None


def _closed(error: GithubAssetsError, source: Source) -> bool:
    """Whether a way to the bytes is closed, and another one may be open: not whether they are wrong, or gone."""
    refusals = (AccessForbidden, CredentialsRefused, NotFound, PageInsteadOfAsset, RequestRefused)
    failures = (RateLimited, ServerFailed, ServerUnreachable)
    return isinstance(error, refusals) or (isinstance(error, failures) and error.host == host_of(source.url))


def _download(
    client: Client, asset: ReleaseAsset, source: Source, path: str, progress: Callable[[int], None] | None
) -> Download:
    file = PartialFile(path, (SHA256, *(expected.algorithm for expected in source.expected_digests)))
    try:
        done = _Transfer(client, asset, source, file, progress or (lambda _: None)).run()
        file.close()
    except BaseException:
        file.remove()
        raise
    return done


class _Transfer:
    """One download, over one connection or several.

    Its state is changed under its lock, and by `_start_over` while no other thread is at work.
    """

    def __init__(
        self,
        client: Client,
        asset: ReleaseAsset,
        source: Source,
        file: PartialFile,
        progress: Callable[[int], None],
    ) -> None:
        self._report = progress
        self._client, self._asset, self._source, self._file = client, asset, source, file
        self._resume_policy = client.retry_policy._replace(attempts=RESUME_ATTEMPTS)
        self._start_over_retries = client.retries()
        self._digest_retries = client.retries(client.retry_policy._replace(attempts=DIGEST_ATTEMPTS))
        self._lock = threading.Lock()
        self._piece_size = min(max(asset.size // PIECES, MIN_PIECE), MAX_PIECE)
        self._host = host_of(source.url)
        self._most_received = 0
        """When something failed: to start over is no progress until more bytes are there."""
        self._wrong_ranges = 0
        self._start_over()

    def _start_over(self) -> None:
        self._file.start_over()
        self._received = 0
        self._next = 0
        self._started = False
        self._etag: str | None = None
        self._signed_url: str | None = None
        self._failure: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._responses: set[Response] = set()
        self._started_at = self._checked_at = time.monotonic()

    @property
    def _ranges(self) -> bool:
        """Whether ranges may be asked for: the server did not get them wrong twice."""
        return self._wrong_ranges < 2

    def run(self) -> Download:
        """Return the download, after as many attempts as it takes."""
        while True:
            try:
                self._fetch_all()
                return self._verified()
            except DigestMismatch as error:
                self._wrong_ranges = 2  # one that was not admitted may be the reason
                self._digest_retries.next(error)
            except (*_START_OVER, RangeMismatch) as error:
                self._start_over_retries.next(error)
            self._start_over()

    def _progress(self) -> int:
        """Return the most bytes that there ever were."""
        with self._lock:
            self._most_received = max(self._most_received, self._received)
            return self._most_received

    def _fetch_all(self) -> None:
        try:
            self._fetch_pieces()
            for thread in self._threads:  # more may come while this waits
                thread.join()
        except BaseException as error:  # a signal's: the threads leave, and nobody waits for them long
            self._fail(error)
            for thread in self._threads:
                thread.join(0.1)
            raise
        if self._failure:
            raise self._failure

    def _fetch_pieces(self) -> None:
        """Fetch pieces until there are no more; the loop of every thread."""
        buffer = memoryview(bytearray(BUFFER_SIZE))
        try:
            while (span := self._next_piece()) is not None:
                self._fetch(span, buffer)
        except Exception as error:  # also one that nobody foresaw: a thread's own end would be a traceback
            if isinstance(error, GithubAssetsError) and error.final:
                raise
            self._fail(error)

    def _next_piece(self) -> Span | None:
        with self._lock:
            if self._failure or (self._started and self._next >= self._asset.size):
                return None
            start, self._next = self._next, min(self._next + self._piece_size, self._asset.size)
            if not self._started:  # all of it, until it shows that this takes long
                self._next = self._asset.size
            self._started = True
            return self._file.span(start, self._next)

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            self._failure = self._failure or error
            for response in self._responses:
                response.abort()

    def _fetch(self, span: Span, buffer: memoryview) -> None:
        """Fetch a span, and what is missing of it again until nothing is."""
        url = self._signed_url
        # A burst of errors reaches every connection: counted together, it would use up the attempts at once.
        progress = self._progress()
        retries = self._client.retries(self._resume_policy if progress >= PROGRESS else None)
        while not self._failure:
            try:
                self._request(url or self._source.url, span, buffer)
            except _START_OVER:
                raise
            except GithubAssetsError as error:
                if self._failure:
                    return
                if isinstance(error, RangeMismatch) and not self._ranges:
                    raise
                if url is None:
                    if self._progress() - progress >= PROGRESS:  # by whichever connection
                        progress = self._progress()
                        retries.reset(self._resume_policy)
                    error = self._explained(error)
                    retries.next(error, retryable=self._is_retryable(error))
                url = None  # one that others have used may have expired meanwhile: no failure, but ask for another
            else:
                return

    def _request(self, url: str, span: Span, buffer: memoryview) -> None:
        headers = {"Accept": "application/octet-stream"}
        if span.position > span.start and not (self._etag and self._ranges):
            self._restart(span)
        ranged = span.stop - span.position < self._asset.size
        if ranged:
            headers["Range"] = f"bytes={span.position}-{span.stop - 1}"
            if self._etag:
                headers["If-Range"] = self._etag
        with self._client.get(url, headers, self._source.credential) as response:
            self._host = host_of(response.url)
            page = PageInsteadOfAsset(name=self._asset.name, host=self._host) if self._is_page(response) else None
            if page and not self._source.expected_digests:
                raise page
            try:
                self._check(response, span, ranged)
                self._receive_from(response, span, buffer)
            except SizeMismatch:
                if page is None:
                    raise
                raise page from None

    def _is_page(self, response: Response) -> bool:
        """Whether it calls itself a page; many servers call everything so whose ending they do not know."""
        is_html = response.headers.get("content-type", "").lower().startswith("text/html")
        return is_html and not self._asset.name.endswith((".html", ".htm"))

    def _receive_from(self, response: Response, span: Span, buffer: memoryview) -> None:
        with self._lock:
            self._signed_url = response.url
            self._responses.add(response)
        try:
            self._receive(response, span, buffer)
        finally:
            with self._lock:
                self._responses.discard(response)

    def _check(self, response: Response, span: Span, ranged: bool) -> None:
        """Make sure that what follows is what the span lacks (RFC 9110, sections 13.1.5 and 15.3.7)."""
        tag = response.headers.get("etag", "")
        etag = tag if tag.startswith('"') else None  # a weak one is of no use for ranges
        asked = f"bytes {span.position}-{span.stop - 1}/"
        if response.status == 206:
            sent = response.headers.get("content-range", "")
            if not ranged or sent not in (f"{asked}{self._asset.size}", f"{asked}*"):
                self._refuse_range(asked, sent)
            if etag != self._etag:
                raise AssetChanged(name=self._asset.name, host=self._host)
            return
        if response.content_length not in (None, self._asset.size):
            raise SizeMismatch(
                name=self._asset.name, host=self._host, expected=self._asset.size, received=response.content_length
            )
        if ranged:
            if etag and etag == self._etag and self._wrong_ranges == 0:
                self._refuse_range(asked, f"bytes 0-{self._asset.size - 1}/{self._asset.size}")
            self._restart(span)
        self._etag = etag

    def _refuse_range(self, asked: str, sent: str) -> NoReturn:
        self._wrong_ranges += 1
        raise RangeMismatch(name=self._asset.name, host=self._host, asked=asked.rstrip("/"), sent=sent)

    def _restart(self, span: Span) -> None:
        """Make the span the whole file, from its beginning. Raises AssetChanged if others are under way."""
        with self._lock:
            if span.stop - span.start < self._asset.size:
                self._wrong_ranges = 2
                raise AssetChanged(name=self._asset.name, host=self._host)
            self._received = 0
        self._file.start_over(span)

    def _receive(self, response: Response, span: Span, buffer: memoryview) -> None:
        began, worked = time.monotonic(), time.thread_time()
        while span.position < span.stop and not self._failure:
            most, filled = min(len(buffer), span.stop - span.position), 0
            try:
                while filled < most and (count := response.readinto(buffer[filled:most])):
                    filled += count
            finally:
                if filled and not self._failure:
                    self._file.write(span, buffer[:filled])
                    with self._lock:
                        self._received += filled
                    self._report(self._received)
            if filled < most:
                break
            if time.thread_time() - worked < MAX_CPU_SHARE * (time.monotonic() - began):
                self._add_connections(response, span)
        surplus = 0
        if span.position == span.stop and response.content_length is None:
            surplus = response.readinto(buffer[:1])
        if not self._failure and (span.position < span.stop or surplus):
            raise SizeMismatch(
                name=self._asset.name,
                host=self._host,
                expected=self._asset.size,
                received=span.position + surplus,
            )

    def _add_connections(self, response: Response, span: Span) -> None:
        """Fetch the rest over more connections if it would take long.

        Their pieces must be of the same version, which only an ETag shows.
        """
        now = time.monotonic()
        if self._asset.size < MIN_PARALLEL_SIZE or now - self._checked_at < CHECK_INTERVAL:
            return
        if not (self._etag and self._ranges):
            return
        if response.status == 200 and response.headers.get("accept-ranges") != "bytes":
            return
        with self._lock:
            self._checked_at = now
            seconds = (self._asset.size - self._received) * (now - self._started_at) / self._received
            wanted = int(seconds / REMAINING_PER_CONNECTION) if seconds > MIN_REMAINING else 0
            for _ in range(min(wanted, CONNECTIONS_PER_ASSET - 1) - len(self._threads)):
                extra = self._client.extra_connections
                if not self._client.has_free_connection(response.url) or not extra.acquire(blocking=False):
                    return
                if span.stop - span.start == self._asset.size:
                    span.stop = self._next = min(span.position + self._piece_size, span.stop)
                if self._next >= self._asset.size:
                    extra.release()
                    return
                thread = BackgroundThread(self._fetch_over_extra_connection)
                self._threads.append(thread)
                thread.start()

    def _fetch_over_extra_connection(self) -> None:
        try:
            self._fetch_pieces()
        finally:
            self._client.extra_connections.release()

    def _explained(self, error: GithubAssetsError) -> GithubAssetsError:
        """Return what a refusal means for an asset that the API has just listed."""
        if isinstance(error, _REFUSALS) and error.host != host_of(self._source.url):
            return StorageRefused(host=error.host, name=self._asset.name, status=_status(error))
        return error

    def _is_retryable(self, error: GithubAssetsError) -> bool:
        source = self._source
        if isinstance(error, PageInsteadOfAsset):
            return source.authenticated or not source.instead  # else it is a login's page, most probably
        if isinstance(error, _REFUSALS) and _status(error) in (404, 410):
            # GitHub publishes a release before every server knows its assets.
            return not source.mirror and (source.authenticated or not source.instead)
        return error.transient

    def _verified(self) -> Download:
        digests = self._file.digests()
        for expected in self._source.expected_digests:
            received = digests[expected.algorithm]
            if received != expected.digest:
                raise DigestMismatch(
                    name=self._asset.name,
                    host=self._host,
                    expected=f"{expected.algorithm}:{expected.digest}",
                    received=f"{expected.algorithm}:{received}",
                    verified_by=expected.by,
                )
        verified_by = ", ".join(expected.by for expected in self._source.expected_digests) or None
        return Download(self._file.path, self._asset.size, digests[SHA256], verified_by, self._host)


_REFUSALS = (NotFound, RequestRefused, AccessForbidden, CredentialsRefused)


def _status(error: NotFound | RequestRefused | AccessForbidden | CredentialsRefused) -> int:
    return error.status if isinstance(error, RequestRefused) else _STATUSES[type(error)]
