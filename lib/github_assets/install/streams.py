"""Compressed streams, read forward in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Protocol

from github_assets.errors.install import ArchiveCorrupt, ArchiveTooLarge
from github_assets.install.formats import BZ2, GZ, XZ

MAX_ENTRIES = 100_000
"""Entries of an archive, whether they are kept or not: some three times those of the largest tool chains."""
MAX_BYTES = 8 << 30
"""Bytes that an archive unpacks to: four times the largest asset that GitHub takes."""
MAX_RATIO = 200
"""Bytes that come out for one that goes in, once more than `RATIO_FLOOR` came out; programs reach 3 to 10."""
RATIO_FLOOR = 64 << 20
"""Bytes below which no ratio is looked at: a small file of zeros is no bomb."""
MAX_HEADERS = 1 << 20
"""Bytes of headers for one tar entry: names, pax records, the map of a sparse file."""
MAX_MEMORY = 160 << 20
"""Bytes that a decoder may ask for: `xz -9` needs 65 MiB, `zstd --ultra -22` 128 MiB."""

_READ = 64 << 10
_CHUNK = 512 << 10
_WINDOW_LOG = 27


class Limits(NamedTuple):
    """Where unpacking stops: the module's constants, smaller in tests."""

    entries: int = MAX_ENTRIES
    size: int = MAX_BYTES
    ratio: int = MAX_RATIO
    floor: int = RATIO_FLOOR


class Meter:
    """Counts what goes in and what comes out, against the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._entries = 0
        self._produced = 0
        self.consumed = 0

    def entry(self) -> None:
        """Count an entry; raise ArchiveTooLarge past the limit."""
        self._entries += 1
        if self._entries > self._limits.entries:
            raise ArchiveTooLarge(what="entries", limit=self._limits.entries)

    def produce(self, count: int) -> None:
        """Count unpacked bytes; raise ArchiveTooLarge past the limit of size or ratio."""
        self._produced += count
        if self._produced > self._limits.size:
            raise ArchiveTooLarge(what="bytes", limit=self._limits.size)
        if self._produced > max(self._limits.floor, self._limits.ratio * self.consumed):
            raise ArchiveTooLarge(what="ratio", limit=self._limits.ratio)


class _Decoder(Protocol):
    """What the decompressors of `bz2`, `lzma` and `pyzstd` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """A gzip member as a `_Decoder`: zlib leaves it to its caller to keep the input that is over."""

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


def _decoding(compression: str) -> tuple[Callable[[], _Decoder], type[Exception]]:
    """Return what makes a decoder for one member or frame, and what it raises on bad data."""
    if compression == GZ:
        import zlib

        return _Gzip, zlib.error
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


def raw(source: BinaryIO, head: bytes, meter: Meter) -> Iterator[bytes]:
    """Yield `head` and what follows it in `source`, as it is."""
    piece = head
    while piece:
        meter.consumed += len(piece)
        meter.produce(len(piece))
        yield piece
        piece = source.read(_CHUNK)


def decompress(source: BinaryIO, head: bytes, compression: str, meter: Meter) -> Iterator[bytes]:
    """Yield what `head` and the rest of `source` decompress to, in pieces of at most half a MiB.

    Several members or frames after one another are one stream (`pigz`, `pbzip2`, `pixz`, `pzstd`); zeros after them
    are padding. Raises ArchiveCorrupt for bad data, a missing end and anything else behind it; ArchiveTooLarge past a
    limit.
    """
    start, failure = _decoding(compression)
    decoder: _Decoder | None = start()
    data = head
    meter.consumed += len(head)
    while True:
        if not data and (decoder is None or decoder.needs_input):
            data = source.read(_READ)
            meter.consumed += len(data)
            if not data:
                break
        if decoder is None:
            data = data.lstrip(b"\0")
            if not data:
                continue
            decoder = start()
        try:
            piece = decoder.decompress(data, _CHUNK)
        except MemoryError:
            raise ArchiveTooLarge(what="memory", limit=MAX_MEMORY) from None
        except failure as error:
            raise _failed(error, compression) from None
        data = b""
        if decoder.eof:
            data = decoder.unused_data
            decoder = None
        if piece:
            meter.produce(len(piece))
            yield piece
    if decoder is not None:
        raise ArchiveCorrupt(reason=f"the {compression} data is truncated")


def _failed(error: Exception, compression: str) -> ArchiveCorrupt | ArchiveTooLarge:
    text = str(error).lower()
    if "memory usage limit" in text or "too much memory" in text:
        return ArchiveTooLarge(what="memory", limit=MAX_MEMORY if compression == XZ else 1 << _WINDOW_LOG)
    return ArchiveCorrupt(reason=f"the {compression} data is corrupt")


class Forward:
    """Pieces of bytes as a file that goes forward only, which is all that `tarfile` needs."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")
        self._position = 0
        self.budget: int | None = None
        """Bytes that `read` may still return; None: any number."""
        self.last = b""
        """What `read` returned last."""

    def tell(self) -> int:
        """Return how many bytes were taken or skipped."""
        return self._position

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, or what is left, and leave them there."""
        while len(self._piece) < size and (piece := next(self._pieces, b"")):
            self._piece = memoryview(bytes(self._piece) + piece)
        return bytes(self._piece[:size])

    def take(self, size: int) -> Iterator[memoryview]:
        """Yield the next `size` bytes without copying them; raise ArchiveCorrupt where they end before."""
        if size < 0:
            raise ArchiveCorrupt(reason="a header has a negative size")
        while size:
            if not self._piece:
                self._piece = memoryview(next(self._pieces, b""))
                if not self._piece:
                    raise ArchiveCorrupt(reason="it ends in the middle of an entry")
            part = self._piece[:size]
            self._piece = self._piece[len(part) :]
            self._position += len(part)
            size -= len(part)
            yield part

    def rest(self) -> Iterator[memoryview]:
        """Yield everything that is left."""
        while self._piece:
            yield from self.take(len(self._piece))
            self._piece = memoryview(next(self._pieces, b""))

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end; raise ArchiveTooLarge past the budget."""
        if size < 0:
            raise ArchiveCorrupt(reason="a header has a negative size")
        if self.budget is not None:
            self.budget -= size
            if self.budget < 0:
                raise ArchiveTooLarge(what="headers", limit=MAX_HEADERS)
        if len(self._piece) >= size:
            self.last = bytes(self._piece[:size])
            self._piece = self._piece[size:]
            self._position += size
        else:
            self.last = self.peek(size)
            self._piece = self._piece[len(self.last) :]
            self._position += len(self.last)
        return self.last

    def seek(self, position: int) -> int:
        """Skip to a position further on."""
        if position < self._position:
            raise ArchiveCorrupt(reason="a header points backwards")
        for _ in self.take(position - self._position):
            pass
        return position
