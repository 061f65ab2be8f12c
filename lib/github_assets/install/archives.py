"""Unpacks a release's archive into a directory of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from github_assets.config.names import valid_file_name
from github_assets.config.request import ALL, BIN, EXECUTABLES
from github_assets.errors.install import (
    ArchiveCorrupt,
    ArchiveEmpty,
    ArchiveEntryInvalid,
    ArchiveUnsupported,
    EntryNotFound,
    ForeignExecutable,
    NoProgramInArchive,
    NotExecutable,
    ProgramAmbiguous,
)
from github_assets.install import formats, names
from github_assets.install.entries import DIRECTORY, FILE, Entry
from github_assets.install.executables import Executable, platform_of, runs_on
from github_assets.install.limits import Limits, Quota
from github_assets.install.notices import (
    EntrySkipped,
    LibrariesNotInstalled,
    NoProgramForPlatform,
    Notice,
    ProgramsNotLinked,
    TrailingDataIgnored,
)
from github_assets.install.program_choice import (
    Candidate,
    by_name,
    choose_program,
    choose_programs,
    entries_of,
    for_platform,
)
from github_assets.install.programs import Programs
from github_assets.install.streams import Decompression, ForwardReader, read_chunks
from github_assets.install.tar_archive import read_tar
from github_assets.install.tree import Tree
from github_assets.install.writer import DIRECTORY_MODE, Writer, make_folders
from github_assets.install.zip_archive import read_zip
from github_assets.platforms import Platform

_MAX_LISTED = 20
_JAVA_MANIFEST = "META-INF/MANIFEST.MF"


class Unpacking(NamedTuple):
    """How an archive is unpacked."""

    archive: str
    """The asset's name: what a bare `.gz` holds is called so, without the ending."""
    platform: Platform
    """Of programs for several platforms, those for this one count."""
    target: str | None = None
    """The one program that is wanted, and the name that it gets."""
    path: Sequence[str] = ()
    """Globs of what is kept (`names.matcher`); empty: everything."""
    strip_components: int = 0
    """How many leading directories names lose; an entry with no more parts than that is left out."""
    extract: str = EXECUTABLES
    """EXECUTABLES: the chosen programs, each in `folder`. ALL: every kept entry, with its directories."""
    executable: bool = True
    """False: what is kept are files, whatever they are; with EXECUTABLES too, each goes to `folder`."""
    folder: str | None = None
    """Where below the destination it goes; None: `bin` for programs, the destination itself for a tree."""
    plain_name: Callable[[str], str] = str
    """Takes version, platform and endings off a program's name: `selection.asset_choice.default_target`."""
    limits: Limits = Limits()


class UnpackedProgram(NamedTuple):
    """A program that was unpacked."""

    path: str
    """Where it is, relative to the destination. A link where the archive has one file under two names, and, of a tree,
    where the program is not in `bin` itself."""
    entry: str
    """Its name in the archive; of a tree, without stripped components."""
    executable: Executable


class Unpacked(NamedTuple):
    """What came of an archive: programs, sorted by path, and what the user should know."""

    programs: list[UnpackedProgram]
    notices: list[Notice]


