"""What a locked asset may be: only what the configuration allows, whoever wrote the lock file.

Everything here can be told without a request. What cannot, `github-assets lock --check` asks GitHub.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from github_assets.config.request import AssetRequest, Repository
from github_assets.config.versions import spellings
from github_assets.errors import GithubAssetsError
from github_assets.errors.github import NoLatestRelease
from github_assets.github.releases import Release
from github_assets.selection.fit import may_be_chosen
from github_assets.selection.release_choice import find_release, version_request
from github_assets.transfer.source import CONFIGURATION

if TYPE_CHECKING:
    from github_assets.github.api import Api
    from github_assets.resolution.lock import LockedAsset


def contradictions(locked: LockedAsset, request: AssetRequest) -> list[str]:
    """Return in what a locked asset is not what the request asks for, in words."""
    found = []
    if not _allows_tag(request, locked.release(request.repository)):
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
    """A repository's API that has one release, which is old enough for any `min_age`."""

    def __init__(self, release: Release) -> None:
        self._release = release._replace(published_at=-math.inf)

    def release(self, repository: Repository, tag: str | None) -> Release:
        """Return the release. Raises NoLatestRelease for another tag."""
        if tag is None or self._release.tag in spellings(tag):
            return self._release
        raise NoLatestRelease(repository=str(repository), prereleases=())

    def tagged(self, _repository: Repository, tag: str) -> Release | None:
        """Return the release if it has the tag."""
        return self._release if tag == self._release.tag else None

    def pages(self, _repository: Repository) -> Iterator[list[Release]]:
        """Yield one page."""
        yield [self._release]


def _allows_tag(request: AssetRequest, release: Release) -> bool:
    """Return whether the release would be found if there were no other."""
    try:
        find_release(cast("Api", _OneRelease(release)), request.repository, version_request(request), now=0)
    except GithubAssetsError:
        return False
    return True


def _is_asset_path(locked: LockedAsset, repository: Repository) -> bool:
    """Return whether the URL's path is that of the asset; GitHub's names of repositories have no case."""
    path = locked.url.partition("://")[2].partition("/")[2]
    *names, rest = unquote(path).split("/", 2)
    of_repository = [name.lower() for name in names] == [repository.owner.lower(), repository.name.lower()]
    return of_repository and rest == f"releases/download/{locked.tag}/{locked.asset}"
