"""Errors in what the lifecycle provides."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError


class NotRunByLifecycle(GithubAssetsError):
    """A variable that every lifecycle sets is not set."""

    name: str
