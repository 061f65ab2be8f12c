"""What the user should know of an asset that is installed all the same."""

from __future__ import annotations

from typing import NamedTuple

from github_assets.messages.wording import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from github_assets.locations import Location


class EntrySkipped(NamedTuple):
    """An entry of an archive that was asked for, and is not installed."""

    entry: str
    reason: str


class NotAnArchive(NamedTuple):
    """Something is to be taken from an archive, and the asset is none."""


class TrailingDataIgnored(NamedTuple):
    """Something other than compressed data follows the compressed data of an archive."""


class UncheckedExecutable(NamedTuple):
    """A program that may or may not start; `file` is relative to the layer."""

    file: str
    reason: str


class ShellRequired(NamedTuple):
    """An Actually Portable Executable, which the kernel does not start, but a shell does."""

    file: str


class LibrariesNotInstalled(NamedTuple):
    """Shared libraries that a program needs and that its archive has, but that were not asked for."""

    file: str
    libraries: tuple[str, ...]


class ProgramsNotLinked(NamedTuple):
    """Programs of a tree that have no link in `bin`: they have one name, or it is taken."""

    name: str
    entries: tuple[str, ...]


class NoProgramForPlatform(NamedTuple):
    """A tree with programs, all of them for another platform, such as `entry`."""

    entry: str
    platform: str


Notice = (
    EntrySkipped
    | NotAnArchive
    | TrailingDataIgnored
    | UncheckedExecutable
    | ShellRequired
    | LibrariesNotInstalled
    | ProgramsNotLinked
    | NoProgramForPlatform
)


def describe(notice: Notice, source: Location) -> str:
    """Return a notice as a sentence, about an asset that is configured at `source`."""
    match notice:
        case EntrySkipped():
            return f"Skipped {quoted(notice.entry)}: {notice.reason}."
        case NotAnArchive():
            return "The asset is not an archive: path and strip_components have no effect."
        case TrailingDataIgnored():
            return "Ignored the data that follows the compressed data of the archive."
        case UncheckedExecutable():
            return f"{notice.file} may not start: {notice.reason}."
        case ShellRequired():
            return f"{notice.file} is an Actually Portable Executable: Linux starts it only through a shell, with sh."
        case LibrariesNotInstalled():
            libraries = ", ".join(map(quoted, notice.libraries))
            return (
                f"{notice.file} needs {libraries} from its archive. To keep them: {source.assignment('extract', 'all')}"
            )
        case ProgramsNotLinked():
            entries = ", ".join(map(quoted, notice.entries))
            return f"Did not link {entries} to bin/: the name {quoted(notice.name)} is taken, or not valid."
        case NoProgramForPlatform():
            return (
                f"No executable in the archive is for this platform: {quoted(notice.entry)} is for {notice.platform}."
            )
