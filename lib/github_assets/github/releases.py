"""Releases and their assets (docs.github.com/rest/releases)."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.config.request import Repository

UPLOADED = "uploaded"


class ReleaseAsset(NamedTuple):
    """A file of a release. `digest` is computed by GitHub, `sha256:<hex>`; None for assets from before June 2025."""

    id: int
    name: str
    state: str
    size: int
    digest: str | None
    browser_url: str


class RepositoryIdentity(NamedTuple):
    """A repository: its id, which does not change when it is renamed, and its current name."""

    id: int
    full_name: str


class RateLimit(NamedTuple):
    """A client's requests per hour, and those that are left."""

    limit: int
    remaining: int
    reset: int
    """When they are all there again, in seconds since the epoch."""


class Release(NamedTuple):
    """A release and all its assets, including those that are not fully uploaded."""

    repository: Repository
    tag: str
    prerelease: bool
    assets: tuple[ReleaseAsset, ...]
    published_at: float | None = None
    """Seconds since the epoch."""
    etag: str | None = None
    """Of the API response, if it contained only this release."""
    id: int = 0
    immutable: bool = False
    """Whether its tag and assets can no longer be changed."""

    def find(self, name: str) -> ReleaseAsset | None:
        """Return the asset of this name, or None."""
        return next((asset for asset in self.assets if asset.name == name), None)

    def in_short(self) -> Release:
        """Return the release with one asset at most, to keep thousands of them: `has_assets` is the same."""
        return self._replace(assets=tuple(asset for asset in self.assets if asset.state == UPLOADED)[:1])

    @property
    def has_assets(self) -> bool:
        """Whether any asset is fully uploaded."""
        return any(asset.state == UPLOADED for asset in self.assets)

    @property
    def uploading(self) -> bool:
        """Whether an asset is still being uploaded or has failed to; GitHub does not tell these apart."""
        return any(asset.state != UPLOADED for asset in self.assets)
