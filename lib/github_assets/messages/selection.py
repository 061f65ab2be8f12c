"""The messages of `errors.selection`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import selection as e
from github_assets.messages.wording import LISTED, listed, quoted


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.AssetNotFound():
            return (
                f"{error.repository} {error.tag} has no asset {quoted(error.name)}.",
                listed("The release has", error.available, "FILE") or "The release has no assets at all.",
            )
        case e.NoAssetForPlatform():
            return (
                f"no asset of {error.repository} {error.tag} is for {error.platform}.",
                listed("The release has", error.available, "FILE") or "The release has no assets at all.",
            )
        case e.AssetAmbiguous():
            return (
                f"several assets of {error.repository} {error.tag} are equally good for {error.platform}.",
                listed("Choose one of", error.candidates, "FILE"),
            )
        case e.NoMatchingRelease():
            pattern = f" with a tag like {quoted(error.tag_pattern)}" if error.tag_pattern else ""
            left_out = [f"Left out, as {reason}: {tag}" for tag, reason in error.left_out]
            more = [f"… and {len(left_out) - LISTED} more left out"] if len(left_out) > LISTED else []
            available = listed("It has", error.available, "VERSION")
            return (
                f"{error.repository} has no release {quoted(error.version)}{pattern} among {error.looked_at}.",
                "\n".join([*left_out[:LISTED], *more, *([available] if available else [])])
                or "It has no releases at all.",
            )
        case e.AssetNotUploaded():
            return (
                f"{error.name} of {error.repository} {error.tag} is in the state {quoted(error.state)}:"
                " its upload has not ended.",
                "Build again later, or set VERSION to an earlier release.",
            )
    raise TypeError(type(error).__name__)
