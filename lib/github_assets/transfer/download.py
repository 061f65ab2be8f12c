"""Bytes that are proven: fetched, counted and hashed on their way to the disk.

A download that broke off goes on where it ended. A large one that would take long is divided among more connections.
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

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
from github_assets.http.client import CHUNK, Attempts, Client
from github_assets.http.connections import Response
from github_assets.http.urls import host_of
from github_assets.transfer.partial_file import PartialFile, Span
from github_assets.transfer.source import SHA256, Source

LARGE = 4 << 20
"""Bytes from which on an asset is divided at all."""
PIECES = 16
SMALLEST_PIECE = 1 << 20
LARGEST_PIECE = 8 << 20
"""Bytes; a divided asset has PIECES of them, or more where that makes them larger than this."""
CONNECTIONS = 8
"""Per asset."""
LONG = 0.4
"""Seconds until the asset would be there from which on it is divided: making connections takes time as well."""
SOON = 0.15
"""Seconds; then another connection for every time that these pass until the asset would be there."""
LOOK = 0.05
"""Seconds between two looks at how fast it goes."""
BUSY = 0.5
"""Part of its time that a thread spends on what has come; a busier one gains nothing from others that do the same."""
_START_OVER = (AssetChanged, DigestMismatch, RangeMismatch, SizeMismatch)


class Download(NamedTuple):
    """A file whose bytes were proven; `verified_by` is None where only its size could be compared."""

    path: str
    size: int
    sha256: str
    verified_by: str | None
    host: str


def download(client: Client, asset: ReleaseAsset, source: Source, path: str) -> Download:
    """Fetch an asset into a new file at `path`; when this returns, the file holds what GitHub says that it holds.

    Every attempt begins at the first URL, so that it gets a signed URL of its own. Raises SizeMismatch,
    DigestMismatch, AssetChanged, RangeMismatch, PageInsteadOfAsset, StorageRefused, NotOnMirror, CannotWrite, and
    what `Client.get` raises; no file is left then.
    """
    try:
        return _download(client, asset, source, path)
    except GithubAssetsError as error:
        if isinstance(error, NotFound) and source.mirror:
            raise NotOnMirror(url=source.url.partition("?")[0], setting=source.mirror) from None
        if source.instead is None or not _closed(error, source):
            raise
        first = error
    url = source.instead()
    if url is None:
        raise first
    client.log_fallback(first, url)
    other = source._replace(url=url, instead=None)
    try:
        return _download(client, asset, other, path)
    except GithubAssetsError as error:
        raise first if _closed(error, other) and not other.authenticated else error from None


def _closed(error: GithubAssetsError, source: Source) -> bool:
    """Whether a way to the bytes is closed, and another one may be open: not whether they are wrong, or gone."""
    refusals = (AccessForbidden, CredentialsRefused, NotFound, PageInsteadOfAsset, RequestRefused)
    failures = (RateLimited, ServerFailed, ServerUnreachable)
    return isinstance(error, refusals) or (isinstance(error, failures) and error.host == host_of(source.url))


def _download(client: Client, asset: ReleaseAsset, source: Source, path: str) -> Download:
    file = PartialFile(path, (SHA256, *(expected.algorithm for expected in source.expected_digests)))
    try:
        done = _Transfer(client, asset, source, file).run()
        file.close()
    except BaseException:
        file.remove()
        raise
    return done


class _Transfer:
    """One download. What it knows is changed under its lock, and by `_start_over` while no other thread is at work."""

    def __init__(self, client: Client, asset: ReleaseAsset, source: Source, file: PartialFile) -> None:
        self._client, self._asset, self._source, self._file = client, asset, source, file
        self._tries = Attempts(client, self._brought)
        self._lock = threading.Lock()
        self._piece = min(max(asset.size // PIECES, SMALLEST_PIECE), LARGEST_PIECE)
        self._received = self._furthest = 0
        self._host = host_of(source.url)
        self._ranges = True
        """Whether the server sends the bytes that are asked for, as far as is known."""
        self._start_over()

    def _start_over(self) -> None:
        self._file.start_over()
        self._next = 0
        self._begun = False
        self._etag: str | None = None
        self._signed: str | None = None
        self._failure: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._responses: set[Response] = set()
        self._began = self._looked = time.monotonic()
        self._received_before = self._received

    def _brought(self) -> int:
        """Return how many bytes there have been at most: to start over is no progress, until more are there."""
        self._furthest = max(self._furthest, self._received - self._received_before)
        return self._furthest

    def run(self) -> Download:
        """Return the download, after as many attempts as it takes."""
        while True:
            try:
                self._fetch_all()
                return self._proven()
            except _START_OVER as error:
                self._tries.failed(error)
                self._start_over()

    def _fetch_all(self) -> None:
        try:
            self._work()
            for thread in self._threads:  # more may come while this waits
                thread.join()
        except BaseException as error:  # a signal's: the threads leave, and nobody waits for them long
            self._fail(error)
            for thread in self._threads:
                thread.join(0.1)
            raise
        if self._failure:
            raise self._failure

    def _work(self) -> None:
        """Fetch pieces until there are no more; every thread's loop."""
        buffer = memoryview(bytearray(CHUNK))
        try:
            while (span := self._take()) is not None:
                self._fetch(span, buffer)
                self._file.hash_what_is_there(buffer)
        except Exception as error:  # also one that nobody foresaw: a thread's own end would be a traceback
            if isinstance(error, GithubAssetsError) and error.final:
                raise
            self._fail(error)

    def _take(self) -> Span | None:
        with self._lock:
            if self._failure or (self._begun and self._next >= self._asset.size):
                return None
            start, self._next = self._next, min(self._next + self._piece, self._asset.size)
            if not self._begun:
                self._next = self._asset.size
            self._begun = True
            return self._file.span(start, self._next)

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            self._failure = self._failure or error
            for response in self._responses:
                response.abort()

    def _fetch(self, span: Span, buffer: memoryview) -> None:
        """Fetch a span, and what is missing of it again until nothing is."""
        url = self._signed
        while True:
            try:
                self._ask(url or self._source.url, span, buffer)
            except _START_OVER:
                raise
            except GithubAssetsError as error:
                if self._failure:
                    return
                self._tries.failed(self._judged(error))
                url = None
            else:
                return

    def _ask(self, url: str, span: Span, buffer: memoryview) -> None:
        headers = {"Accept": "application/octet-stream"}
        if span.position > span.start and not (self._etag and self._ranges):
            self._only(span)
        ranged = span.stop - span.position < self._asset.size
        if ranged:
            headers["Range"] = f"bytes={span.position}-{span.stop - 1}"
            if self._etag:
                headers["If-Range"] = self._etag
        with self._client.get(url, headers, self._source.credential) as response:
            self._host = host_of(response.url)
            if not self._asset.name.endswith((".html", ".htm")):
                self._check_for_page(response)
            self._check(response, span, ranged)
            with self._lock:
                self._signed = response.url
                self._responses.add(response)
            try:
                self._receive(response, span, buffer)
            finally:
                with self._lock:
                    self._responses.discard(response)

    def _check_for_page(self, response: Response) -> None:
        if response.headers.get("content-type", "").lower().startswith("text/html"):
            raise PageInsteadOfAsset(name=self._asset.name, host=self._host)

    def _check(self, response: Response, span: Span, ranged: bool) -> None:
        """Make sure that what follows is what the span lacks (RFC 9110, sections 13.1.5 and 15.3.7)."""
        tag = response.headers.get("etag", "")
        strong = tag if tag.startswith('"') else None
        if response.status != 206:
            if response.size is not None and response.size != self._asset.size:
                raise SizeMismatch(
                    name=self._asset.name, host=self._host, expected=self._asset.size, received=response.size
                )
            if ranged:
                self._only(span)
            self._etag = strong
            return
        sent = response.headers.get("content-range", "")
        asked = f"bytes {span.position}-{span.stop - 1}/"
        if not ranged or sent not in (f"{asked}{self._asset.size}", f"{asked}*"):
            self._ranges = False
            raise RangeMismatch(name=self._asset.name, host=self._host, asked=asked.rstrip("/"), sent=sent)
        if strong != self._etag:
            raise AssetChanged(name=self._asset.name, host=self._host)

    def _only(self, span: Span) -> None:
        """Make the span the whole file, from its beginning. Raises AssetChanged where others are under way."""
        with self._lock:
            if span.stop - span.start < self._asset.size:
                self._ranges = False
                raise AssetChanged(name=self._asset.name, host=self._host)
        self._received_before = self._received
        self._file.start_over(span)

    def _receive(self, response: Response, span: Span, buffer: memoryview) -> None:
        began, worked = time.monotonic(), time.thread_time()
        while span.position < span.stop and not self._failure:
            most, filled = min(len(buffer), span.stop - span.position), 0
            try:
                while filled < most and (some := response.readinto(buffer[filled:most])):
                    filled += some
            finally:
                if filled and not self._failure:
                    self._file.write(span, buffer[:filled])
                    with self._lock:
                        self._received += filled
            if filled < most:
                break
            if time.thread_time() - worked < BUSY * (time.monotonic() - began):
                self._perhaps_divide(response, span)
        surplus = 0
        if span.position == span.stop and response.size is None:
            surplus = response.readinto(buffer[:1])
        if not self._failure and (span.position < span.stop or surplus):
            raise SizeMismatch(
                name=self._asset.name,
                host=self._host,
                expected=self._asset.size,
                received=span.position + surplus,
            )

    def _perhaps_divide(self, response: Response, span: Span) -> None:
        """Add connections where the rest would take long. Their parts must be of the same version: an ETag says so."""
        now = time.monotonic()
        if self._asset.size < LARGE or now - self._looked < LOOK or not (self._etag and self._ranges):
            return
        if response.status == 200 and response.headers.get("accept-ranges") != "bytes":
            return
        with self._lock:
            self._looked = now
            received = self._received - self._received_before
            seconds = (self._asset.size - received) * (now - self._began) / received
            wanted = min(int(seconds / SOON), CONNECTIONS - 1) if seconds > LONG else 0
            for _ in range(wanted - len(self._threads)):
                if not self._client.spare(response.url):
                    return
                if span.stop - span.start == self._asset.size:
                    span.stop = self._next = min(span.position + self._piece, span.stop)
                if self._next >= self._asset.size:
                    return
                thread = threading.Thread(target=self._work, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _judged(self, error: GithubAssetsError) -> GithubAssetsError:
        """Return what a refusal means for an asset that the API has just listed."""
        source = self._source
        if isinstance(error, PageInsteadOfAsset) and source.instead and not source.authenticated:
            error.transient = False  # a login's page, most probably
        if not isinstance(error, (NotFound, RequestRefused, AccessForbidden, CredentialsRefused)):
            return error
        status = error.status if isinstance(error, RequestRefused) else _STATUS[type(error)]
        if error.host != host_of(self._source.url):
            return StorageRefused(host=error.host, name=self._asset.name, status=status)
        if status in (404, 410) and not source.mirror and (source.authenticated or not source.instead):
            error.transient = True  # GitHub publishes a release before every server knows its assets
        return error

    def _proven(self) -> Download:
        digests = self._file.digests()
        for expected in self._source.expected_digests:
            received = digests[expected.algorithm]
            if received != expected.digest:
                self._ranges = False
                raise DigestMismatch(
                    name=self._asset.name,
                    host=self._host,
                    expected=f"{expected.algorithm}:{expected.digest}",
                    received=f"{expected.algorithm}:{received}",
                    verified_by=expected.by,
                )
        verified_by = ", ".join(expected.by for expected in self._source.expected_digests) or None
        return Download(self._file.path, self._asset.size, digests[SHA256], verified_by, self._host)


_STATUS = {NotFound: 404, AccessForbidden: 403, CredentialsRefused: 401}
