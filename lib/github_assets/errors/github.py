"""What GitHub does not have."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class RepositoryNotFound(GithubAssetsError):
    """Neither the repository nor its releases can be seen."""

    repository: str
    host: str
    authenticated: bool


class ReleaseNotFound(GithubAssetsError):
    """The repository has no release of that tag; `available` holds tags, nearest first."""

    repository: str
    tag: str
    available: Sequence[str]


class NoLatestRelease(GithubAssetsError):
    """The repository has no release that counts as latest; `prereleases` holds the tags that do not count."""

    repository: str
    prereleases: Sequence[str]


class TokenNotForHost(GithubAssetsError):
    """An asset names a token that may not be sent to its API's host, only to `hosts`; `setting` names the token."""

    setting: str
    host: str
    hosts: Sequence[str]
