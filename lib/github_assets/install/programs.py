"""The programs of an archive (`extract = "executables"`), and nothing else of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from github_assets.errors.install import (
    ArchiveCorrupt,
    ArchiveEncrypted,
    ArchiveError,
    ArchiveUnsupported,
)
from github_assets.install import formats
from github_assets.install.entries import FILE, HARDLINK, SYMLINK, Entry
from github_assets.install.executables import inspect
from github_assets.install.links import MAX_HOPS, HardLinks, Links
from github_assets.install.names import climbs, relative
from github_assets.install.program_choice import Candidate
from github_assets.install.writer import FILE_MODE, PROGRAM_MODE, Writer


class Programs:
    """Writes what looks like a program under a number, and remembers by which names, links too, the archive has it.

    With `every_file` all files count, whatever they are.
    """

    def __init__(self, folder: str, writer: Writer, *, every_file: bool = False) -> None:
        self._folder, self._writer, self._every_file = folder, writer, every_file
        self._wanted: dict[str, bool | None] = {}
        """Names of files and links that may be installed, and whether the archive has them as executable."""
        self._files: dict[str, str] = {}
        """Names of written files, and their numbers."""
        self._links, self._hard_links = Links(), HardLinks()
        self._unread: set[str] = set()
        """Names of files that were not asked for."""
        self._written = 0
        self.foreign: dict[str, str] = {}
        """Names of programs for Windows and macOS, and which of both."""
        self.refused: dict[str, str] = {}
        """Names of what looks like a program, and why it is none."""
        self.unreadable: dict[str, ArchiveError] = {}
        """Names of files whose content can't be read, and why."""
        self.libraries: set[str] = set()
        """File names of shared libraries."""

    def add(self, name: str, entry: Entry) -> None:
        """Take an entry that was asked for; a later one of the same name replaces it."""
        self._replace(name, entry)
        self._wanted[name] = entry.executable
        if entry.kind == FILE and not climbs(name):
            try:
                self._add_file(name, entry)
            except (ArchiveCorrupt, ArchiveEncrypted, ArchiveUnsupported) as error:
                if not entry.independent:
                    raise
                self.unreadable[name] = error

    def skip(self, name: str, entry: Entry) -> None:
        """Take note of an entry that was not asked for: a link that was may lead to it."""
        self._replace(name, entry)
        if entry.kind == FILE:
            self._unread.add(name)

    def missing(self) -> set[str]:
        """Return the names of files that were not asked for, but that links lead to that were."""
        return {name for name in map(self._original, self._wanted) if name in self._unread}

    def add_missing(self, name: str, entry: Entry) -> None:
        """Take a file that a link leads to."""
        self._add_file(name, entry)

    def candidates(self) -> list[Candidate]:
        """Return the programs that were asked for."""
        found = []
        for name, executable in self._wanted.items():
            number = self._files.get(self._original(name))
            if number is None:
                continue
            path = os.path.join(self._folder, number)
            inspected = inspect(path)
            if self._every_file or not inspected.not_a_program:
                found.append(Candidate(name, path, executable, inspected))
                continue
            self.refused[name] = inspected.not_a_program
            if inspected.kind == formats.ELF:
                self.libraries.add(os.path.basename(name))
        return found

    def _replace(self, name: str, entry: Entry) -> None:
        """Forget what had this name before, and remember where a link leads."""
        target = relative(entry.link_target)
        if entry.kind == HARDLINK and target == name:
            return
        for known in (self._wanted, self._files, self._links, self._hard_links, self.foreign, self.unreadable):
            known.pop(name, None)
        self._unread.discard(name)
        if entry.kind == SYMLINK:
            self._links[name] = entry.link_target
        elif entry.kind == HARDLINK and target in self._links:
            self._links[name] = self._links[target]
        elif entry.kind == HARDLINK and target in self._files:
            self._files[name] = self._files[target]
        elif entry.kind == HARDLINK:
            self._hard_links[name] = target

    def _add_file(self, name: str, entry: Entry) -> None:
        head = read_head(entry.chunks)
        format_ = formats.sniff_program(head)
        if format_ in (formats.WINDOWS, formats.MACOS):
            self.foreign[name] = format_
        if self._every_file or format_ in (formats.ELF, formats.SCRIPT, formats.APE):
            number = str(self._written)
            self._written += 1
            self._writer.create(number, FILE_MODE if self._every_file else PROGRAM_MODE, with_head(head, entry.chunks))
            self._files[name] = number

    def _original(self, name: str) -> str:
        """Return the name of the file, or of nothing, that a link leads to in the end."""
        for _ in range(MAX_HOPS):
            name = self._hard_links.original(name)
            resolved = self._links.resolve(name)
            if resolved is None or resolved == name:
                break
            name = resolved
        return name


def read_head(chunks: Iterator[bytes | memoryview]) -> bytes | memoryview:
    """Return the first chunk, or more, long enough to tell a program by it."""
    head = next(chunks, b"")
    while len(head) < formats.PROGRAM_HEAD and (chunk := next(chunks, b"")):
        head = bytes(head) + chunk
    return head


def with_head(head: bytes | memoryview, chunks: Iterator[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    """Yield the chunks with the first one again."""
    yield head
    yield from chunks
