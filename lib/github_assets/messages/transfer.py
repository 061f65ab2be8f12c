"""Messages for `errors.transfer`."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError
from github_assets.errors import transfer as e
from github_assets.messages.wording import TOKEN_HINT, fact, quoted


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    match error:
        case e.SizeMismatch():
            return (
                f"{error.host} sent {error.received} bytes of {error.name}, expected {error.expected}.",
                "Build again. If it keeps happening, a proxy may be altering the file.",
            )
        case e.DigestMismatch():
            return (
                f"Digest mismatch for {error.name} from {error.host} ({error.verified_by}).\n"
                f"{fact('expected', error.expected)}\n{fact('received', error.received)}",
                "Nothing was installed. The asset may have been replaced since its digest was recorded, or a proxy or"
                " mirror changes it; if neither is true, report it to the repository's owners.",
            )
        case e.AssetChanged():
            return (
                f"{error.name} changed on {error.host} during the download.",
                "Build again: the asset is being replaced, or a proxy is altering it.",
            )
        case e.RangeMismatch():
            return (
                f"{error.host} sent {quoted(error.sent)} of {error.name} instead of {quoted(error.asked)}.",
                "Build again. If it keeps happening, check the proxy.",
            )
        case e.StorageRefused():
            return (
                f"GitHub's storage at {error.host} refused {error.name} ({error.status}).",
                "The API and the token are fine. Check the proxy and the clock, or build again later.",
            )
        case e.PageInsteadOfAsset():
            return (
                f"{error.host} sent a web page instead of {error.name}.",
                f"It may be a login page. Check the proxy; if the repository is private, {TOKEN_HINT}.",
            )
        case e.NotOnMirror():
            return (
                f"{error.url} does not exist or cannot be read.",
                f"{error.setting} points there. Upload the asset to the mirror, or correct {error.setting}.",
            )
        case e.FolderNotMirror():
            return (
                f"{error.setting} must not use the directory {quoted(error.folder)} as a mirror.",
                "Mount the mirror as a volume of its own, with assets at owner/name/releases/download/TAG/ASSET and no"
                " links to other directories, or name the directory in a binding of type dependency-mirror.",
            )
        case e.FolderNeedsDigest():
            return (
                f"{error.setting} is a directory, but the digest of {error.name} is not known.",
                "A local file is only accepted if its digest matches. Set the asset's sha256, or write a lock file with"
                " github-assets lock.",
            )
    raise TypeError(type(error).__name__)
