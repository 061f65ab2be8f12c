"""GitHub's REST API (docs.github.com/rest/releases)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from github_assets.config.names import LONGEST_FILE_NAME, printable, valid_tag
from github_assets.config.request import Repository
from github_assets.config.versions import is_tag, spellings
from github_assets.errors.github import NoLatestRelease, ReleaseNotFound, RepositoryNotFound
from github_assets.errors.http import InvalidResponse, NotFound, RedirectRefused, RequestRefused, ResponseTooLarge
from github_assets.github.json_objects import Object, TooLarge, read_array, read_object
from github_assets.github.releases import RateLimit, Release, ReleaseAsset, RepositoryIdentity
from github_assets.http.client import Client
from github_assets.http.connections import Response
from github_assets.http.credential import Credential
from github_assets.http.urls import host_of, origin
from github_assets.parallel import raise_error, try_in_parallel
from github_assets.text import nearest_first

API_VERSION = "2022-11-28"
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION}
LARGEST_PAGE = 16 << 20
"""Bytes of JSON. A page of 100 releases with 100 assets each has some 15 million."""
PAGE_SIZES = (100, 10)
"""Releases per page: the first is GitHub's maximum, the other for releases with very many assets."""
MOST_ASSETS = 20_000
"""On a page: twice as many as ten releases can have, which is the smaller size."""
MOST_PAGES = 50
"""Fewer than the 60 requests per hour that GitHub allows anonymous clients."""
MOST_ATTESTATIONS = 100
MOST_ATTESTATION_PAGES = 3
_LONGEST_TEXT = 8192

_KEYS = frozenset(
    (
        *("id", "tag_name", "draft", "prerelease", "immutable", "published_at", "assets"),
        *("full_name", "name", "state", "size", "digest", "browser_download_url"),
        *("attestations", "bundle_url"),
    )
)
_Parsed = TypeVar("_Parsed")


