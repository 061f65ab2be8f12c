"""Archives and programs that cannot be installed."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class ArchiveError(GithubAssetsError):
    """An archive that cannot be unpacked; `archive` is the asset's name, which `install.asset` fills in."""

    archive: str = ""


class ArchiveUnsupported(ArchiveError):
    """A format that nothing here reads; `alternatives` are those that can be unpacked."""

    format: str
    alternatives: Sequence[str] = ()


class ArchiveCorrupt(ArchiveError):
    """Truncated, damaged, or not what its headers say; `entry` is where, if it is one entry."""

    reason: str
    entry: str | None = None


class ArchiveEncrypted(ArchiveError):
    """An entry that only a password opens."""

    entry: str


class ArchiveUnsafe(ArchiveError):
    """A link that would lead out of the layer, or to itself."""

    entry: str
    reason: str


class ArchiveEntryInvalid(ArchiveError):
    """An entry that was asked for and that no file can be made of."""

    entry: str
    reason: str


class ArchiveTooLarge(ArchiveError):
    """More than is ever unpacked.

    `what` there are more of than `limit`: `entries`, `names` (characters), `bytes`, `ratio`, `headers` (bytes),
    `memory` (bytes) or `links` (steps along them).
    """

    what: str
    limit: int


class EntryNotFound(ArchiveError):
    """No entry is one that `patterns` name; `available` holds some of those that are there."""

    patterns: Sequence[str]
    available: Sequence[str]


class NoProgramInArchive(ArchiveError):
    """Nothing in it can be executed; `available` holds some of the entries that are there."""

    available: Sequence[str]


class ProgramNotFound(ArchiveError):
    """No program in it has this name; `available` holds the names of those that are there."""

    name: str
    available: Sequence[str]


class ProgramAmbiguous(ArchiveError):
    """Several programs, `candidates`, are equally good for one name."""

    name: str
    candidates: Sequence[str]


class ArchiveEmpty(ArchiveError):
    """No file is left of it; `deepest` is the path with the most directories of those that were asked for."""

    strip_components: int
    deepest: str | None


class NotExecutable(GithubAssetsError):
    """A file that Linux can't execute, and of which nobody said that it need not.

    `archive` is the asset that `file` is in, where it is in one.
    """

    file: str
    reason: str
    archive: str | None = None
    instead: str | None = None


class ForeignExecutable(GithubAssetsError):
    """A program for another platform; `found` and `wanted` are `os/arch`, or `windows` or `macos` alone.

    `archive` is the asset that `file` is in, where it is in one; `instead` the release's asset for the wanted platform,
    where there is one.
    """

    file: str
    found: str
    wanted: str
    archive: str | None = None
    instead: str | None = None


class PathConflict(GithubAssetsError):
    """Something else is where a file has to go; `path` is relative to the layer."""

    path: str
