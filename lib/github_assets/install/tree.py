"""All of an archive, or what was asked for of it, in its directories (`extract = "all"`)."""

from __future__ import annotations

import os
from functools import partial

from github_assets.errors.install import ArchiveEntryInvalid, ArchiveUnsafe
from github_assets.install import formats, names
from github_assets.install.entries import DIRECTORY, FILE, HARDLINK, OTHER, SYMLINK, Entry
from github_assets.install.executables import inspect
from github_assets.install.links import HardLinks, Links
from github_assets.install.notices import EntrySkipped, Notice
from github_assets.install.program_choice import Candidate
from github_assets.install.programs import read_head, with_head
from github_assets.install.writer import FILE_MODE, PROGRAM_MODE, Writer, create_link, make_folders, remove

OF_THE_LIFECYCLE = frozenset(("env", "env.build", "env.launch", "exec.d", "profile.d"))
"""Names in a layer that set variables for all processes, or that a launcher runs (Buildpack spec, "Layer Types")."""


class Tree:
    """Writes entries as GNU tar extracts them, but symbolic links at the end: until then none can be followed."""

    def __init__(
        self, root: str, writer: Writer, strip_components: int, notices: list[Notice], *, is_layer: bool
    ) -> None:
        """Take the directory of the tree, which is that of the layer or one in it."""
        self._root, self._writer, self._strip_components, self._notices = root, writer, strip_components, notices
        self._is_layer = is_layer
        self._programs: dict[str, bool | None] = {}
        """Paths of files that look like programs, and whether the archive has them as executable."""
        self._files: set[str] = set()
        self._links = Links()
        self._paths: dict[str, str] = {}
        """Names of files and links in the archive, and where they are in the tree."""
        self._hard_links = HardLinks()
        self._unread: set[str] = set()
        self._refused: set[str] = set()
        """Names of OF_THE_LIFECYCLE that the archive has."""
        self._missing: dict[str, str] = {}
        """Names of files that were not asked for, and the first hard link to each that was."""

    def add(self, name: str, entry: Entry) -> None:
        """Write an entry that was asked for; a later one of the same name replaces it.

        Raises ArchiveEntryInvalid, ArchiveUnsafe, OSError.
        """
        names.check_name(name)
        path = self._path(name)
        if path is None:
            raise ArchiveUnsafe(entry=name, reason="its directory is a link that leads out of the layer")
        if entry.kind == OTHER:
            self._notices.append(EntrySkipped(name, "it is a device, a pipe or part of a file"))
            return
        top = path.partition("/")[0]
        if self._is_layer and top in OF_THE_LIFECYCLE:
            if top not in self._refused:
                self._refused.add(top)
                self._notices.append(EntrySkipped(top, "a launcher would run it, or set variables from it"))
            self.skip(name, entry)
            return
        self._hard_links.pop(name, None)
        if entry.kind == HARDLINK:
            self._add_hard_link(name, path, entry)
            return
        if entry.kind == DIRECTORY:
            self._forget(path, folder_too=False)
            make_folders(self._root, path)
            return
        self._forget(path)
        self._paths[name] = path
        if entry.kind == SYMLINK:
            _check_link(name, entry.link_target)
            self._links[path] = entry.link_target
        else:
            self._write(path, entry)

    def skip(self, name: str, entry: Entry) -> None:
        """Take note of an entry that was not asked for: a hard link that was may be to it."""
        if entry.kind == FILE:
            self._unread.add(name)
        elif entry.kind == HARDLINK:
            self._hard_links[name] = names.relative(entry.link_target)

    def missing(self) -> set[str]:
        """Return the names of files that were not asked for, but that hard links are to that were."""
        for link in self._deferred():
            original = self._hard_links.original(link)
            if original in self._unread:
                self._missing.setdefault(original, link)
        return set(self._missing)

    def add_missing(self, name: str, entry: Entry) -> None:
        """Write the content of hard links at the first of them."""
        self._paths[name] = self._paths[self._missing[name]]
        self._write(self._paths[name], entry)

    def finish(self) -> int:
        """Create the links, and return how many files there are. Raises ArchiveEntryInvalid, ArchiveUnsafe, OSError."""
        for name in self._deferred():
            path, source = self._paths[name], self._paths.get(self._hard_links.original(name))
            if path in self._files or path in self._links:
                continue
            if source is None or (source not in self._links and source not in self._files):
                raise ArchiveEntryInvalid(entry=name, reason="it is a hard link to a file that is not in the archive")
            self._link(source, path)
        for path in self._links:
            if self._links.resolve(path) is None:
                raise ArchiveUnsafe(entry=path, reason="it is a link that leads out of the layer, or to itself")
        for path, target in self._links.items():
            create_link(self._root, path, partial(os.symlink, target))
        return len(self._files)

    def candidates(self) -> list[Candidate]:
        """Return the programs, links to them too; their entries are paths in the tree."""
        found = []
        for path in [*self._programs, *self._links]:
            file = self._links.resolve(path)
            if file not in self._programs:
                continue
            inspected = inspect(os.path.join(self._root, file))
            if not inspected.not_a_program:
                found.append(Candidate(path, os.path.join(self._root, file), self._programs[file], inspected))
        return found

    def _path(self, name: str) -> str | None:
        """Return where an entry is in the tree: its directory may be a link. None: out of it."""
        return self._links.resolve_folder(names.strip_components(name, self._strip_components) or "")

    def _deferred(self) -> list[str]:
        """Return the names of the hard links that are to be created at the end."""
        return [name for name in self._hard_links if name in self._paths]

    def _add_hard_link(self, name: str, path: str, entry: Entry) -> None:
        target = names.relative(entry.link_target)
        source = self._paths.get(target, self._path(target))
        if source == path:
            return
        self._forget(path)
        self._paths[name] = path
        if source in self._links or source in self._files:
            self._link(str(source), path)
        else:
            self._hard_links[name] = target

    def _link(self, source: str, path: str) -> None:
        """Let a path be what another one is, a link or a file."""
        if source in self._links:
            self._links[path] = self._links[source]
            return
        create_link(self._root, path, partial(os.link, f"{self._root}/{source}", follow_symlinks=False))
        self._files.add(path)
        if source in self._programs:
            self._programs[path] = self._programs[source]

    def _write(self, path: str, entry: Entry) -> None:
        head = read_head(entry.chunks)
        looks_like_program = formats.sniff_program(head) in (formats.ELF, formats.SCRIPT, formats.APE)
        mode = PROGRAM_MODE if looks_like_program or entry.executable else FILE_MODE
        self._writer.create(path, mode, with_head(head, entry.chunks))
        self._files.add(path)
        if looks_like_program:
            self._programs[path] = entry.executable

    def _forget(self, path: str, *, folder_too: bool = True) -> None:
        """Remove what is at a path, but a directory with something in it."""
        self._links.pop(path, None)
        self._programs.pop(path, None)
        if path in self._files or folder_too:
            self._files.discard(path)
            remove(self._root, path)


def _check_link(name: str, target: str) -> None:
    if not target or "\0" in target or len(os.fsencode(target)) > names.MAX_NAME:
        raise ArchiveEntryInvalid(entry=name, reason="its link target is invalid")
