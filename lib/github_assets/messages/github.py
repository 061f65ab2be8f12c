"""The messages of `errors.github`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import github as e
from github_assets.messages.wording import TOKEN_HINT, listed, quoted


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.RepositoryNotFound():
            advice = (
                "Check its name; if it is private, the token must be allowed to read it."
                if error.authenticated
                else f"Check its name; if it is private, {TOKEN_HINT}."
            )
            return f"{error.host} knows no repository {error.repository} (404).", advice
        case e.ReleaseNotFound():
            return (
                f"{error.repository} has no release {quoted(error.tag)}.",
                listed("It has", error.available, "version", error.source) or "It has no releases with assets.",
            )
        case e.NoLatestRelease():
            return (
                f"{error.repository} has no latest release: only drafts and pre-releases, or none.",
                listed("It has the pre-releases", error.prereleases, "version", error.source) or "Check REPO.",
            )
    raise TypeError(type(error).__name__)
