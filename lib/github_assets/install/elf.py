"""What an ELF file says of itself: the System V ABI's headers, the GNU extensions for symbol versions.

Nothing in the file is trusted: each read is bounded and stays within the file.
"""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

from github_assets.errors.install import ElfCorrupt

MAGIC = b"\x7fELF"

_MACHINES = {
    (3, 32): "386",
    (62, 64): "amd64",
    (62, 32): "amd64p32",
    (40, 32): "arm",
    (183, 64): "arm64",
    (20, 32): "ppc",
    (21, 64): "ppc64",
    (22, 64): "s390x",
    (22, 32): "s390",
    (243, 64): "riscv64",
    (243, 32): "riscv",
    (258, 64): "loong64",
    (8, 32): "mips",
    (8, 64): "mips64",
    (2, 32): "sparc",
    (43, 64): "sparc64",
}
_WITH_LE_FORM = ("ppc64", "mips", "mips64")
_SYSTEMS = {0: "linux", 2: "netbsd", 3: "linux", 6: "solaris", 9: "freebsd", 12: "openbsd"}
_TYPES = {1: "object", 2: "executable", 3: "shared", 4: "core"}

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NEEDED, _DT_STRTAB, _DT_SONAME = 1, 5, 14
_DT_FLAGS_1, _DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFFB, 0x6FFFFFFE, 0x6FFFFFFF
_DF_1_PIE = 0x08000000

_MAX_SEGMENTS = 1024
_MAX_DYNAMIC = 64 << 10
_MAX_STRING = 4096
_MAX_NEEDED = 512
_MAX_VERSIONS = 4096


class Elf(NamedTuple):
    """The facts of an ELF file."""

    os: str
    """`linux`, or another system where the file names one."""
    arch: str
    """Go's name, `amd64`; `machine N` where Go has none here."""
    bits: int
    endian: str
    """`little` or `big`."""
    type: str
    """`executable`, `shared` (programs that can be anywhere in memory too), `object`, `core` or `other`."""
    program: bool
    """Whether it can be started, and is not a library."""
    interpreter: str | None
    """The loader that starts it; None: it is static."""
    needed: tuple[str, ...]
    """The libraries that it names."""
    glibc: tuple[int, ...] | None
    """The newest version of glibc whose symbols it needs: (2, 34)."""


class _Segment(NamedTuple):
    type: int
    offset: int
    address: int
    size: int


class _Reader:
    def __init__(self, file: int, name: str) -> None:
        self._file = file
        self._name = name
        self.size = os.fstat(file).st_size

    def malformed(self, reason: str) -> ElfCorrupt:
        return ElfCorrupt(file=self._name, reason=reason)

    def read(self, offset: int, size: int) -> bytes:
        if offset < 0 or offset + size > self.size:
            raise self.malformed("a header points past the end of the file")
        data = os.pread(self._file, size, offset)
        if len(data) < size:
            raise self.malformed("it is truncated")
        return data

    def string(self, offset: int) -> str:
        if not 0 <= offset < self.size:
            raise self.malformed("a name lies past the end of the file")
        data, end, _ = os.pread(self._file, _MAX_STRING, offset).partition(b"\0")
        if not end:
            raise self.malformed("a name is not terminated")
        return data.decode("utf-8", "replace")


def read(path: str) -> Elf | None:
    """Return the facts of the file at `path`, None where it is no ELF file.

    Raises ElfCorrupt where it is one and is cut short or garbled, OSError where it cannot be read.
    """
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.pread(file, len(MAGIC), 0) != MAGIC:
            return None
        return _read(_Reader(file, os.path.basename(path)))
    finally:
        os.close(file)


