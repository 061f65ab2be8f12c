"""Messages for `errors.selection`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import selection as e
from github_assets.messages.wording import LISTED, listed, named, quoted


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    match error:
        case e.AssetNotFound():
            release, name = _release(error), quoted(error.name)
            return (
                f"{release} has no asset {name}." if release else f"No asset is called {name}.",
                listed("Assets of this release", error.available, "file", error.source) or "The release has no assets.",
            )
        case e.NoAssetForPlatform():
            return (
                f"No asset{_of_release(error)} matches {error.platform}.",
                listed("Assets of this release", error.available, "file", error.source) or "The release has no assets.",
            )
        case e.AssetAmbiguous():
            return (
                f"Several assets{_of_release(error)} match {error.platform} equally well.",
                listed("Choose one", error.candidates, "file", error.source),
            )
        case e.NoMatchingRelease():
            pattern = f" with tag_pattern {quoted(error.tag_pattern)}" if error.tag_pattern else ""
            wanted = f"{quoted(error.version)}{pattern}"
            left_out = [f"Skipped {tag}: {reason}" for tag, reason in error.left_out]
            more = [f"… and {len(left_out) - LISTED} more skipped"] if len(left_out) > LISTED else []
            available = listed("Available releases", error.available, "version", error.source)
            if error.other_tags:
                available = (
                    f"The nearest tags are {', '.join(error.other_tags)}. Correct {named(error.source, 'tag_pattern')}."
                )
            return (
                f"No release of {error.repository} matches {wanted} ({error.looked_at} checked).",
                "\n".join([*left_out[:LISTED], *more, *([available] if available else [])])
                or "The repository has no releases with assets.",
            )
        case e.ExpressionTooSlow():
            return (
                f"{named(error.source, error.key)} takes too long to match: {quoted(error.expression)}.",
                "Avoid nested repetition such as (a+)+, or use a glob.",
            )
        case e.AssetNotUploaded():
            return (
                f"{error.name} of {error.repository} {error.tag} is not fully uploaded (state {quoted(error.state)}).",
                f"Build again later, or set {named(error.source, 'version')} to an earlier release.",
            )
    raise TypeError(type(error).__name__)


def _release(error: e.AssetNotFound | e.NoAssetForPlatform | e.AssetAmbiguous) -> str:
    """Return repository and tag; nothing for names that are not known to be a release's."""
    return f"{error.repository} {error.tag}".strip()


def _of_release(error: e.NoAssetForPlatform | e.AssetAmbiguous) -> str:
    release = _release(error)
    return f" of {release}" if release else ""
