"""The messages of `errors.transfer`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import transfer as e
from github_assets.messages.wording import TOKEN_HINT, quoted


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.SizeMismatch():
            return (
                f"{error.host} sent {error.received} bytes of {error.name}, which has {error.expected}.",
                "Build again; if it stays so, a proxy on the way changes the file.",
            )
        case e.DigestMismatch():
            return (
                f"{error.host} sent other bytes for {error.name} than {error.verified_by} says.\n"
                f"  expected {error.expected}\n  received {error.received}",
                "Nothing was installed. Build again; if it stays so, report it to the repository's owners.",
            )
        case e.AssetChanged():
            return (
                f"{error.host} has another version of {error.name} than a moment ago.",
                "Build again: the asset is being replaced, or a proxy on the way changes it.",
            )
        case e.RangeMismatch():
            return (
                f"{error.host} sent {quoted(error.sent)} of {error.name} where {quoted(error.asked)} was asked for.",
                "Build again; if it stays so, a proxy on the way is at fault.",
            )
        case e.StorageRefused():
            return (
                f"{error.host}, GitHub's storage, refuses {error.name} ({error.status}).",
                "The API and the token are not at fault: build again later, and check the proxy and the clock.",
            )
        case e.PageInsteadOfAsset():
            return (
                f"{error.host} sent a web page instead of {error.name}.",
                f"A proxy's or a login's page: check the proxy; if the repository is private, {TOKEN_HINT}.",
            )
        case e.NotOnMirror():
            return (
                f"{error.url} does not exist, or may not be read.",
                f"{error.setting} says that the asset is there: put it there, or correct {error.setting}.",
            )
        case e.FolderNotMirror():
            return (
                f"{error.setting} names the folder {quoted(error.folder)}, which no variable may take assets from.",
                "Mount the mirror as a volume of its own, with assets at owner/name/releases/download/TAG/ASSET and no"
                " links out of it, or name the folder in a binding of type dependency-mirror.",
            )
        case e.FolderNeedsDigest():
            return (
                f"{error.setting} is a folder, and the digest of {error.name} is not known.",
                "Files of the build are taken for assets by their digests alone: set the asset's sha256, or write a"
                " lock file (github-assets lock).",
            )
    raise TypeError(type(error).__name__)
