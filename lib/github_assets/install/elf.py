"""What an ELF file says of itself: the System V ABI's headers, the GNU extensions for symbol versions.

Nothing in the file is trusted: each read is bounded and stays within the file.
"""

from __future__ import annotations

import os
import struct
from itertools import takewhile
from typing import NamedTuple

MAGIC = b"\x7fELF"
EXECUTABLE, SHARED, OBJECT, CORE, OTHER = "executable", "shared", "object", "core", "other"

_MACHINES = {
    (3, 32): "386",
    (62, 64): "amd64",
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
_TYPES = {1: OBJECT, 2: EXECUTABLE, 3: SHARED, 4: CORE}
_SYSTEMS_OF_NOTES = {
    b"FreeBSD\0": "freebsd",
    b"NetBSD\0": "netbsd",
    b"OpenBSD\0": "openbsd",
    b"DragonFly\0": "dragonfly",
}
_SYSTEMS_OF_INTERPRETERS = {
    "/libexec/ld-elf.so.1": "freebsd",
    "/libexec/ld-elf.so.2": "dragonfly",
    "/libexec/ld.elf_so": "netbsd",
    "/usr/libexec/ld.elf_so": "netbsd",
    "/usr/libexec/ld.so": "openbsd",
    "/usr/lib/ld.so.1": "solaris",
    "/lib/amd64/ld.so.1": "solaris",
    "/usr/lib/amd64/ld.so.1": "solaris",
    "/lib/64/ld.so.1": "solaris",
    "/usr/lib/64/ld.so.1": "solaris",
}

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP, _PT_NOTE = 1, 2, 3, 4
_DT_NEEDED, _DT_STRTAB, _DT_STRSZ, _DT_SONAME = 1, 5, 10, 14
_DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFFE, 0x6FFFFFFF

_MAX_SEGMENTS = 1024
_MAX_DYNAMIC = 64 << 10
_MAX_NOTES = 4096
_MAX_STRING = 4096
_MAX_STRINGS = 16 << 20
_MAX_NEEDED = 512
_MAX_VERSIONS = 1024


class Elf(NamedTuple):
    """The facts of an ELF file."""

    os: str
    """`linux`, or another system where its notes or its interpreter name one.

    The header's OSABI field tells nothing: Linux ignores it.
    """
    arch: str | None
    """Go's name, `amd64`; `machine N` where Go has none here; None where it can't be told."""
    type: str
    """EXECUTABLE, SHARED (programs that can be anywhere in memory too), OBJECT, CORE or OTHER."""
    program: bool = False
    """Whether it can be started, and is not a library."""
    interpreter: str | None = None
    """The loader that starts it; None: it is static."""
    needed: tuple[str, ...] = ()
    """The libraries that it names."""
    glibc: tuple[int, ...] | None = None
    """The newest version of glibc whose symbols it needs: (2, 34)."""
    malformed: str | None = None
    """Why the rest of it can't be read; the fields before it then hold what could be."""


class _MalformedError(Exception):
    """Its argument is the reason."""


class _Segment(NamedTuple):
    type: int
    offset: int
    address: int
    size: int


class _Reader:
    """Reads of one file, with its word size and byte order."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.size = os.fstat(file).st_size
        ident = os.pread(file, 16, 0).ljust(16, b"\0")
        self.bits = {1: 32, 2: 64}.get(ident[4], 0)
        self._order = {1: "<", 2: ">"}.get(ident[5], "")

    @property
    def is_known(self) -> bool:
        """Whether word size and byte order are known."""
        return bool(self.bits and self._order)

    @property
    def is_little_endian(self) -> bool:
        return self._order == "<"

    def form(self, wide: str, narrow: str) -> struct.Struct:
        """Return the structure that a 64-bit, or a 32-bit, file has."""
        return struct.Struct(self._order + (wide if self.bits == 64 else narrow))

    def read(self, offset: int, size: int) -> bytes:
        data = os.pread(self._file, size, offset) if offset >= 0 and offset + size <= self.size else b""
        if len(data) < size:
            raise _MalformedError("a header points past the end of the file")
        return data

    def read_up_to(self, offset: int, size: int) -> bytes:
        return os.pread(self._file, size, offset) if 0 <= offset < self.size else b""


def _string(data: bytes, offset: int = 0) -> str:
    end = data.find(b"\0", offset, offset + _MAX_STRING)
    if end < 0:
        raise _MalformedError("a string has no end")
    return data[offset:end].decode("utf-8", "replace")


def read(path: str) -> Elf | None:
    """Return the facts of the file at `path`, None where it is no ELF file. Raises OSError where it can't be read."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return _read(_Reader(file)) if os.pread(file, len(MAGIC), 0) == MAGIC else None
    finally:
        os.close(file)


def _read(reader: _Reader) -> Elf:
    if not reader.is_known:
        return Elf("linux", None, OTHER, malformed="its header has an unknown word size or byte order")
    header = reader.form("HHIQQQIHHH", "HHIIIIIHHH")
    try:
        kind, machine, _, entry, table, _, _, _, width, count = header.unpack(reader.read(16, header.size))
    except _MalformedError as error:
        return Elf("linux", None, OTHER, malformed=str(error))
    arch = _arch(machine, reader)
    if arch is None:
        return Elf("linux", None, OTHER, malformed="its word size or byte order does not match its architecture")
    elf = Elf("linux", arch, _TYPES.get(kind, OTHER))
    try:
        segments = _read_segments(reader, table, width, count)
        elf = _with_interpreter_and_system(elf, reader, segments)
        dynamic = _read_dynamic(reader, segments)
        elf = elf._replace(program=bool(entry) and _is_program(elf, dynamic))
        elf = _with_libraries(elf, reader, segments, dynamic)
        if any(each.type == _PT_LOAD and each.offset + each.size > reader.size for each in segments):
            raise _MalformedError("it is truncated")
    except _MalformedError as error:
        return elf._replace(malformed=str(error))
    return elf


def _arch(machine: int, reader: _Reader) -> str | None:
    """Return the architecture; None where it has another word size or byte order, which Linux does not look at."""
    name = _MACHINES.get((machine, reader.bits))
    if name:
        return name + "le" if name in _WITH_LE_FORM and reader.is_little_endian else name
    swapped = int.from_bytes(machine.to_bytes(2, "little"), "big")
    if any(number in (machine, swapped) for number, _ in _MACHINES):
        return None
    return f"machine {machine}"


def _read_segments(reader: _Reader, table: int, width: int, count: int) -> list[_Segment]:
    entry = reader.form("IIQQQQQQ", "IIIIIIII")
    if (count and width != entry.size) or count > _MAX_SEGMENTS:
        raise _MalformedError("its program headers are corrupt")
    data = reader.read(table, width * count) if count else b""
    if reader.bits == 64:
        return [
            _Segment(kind, offset, address, size) for kind, _, offset, address, _, size, *_ in entry.iter_unpack(data)
        ]
    return [_Segment(kind, offset, address, size) for kind, offset, address, _, size, *_ in entry.iter_unpack(data)]


def _with_interpreter_and_system(elf: Elf, reader: _Reader, segments: list[_Segment]) -> Elf:
    for segment in segments:
        if segment.type == _PT_INTERP:
            interpreter = _string(reader.read_up_to(segment.offset, _MAX_STRING))
            elf = elf._replace(interpreter=interpreter, os=_SYSTEMS_OF_INTERPRETERS.get(interpreter, elf.os))
        elif segment.type == _PT_NOTE:
            elf = elf._replace(os=_system_of_notes(reader, segment) or elf.os)
    return elf


def _system_of_notes(reader: _Reader, segment: _Segment) -> str | None:
    header = reader.form("III", "III")
    data = reader.read(segment.offset, min(segment.size, _MAX_NOTES))
    at = 0
    while at + header.size <= len(data):
        name_size, description_size, _ = header.unpack_from(data, at)
        at += header.size
        system = _SYSTEMS_OF_NOTES.get(data[at : at + name_size])
        if system:
            return system
        at += -(-name_size // 4) * 4 + -(-description_size // 4) * 4
    return None


def _read_dynamic(reader: _Reader, segments: list[_Segment]) -> list[tuple[int, int]]:
    entry = reader.form("QQ", "II")
    segment = next((each for each in segments if each.type == _PT_DYNAMIC), None)
    if segment is None:
        return []
    size = min(segment.size, _MAX_DYNAMIC)
    pairs = entry.iter_unpack(reader.read(segment.offset, size - size % entry.size))
    return list(takewhile(lambda pair: pair[0] != 0, pairs))


def _is_program(elf: Elf, dynamic: list[tuple[int, int]]) -> bool:
    """Tell a program from a library. What can be anywhere in memory is one or the other."""
    tags = {tag for tag, _ in dynamic}
    if elf.type != SHARED:
        return elf.type == EXECUTABLE
    # A static one has neither a loader nor libraries; older linkers don't flag it as a program.
    return _DT_SONAME not in tags and (elf.interpreter is not None or _DT_NEEDED not in tags)


def _with_libraries(elf: Elf, reader: _Reader, segments: list[_Segment], dynamic: list[tuple[int, int]]) -> Elf:
    tags = dict(dynamic)
    table = _offset(segments, tags[_DT_STRTAB]) if _DT_STRTAB in tags else None
    if table is None:
        return elf
    strings = reader.read_up_to(table, min(tags.get(_DT_STRSZ, _MAX_STRINGS), _MAX_STRINGS))
    names = [value for tag, value in dynamic if tag == _DT_NEEDED][:_MAX_NEEDED]
    elf = elf._replace(needed=tuple(_string(strings, value) for value in names))
    versions = _offset(segments, tags[_DT_VERNEED]) if _DT_VERNEED in tags else None
    if versions is None:
        return elf
    return elf._replace(glibc=_newest_glibc(reader, versions, strings, tags.get(_DT_VERNEEDNUM, 0)))


def _offset(segments: list[_Segment], address: int) -> int | None:
    for segment in segments:
        if segment.type == _PT_LOAD and segment.address <= address < segment.address + segment.size:
            return address - segment.address + segment.offset
    return None


def _newest_glibc(reader: _Reader, offset: int, strings: bytes, count: int) -> tuple[int, ...] | None:
    library, version = reader.form("HHIII", "HHIII"), reader.form("IHHII", "IHHII")
    newest: tuple[int, ...] | None = None
    left = _MAX_VERSIONS
    for _ in range(min(count, _MAX_VERSIONS)):
        _, versions, _, first, following = library.unpack(reader.read(offset, library.size))
        at = offset + first
        for _ in range(versions):
            left -= 1
            if left < 0:
                raise _MalformedError("its symbol versions are corrupt")
            _, _, _, name, step = version.unpack(reader.read(at, version.size))
            needs = _glibc_version(_string(strings, name))
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
