"""Checks that a locked asset is one that the configuration allows, whoever wrote the lock file.

These checks make no request. `github-assets lock --check` also compares with GitHub.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from github_assets.config.request import AssetRequest, Repository
from github_assets.config.versions import spellings
from github_assets.errors.github import NoLatestRelease, ReleaseNotFound
from github_assets.errors.selection import NoMatchingRelease
from github_assets.github.releases import UPLOADED, Release
from github_assets.selection.fit import may_be_chosen
from github_assets.selection.release_choice import find_release, version_request
from github_assets.transfer.source import CONFIGURATION

if TYPE_CHECKING:
    from github_assets.github.api import Api
    from github_assets.resolution.lock import LockedAsset


def contradictions(locked: LockedAsset, request: AssetRequest) -> list[str]:
    """Return how a locked asset contradicts the request, in words."""
    found = []
    if not allows(request, locked.release(request.repository)):
        settings = [f'version "{request.version}"', f'tag_pattern "{request.tag_pattern}"']
        named = " with ".join(settings[: 2 if request.tag_pattern else 1])
        found.append(f"the locked tag {locked.tag} does not match {named}")
    if not may_be_chosen(locked.asset, locked.platform, locked.tag, request.file):
        named = f'file "{request.file}"' if request.file else f"{locked.platform}"
        found.append(f"the locked asset {locked.asset} does not match {named}")
    if not _is_asset_path(locked, request.repository):
        found.append(f"the locked url {locked.url} is not that of {locked.asset} of {locked.tag}")
    if request.sha256 not in (None, locked.sha256):
        found.append(f"sha256 is {request.sha256}, locked as {locked.sha256}")
    if request.sha256 is None and locked.verified_by.split(", ")[0] == CONFIGURATION:
        found.append("it was verified by a sha256 that is no longer in the configuration")
    return found


class _OneRelease:
    """A repository's API that has one release."""

    def __init__(self, release: Release) -> None:
        uploaded = tuple(asset for asset in release.assets if asset.state == UPLOADED)
        self._release = release._replace(assets=uploaded)

    def release(self, repository: Repository, tag: str | None) -> Release:
        """Return the release. Raises NoLatestRelease for another tag, and where a pre-release would be the latest."""
        if self._release.tag in spellings(tag) if tag else not self._release.prerelease:
            return self._release
        raise NoLatestRelease(repository=str(repository), prereleases=())

    def tagged(self, _repository: Repository, tag: str) -> Release | None:
        """Return the release if it has the tag."""
        return self._release if tag == self._release.tag else None

    def pages(self, _repository: Repository, _at_once: int = 1) -> Iterator[list[Release]]:
        """Yield one page."""
        yield [self._release]


def allows(request: AssetRequest, release: Release, now: float = math.inf) -> bool:
    """Return whether the release would be found if there were no other; `now` is in seconds since the epoch."""
    try:
        find_release(cast("Api", _OneRelease(release)), request.repository, version_request(request), now)
    except (NoLatestRelease, NoMatchingRelease, ReleaseNotFound):
        return False
    return True


def _is_asset_path(locked: LockedAsset, repository: Repository) -> bool:
    """Return whether the URL's path is that of the asset, ignoring the case of the repository's name."""
    path = locked.url.partition("://")[2].partition("/")[2]
    if "%" in path:
        from urllib.parse import unquote  # its import takes longer than all of the check

        path = unquote(path)
    *names, rest = path.split("/", 2)
    of_repository = [name.lower() for name in names] == [repository.owner.lower(), repository.name.lower()]
    return of_repository and rest == f"releases/download/{locked.tag}/{locked.asset}"
