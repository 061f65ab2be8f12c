"""GitHub's releases (docs.github.com/rest/releases)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from github_assets.config.request import LATEST, Repository
from github_assets.errors import (
    AnswerUnreadable,
    NoLatestRelease,
    NotFound,
    ReleaseNotFound,
    RepositoryNotFound,
)
from github_assets.network import Credential, Network, host_of
from github_assets.text import nearest_first

API_VERSION = "2022-11-28"
LARGEST_ANSWER = 64 << 20
"""Bytes of JSON; a page of 100 releases with 100 assets each has some 15 million."""
UPLOADED = "uploaded"

_Parsed = TypeVar("_Parsed")


class ReleaseAsset(NamedTuple):
    """A file of a release. `digest` is GitHub's own, `sha256:<hex>`, or None on assets from before June 2025."""

    id: int
    name: str
    state: str
    size: int
    digest: str | None
    browser_url: str


class Release(NamedTuple):
    """A release and all its assets, also those whose upload has not ended."""

    repository: Repository
    tag: str
    prerelease: bool
    assets: tuple[ReleaseAsset, ...]


class Api:
    """A GitHub's REST API at a base URL such as `https://api.github.com`."""

    def __init__(self, network: Network, url: str, credential: Credential | None) -> None:
        self._network = network
        self._url = url
        self._credential = credential

    def release(self, repository: Repository, version: str) -> Release:
        """Return the latest release, or that of the tag; `1.2.3` also finds `v1.2.3`, and the other way round.

        Raises RepositoryNotFound, ReleaseNotFound, NoLatestRelease, and what `Network.get` raises.
        """
        base = f"{self._url}/repos/{quote(repository.owner)}/{quote(repository.name)}/releases"
        try:
            if version == LATEST:
                return self._read(f"{base}/latest", repository)
            return self._read_tag(base, repository, version)
        except NotFound as error:
            raise self._what_is_missing(base, repository, version, error) from None

    def asset_url(self, repository: Repository, asset: ReleaseAsset) -> str:
        """Return where the asset's bytes are had with a token, and `Accept: application/octet-stream`."""
        return f"{self._url}/repos/{quote(repository.owner)}/{quote(repository.name)}/releases/assets/{asset.id}"

    def _read_tag(self, base: str, repository: Repository, version: str) -> Release:
        other = version[1:] if version[0] in "vV" and version[1:2].isdigit() else f"v{version}"
        try:
            return self._read(f"{base}/tags/{quote(version, safe='')}", repository)
        except NotFound:
            return self._read(f"{base}/tags/{quote(other, safe='')}", repository)

    def _read(self, url: str, repository: Repository) -> Release:
        return self._get(url, lambda body: _release(body, repository))

    def _what_is_missing(
        self, base: str, repository: Repository, version: str, error: NotFound
    ) -> RepositoryNotFound | ReleaseNotFound | NoLatestRelease:
        try:
            releases = self._get(f"{base}?per_page=100", lambda body: [_release(item, repository) for item in body])
        except NotFound:
            return RepositoryNotFound(repository=str(repository), host=error.host, authenticated=error.authenticated)
        tags = [release.tag for release in releases]
        if version == LATEST:
            return NoLatestRelease(repository=str(repository), prereleases=tags)
        return ReleaseNotFound(repository=str(repository), tag=version, available=nearest_first(version, tags))

    def _get(self, url: str, parse: Callable[[Any], _Parsed]) -> _Parsed:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION}

        def attempt() -> _Parsed:
            with self._network.get(url, headers, self._credential) as response:
                body = bytearray()
                for chunk in self._network.chunks(response):
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise AnswerUnreadable(host=host_of(url), reason="more than 64 MiB of JSON")
                try:
                    return parse(json.loads(body))
                except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                    raise AnswerUnreadable(
                        host=host_of(url), reason="not the JSON that GitHub's API answers with"
                    ) from None

        return self._network.persistently(attempt)


def _release(body: Any, repository: Repository) -> Release:
    return Release(
        repository=repository,
        tag=_text(body["tag_name"]),
        prerelease=body["prerelease"] is True,
        assets=tuple(_asset(item) for item in body["assets"]),
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
