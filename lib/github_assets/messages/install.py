"""The messages of `errors.install`."""

from __future__ import annotations

from collections.abc import Sequence

from github_assets.errors import GithubAssetsError
from github_assets.errors import install as e
from github_assets.messages.wording import LISTED, listed, quoted

_KEEP_AS_FILE = "set executable = false in its table, as in docs/assets.md"
_REPORT = "Nothing was installed. Report it to the repository's owners."
_NARROW = "Name the files that you need with path, which leaves out the others."


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return what happened, and what to do."""
    if isinstance(error, e.ArchiveError):
        return _explain_archive(error)
    match error:
        case e.NotAProgram():
            advice = f"To install it as a file, {_KEEP_AS_FILE}."
            if error.instead:
                advice = f"For a program, set FILE={error.instead}, or leave FILE out. {advice}"
            return f"{_file(error.file, error.archive)} is not a program: {error.reason}.", advice
        case e.ForeignExecutable():
            other = f"Set FILE={error.instead}, or leave FILE out." if error.instead else "The release has none for it."
            return (
                f"{_file(error.file, error.archive)} is a program for {error.found}; the image is for {error.wanted}.",
                f"{other} To install it as a file all the same, {_KEEP_AS_FILE}.",
            )
        case e.PathConflict():
            return (
                f"{error.path} of the layer is taken by another asset.",
                "Give one of them a layer or a folder of its own.",
            )
    raise TypeError(type(error).__name__)


def _explain_archive(error: e.ArchiveError) -> tuple[str, str]:
    match error:
        case e.ArchiveUnsupported():
            return (
                f"{error.archive} is a {error.format} archive, which can't be unpacked.",
                f"Supported are {', '.join(error.alternatives)}: if the release has one of them, set FILE to it."
                f' To install it as it is, set extract = "none" in its table.',
            )
        case e.ArchiveEncrypted():
            return f"{error.archive} is encrypted: {quoted(error.entry)}.", "Choose another asset: set FILE."
        case e.ArchiveCorrupt():
            where = f" ({quoted(error.entry)})" if error.entry else ""
            return f"{error.archive} can't be unpacked: {error.reason}{where}.", _REPORT
        case e.ArchiveUnsafe():
            return f"{error.archive} is unsafe to unpack: {quoted(error.entry)}: {error.reason}.", _REPORT
        case e.ArchiveEntryInvalid():
            return f"{error.archive} can't be unpacked: {quoted(error.entry)}: {error.reason}.", _NARROW
        case e.ArchiveTooLarge():
            return (
                f"{error.archive} is too large to unpack: more than {error.limit} {error.what}.",
                "Nothing was installed. Choose another asset: set FILE.",
            )
    return _explain_missing(error)


def _explain_missing(error: e.ArchiveError) -> tuple[str, str]:
    match error:
        case e.EntryNotFound():
            wanted = ", ".join(map(quoted, error.patterns))
            return f"{error.archive} has no file that matches path {wanted}.", _entries(error.available)
        case e.NoProgramInArchive():
            return (
                f"{error.archive} holds no program.",
                f'{_entries(error.available)}\nextract = "all" in its table installs the files.',
            )
        case e.ProgramNotFound():
            return (
                f"{error.archive} holds no program {quoted(error.name)}.",
                listed("It has", error.available, "TARGET"),
            )
        case e.ProgramAmbiguous():
            return (
                f"{error.archive} has several programs for {quoted(error.name)}.",
                "\n".join(["Choose one in its table:", *(f"  path = {quoted(each)}" for each in error.candidates)]),
            )
        case e.ArchiveEmpty():
            if error.strip_components and error.deepest:
                return (
                    f"strip_components = {error.strip_components} leaves nothing of {error.archive}:"
                    f" its deepest path is {quoted(error.deepest)}.",
                    f"Set strip_components to {error.deepest.count('/')} or less.",
                )
            return f"{error.archive} holds no file.", "Choose another asset: set FILE."
    raise TypeError(type(error).__name__)


def _file(file: str, archive: str | None) -> str:
    return f"{quoted(file)} in {archive}" if archive else file


def _entries(names: Sequence[str]) -> str:
    """Return some of an archive's entries, a line each."""
    if not names:
        return "It is empty."
    more = ["  …"] if len(names) > LISTED else []
    return "\n".join(["It has:", *(f"  {name}" for name in names[:LISTED]), *more])