def unpack(archive: str, destination: str, options: Unpacking) -> Unpacked:
    """Unpack the archive at a path into `destination`, a directory that does not exist yet.

    With EXECUTABLES an archive without a program is an error, and only what is chosen is judged: any other entry may be
    as it likes. With ALL, entries are extracted as GNU tar extracts them, but that there are no devices, and that what
    tar refuses or what leads out of `destination` is an error. The programs that `choose_programs` takes are returned,
    and those that are not in `bin` get a link there; there may be none.

    What is promised:
    * Nothing is written outside `destination` and `destination` + ".files", whatever the archive says. All files are
      created, none is opened; links come last, when it is known where all of them lead. A failure leaves nothing.
    * Modes are 0755 (directories, what is marked executable, ELF files, scripts) or 0644, whatever the umask; owners,
      times, setuid, setgid, sticky bits, attributes and ACLs are left out.
    * Memory: the decoder's window (8 MiB for most, 64 for `xz -9`, 128 for `zstd --ultra -22`), names, and some 10 MiB.

    Raises ArchiveError in its kinds, NotExecutable, ForeignExecutable where all programs in it are for other platforms,
    FileExistsError where `destination` exists, OSError where the disk is full.
    """
    os.mkdir(destination)
    scratch = f"{destination}.files"
    try:
        os.chmod(destination, DIRECTORY_MODE)
        if options.extract == ALL:
            return _unpack_tree(archive, destination, options)
        os.mkdir(scratch)
        return _unpack_programs(archive, destination, scratch, options)
    except BaseException:
        shutil.rmtree(destination, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


class _Extraction:
    """An archive that is being read, once, or twice where links lead to files that were not asked for."""

    def __init__(self, archive: str, options: Unpacking) -> None:
        self._archive, self._options = archive, options
        self._matches = names.matcher(options.path)
        self.notices: list[Notice] = []
        self.listed: list[str] = []
        """The first entries, for messages."""
        self._deepest: str | None = None
        """The path with the most directories of what was asked for."""
        self._has_manifest = self._has_classes = False

    def read_into(self, target: Programs | Tree) -> None:
        """Let a target take the entries that are asked for. Raises EntryNotFound where there are none."""
        any_wanted = False
        for name, entry in self._entries(Quota(self._options.limits), self.notices):
            if entry.kind != DIRECTORY and len(self.listed) < _MAX_LISTED and not names.climbs(name):
                self.listed.append(name)
            self._has_manifest = self._has_manifest or name == _JAVA_MANIFEST
            self._has_classes = self._has_classes or name.endswith(".class")
            wanted = self._matches(name)
            any_wanted = any_wanted or wanted
            if wanted and entry.kind != DIRECTORY:
                self._deepest = max(self._deepest or name, name, key=_number_of_parts)
            if wanted and names.strip_components(name, self._options.strip_components):
                target.add(name, entry)
            else:
                target.skip(name, entry)
        if self._options.path and not any_wanted:
            raise EntryNotFound(patterns=self._options.path, available=self.listed)
        missing = target.missing()
        if missing:
            for name, entry in self._entries(Quota(self._options.limits), []):
                if name in missing and entry.kind == FILE:
                    target.add_missing(name, entry)

    def is_java_archive(self, *, without_programs: bool) -> bool:
        """Tell whether the archive is run as it is. A manifest alone does not tell: Java's tools add it to any zip."""
        return self._has_manifest and (self._has_classes or without_programs)

    def empty(self) -> ArchiveEmpty:
        """Return the error for an archive of which no file is left."""
        return ArchiveEmpty(strip_components=self._options.strip_components, deepest=self._deepest)

    def stripped_everything(self) -> bool:
        """Tell whether all that was asked for was left out for having too few directories."""
        return self._deepest is None or _number_of_parts(self._deepest) <= self._options.strip_components

    def _entries(self, quota: Quota, notices: list[Notice]) -> Iterator[tuple[str, Entry]]:
        """Yield the entries with their names as paths below a directory."""
        with open(self._archive, "rb") as file:
            for entry in self._read(file, quota, notices):
                quota.count_entry(entry.name, entry.link_target)
                name = names.relative(entry.name)
                if name:
                    yield name, entry

    def _read(self, file: BinaryIO, quota: Quota, notices: list[Notice]) -> Iterator[Entry]:
        """Tell by its first bytes what the archive is, and yield its entries."""
        head = file.read(formats.HEAD)
        file.seek(0)
        format_ = formats.sniff(head)
        if format_ == formats.ZIP:
            yield from read_zip(file, quota)
        elif format_ == formats.TAR:
            yield from read_tar(ForwardReader(read_chunks(file, quota)), quota)
        elif format_ in formats.COMPRESSIONS:
            decompression = Decompression(file, format_, quota)
            stream = ForwardReader(iter(decompression))
            if formats.is_tar(stream.peek(formats.HEAD)):
                yield from read_tar(stream, quota)
            else:
                yield Entry(self._name_of_compressed_file(), FILE, chunks=stream.read_to_end())
            if decompression.ignored_trailing_data:
                notices.append(TrailingDataIgnored())
        elif not head:
            raise ArchiveCorrupt(reason="it is empty")
        else:
            raise ArchiveUnsupported(format=format_, alternatives=formats.UNPACKABLE)

    def _name_of_compressed_file(self) -> str:
        archive = self._options.archive
        stem, dot, ending = archive.rpartition(".")
        return stem if dot and ending.lower() in formats.COMPRESSIONS else archive


def _unpack_programs(archive: str, destination: str, scratch: str, options: Unpacking) -> Unpacked:
    extraction = _Extraction(archive, options)
    with Writer(scratch) as writer:
        programs = Programs(scratch, writer, every_file=not options.executable)
        extraction.read_into(programs)
    candidates = programs.candidates()
    if not options.path and extraction.is_java_archive(without_programs=not candidates):
        raise NotExecutable(file=options.archive, reason="it is a Java archive")
    if not candidates:
        raise _nothing_to_install(programs, extraction, options)
    chosen = _choose(candidates, extraction, options)
    notices = [
        *extraction.notices,
        *(EntrySkipped(entry, "its content can't be read") for entry in programs.unreadable),
    ]
    folder = BIN if options.folder is None else options.folder
    directory = make_folders(destination, folder)
    placed: dict[str, str] = {}
    result = []
    for name, candidate in sorted(chosen.items()):
        if candidate.file in placed:
            os.symlink(placed[candidate.file], os.path.join(directory, name))
        else:
            os.rename(candidate.file, os.path.join(directory, name))
            placed[candidate.file] = name
        path = os.path.join(folder, name)
        libraries = tuple(library for library in candidate.executable.needed if library in programs.libraries)
        if libraries:
            notices.append(LibrariesNotInstalled(path, libraries))
        result.append(UnpackedProgram(path, candidate.entry, candidate.executable))
    return Unpacked(sorted(result) if options.executable else [], notices)


def _nothing_to_install(programs: Programs, extraction: _Extraction, options: Unpacking) -> Exception:
    """Return the error that says best why an archive has no program."""
    if programs.foreign:
        entry, found = next(iter(programs.foreign.items()))
        return ForeignExecutable(file=entry, found=found, wanted=str(options.platform), archive=options.archive)
    if programs.unreadable:
        return next(iter(programs.unreadable.values()))
    if programs.refused:
        entry, reason = next(iter(programs.refused.items()))
        return NotExecutable(file=entry, reason=reason, archive=options.archive)
    if extraction.stripped_everything():
        return extraction.empty()
    return NoProgramInArchive(available=extraction.listed)


def _choose(candidates: list[Candidate], extraction: _Extraction, options: Unpacking) -> dict[str, Candidate]:
    """Return the programs, or files, that are meant, by the names that they get."""
    if not options.executable:
        return _choose_files(candidates, options.target)
    fitting = for_platform(candidates, options.platform)
    if options.target is not None:
        return {options.target: choose_program(fitting, options.target, options.plain_name)}
    chosen = choose_programs(fitting, every_rank=bool(options.path))
    if not chosen:
        raise NoProgramInArchive(available=extraction.listed)
    if len(chosen) == 1:
        name = options.plain_name(chosen[0].name)
        return {_checked_name(name, chosen[0]): chosen[0]}
    result = {}
    for name, candidate in _unambiguous(chosen).items():
        if valid_file_name(name):
            result[name] = candidate
        else:
            extraction.notices.append(EntrySkipped(candidate.entry, "no program can have this name"))
    if not result:
        _checked_name(chosen[0].name, chosen[0])
    return result


def _choose_files(candidates: list[Candidate], target: str | None) -> dict[str, Candidate]:
    """Return all files by their names, or the only one by the name of the target."""
    if target is None:
        return {_checked_name(name, one): one for name, one in _unambiguous(candidates).items()}
    fitting = [one for one in candidates if one.name == target] or candidates
    if len({one.file for one in fitting}) > 1:
        raise ProgramAmbiguous(name=target, candidates=entries_of(fitting))
    return {target: fitting[0]}


def _unambiguous(candidates: list[Candidate]) -> dict[str, Candidate]:
    """Return candidates by their names. Raises ProgramAmbiguous for several files of one name."""
    for name, same in by_name(candidates).items():
        if len({one.file for one in same}) > 1:
            raise ProgramAmbiguous(name=name, candidates=entries_of(same))
    return {one.name: one for one in reversed(candidates)}


def _checked_name(name: str, candidate: Candidate) -> str:
    if not valid_file_name(name):
        raise ArchiveEntryInvalid(entry=candidate.entry, reason="no program can have this name")
    return name


def _unpack_tree(archive: str, destination: str, options: Unpacking) -> Unpacked:
    extraction = _Extraction(archive, options)
    root = make_folders(destination, options.folder or "")
    with Writer(root) as writer:
        tree = Tree(root, writer, options.strip_components, extraction.notices, is_layer=not options.folder)
        extraction.read_into(tree)
    if not tree.finish():
        raise extraction.empty()
    if not options.executable:
        return Unpacked([], extraction.notices)
    candidates = tree.candidates()
    fitting = [one for one in candidates if runs_on(one.executable, options.platform)]
    if options.target is not None:
        program = choose_program(fitting or candidates, options.target, options.plain_name)
        chosen = {options.target: [program]}
    else:
        chosen = by_name(choose_programs(fitting, every_rank=bool(options.path)))
        if len(chosen) == 1:
            ((name, same),) = chosen.items()
            chosen = {options.plain_name(name): same}
    if candidates and not fitting:
        foreign = candidates[0]
        extraction.notices.append(NoProgramForPlatform(foreign.entry, platform_of(foreign.executable)))
    programs = []
    for name, same in sorted(chosen.items()):
        if valid_file_name(name) and _link_program(destination, name, same):
            programs.append(UnpackedProgram(os.path.join(BIN, name), same[0].entry, same[0].executable))
        elif options.target is not None:
            raise ProgramAmbiguous(name=name, candidates=[os.path.join(BIN, name), *entries_of(same)])
        else:
            extraction.notices.append(ProgramsNotLinked(name, tuple(entries_of(same))))
    return Unpacked(programs, extraction.notices)


def _link_program(destination: str, name: str, same: list[Candidate]) -> bool:
    """Make a program of a tree available in `bin`; return whether it is, which may be so before."""
    directory, link = os.path.join(destination, BIN), os.path.join(destination, BIN, name)
    file = same[0].file
    if os.path.lexists(link):
        return os.path.exists(link) and any(os.path.samefile(link, one.file) for one in same)
    if len({one.file for one in same}) > 1 or (os.path.lexists(directory) and not os.path.isdir(directory)):
        return False
    make_folders(destination, BIN)
    os.symlink(os.path.relpath(file, os.path.realpath(directory)), link)
    return True


def _number_of_parts(name: str) -> int:
    return name.count("/") + 1
