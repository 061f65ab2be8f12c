"""GitHub's REST API (docs.github.com/rest/releases)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urljoin

from github_assets.config.request import Repository
from github_assets.config.versions import spellings
from github_assets.errors.github import NoLatestRelease, ReleaseNotFound, RepositoryNotFound
from github_assets.errors.http import InvalidResponse, NotFound, RedirectRefused, RequestRefused
from github_assets.github.releases import Release, ReleaseAsset, RepositoryIdentity
from github_assets.http.client import Client
from github_assets.http.connections import Response
from github_assets.http.credential import Credential
from github_assets.http.urls import host_of, origin
from github_assets.text import nearest_first

API_VERSION = "2022-11-28"
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION}
LARGEST_ANSWER = 64 << 20
"""Bytes of JSON; a page of 100 releases with 100 assets each has some 15 million."""
MOST_PAGES = 50
"""Of 100 releases each: fewer requests than GitHub allows an anonymous client in an hour, which is 60."""
MOST_ATTESTATIONS = 100
MOST_ATTESTATION_PAGES = 3

_OF_REPOSITORIES = ("id", "full_name")
_OF_RELEASES = ("id", "tag_name", "draft", "prerelease", "immutable", "published_at", "assets")
_OF_ASSETS = ("id", "name", "state", "size", "digest", "browser_download_url")
_OF_ATTESTATIONS = ("attestations", "bundle_url")
_READ = frozenset((*_OF_REPOSITORIES, *_OF_RELEASES, *_OF_ASSETS, *_OF_ATTESTATIONS))
_Parsed = TypeVar("_Parsed")


class Api:
    """A GitHub's REST API at a base URL such as `https://api.github.com`."""

    def __init__(self, client: Client, url: str, credential: Credential | None) -> None:
        self._client = client
        self.url = url
        self.credential = credential

    def identity(self, repository: Repository) -> RepositoryIdentity:
        """Return what the repository's name leads to now. Raises RepositoryNotFound, and what `Client.get` raises."""
        try:
            identity, _ = self._get(self._repository(repository), _identity)
        except NotFound as error:
            raise RepositoryNotFound(
                repository=str(repository), host=error.host, authenticated=error.authenticated
            ) from None
        return identity

    def release(self, repository: Repository, tag: str | None) -> Release:
        """Return the release of the tag (None: the latest); `1.2.3` also finds `v1.2.3`, and the other way round.

        Raises RepositoryNotFound, ReleaseNotFound, NoLatestRelease, and what `Client.get` raises.
        """
        base = self._releases(repository)
        try:
            if tag is None:
                return self._read(f"{base}/latest", repository)
            return self._read_tag(base, repository, tag)
        except NotFound as error:
            raise self._what_is_missing(base, repository, tag, error) from None

    def tagged(self, repository: Repository, tag: str) -> Release | None:
        """Return the release of exactly this tag, or None. Raises what `Client.get` raises, but NotFound."""
        try:
            return self._read(f"{self._releases(repository)}/tags/{quote(tag, safe='')}", repository)
        except NotFound:
            return None

    def pages(self, repository: Repository) -> Iterator[list[Release]]:
        """Yield the releases but drafts, 100 at a time, newest commit first; a page is fetched when it is asked for.

        Ends after MOST_PAGES, or where GitHub ends: it lists only so many and answers 422 to whom asks for more.
        Raises RepositoryNotFound, RedirectRefused for a page on another server, and what `Client.get` raises.
        """
        url: str | None = f"{self._releases(repository)}?per_page=100"
        for number in range(MOST_PAGES):
            if url is None:
                return
            try:
                releases, url = self._page(url, repository)
            except NotFound as error:
                raise RepositoryNotFound(
                    repository=str(repository), host=error.host, authenticated=error.authenticated
                ) from None
            except RequestRefused as error:
                if number == 0 or error.status != 422:
                    raise
                return
            yield releases

    def unchanged(self, repository: Repository, tag: str | None, etag: str) -> bool:
        """Return whether the release of the tag (None: the latest) is what it was when it had this ETag.

        Where it is, the question costs a client with a token none of its rate limit (docs.github.com/rest, "Best
        practices", on conditional requests). Raises what `Client.get` raises, but NotFound.
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
        """Return where the asset's bytes are had with a token, and `Accept: application/octet-stream`."""
        return f"{self._releases(repository)}/assets/{asset.id}"

    def browser_url(self, asset: ReleaseAsset) -> str:
        """Return where the asset's bytes are had without a token. Raises RedirectRefused where the way is not safe."""
        return self.safe(asset.browser_url)

    def safe(self, url: str) -> str:
        """Return a URL that the API named. Raises RedirectRefused where it is neither https nor as the API's own."""
        scheme = url.partition(":")[0]
        if scheme not in ("https", self.url.partition(":")[0]):
            raise RedirectRefused(host=host_of(self.url), reason=f"to {scheme}:, which is not encrypted")
        return url

    def attestations(self, repository: Repository, sha256: str) -> list[str]:
        """Return the signed URLs of the attestations of these bytes (docs.github.com/rest/repos/attestations).

        Raises RedirectRefused for a URL that is not safe, and what `Client.get` raises, but NotFound: GitHub answers
        so where there are none.
        """
        url: str | None = f"{self._repository(repository)}/attestations/sha256:{sha256}?per_page=100"
        found: list[str] = []
        try:
            for _ in range(MOST_ATTESTATION_PAGES):
                if url is None:
                    break
                urls, response = self._get(
                    url, lambda body: [_text(item["bundle_url"]) for item in body["attestations"]]
                )
                found += map(self.safe, urls)
                url = _following(response)
        except NotFound:
            pass
        return found[:MOST_ATTESTATIONS]

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
        release, response = self._get(url, lambda body: _release(body, repository))
        return release._replace(etag=response.headers.get("etag"))

    def _what_is_missing(
        self, base: str, repository: Repository, tag: str | None, error: NotFound
    ) -> RepositoryNotFound | ReleaseNotFound | NoLatestRelease:
        try:
            releases, _ = self._get(f"{base}?per_page=100", lambda body: [_release(item, repository) for item in body])
        except NotFound:
            return RepositoryNotFound(repository=str(repository), host=error.host, authenticated=error.authenticated)
        tags = [release.tag for release in releases]
        if tag is None:
            return NoLatestRelease(repository=str(repository), prereleases=tags)
        return ReleaseNotFound(repository=str(repository), tag=tag, available=nearest_first(tag, tags))

    def _page(self, url: str, repository: Repository) -> tuple[list[Release], str | None]:
        """Return the page's releases, and the URL of the next page."""
        releases, response = self._get(
            url, lambda body: [_release(item, repository) for item in body if item["draft"] is not True]
        )
        return releases, _following(response)

    def _get(self, url: str, parse: Callable[[Any], _Parsed]) -> tuple[_Parsed, Response]:
        """Return what the answer holds, and its head. Raises RedirectRefused for the URL of another server."""
        if not self._has(url):
            raise RedirectRefused(host=host_of(self.url), reason="to another server for the next page")

        def attempt() -> tuple[_Parsed, Response]:
            with self._client.get(url, _HEADERS, self.credential) as response:
                body = response.read(LARGEST_ANSWER + 1)
                if len(body) > LARGEST_ANSWER:
                    raise InvalidResponse(host=host_of(url), reason="more than 64 MiB of JSON")
                try:
                    return parse(json.loads(body, object_hook=_needed)), response
                except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                    raise InvalidResponse(host=host_of(url), reason="something other than GitHub API JSON") from None

        return self._client.with_retries(attempt)

    def _has(self, url: str) -> bool:
        try:
            return origin(url) == origin(self.url)
        except ValueError:  # a port that is no number
            return False


