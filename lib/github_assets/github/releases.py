"""Releases and their assets, as GitHub's API has them (docs.github.com/rest/releases)."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.config.request import Repository

UPLOADED = "uploaded"


class ReleaseAsset(NamedTuple):
    """A file of a release. `digest` is GitHub's own, `sha256:<hex>`, or None on assets from before June 2025."""

    id: int
    name: str
    state: str
    size: int
    digest: str | None
    browser_url: str


class RepositoryIdentity(NamedTuple):
    """What a repository's name leads to: the id stays when it is renamed, `full_name` is its name now."""

    id: int
    full_name: str


class Release(NamedTuple):
    """A release and all its assets, also those whose upload has not ended."""

    repository: Repository
    tag: str
    prerelease: bool
    assets: tuple[ReleaseAsset, ...]
    published_at: float | None = None
    """Seconds since the epoch."""
    etag: str | None = None
    """Of the API's answer, where it held this release alone."""
    id: int = 0
    immutable: bool = False
    """Whether GitHub lets nobody change its tag and its assets any more."""

    def find(self, name: str) -> ReleaseAsset | None:
        """Return the asset of this name, or None."""
        return next((asset for asset in self.assets if asset.name == name), None)

    @property
    def has_assets(self) -> bool:
        """Whether any upload has ended."""
        return any(asset.state == UPLOADED for asset in self.assets)

    @property
    def uploading(self) -> bool:
        """Whether any upload has not ended, or has failed: GitHub has `open` and `starter` for both."""
        return any(asset.state != UPLOADED for asset in self.assets)