def _read(reader: _Reader) -> Elf:
    ident = reader.read(0, 16)
    bits = {1: 32, 2: 64}.get(ident[4])
    order = {1: "<", 2: ">"}.get(ident[5])
    if not bits or not order:
        raise reader.malformed("its word size or byte order is unknown")
    header = struct.Struct(order + ("HHIQQQIHHH" if bits == 64 else "HHIIIIIHHH"))
    kind, machine, _, entry, table, _, _, _, width, count = header.unpack(reader.read(16, header.size))
    segments = _segments(reader, order, bits, table, width, count)
    interpreter = None
    dynamic: list[tuple[int, int]] = []
    for segment in segments:
        if segment.type == _PT_LOAD and segment.offset + segment.size > reader.size:
            raise reader.malformed("it is truncated")
        if segment.type == _PT_INTERP:
            interpreter = reader.string(segment.offset)
        if segment.type == _PT_DYNAMIC:
            dynamic = _dynamic(reader, order, bits, segment)
    tags = dict(dynamic)
    strings = _offset(segments, tags[_DT_STRTAB]) if _DT_STRTAB in tags else None
    needed: tuple[str, ...] = ()
    glibc = None
    if strings is not None:
        names = [value for tag, value in dynamic if tag == _DT_NEEDED][:_MAX_NEEDED]
        needed = tuple(reader.string(strings + value) for value in names)
        versions = _offset(segments, tags[_DT_VERNEED]) if _DT_VERNEED in tags else None
        if versions is not None:
            glibc = _newest_glibc(reader, order, versions, strings, tags.get(_DT_VERNEEDNUM, 0))
    type_ = _TYPES.get(kind, "other")
    placed_anywhere = interpreter is not None or bool(tags.get(_DT_FLAGS_1, 0) & _DF_1_PIE) or not dynamic
    starts = type_ == "executable" or (type_ == "shared" and placed_anywhere and _DT_SONAME not in tags)
    return Elf(
        os=_SYSTEMS.get(ident[7], "linux"),
        arch=_arch(machine, bits, order),
        bits=bits,
        endian="little" if order == "<" else "big",
        type=type_,
        program=bool(entry) and starts,
        interpreter=interpreter,
        needed=needed,
        glibc=glibc,
    )


def _arch(machine: int, bits: int, order: str) -> str:
    name = _MACHINES.get((machine, bits), f"machine {machine}")
    return name + "le" if name in _WITH_LE_FORM and order == "<" else name


def _segments(reader: _Reader, order: str, bits: int, table: int, width: int, count: int) -> list[_Segment]:
    entry = struct.Struct(order + ("IIQQQQ" if bits == 64 else "IIIII"))
    if (count and width < entry.size) or count > _MAX_SEGMENTS:
        raise reader.malformed("its program header table is corrupt")
    data = reader.read(table, width * count) if count else b""
    segments = []
    for start in range(0, len(data), width or 1):
        if bits == 64:
            kind, _, offset, address, _, size = entry.unpack_from(data, start)
        else:
            kind, offset, address, _, size = entry.unpack_from(data, start)
        segments.append(_Segment(kind, offset, address, size))
    return segments


def _dynamic(reader: _Reader, order: str, bits: int, segment: _Segment) -> list[tuple[int, int]]:
    entry = struct.Struct(order + ("QQ" if bits == 64 else "II"))
    size = min(segment.size, _MAX_DYNAMIC)
    data = reader.read(segment.offset, size - size % entry.size)
    pairs: list[tuple[int, int]] = []
    for tag, value in entry.iter_unpack(data):
        if tag == 0:
            break
        pairs.append((tag, value))
    return pairs


def _offset(segments: list[_Segment], address: int) -> int | None:
    for segment in segments:
        if segment.type == _PT_LOAD and segment.address <= address < segment.address + segment.size:
            return address - segment.address + segment.offset
    return None


def _newest_glibc(reader: _Reader, order: str, offset: int, strings: int, count: int) -> tuple[int, ...] | None:
    library, version = struct.Struct(order + "HHIII"), struct.Struct(order + "IHHII")
    newest: tuple[int, ...] | None = None
    left = _MAX_VERSIONS
    for _ in range(min(count, _MAX_VERSIONS)):
        _, versions, _, first, following = library.unpack(reader.read(offset, library.size))
        at = offset + first
        for _ in range(versions):
            left -= 1
            if left < 0:
                raise reader.malformed("its version table is corrupt")
            _, _, _, name, step = version.unpack(reader.read(at, version.size))
            needs = _glibc_version(reader.string(strings + name))
            if needs and (newest is None or needs > newest):
                newest = needs
            if not step:
                break
            at += step
        if not following:
            break
        offset += following
    return newest


def _glibc_version(symbol: str) -> tuple[int, ...] | None:
    if symbol == "GLIBC_ABI_DT_RELR":  # a form of relocation that 2.36 was the first to know
        return (2, 36)
    prefix, _, number = symbol.partition("_")
    parts = number.split(".")
    if prefix != "GLIBC" or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return None
    return tuple(int(part) for part in parts)
