"""Archives and programs that cannot be installed."""

from __future__ import annotations

from github_assets.errors import GithubAssetsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class ArchiveError(GithubAssetsError):
    """An archive that cannot be unpacked; `archive` is the asset's name, which `install.archives.unpack` fills in."""

    archive: str = ""


class ArchiveUnsupported(ArchiveError):
    """A format that nothing here reads; `alternatives` are those that can be unpacked."""

    format: str
    alternatives: Sequence[str]


class ArchiveCorrupt(ArchiveError):
    """Cut short, garbled, or not what its headers say."""

    reason: str


class ArchiveEncrypted(ArchiveError):
    """An entry that only a password opens."""

    entry: str


class ArchiveUnsafe(ArchiveError):
    """An entry that has no business in a release: it would leave the folder, or hide, replace or be something else."""

    entry: str
    reason: str


class ArchiveTooLarge(ArchiveError):
    """More than is ever unpacked; `what` is `entries`, `bytes`, `ratio`, `headers` (bytes) or `memory` (bytes)."""

    what: str
    limit: int


class ArchiveMemberMissing(ArchiveError):
    """Nothing in it is what was asked for; `available` holds some of what is there, `key` says what named it."""

    wanted: str
    available: Sequence[str]
    key: str = "target"


class ArchiveAmbiguous(ArchiveError):
    """Several executables are equally good for one name."""

    target: str
    candidates: Sequence[str]


class ElfCorrupt(GithubAssetsError):
    """A file that says that it is an ELF program, and is cut short or garbled."""

    file: str
    reason: str


class ForeignExecutable(GithubAssetsError):
    """A program for another platform; `found` and `wanted` are `os/arch`, or `windows` or `macos` alone.

    `instead` is the release's asset for the wanted platform, where there is one.
    """

    file: str
    found: str
    wanted: str
    instead: str | None = None


class PathConflict(GithubAssetsError):
    """Something else is where a file has to go; `path` is relative to the layer."""

    path: str
