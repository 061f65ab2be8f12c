"""Reads tar archives of every dialect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Self, cast

from github_assets.errors.install import ArchiveCorrupt
from github_assets.install.entries import DIRECTORY, FILE, HARDLINK, OTHER, SYMLINK, Entry
from github_assets.install.formats import is_tar
from github_assets.install.limits import MAX_HEADERS, Quota
from github_assets.install.streams import ForwardReader

if TYPE_CHECKING:
    from tarfile import TarFile, TarInfo

_BLOCK = 512
_CHUNK = 256 << 10
_UNUSED_FIELDS = (slice(108, 124), slice(136, 148), slice(329, 345))
_CHECKSUM = slice(148, 156)
_VOLUME_LABEL, _VOLUME_CONTINUED, _DUMP_DIRECTORY = b"V", b"M", b"D"  # GNU tar: --label, --multi-volume, --incremental
_MALFORMED = (ValueError, LookupError, ArithmeticError, RecursionError, EOFError)


def read_tar(stream: ForwardReader, quota: Quota) -> Iterator[Entry]:
    """Yield the entries of a tar archive, and read it to its end.

    Raises ArchiveCorrupt, also for a damaged header in the middle, where `tarfile` alone would stop as if all was well.
    An archive without the end mark is accepted where it ends after an entry, as `tar` accepts it.
    """
    from tarfile import HeaderError, TarError, TarFile, TarInfo

    class Member(TarInfo):
        """A member whose owner, time and device, of which nothing is made, may be anything."""

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            try:
                return super().frombuf(buf, encoding, errors)
            except HeaderError:
                return super().frombuf(_without_unused_fields(bytes(buf)), encoding, errors)

    malformed = (TarError, *_MALFORMED)
    try:
        stream.header_bytes_left = MAX_HEADERS
        archive = TarFile.taropen(None, "r", cast(IO[bytes], stream), encoding="utf-8", tarinfo=Member)  # noqa: SIM115
        while True:
            stream.header_bytes_left = MAX_HEADERS
            member = archive.next()
            archive.members = []  # type: ignore[attr-defined]  # kept only to look them up again
            cast(dict[str, str], archive.pax_headers).clear()
            if member is None:
                break
            stream.header_bytes_left = None
            if member.type == _VOLUME_LABEL:
                continue
            kind = _kind(member)
            chunks = _read_content(archive, member, stream, quota) if kind == FILE else iter(())
            yield Entry(member.name, kind, bool(member.mode & 0o111), member.linkname, chunks)
    except malformed:
        raise ArchiveCorrupt(reason="a tar header is corrupt") from None
    if stream.last_read.strip(b"\0") or len(stream.last_read) not in (0, _BLOCK):
        raise ArchiveCorrupt(reason="a tar header is corrupt or truncated")
    for _ in stream.read_to_end():
        pass


def _without_unused_fields(header: bytes) -> bytes:
    """Return a header without owner, time and device, and with a checksum that fits."""
    if not is_tar(header) or not any(header):
        return header
    blank = bytearray(header)
    for field in _UNUSED_FIELDS:
        blank[field] = bytes(len(blank[field]))
    blank[_CHECKSUM] = b" " * 8
    blank[_CHECKSUM] = b"%06o\0 " % sum(blank)
    return bytes(blank)


def _kind(member: TarInfo) -> str:
    """Return the kind of an entry; an unknown one is a file, as POSIX and GNU tar have it."""
    if member.isdir() or member.type == _DUMP_DIRECTORY or (member.isreg() and member.name.endswith("/")):
        return DIRECTORY
    if member.issym():
        return SYMLINK
    if member.islnk():
        return HARDLINK
    return OTHER if member.isdev() or member.type == _VOLUME_CONTINUED else FILE


def _read_content(
    archive: TarFile, member: TarInfo, stream: ForwardReader, quota: Quota
) -> Iterator[bytes | memoryview]:
    """Return a file's content, and let the archive find the next header after it."""
    if member.sparse is None:
        stream.seek(member.offset_data)
        return stream.read_chunks(member.size)
    # The size in a sparse file's header may be that with its holes.
    stored = sum(size for _, size in cast(list[tuple[int, int]], member.sparse))
    archive.offset = member.offset_data + -(-stored // _BLOCK) * _BLOCK
    return _read_sparse(archive.extractfile(member), member.size, quota)


def _read_sparse(file: IO[bytes] | None, size: int, quota: Quota) -> Iterator[bytes]:
    from tarfile import TarError

    left = size
    while left:
        try:
            chunk = file.read(min(left, _CHUNK)) if file else b""
        except (TarError, *_MALFORMED):
            chunk = b""
        if not chunk:
            raise ArchiveCorrupt(reason="an entry is truncated")
        quota.count_unpacked(len(chunk))
        left -= len(chunk)
        yield chunk
