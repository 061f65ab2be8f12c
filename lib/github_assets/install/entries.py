"""An archive's entries, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

FILE, DIRECTORY, SYMLINK, HARDLINK, OTHER = "file", "directory", "symlink", "hard link", "other"


class Entry(NamedTuple):
    """What an archive says of one of its entries, unchecked."""

    name: str
    kind: str
    """FILE, DIRECTORY, SYMLINK, HARDLINK; OTHER: a device, a pipe, half a file."""
    executable: bool | None = None
    """Whether its mode has an x bit; None where the archive has no modes."""
    link_target: str = ""
    chunks: Iterator[bytes | memoryview] = iter(())
    """A file's content, which is read before the next entry is asked for, or never."""
    independent: bool = False
    """Whether the entries after it can be read where its content is damaged."""
