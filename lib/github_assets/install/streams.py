"""Compressed streams, read forward in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from github_assets.errors.install import ArchiveCorrupt, ArchiveTooLarge
from github_assets.install.formats import BZ2, GZ, XZ, ZST
from github_assets.install.limits import MAX_HEADERS, MAX_MEMORY, Quota

_READ = 64 << 10
_CHUNK = 512 << 10
_WINDOW_LOG = 27
_LONGEST_MAGIC = 6


class _Decoder(Protocol):
    """What the decompressors of `bz2`, `lzma` and `pyzstd` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _GzipDecoder:
    """A gzip member as a `_Decoder`: zlib leaves it to its caller to keep unconsumed input."""

    def __init__(self) -> None:
        import zlib

        self._inflate = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


def _codec(compression: str) -> tuple[Callable[[], _Decoder], type[Exception]]:
    """Return what makes a decoder for one member or frame, and what it raises on bad data."""
    if compression == GZ:
        import zlib

        return _GzipDecoder, zlib.error
    if compression == BZ2:
        import bz2

        return bz2.BZ2Decompressor, OSError
    if compression == XZ:
        import lzma

        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY), lzma.LZMAError
    import pyzstd

    option = {pyzstd.DParameter.windowLogMax: _WINDOW_LOG}
    # Its stub has the members of the enumeration as int.
    return lambda: pyzstd.ZstdDecompressor(option=option), pyzstd.ZstdError  # type: ignore[arg-type]


def _starts_member(data: bytes, compression: str) -> bool:
    """Tell whether another member or frame begins here."""
    if compression == ZST:
        return data.startswith(b"\x28\xb5\x2f\xfd") or (data[1:4] == b"\x2a\x4d\x18" and data[0] & 0xF0 == 0x50)
    return data.startswith({GZ: b"\x1f\x8b", BZ2: b"BZh", XZ: b"\xfd7zXZ\x00"}[compression])


def read_chunks(file: BinaryIO, quota: Quota) -> Iterator[bytes]:
    """Yield a file's content."""
    while chunk := file.read(_CHUNK):
        quota.packed += len(chunk)
        quota.count_unpacked(len(chunk))
        yield chunk


class Decompression:
    """The content of a compressed file, in chunks of at most half a MiB.

    Several members or frames after one another are one stream (`pigz`, `pbzip2`, `pixz`, `pzstd`). Zeros between and
    after them are padding; anything else after them is left out, as `gzip` does it.
    """

    def __init__(self, file: BinaryIO, compression: str, quota: Quota) -> None:
        self._file, self._compression, self._quota = file, compression, quota
        self.ignored_trailing_data = False

    def _read(self) -> bytes:
        data = self._file.read(_READ)
        self._quota.packed += len(data)
        return data

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks.

        Raises ArchiveCorrupt for bad data and a missing end, ArchiveTooLarge past a limit.
        """
        create_decoder, decoding_error = _codec(self._compression)
        data = self._read()
        while data:
            decoder = create_decoder()
            while not decoder.eof:
                if not data and decoder.needs_input:
                    data = self._read()
                    if not data:
                        raise ArchiveCorrupt(reason=f"the {self._compression} data is truncated")
                try:
                    chunk = decoder.decompress(data, _CHUNK)
                except MemoryError:
                    raise ArchiveTooLarge(what="memory", limit=MAX_MEMORY) from None
                except decoding_error as error:
                    raise _failure(error, self._compression) from None
                data = b""
                if chunk:
                    self._quota.count_unpacked(len(chunk))
                    yield chunk
            data = self._next_member(decoder.unused_data)

    def _next_member(self, data: bytes) -> bytes:
        """Return where the next member starts, of what was read and what follows; nothing where there is none."""
        while True:
            data = data.lstrip(b"\0")
            if len(data) >= _LONGEST_MAGIC:
                break
            more = self._read()
            if not more:
                break
            data += more
        if data and not _starts_member(data, self._compression):
            self.ignored_trailing_data = True
            return b""
        return data


def _failure(error: Exception, compression: str) -> ArchiveCorrupt | ArchiveTooLarge:
    text = str(error).lower()
    if "memory usage limit" in text or "too much memory" in text:
        limit = MAX_MEMORY if compression == XZ else 1 << _WINDOW_LOG
        return ArchiveTooLarge(what="memory", limit=limit)
    return ArchiveCorrupt(reason=f"the {compression} data is corrupt")


class ForwardReader:
    """Chunks of bytes as a file that is read forward only, which is all that `tarfile` needs."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._chunk = memoryview(b"")
        self._position = 0
        self.header_bytes_left: int | None = None
        """Bytes that `read` may still return; None: any number."""
        self.last_read = b""
        """What `read` returned last."""

    def tell(self) -> int:
        """Return how many bytes were read or skipped."""
        return self._position

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, or what is left, and leave them there."""
        while len(self._chunk) < size and (chunk := next(self._chunks, b"")):
            self._chunk = memoryview(bytes(self._chunk) + chunk)
        return bytes(self._chunk[:size])

    def read_chunks(self, size: int) -> Iterator[memoryview]:
        """Yield the next `size` bytes without copying them. Raises ArchiveCorrupt where the stream ends before."""
        if size < 0:
            raise ArchiveCorrupt(reason="a header has a negative size")
        while size:
            if not self._chunk:
                self._chunk = memoryview(next(self._chunks, b""))
                if not self._chunk:
                    raise ArchiveCorrupt(reason="an entry is truncated")
            part = self._chunk[:size]
            self._chunk = self._chunk[len(part) :]
            self._position += len(part)
            size -= len(part)
            yield part

    def read_to_end(self) -> Iterator[memoryview]:
        """Yield everything that is left."""
        while self._chunk:
            yield from self.read_chunks(len(self._chunk))
            self._chunk = memoryview(next(self._chunks, b""))

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end. Raises ArchiveTooLarge for too many bytes of headers."""
        if size < 0:
            raise ArchiveCorrupt(reason="a header has a negative size")
        if self.header_bytes_left is not None:
            self.header_bytes_left -= size
            if self.header_bytes_left < 0:
                raise ArchiveTooLarge(what="headers", limit=MAX_HEADERS)
        self.last_read = self.peek(size)
        self._chunk = self._chunk[len(self.last_read) :]
        self._position += len(self.last_read)
        return self.last_read

    def seek(self, position: int) -> int:
        """Skip to a position further on."""
        if position < self._position:
            raise ArchiveCorrupt(reason="a header points backwards")
        for _ in self.read_chunks(position - self._position):
            pass
        return position
