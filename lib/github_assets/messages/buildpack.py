"""The messages of `errors.buildpack`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import buildpack as e


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.NotRunByLifecycle():
            return (
                f"{error.name} is not set.",
                "bin/detect and bin/build are run by a lifecycle: use pack build -b.",
            )
    raise TypeError(type(error).__name__)
