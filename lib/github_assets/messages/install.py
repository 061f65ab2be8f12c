"""Messages for `errors.install`."""

from __future__ import annotations

from collections.abc import Sequence

from github_assets.errors import GithubAssetsError
from github_assets.errors import install as e
from github_assets.locations import Location
from github_assets.messages.wording import listed, quoted

_ANY_LIMIT = "it exceeds the limit of {}"
_TOO_LARGE = {
    "entries": "it has more than {} entries",
    "bytes": "it unpacks to more than {} bytes",
    "ratio": "it expands to more than {} times its size",
    "headers": "an entry has more than {} bytes of headers",
    "memory": "decompressing it takes more than {} bytes of memory",
}


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    match error:
        case e.ArchiveUnsupported():
            return (
                f"Cannot unpack {error.archive}: {error.format} is not supported.",
                f"Supported: {', '.join(error.alternatives)}. If the release has one of these, set FILE to it.",
            )
        case e.ArchiveEncrypted():
            return f"Cannot unpack {error.archive}: {quoted(error.entry)} is encrypted.", "Set FILE to another asset."
        case e.ArchiveCorrupt():
            return f"Cannot unpack {error.archive}: {error.reason}.", "Report this to the repository's owners."
        case e.ArchiveUnsafe():
            return (
                f"Refused to unpack {error.archive}: {quoted(error.entry)}: {error.reason}.",
                "Nothing was installed from it. Report this to the repository's owners.",
            )
        case e.ArchiveTooLarge():
            return (
                f"Refused to unpack {error.archive}: {_TOO_LARGE.get(error.what, _ANY_LIMIT).format(error.limit)}.",
                "Nothing was installed from it. Select the files you need with path, or another asset with FILE.",
            )
        case e.ArchiveMemberMissing():
            return (
                f"{error.archive} does not contain {quoted(error.wanted)}.",
                _members("It contains", error.available, error.key, error.source) or "It is empty.",
            )
        case e.ArchiveAmbiguous():
            return (
                f"{error.archive} contains several files that could be {quoted(error.target)}.",
                _members("Choose one", error.candidates, "path", error.source),
            )
        case e.ElfCorrupt():
            return f"{error.file} is a corrupt executable: {error.reason}.", "Report this to the repository's owners."
        case e.ForeignExecutable():
            advice = (
                listed("Choose the right asset", [error.instead], "file", error.source)
                if error.instead
                else f"The release has no asset for {error.wanted}."
            )
            return f"{error.file} is an executable for {error.found}, but the image is for {error.wanted}.", advice
        case e.PathConflict():
            return (
                f"Another asset in the same layer already has {error.path}.",
                'Move one of them to a layer of its own: layer = "name".',
            )
    raise TypeError(type(error).__name__)


def _members(intro: str, names: Sequence[str], key: str, source: Location | None) -> str:
    """Return a line for each of an archive's files; a target names one that has no namesake."""
    files = [name.rpartition("/")[2] for name in names]
    if key == "target" and len(set(files)) == len(files):
        return listed(intro, files, "target", source)
    return listed(intro, names, "path", source)
