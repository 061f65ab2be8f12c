"""Messages for `errors.buildpack`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import buildpack as e


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    match error:
        case e.NotRunByLifecycle():
            return (
                f"{error.name} is not set.",
                "Only a buildpacks lifecycle can run bin/detect and bin/build: use pack build.",
            )
    raise TypeError(type(error).__name__)
