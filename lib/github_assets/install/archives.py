"""Unpacks a release's archive into a folder of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import BinaryIO, NamedTuple

from github_assets.config.request import ALL, BIN, EXECUTABLES
from github_assets.errors.config import SettingInvalid
from github_assets.errors.install import (
    ArchiveAmbiguous,
    ArchiveCorrupt,
    ArchiveError,
    ArchiveMemberMissing,
    ArchiveUnsafe,
    ArchiveUnsupported,
    ElfCorrupt,
    ForeignExecutable,
)
from github_assets.install import entries, formats, names, streams
from github_assets.install.executables import Executable, inspect
from github_assets.install.placement import check_target
from github_assets.install.program_choice import Candidate, choose
from github_assets.install.writer import DIRECTORY_MODE, FILE_MODE, PROGRAM_MODE, Writer, make_folders
from github_assets.platforms import Platform

_PARTIAL = ".partial"
_SCRATCH = ".unpacking"
_SHOWN = 20


class Unpacking(NamedTuple):
    """How an archive is unpacked."""

    archive: str
    """The asset's name: errors carry it, and what a bare `.gz` holds is called so, without the ending."""
    platform: Platform | None = None
    """Of executables for several platforms, those for this one count."""
    target: str | None = None
    """The one executable that is wanted, and the name that it gets."""
    path: Sequence[str] = ()
    """Globs of what is kept (`names.matches`); empty: everything."""
    strip_components: int = 0
    """How many leading folders names lose; an entry with no more parts than that is left out."""
    extract: str = EXECUTABLES
    """EXECUTABLES: the chosen ones (`choice.choose`), each in `folder`. ALL: every kept entry, with its folders."""
    folder: str | None = None
    """Where below the destination it goes; None: `bin` for executables, the destination itself for a tree."""
    plain_name: Callable[[str], str] = str
    """Takes version, platform and endings off an executable's name: `selection.choice.default_target`."""
    limits: streams.Limits = streams.Limits()


class Unpacked(NamedTuple):
    """An executable that was unpacked."""

    path: str
    """Where it is, relative to the destination. A link where the archive has one file under two names, and, of a tree,
    where the executable is not in `bin` itself."""
    entry: str
    """Its name in the archive, without stripped components."""
    executable: Executable
    missing_libraries: tuple[str, ...] = ()
    """Shared libraries that it needs and that are in the archive, but were not asked for."""

    @property
    def name(self) -> str:
        """The file's name."""
        return os.path.basename(self.path)


def unpack(source: str | BinaryIO, destination: str, options: Unpacking) -> list[Unpacked]:
    """Unpack an archive into `destination`, a folder that does not exist yet; return its executables, sorted by path.

    `source` is a path or a stream. Tar archives, compressed or not, and bare compressed files are read front to back
    with `read(n)`, so a stream may still be arriving: `read` waits for the first of up to n bytes, and b"" means the
    end. A zip archive has its directory at its end: unless the stream can seek, it is copied to an unnamed file first.
    Nothing here vouches for the bytes: when they are verified while they arrive, `destination` is to be thrown away if
    that fails.

    With EXECUTABLES an archive without one is an error. With ALL, the executables that `choice.choose` takes are
    returned, and those that are not in `bin` get a link there; there may be none.

    What is promised:
    * Nothing is written outside `destination` and `destination` + ".partial", whatever the archive says. All files are
      created, none is opened; links come last, when it is known where all of them lead.
    * `destination` is complete once it exists: it is renamed from the partial folder, which a failure removes, and a
      killed process leaves behind for the next call to remove.
    * Modes are 0755 (folders, what is marked as executable, ELF files and scripts) or 0644, whatever the umask; owners,
      times, setuid, setgid, sticky bits, attributes and ACLs are left out.
    * Memory: the decoder's window (8 MiB for most, 64 for `xz -9`, 128 for `zstd --ultra -22`) and some 10 MiB.

    Raises ArchiveError in its kinds, ForeignExecutable where all programs in it are for Windows or macOS,
    SettingInvalid for a bad target, FileExistsError where `destination` exists, OSError where the disk is full.
    """
    if options.target is not None:
        check_target(options.target)
    if os.path.lexists(destination):
        raise FileExistsError(f"{destination} exists")
    partial = destination + _PARTIAL
    if os.path.lexists(partial):
        shutil.rmtree(partial)
    os.mkdir(partial)
    try:
        os.chmod(partial, DIRECTORY_MODE)
        with ExitStack() as opened:
            file = opened.enter_context(open(source, "rb")) if isinstance(source, str) else source
            found = _unpack(file, partial, options, opened)
        os.rename(partial, destination)
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, ArchiveError):
            error.archive = options.archive
        raise
    return found