class Api:
    """The REST API of a GitHub at a base URL such as `https://api.github.com`."""

    def __init__(self, client: Client, url: str, credential: Credential | None) -> None:
        self._client = client
        self.url = url
        self.credential = credential

    def identity(self, repository: Repository) -> RepositoryIdentity:
        """Return what the name refers to now. Raises RepositoryNotFound, and what `Client.get` raises."""
        try:
            identity, _ = self._get(self._repository(repository), _identity)
        except NotFound as error:
            raise RepositoryNotFound(
                repository=str(repository), host=error.host, authenticated=error.authenticated
            ) from None
        return identity

    def release(self, repository: Repository, tag: str | None) -> Release:
        """Return the release of the tag (None: the latest); `1.2.3` also finds `v1.2.3`, and vice versa.

        Raises RepositoryNotFound, ReleaseNotFound, NoLatestRelease, and what `Client.get` raises.
        """
        base = self._releases(repository)
        try:
            if tag is None:
                return self._read(f"{base}/latest", repository)
            return self._read_tag(base, repository, tag)
        except NotFound:
            raise self._what_is_missing(repository, tag) from None

    def tagged(self, repository: Repository, tag: str) -> Release | None:
        """Return the release with exactly this tag, or None. Raises what `Client.get` raises, except NotFound."""
        try:
            return self._read(f"{self._releases(repository)}/tags/{quote(tag, safe='')}", repository)
        except NotFound:
            return None

    def pages(self, repository: Repository, at_once: int = 1) -> Iterator[list[Release]]:
        """Yield pages of releases without drafts, newest commit first, fetching each page when it is needed.

        For a caller that needs them all, several are fetched at once, after the first, which tells how many there are.

        Ends after MOST_PAGES, or at GitHub's own limit, beyond which it returns 422. Releases with tags that git does
        not allow are skipped. Raises RepositoryNotFound, RedirectRefused for a page on
        another server, and what `Client.get` raises.
        """
        sizes = iter(PAGE_SIZES)
        size, before, left = next(sizes), 0, MOST_PAGES
        urls = [f"{self._releases(repository)}?per_page={size}"]
        while urls and left > 0:
            asked = urls[: min(at_once, left)]
            for number, page in enumerate(try_in_parallel(lambda url: self._page(url, repository), asked), 1):
                left -= 1
                if isinstance(page, NotFound):
                    raise RepositoryNotFound(
                        repository=str(repository), host=page.host, authenticated=page.authenticated
                    )
                if isinstance(page, RequestRefused) and page.status == 422 and before > 0:
                    return
                if isinstance(page, ResponseTooLarge) and (smaller := next(sizes, None)):
                    size = smaller
                    urls = [_with_parameters(asked[number - 1], per_page=size, page=before // size + 1)]
                    break
                releases, urls = raise_error(page)
                before += size
                yield releases
                if urls[:1] != asked[number : number + 1]:  # always after the last; else the list has changed
                    break

    def unchanged(self, repository: Repository, tag: str | None, etag: str) -> bool:
        """Return whether the release of the tag (None: the latest) still has this ETag.

        If it does, the request does not count against the rate limit of a client with a token (docs.github.com/rest,
        "Best practices", on conditional requests). Raises what `Client.get` raises, except NotFound.
        """
        which = "latest" if tag is None else f"tags/{quote(tag, safe='')}"

        def attempt() -> bool:
            url, headers = f"{self._releases(repository)}/{which}", {**_HEADERS, "If-None-Match": etag}
            with self._client.get(url, headers, self.credential) as response:
                return response.status == 304

        try:
            return self._client.with_retries(attempt)
        except NotFound:
            return False

    def asset_url(self, repository: Repository, asset: ReleaseAsset) -> str:
        """Return the URL to download the asset with a token and `Accept: application/octet-stream`."""
        return f"{self._releases(repository)}/assets/{asset.id}"

    def browser_url(self, asset: ReleaseAsset) -> str:
        """Return the URL to download the asset without a token. Raises RedirectRefused if it is not encrypted."""
        return self.safe(asset.browser_url)

    def safe(self, url: str) -> str:
        """Return a URL from the API. Raises RedirectRefused if its scheme is neither https nor the API's own."""
        scheme = url.partition(":")[0]
        if scheme not in ("https", self.url.partition(":")[0]):
            raise RedirectRefused(host=host_of(self.url), reason=f"to {scheme}:, which is not encrypted")
        return url

    def attestations(self, repository: Repository, sha256: str) -> list[str]:
        """Return the signed URLs of the attestations of these bytes (docs.github.com/rest/repos/attestations).

        Raises RedirectRefused for a URL that is not safe, and what `Client.get` raises, except NotFound, which
        GitHub returns if there are none.
        """
        pages = [f"{self._repository(repository)}/attestations/sha256:{sha256}?per_page=30"]
        found: list[str] = []
        try:
            for _ in range(MOST_ATTESTATION_PAGES):
                if not pages:
                    break
                urls, response = self._get(pages[0], _bundle_urls)
                found += map(self.safe, urls)
                pages = _following(response)
        except NotFound:
            pass
        return found[:MOST_ATTESTATIONS]

    def rate_limit(self) -> RateLimit:
        """Return what is left of the rate limit; asking does not count against it (docs.github.com/rest/rate-limit).

        Raises what `Client.get` raises, NotFound for a GitHub Enterprise Server that has no limit.
        """
        limit, _ = self._get(f"{self.url}/rate_limit", _rate_limit)
        return limit

    def _releases(self, repository: Repository) -> str:
        return f"{self._repository(repository)}/releases"

    def _repository(self, repository: Repository) -> str:
        return f"{self.url}/repos/{quote(repository.owner)}/{quote(repository.name)}"

    def _read_tag(self, base: str, repository: Repository, tag: str) -> Release:
        first, other = spellings(tag)
        try:
            return self._read(f"{base}/tags/{quote(first, safe='')}", repository)
        except NotFound:
            return self._read(f"{base}/tags/{quote(other, safe='')}", repository)

    def _read(self, url: str, repository: Repository) -> Release:
        def parse(chunks: Iterable[memoryview]) -> Release:
            return _release(read_object(chunks, _KEYS), repository)

        release, response = self._get(url, parse)
        return release._replace(etag=response.headers.get("etag"))

    def _what_is_missing(
        self, repository: Repository, tag: str | None
    ) -> RepositoryNotFound | ReleaseNotFound | NoLatestRelease:
        try:
            releases = next(self.pages(repository), [])
        except RepositoryNotFound as error:
            return error
        tags = [release.tag for release in releases if release.tag.isprintable() and is_tag(release.tag)]
        if tag is None:
            return NoLatestRelease(repository=str(repository), prereleases=tags)
        return ReleaseNotFound(repository=str(repository), tag=tag, available=nearest_first(tag, tags))

    def _page(self, url: str, repository: Repository) -> tuple[list[Release], list[str]]:
        """Return the page's releases, and the URLs of the pages after it."""

        def parse(chunks: Iterable[memoryview]) -> list[Release]:
            found, assets = [], 0
            for count, item in enumerate(read_array(chunks, _KEYS)):
                assets += len(item["assets"])
                if count == PAGE_SIZES[0] or assets > MOST_ASSETS:
                    raise TooLarge
                if item["draft"] is not True and valid_tag(_string(item["tag_name"])):
                    found.append(_release(item, repository))
            return found

        releases, response = self._get(url, parse)
        return releases, _following(response)

    def _get(self, url: str, parse: Callable[[Iterable[memoryview]], _Parsed]) -> tuple[_Parsed, Response]:
        """Return the parsed body and the response. Raises RedirectRefused for the URL of another server."""
        if not self._has(url):
            raise RedirectRefused(host=host_of(self.url), reason="to another server for the next page")

        def attempt() -> tuple[_Parsed, Response]:
            with self._client.get(url, _HEADERS, self.credential) as response:
                try:
                    return parse(_chunks(response)), response
                except TooLarge:
                    raise ResponseTooLarge(host=host_of(url)) from None
                except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
                    raise InvalidResponse(host=host_of(url), reason="something other than GitHub API JSON") from None

        return self._client.with_retries(attempt)

    def _has(self, url: str) -> bool:
        try:
            return origin(url) == origin(self.url)
        except ValueError:  # a port that is not a number
            return False


def _chunks(response: Response) -> Iterator[memoryview]:
    """Yield the body as it arrives; each chunk overwrites the one before. Raises TooLarge."""
    buffer, size = memoryview(bytearray(1 << 16)), 0
    while count := response.readinto(buffer):
        size += count
        if size > LARGEST_PAGE:
            raise TooLarge
        yield buffer[:count]


def _following(response: Response) -> list[str]:
    """Return the URLs of the pages after this one, as far as the Link header tells: the next one at least.

    See docs.github.com/rest, "Using pagination".
    """
    links = {}
    for link in response.headers.get("link", "").split(","):
        target, _, parameters = link.strip().partition(">")
        for relation in ("next", "last"):
            if f'rel="{relation}"' in parameters and target.startswith("<"):
                try:
                    links[relation] = urljoin(response.url, target[1:])
                except ValueError:  # not a URL, and rejected as one of another server
                    links[relation] = target[1:]
    if "next" not in links:
        return []
    first, last = (_page_number(links.get(relation, "")) for relation in ("next", "last"))
    if first and last:
        return [_with_parameters(links["next"], page=number) for number in range(first, min(last, MOST_PAGES) + 1)]
    return [links["next"]]


def _page_number(url: str) -> int | None:
    try:
        number = dict(parse_qsl(urlsplit(url).query)).get("page", "")
    except ValueError:  # not a URL
        return None
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else None


def _with_parameters(url: str, **parameters: int) -> str:
    parts = urlsplit(url)
    changed = {**dict(parse_qsl(parts.query)), **{name: str(value) for name, value in parameters.items()}}
    return parts._replace(query=urlencode(changed)).geturl()


def _identity(chunks: Iterable[memoryview]) -> RepositoryIdentity:
    body = read_object(chunks, _KEYS)
    return RepositoryIdentity(_number(body["id"]), _text(body["full_name"]))


def _rate_limit(chunks: Iterable[memoryview]) -> RateLimit:
    core = read_object(chunks, frozenset(("resources", "core", *RateLimit._fields)))["resources"]["core"]
    return RateLimit(*(_number(core[field]) for field in RateLimit._fields))


def _bundle_urls(chunks: Iterable[memoryview]) -> list[str]:
    return [_url(item["bundle_url"]) for item in read_object(chunks, _KEYS, 8 << 20)["attestations"]]


def _release(body: Object, repository: Repository) -> Release:
    """Return a release without assets that have invalid file names. Raises TypeError and the like."""
    tag = _string(body["tag_name"])
    if not valid_tag(tag):
        raise TypeError
    published = body.get("published_at")
    return Release(
        repository=repository,
        tag=tag,
        prerelease=body["prerelease"] is True,
        assets=tuple(asset for asset in map(_asset, body["assets"]) if _possible(asset.name)),
        published_at=None if published is None else datetime.fromisoformat(_text(published)).timestamp(),
        id=_number(body.get("id", 0)),
        immutable=body.get("immutable") is True,
    )


def _asset(body: Object) -> ReleaseAsset:
    digest = body.get("digest")
    return ReleaseAsset(
        id=_number(body["id"]),
        name=_string(body["name"]),
        state=sys.intern(_text(body["state"])),
        size=_number(body["size"]),
        digest=None if digest is None else _text(digest).lower(),
        browser_url=_url(body["browser_download_url"]),
    )


def _possible(name: str) -> bool:
    return name != "" and printable(name) and len(name.encode()) <= LONGEST_FILE_NAME


def _text(value: Any) -> str:
    if not printable(_string(value)) or len(value) > _LONGEST_TEXT:
        raise TypeError
    return str(value)


def _url(value: Any) -> str:
    text = _text(value)
    origin(text)  # raises ValueError
    return text


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise TypeError
    return value
