"""Errors in what GitHub has, or may be sent."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class RepositoryNotFound(GithubAssetsError):
    """The repository does not exist, or is not accessible."""

    repository: str
    host: str
    authenticated: bool


class ReleaseNotFound(GithubAssetsError):
    """The repository has no release of that tag; `available` lists tags, closest first."""

    asset_key = "version"
    repository: str
    tag: str
    available: Sequence[str]


class NoLatestRelease(GithubAssetsError):
    """The repository has no latest release; `prereleases` lists tags that do not count as latest."""

    repository: str
    prereleases: Sequence[str]


class TokenNotForHost(GithubAssetsError):
    """An asset's token must not be sent to the host of its API, only to `hosts`; `setting` names the token."""

    setting: str
    host: str
    hosts: Sequence[str]
