"""Archives of both kinds as one sequence of entries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, BinaryIO, NamedTuple, cast

from github_assets.errors.install import (
    ArchiveCorrupt,
    ArchiveEncrypted,
    ArchiveTooLarge,
    ArchiveUnsafe,
    ArchiveUnsupported,
)
from github_assets.install.formats import UNPACKABLE
from github_assets.install.names import MAX_NAME
from github_assets.install.streams import MAX_HEADERS, Forward, Meter

if TYPE_CHECKING:
    import zipfile

FILE, DIRECTORY, SYMLINK, HARDLINK, SPECIAL = "file", "directory", "symlink", "hardlink", "special"
MAX_DIRECTORY = 16 << 20
"""Bytes of a zip's central directory, which is read as a whole: room for `streams.MAX_ENTRIES` entries."""

_BLOCK = 512
_CHUNK = 256 << 10
_LOCAL_HEADER = 30
_MODES_OF = 3  # a zip entry's "made by" Unix, whose modes mean something
_BROKEN = (ValueError, LookupError, ArithmeticError, RecursionError, EOFError)


class Entry(NamedTuple):
    """What an archive says of one of its entries, unchecked.

    `pieces` is read before the next entry is asked for, or never.
    """

    name: str
    kind: str
    marked: bool | None = None
    """Whether its mode has an x bit; None where the archive has no modes."""
    target: str = ""
    pieces: Iterator[bytes | memoryview] = iter(())


def of_tar(stream: Forward, meter: Meter) -> Iterator[Entry]:
    """Yield the entries of a tar archive, and read it to its end.

    Raises ArchiveCorrupt, also for a damaged header in the middle, where `tarfile` alone would stop as if all was well.
    An archive without the end mark is accepted where it ends after an entry, as `tar` accepts it.
    """
    from tarfile import TarError, TarFile

    broken = (TarError, *_BROKEN)
    try:
        stream.budget = MAX_HEADERS
        archive = TarFile.taropen(None, "r", cast(IO[bytes], stream), encoding="utf-8")  # noqa: SIM115 (its file is the caller's)
        while True:
            stream.budget = MAX_HEADERS
            member = archive.next()
            archive.members = []  # type: ignore[attr-defined]  # kept only to look them up again
            cast(dict[str, str], archive.pax_headers).clear()
            if member is None:
                break
            stream.budget = None
            kind, pieces = SPECIAL, cast(Iterator[bytes | memoryview], iter(()))
            if member.isreg():
                kind = FILE
                if member.sparse is None:
                    stream.seek(member.offset_data)
                    pieces = stream.take(member.size)
                else:
                    pieces = _sparse(archive.extractfile(member), member.size, meter, broken)
            elif member.isdir():
                kind = DIRECTORY
            elif member.issym():
                kind = SYMLINK
            elif member.islnk():
                kind = HARDLINK
            yield Entry(member.name, kind, bool(member.mode & 0o111), member.linkname, pieces)
    except broken:
        raise ArchiveCorrupt(reason="a tar header is corrupt") from None
    if stream.last.strip(b"\0") or len(stream.last) not in (0, _BLOCK):
        raise ArchiveCorrupt(reason="a tar header is corrupt or truncated")
    for _ in stream.rest():
        pass


def _sparse(file: IO[bytes] | None, size: int, meter: Meter, broken: tuple[type[Exception], ...]) -> Iterator[bytes]:
    left = size
    while left:
        try:
            piece = file.read(min(left, _CHUNK)) if file else b""
        except broken:
            piece = b""
        if not piece:
            raise ArchiveCorrupt(reason="it ends in the middle of an entry")
        meter.produce(len(piece))
        left -= len(piece)
        yield piece


class _Capped:
    """A file from which nobody reads more at once than a central directory may have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise ArchiveTooLarge(what="headers", limit=MAX_DIRECTORY)
        return self._file.read(size)


def of_zip(file: BinaryIO, meter: Meter) -> Iterator[Entry]:
    """Yield the entries of a zip archive in the order of their data.

    Raises ArchiveCorrupt (also for entries that share bytes), ArchiveEncrypted, ArchiveUnsupported for other
    compressions than deflate, bzip2 and LZMA, and ArchiveUnsafe for names with a NUL.
    """
    import zipfile
    import zlib
    from lzma import LZMAError

    broken = (zipfile.BadZipFile, zlib.error, LZMAError, OSError, *_BROKEN)
    meter.consumed = file.seek(0, os.SEEK_END)
    try:
        archive = zipfile.ZipFile(cast(IO[bytes], _Capped(file)))
    except NotImplementedError:
        raise ArchiveUnsupported(format="zip of a later version", alternatives=UNPACKABLE) from None
    except broken:
        raise ArchiveCorrupt(reason="the zip central directory is missing or corrupt") from None
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    ends = [info.header_offset for info in infos[1:]] + [archive.start_dir]
    for info, end in zip(infos, ends, strict=False):
        if info.header_offset + _LOCAL_HEADER + info.compress_size > end:
            raise ArchiveCorrupt(reason=f"the zip entry {info.filename} overlaps the next one")
    for info in infos:
        # What older archivers on Windows write; zipfile cuts names at a NUL.
        name = info.orig_filename.replace("\\", "/")
        if "\0" in name:
            raise ArchiveUnsafe(entry=info.filename, reason="its name contains a control character")
        mode = info.external_attr >> 16 if info.create_system == _MODES_OF else 0
        marked = bool(mode & 0o111) if mode else None
        kind = _kind_of_mode(mode)
        if name.endswith("/"):
            yield Entry(name, DIRECTORY)
        elif kind == SYMLINK:
            target = b"".join(_zip_pieces(archive, info, min(info.file_size, MAX_NAME + 1), meter, broken))
            yield Entry(name, SYMLINK, target=target.decode("utf-8", "surrogateescape"))
        else:
            yield Entry(name, kind, marked, pieces=_zip_pieces(archive, info, info.file_size, meter, broken))


def _kind_of_mode(mode: int) -> str:
    import stat

    kind = stat.S_IFMT(mode)
    return {0: FILE, stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: SYMLINK}.get(kind, SPECIAL)


def _zip_pieces(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int, meter: Meter, broken: tuple[type[Exception], ...]
) -> Iterator[bytes]:
    if info.flag_bits & 0x1:
        raise ArchiveEncrypted(entry=info.filename)
    left = size
    try:
        with archive.open(info) as file:
            while left and (piece := file.read(min(left, _CHUNK))):
                meter.produce(len(piece))
                left -= len(piece)
                yield piece
            if size == info.file_size:
                file.read(1)  # at its end the checksum is compared
    except NotImplementedError:
        what = f"zip with compression {info.compress_type}"
        raise ArchiveUnsupported(format=what, alternatives=UNPACKABLE) from None
    except broken:
        raise ArchiveCorrupt(reason=f"the zip entry {info.filename} is corrupt") from None
    if left:
        raise ArchiveCorrupt(reason=f"the zip entry {info.filename} is shorter than its header says")
