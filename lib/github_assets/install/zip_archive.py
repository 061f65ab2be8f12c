"""Reads zip archives."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from github_assets.errors.install import (
    ArchiveCorrupt,
    ArchiveEncrypted,
    ArchiveTooLarge,
    ArchiveUnsupported,
)
from github_assets.install.entries import DIRECTORY, FILE, OTHER, SYMLINK, Entry
from github_assets.install.limits import MAX_DIRECTORY, Quota
from github_assets.install.names import MAX_NAME

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

_CHUNK = 256 << 10
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_MADE_ON_UNIX = (3, 19)  # "version made by": Unix, macOS
_ENCRYPTED, _UTF8 = 0x1, 0x800  # "general purpose bit flag"
_DOS_DIRECTORY = 0x10
_KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: SYMLINK}
_MALFORMED = (ValueError, LookupError, ArithmeticError, RecursionError, EOFError)


class _DirectoryBound:
    """A file from which nobody reads more at once than a central directory may have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise ArchiveTooLarge(what="headers", limit=MAX_DIRECTORY)
        return self._file.read(size)


def read_zip(file: BinaryIO, quota: Quota) -> Iterator[Entry]:
    """Yield the entries of a zip archive in the order of their data.

    Raises ArchiveCorrupt for its directory. An entry's chunks raise it too, also where entries share bytes, and
    ArchiveEncrypted, and ArchiveUnsupported for other compressions than deflate, bzip2 and LZMA.
    """
    import zipfile

    quota.packed = file.seek(0, os.SEEK_END)
    try:
        archive = zipfile.ZipFile(cast(IO[bytes], _DirectoryBound(file)))
    except NotImplementedError:
        raise ArchiveUnsupported(format="zip of a later version") from None
    except (zipfile.BadZipFile, OSError, *_MALFORMED):
        raise ArchiveCorrupt(reason="its zip directory is missing or corrupt") from None
    listed = {(info.header_offset, info.orig_filename): info for info in archive.infolist()}
    infos = sorted(listed.values(), key=lambda info: info.header_offset)
    ends = [info.header_offset for info in infos[1:]] + [archive.start_dir]
    for info, end in zip(infos, ends, strict=False):
        # Backslashes are what older archivers on Windows write; zipfile cuts names at a NUL.
        name = info.orig_filename.replace("\\", "/")
        overlaps = info.header_offset < 0 or info.header_offset + _LOCAL_HEADER.size + info.compress_size > end
        if not overlaps:
            _accept_local_name(file, info)
        yield _entry(name, info, partial(_corrupt if overlaps else _read, archive, info, quota))


def _entry(name: str, info: ZipInfo, read: Callable[[], Iterator[bytes]]) -> Entry:
    kind, executable = _kind(info, name)
    if kind == SYMLINK:
        try:
            return Entry(name, kind, link_target=_read_link_target(read()))
        except (ArchiveCorrupt, ArchiveEncrypted, ArchiveUnsupported):
            kind = FILE  # which can't be read, either
    return Entry(name, kind, executable, chunks=read(), independent=True)


def _read_link_target(chunks: Iterator[bytes]) -> str:
    target = b""
    while len(target) <= MAX_NAME and (chunk := next(chunks, b"")):
        target += chunk
    return target.decode("utf-8", "surrogateescape")


def _kind(info: ZipInfo, name: str) -> tuple[str, bool | None]:
    """Return the kind of an entry, and whether it is executable."""
    mode = info.external_attr >> 16
    if name.endswith("/") or (not mode and info.external_attr & _DOS_DIRECTORY):
        return DIRECTORY, None
    if not stat.S_IFMT(mode) and info.create_system not in _MADE_ON_UNIX:
        mode = 0
    return _KINDS.get(stat.S_IFMT(mode) or stat.S_IFREG, OTHER), bool(mode & 0o111) if mode else None


def _accept_local_name(file: BinaryIO, info: ZipInfo) -> None:
    """Let zipfile accept a name that the entry's own header writes with other slashes or in another encoding."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        return
    _, _, flags, *_, length, _ = _LOCAL_HEADER.unpack(header)
    local = file.read(length)
    listed = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
    if local.replace(b"\\", b"/") == listed.replace(b"\\", b"/"):
        info.orig_filename = local.decode("utf-8" if flags & _UTF8 else "cp437", "replace")


def _read(archive: ZipFile, info: ZipInfo, quota: Quota) -> Iterator[bytes]:
    import zlib
    from lzma import LZMAError
    from zipfile import BadZipFile

    if info.flag_bits & _ENCRYPTED:
        raise ArchiveEncrypted(entry=info.filename)
    left = info.file_size
    try:
        with archive.open(info) as file:
            while left and (chunk := file.read(min(left, _CHUNK))):
                quota.count_unpacked(len(chunk))
                left -= len(chunk)
                yield chunk
            file.read(1)  # at its end the checksum is compared
    except NotImplementedError:
        raise ArchiveUnsupported(format=f"zip with compression {info.compress_type}") from None
    except (BadZipFile, zlib.error, LZMAError, OSError, *_MALFORMED):
        raise ArchiveCorrupt(reason="a zip entry is corrupt", entry=info.filename) from None
    if left:
        raise ArchiveCorrupt(reason="a zip entry is shorter than its header says", entry=info.filename)


def _corrupt(_archive: ZipFile, info: ZipInfo, _quota: Quota) -> Iterator[bytes]:
    raise ArchiveCorrupt(reason="a zip entry overlaps another one", entry=info.filename)
    yield  # for it to be raised where the content is read