def _unpack(file: BinaryIO, partial: str, options: Unpacking, opened: ExitStack) -> list[Unpacked]:
    meter = streams.Meter(options.limits)
    found = _entries(file, partial, options, meter, opened)
    if options.extract == ALL:
        root = make_folders(partial, options.folder or "")
        contents = _collect(found, root, options, meter, whole=True)
        return _link_programs(contents, root, partial, options)
    scratch = os.path.join(partial, _SCRATCH)
    os.mkdir(scratch)
    contents = _collect(found, scratch, options, meter, whole=False)
    return _place_programs(contents, scratch, partial, options)


def _entries(
    file: BinaryIO, partial: str, options: Unpacking, meter: streams.Meter, opened: ExitStack
) -> Iterator[entries.Entry]:
    """Tell by its first bytes what the archive is, and return its entries."""
    head = b""
    while len(head) < formats.HEAD and (piece := file.read(formats.HEAD - len(head))):
        head += piece
    if not head:
        raise ArchiveCorrupt(reason="it is empty")
    format_ = formats.sniff(head)
    if format_ == formats.ZIP:
        return entries.of_zip(_seekable(file, head, partial, opened), meter)
    if format_ == formats.TAR:
        return entries.of_tar(streams.Forward(streams.raw(file, head, meter)), meter)
    if format_ not in formats.COMPRESSIONS:
        raise ArchiveUnsupported(format=format_, alternatives=formats.UNPACKABLE)
    stream = streams.Forward(streams.decompress(file, head, format_, meter))
    if formats.is_tar(stream.peek(formats.HEAD)):
        return entries.of_tar(stream, meter)
    stem, dot, ending = options.archive.rpartition(".")
    name = stem if dot and ending.lower() in formats.COMPRESSIONS else options.archive
    return iter([entries.Entry(name, entries.FILE, pieces=stream.rest())])


def _seekable(file: BinaryIO, head: bytes, partial: str, opened: ExitStack) -> BinaryIO:
    if file.seekable():
        file.seek(0)
        return file
    import tempfile

    copy: BinaryIO = opened.enter_context(tempfile.TemporaryFile(dir=partial))  # noqa: SIM115
    copy.write(head)
    shutil.copyfileobj(file, copy, 1 << 20)
    return copy


class _Contents(NamedTuple):
    candidates: list[Candidate]
    libraries: frozenset[str]
    """Names of the shared libraries among the entries."""
    shown: list[str]
    """The first entries, for an error message."""


def _collect(
    found: Iterator[entries.Entry], root: str, options: Unpacking, meter: streams.Meter, *, whole: bool
) -> _Contents:
    """Write what is kept below `root`: everything, or else under numbers what looks like an executable."""
    shown: list[str] = []
    foreign: tuple[str, str] | None = None
    programs: dict[str, tuple[str, bool | None]] = {}
    symlinks: dict[str, str] = {}
    hardlinks: dict[str, str] = {}
    kept_any = False
    writer = Writer(root)
    try:
        for entry in found:
            meter.entry()
            name = names.checked(entry.name)
            if entry.kind != entries.DIRECTORY and len(shown) < _SHOWN:
                shown.append(name)
            if not name or not names.matches(name, options.path):
                continue
            kept = names.stripped(name, options.strip_components)
            if kept is None:
                continue
            kept_any = True
            if entry.kind == entries.DIRECTORY:
                if whole:
                    make_folders(root, kept)
                continue
            if entry.kind == entries.SPECIAL:
                raise ArchiveUnsafe(entry=name, reason="it is a device, a pipe or of an unknown type")
            if kept in symlinks or kept in hardlinks or kept in programs:
                raise ArchiveUnsafe(entry=name, reason="two entries have the same name")
            if entry.kind == entries.SYMLINK:
                names.check_link(name, entry.target)
                symlinks[kept] = entry.target
                continue
            if entry.kind == entries.HARDLINK:
                target = names.stripped(names.checked(entry.target), options.strip_components)
                hardlinks[kept] = target or ""
                continue
            head = _head(entry.pieces)
            format_ = formats.sniff_program(head)
            starts = format_ in (formats.ELF, formats.SCRIPT)
            if format_ in (formats.WINDOWS, formats.MACOS):
                foreign = foreign or (name, format_)
            if not starts and not whole:
                continue
            file = kept if whole else str(len(programs))
            if starts:
                programs[kept] = (file, entry.marked)
            writer.file(file, PROGRAM_MODE if starts or entry.marked else FILE_MODE, head, entry.pieces)
        writer.close()
    finally:
        writer.stop()
    if options.path and not kept_any:
        raise ArchiveMemberMissing(wanted=" ".join(options.path), available=shown, key="path")
    _add_links(programs, symlinks, hardlinks, root, whole=whole)
    contents = _inspected(programs, root, shown)
    if foreign and not contents.candidates and not whole:
        raise ForeignExecutable(file=foreign[0], found=foreign[1], wanted=str(options.platform or "linux"))
    return contents


