"""What a lifecycle should have provided."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError


class NotRunByLifecycle(GithubAssetsError):
    """A variable that every lifecycle sets is missing."""

    name: str
