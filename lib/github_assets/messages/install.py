"""The messages of `errors.install`."""

from __future__ import annotations

from collections.abc import Sequence

from github_assets.errors import GithubAssetsError
from github_assets.errors import install as e
from github_assets.locations import Location
from github_assets.messages.wording import listed, quoted


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    match error:
        case e.ArchiveUnsupported():
            return (
                f"{error.archive} is a {error.format} archive, which can't be unpacked.",
                f"What can: {', '.join(error.alternatives)}. If the release has one of them, set FILE to it.",
            )
        case e.ArchiveEncrypted():
            return f"{error.archive} is encrypted: {quoted(error.entry)}.", "Choose another asset: set FILE."
        case e.ArchiveCorrupt():
            return f"{error.archive} can't be unpacked: {error.reason}.", "Report it to the repository's owners."
        case e.ArchiveUnsafe():
            return (
                f"{error.archive} is not safe to unpack: {quoted(error.entry)}, {error.reason}.",
                "Nothing of it was installed. Report it to the repository's owners.",
            )
        case e.ArchiveTooLarge():
            return (
                f"{error.archive} unpacks to too much: {error.what}, more than {error.limit}.",
                "Nothing of it was installed. Choose what is needed with path, or another asset with FILE.",
            )
        case e.ArchiveMemberMissing():
            return (
                f"{error.archive} has no {quoted(error.wanted)}.",
                _members("It has", error.available, error.key, error.source) or "It is empty.",
            )
        case e.ArchiveAmbiguous():
            return (
                f"{error.archive} has several {quoted(error.target)}.",
                _members("Choose one of them", error.candidates, "path", error.source),
            )
        case e.ElfCorrupt():
            return f"{error.file} is a damaged program: {error.reason}.", "Report it to the repository's owners."
        case e.ForeignExecutable():
            advice = (
                listed("The release has", [error.instead], "file", error.source)
                if error.instead
                else "The release has none for it."
            )
            return f"{error.file} is a program for {error.found}; the image is for {error.wanted}.", advice
        case e.PathConflict():
            return (
                f"{error.path} of the layer is taken by another asset.",
                "Give one of them a layer or a folder of its own.",
            )
    raise TypeError(type(error).__name__)


def _members(intro: str, names: Sequence[str], key: str, source: Location | None) -> str:
    """Return a line for each of an archive's files; a target names one that has no namesake."""
    files = [name.rpartition("/")[2] for name in names]
    if key == "target" and len(set(files)) == len(files):
        return listed(intro, files, "target", source)
    return listed(intro, names, "path", source)
