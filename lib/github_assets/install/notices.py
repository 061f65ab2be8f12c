"""What the user should know of an asset that is installed all the same."""

from __future__ import annotations

from typing import NamedTuple


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