def _head(pieces: Iterator[bytes | memoryview]) -> bytes | memoryview:
    """Return the first piece, long enough to tell an executable by it."""
    head = next(pieces, b"")
    while len(head) < formats.PROGRAM_HEAD and (piece := next(pieces, b"")):
        head = bytes(head) + piece
    return head


def _add_links(
    programs: dict[str, tuple[str, bool | None]],
    symlinks: dict[str, str],
    hardlinks: dict[str, str],
    root: str,
    *,
    whole: bool,
) -> None:
    """Create the links of a whole tree, hard ones first, and add those that lead to an executable to `programs`."""
    for name, target in hardlinks.items():
        if target in programs:
            file, marked = programs[target]
            programs[name] = (name if whole else file, marked)
        if whole:
            _link(root, name, f"{root}/{target}", hard=True)
    for name, target in symlinks.items():
        leads_to = names.leads_to(name, symlinks)
        if whole:
            above = name.split("/")[:-1]
            if any("/".join(above[: count + 1]) in symlinks for count in range(len(above))):
                raise ArchiveUnsafe(entry=name, reason="its directory is a link")
            if leads_to is None:
                reason = f"it is a link that leads outside the archive or to itself: {target}"
                raise ArchiveUnsafe(entry=name, reason=reason)
            _link(root, name, target, hard=False)
        if leads_to in programs:
            programs[name] = programs[leads_to]


def _link(root: str, name: str, target: str, *, hard: bool) -> None:
    folder = name.rpartition("/")[0]
    try:
        make_folders(root, folder)
        if hard:
            os.link(target, f"{root}/{name}", follow_symlinks=False)
        else:
            os.symlink(target, f"{root}/{name}")
    except (FileExistsError, NotADirectoryError):
        raise ArchiveUnsafe(entry=name, reason="two entries have the same name") from None
    except (FileNotFoundError, PermissionError):  # the latter for a folder
        raise ArchiveUnsafe(entry=name, reason="it is a hard link to a file that was not unpacked") from None


def _inspected(programs: dict[str, tuple[str, bool | None]], root: str, shown: list[str]) -> _Contents:
    candidates = []
    libraries = set()
    for name, (file, marked) in programs.items():
        path = os.path.join(root, file)
        try:
            executable = inspect(path)
        except ElfCorrupt:
            continue  # test data, debug symbols
        if executable.program:
            candidates.append(Candidate(name, path, marked, executable))
        else:
            libraries.add(os.path.basename(name))
    return _Contents(candidates, frozenset(libraries), shown)


def _chosen(contents: _Contents, options: Unpacking) -> list[tuple[Candidate, str]]:
    try:
        chosen = choose(
            contents.candidates, options.target, options.plain_name, options.platform, all_ranks=bool(options.path)
        )
    except ArchiveMemberMissing as error:
        raise ArchiveMemberMissing(wanted=error.wanted, available=error.available or contents.shown) from None
    for candidate, name in chosen:
        try:
            check_target(name)
        except SettingInvalid:
            raise ArchiveUnsafe(entry=candidate.entry, reason="its name is not valid for an executable") from None
    return chosen


def _place_programs(contents: _Contents, scratch: str, partial: str, options: Unpacking) -> list[Unpacked]:
    folder = BIN if options.folder is None else options.folder
    directory = make_folders(partial, folder)
    placed: dict[str, str] = {}
    result = []
    for candidate, name in _chosen(contents, options):
        path = os.path.join(directory, name)
        if candidate.file in placed:
            os.symlink(placed[candidate.file], path)
        else:
            os.rename(candidate.file, path)
            placed[candidate.file] = name
        behind = tuple(library for library in candidate.executable.needed if library in contents.libraries)
        result.append(Unpacked(os.path.join(folder, name), candidate.entry, candidate.executable, behind))
    shutil.rmtree(scratch)
    return sorted(result)


def _link_programs(contents: _Contents, root: str, partial: str, options: Unpacking) -> list[Unpacked]:
    """Return the chosen executables of a tree; those that are not in `bin` get a link there."""
    if not contents.candidates and options.target is None:
        return []
    directory = os.path.join(partial, BIN)
    result = []
    for candidate, name in _chosen(contents, options):
        file = os.path.join(root, candidate.entry)
        link = os.path.join(directory, name)
        if not os.path.lexists(link):
            make_folders(partial, BIN)
            os.symlink(os.path.relpath(file, os.path.realpath(directory)), link)
        elif not (os.path.exists(link) and os.path.samefile(link, file)):
            raise ArchiveAmbiguous(target=name, candidates=[os.path.join(BIN, name), candidate.entry])
        result.append(Unpacked(os.path.join(BIN, name), candidate.entry, candidate.executable))
    return sorted(result)
