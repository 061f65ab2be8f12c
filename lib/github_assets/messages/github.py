"""Messages for `errors.github`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import github as e
from github_assets.messages.wording import TOKEN_HINT, listed, named, quoted

_NOT_LATEST = "Drafts and pre-releases do not count as latest. Choose one explicitly"


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    match error:
        case e.RepositoryNotFound():
            advice = (
                "Check the name. If the repository is private, make sure that the token can read it."
                if error.authenticated
                else f"Check the name. If the repository is private, {TOKEN_HINT}."
            )
            return f"Repository {error.repository} not found on {error.host} (404).", advice
        case e.ReleaseNotFound():
            return (
                f"{error.repository} has no release {quoted(error.tag)}.",
                listed("Available releases", error.available, "version", error.source)
                or "The repository has no releases with assets.",
            )
        case e.NoLatestRelease():
            return (
                f"{error.repository} has no latest release.",
                listed(_NOT_LATEST, error.prereleases, "version", error.source)
                or f"The repository has no published releases. Check {named(error.source, 'repo')}.",
            )
        case e.TokenNotForHost():
            hosts = f" It is for {' and '.join(error.hosts)}." if error.hosts else ""
            return (
                f"{error.setting} must not be sent to {error.host}.{hosts}",
                f"If it is for that host, set GH_HOST={error.host} in the same place as {error.setting}, or provide"
                " a token in a binding with an entry host. An application cannot name the host of a token:"
                " see docs/security.md.",
            )
    raise TypeError(type(error).__name__)