def _following(response: Response) -> str | None:
    """Return the URL that the Link header calls the next (docs.github.com/rest, "Using pagination")."""
    for link in response.headers.get("link", "").split(","):
        target, _, parameters = link.strip().partition(">")
        if 'rel="next"' in parameters and target.startswith("<"):
            try:
                return urljoin(response.url, target[1:])
            except ValueError:  # no URL, which is no server's own either
                return target[1:]
    return None


def _needed(item: dict[str, Any]) -> dict[str, Any]:
    """Keep of an object what is read, while the page it is on is parsed: a quarter of the memory."""
    return {name: value for name, value in item.items() if name in _READ}


def _identity(body: Any) -> RepositoryIdentity:
    return RepositoryIdentity(_number(body["id"]), _text(body["full_name"]))


def _release(body: Any, repository: Repository) -> Release:
    published = body.get("published_at")
    return Release(
        repository=repository,
        tag=_text(body["tag_name"]),
        prerelease=body["prerelease"] is True,
        assets=tuple(_asset(item) for item in body["assets"]),
        published_at=None if published is None else datetime.fromisoformat(_text(published)).timestamp(),
        id=_number(body.get("id", 0)),
        immutable=body.get("immutable") is True,
    )


def _asset(body: Any) -> ReleaseAsset:
    digest = body.get("digest")
    return ReleaseAsset(
        id=_number(body["id"]),
        name=_text(body["name"]),
        state=_text(body["state"]),
        size=_number(body["size"]),
        digest=None if digest is None else _text(digest).lower(),
        browser_url=_text(body["browser_download_url"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise TypeError
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise TypeError
    return value
