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
                listed("It has", error.available, "VERSION") or "It has no releases at all.",
            )
        case e.NoLatestRelease():
            return (
                f"{error.repository} has no latest release: only drafts and pre-releases, or none.",
                listed("It has the pre-releases", error.prereleases, "VERSION") or "Check REPO.",
            )
        case e.TokenNotForHost():
            hosts = f" It is for {' and '.join(error.hosts)}." if error.hosts else ""
            return (
                f"{error.setting} may not be sent to {error.host}.{hosts}",
                f"If it is for that host, set GH_HOST={error.host} where {error.setting} is set, or bind a token with"
                " an entry host. What the application says does not name a host for a token: docs/security.md.",
            )
    raise TypeError(type(error).__name__)
