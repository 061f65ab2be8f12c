"""Messages for `errors.install`."""

from __future__ import annotations

from collections.abc import Sequence

from github_assets.errors import GithubAssetsError
from github_assets.errors import install as e
from github_assets.messages.wording import LISTED, listed, named, option, quoted

_NO_FILE = "It has no file that could be installed."
_ANY_LIMIT = "it exceeds the limit of {}"
_TOO_LARGE = {
    "entries": "it has more than {} entries",
    "names": "the names in it have more than {} characters",
    "bytes": "it unpacks to more than {} bytes",
    "ratio": "it expands to more than {} times its size",
    "headers": "it has more than {} bytes of headers",
    "memory": "decompressing it takes more than {} bytes of memory",
    "links": "following its links takes more than {} steps",
}


def explain(error: GithubAssetsError) -> tuple[str, str]:
    """Return the headline and the advice for an error."""
    if isinstance(error, e.ArchiveError):
        return _explain_archive(error)
    match error:
        case e.NotExecutable():
            return (
                f"{_file(error.file, error.archive)} is not an executable: {error.reason}.",
                _lines(
                    listed("Choose another asset", [error.instead] if error.instead else [], "file", error.source),
                    option("install it as a file", "executable", False, error.source),
                ),
            )
        case e.ForeignExecutable():
            file = _file(error.file, error.archive)
            if error.instead:
                advice = listed("Choose the right asset", [error.instead], "file", error.source)
            else:
                advice = f"The release has no asset for {error.wanted}."
            return (
                f"{file} is an executable for {error.found}, but the image is for {error.wanted}.",
                _lines(advice, option("install it as a file all the same", "executable", False, error.source)),
            )
        case e.PathConflict():
            return (
                f"Another asset in the same layer already has {error.path}.",
                option("move this one to a layer of its own", "layer", "github-assets-2", error.source),
            )
    raise TypeError(type(error).__name__)


def _select(error: e.ArchiveError) -> str:
    return f"Select the files you need ({named(error.source, 'path')}): the others are not unpacked then."


def _another(error: e.ArchiveError) -> str:
    return f"Set {named(error.source, 'file')} to another asset."


def _explain_archive(error: e.ArchiveError) -> tuple[str, str]:
    another = _another(error)
    match error:
        case e.ArchiveUnsupported():
            return (
                f"Cannot unpack {error.archive}: {error.format} is not supported.",
                _lines(
                    f"Supported: {', '.join(error.alternatives)}. If the release has one of these, set"
                    f" {named(error.source, 'file')} to it.",
                    option("install it as it is", "extract", "none", error.source),
                ),
            )
        case e.ArchiveEncrypted():
            return f"Cannot unpack {error.archive}: {quoted(error.entry)} is encrypted.", another
        case e.ArchiveCorrupt():
            entry = f"{quoted(error.entry)}: " if error.entry else ""
            return f"Cannot unpack {error.archive}: {entry}{error.reason}.", "Report this to the repository's owners."
        case e.ArchiveUnsafe():
            return f"Refused to unpack {error.archive}: {quoted(error.entry)}: {error.reason}.", _select(error)
        case e.ArchiveEntryInvalid():
            return (
                f"Cannot unpack {error.archive}: {quoted(error.entry)}: {error.reason}.",
                _select(error),
            )
        case e.ArchiveTooLarge():
            return (
                f"Refused to unpack {error.archive}: {_TOO_LARGE.get(error.what, _ANY_LIMIT).format(error.limit)}.",
                f"Nothing was installed from it. {another}",
            )
    return _explain_missing(error)


def _explain_missing(error: e.ArchiveError) -> tuple[str, str]:
    match error:
        case e.EntryNotFound():
            wanted = ", ".join(map(quoted, error.patterns))
            return (
                f"{error.archive} does not contain {wanted}.",
                listed("It contains", error.available, "path", error.source) or _NO_FILE,
            )
        case e.NoProgramInArchive():
            return (
                f"{error.archive} does not contain an executable.",
                _lines(_entries(error.available), option("install its files", "extract", "all", error.source)),
            )
        case e.ProgramNotFound():
            return (
                f"{error.archive} does not contain an executable {quoted(error.name)}.",
                listed("It contains", error.available, "target", error.source),
            )
        case e.ProgramAmbiguous():
            return (
                f"{error.archive} contains several files that could be {quoted(error.name)}.",
                listed("Choose one", error.candidates, "path", error.source),
            )
        case e.ArchiveEmpty():
            if error.strip_components and error.deepest:
                return (
                    f"strip_components = {error.strip_components} leaves nothing of {error.archive}:"
                    f" its deepest path is {quoted(error.deepest)}.",
                    f"Set {named(error.source, 'strip_components')} to {error.deepest.count('/')} or less.",
                )
            return f"{error.archive} does not contain a file.", _another(error)
    raise TypeError(type(error).__name__)


def _file(file: str, archive: str | None) -> str:
    return f"{quoted(file)} in {archive}" if archive else file


def _entries(names: Sequence[str]) -> str:
    """Return some of an archive's entries, a line each."""
    if not names:
        return _NO_FILE
    more = ["  …"] if len(names) > LISTED else []
    return "\n".join(["It contains:", *(f"  {name}" for name in names[:LISTED]), *more])


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)
