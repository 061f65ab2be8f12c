"""Small hand-made ELF files: headers that `elf` reads, without code."""

from __future__ import annotations

import struct
from collections.abc import Sequence

INTERPRETER_AMD64 = "/lib64/ld-linux-x86-64.so.2"
MUSL_AMD64 = "/lib/ld-musl-x86_64.so.1"
AMD64, ARM64 = 62, 183
EXEC, DYN, REL = 2, 3, 1

_BASE = 0x10000


def elf(
    machine: int = AMD64,
    *,
    bits: int = 64,
    order: str = "<",
    type_: int = EXEC,
    entry: int = _BASE,
    interpreter: str | None = None,
    needed: Sequence[str] = (),
    versions: Sequence[str] = (),
    soname: str | None = None,
    pie: bool = False,
    osabi: int = 0,
    note: bytes | None = None,
    padding: int = 0,
) -> bytes:
    """Return an ELF file; `versions` are symbol versions that it needs of libc.so.6, as `GLIBC_2.34`.

    `note` is the name of a note, as systems mark their programs.
    """
    wide = bits == 64
    header_size, segment_size = (64, 56) if wide else (52, 32)
    strings = bytearray(b"\0")

    def string(text: str) -> int:
        strings.extend(text.encode() + b"\0")
        return len(strings) - len(text.encode()) - 1

    dynamic: list[tuple[int, int]] = [(1, string(name)) for name in needed]
    if soname:
        dynamic.append((14, string(soname)))
    library = string("libc.so.6")
    version_names = [string(version) for version in versions]
    has_dynamic = bool(dynamic or versions or pie)
    segments = 1 + (interpreter is not None) + has_dynamic + (note is not None)
    body_at = header_size + segments * segment_size
    body = bytearray()
    interpreter_at = body_at
    body += (interpreter or "").encode() + b"\0"
    strings_at = body_at + len(body)
    body += strings
    versions_at = body_at + len(body)
    if versions:
        body += struct.pack(order + "HHIII", 1, len(versions), library, 16, 0)
        for index, name in enumerate(version_names):
            following = 16 if index + 1 < len(versions) else 0
            body += struct.pack(order + "IHHII", 0, 0, 2, name, following)
        dynamic += [(0x6FFFFFFE, _BASE + versions_at), (0x6FFFFFFF, 1)]
    if pie:
        dynamic.append((0x6FFFFFFB, 0x08000000))
    dynamic_at = body_at + len(body)
    if has_dynamic:
        dynamic += [(5, _BASE + strings_at), (0, 0)]
        for pair in dynamic:
            body += struct.pack(order + ("QQ" if wide else "II"), *pair)
    dynamic_end = note_at = body_at + len(body)
    if note is not None:
        body += struct.pack(order + "III", len(note) + 1, 4, 1) + note + bytes(-len(note) % 4 or 4) + bytes(4)
    size = body_at + len(body)
    table = [(1, 0, size)]
    if interpreter is not None:
        table.append((3, interpreter_at, len(interpreter) + 1))
    if dynamic:
        table.append((2, dynamic_at, dynamic_end - dynamic_at))
    if note is not None:
        table.append((4, note_at, size - note_at))
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1, osabi]) + bytes(8)
    form = "HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"
    result = bytearray(ident)
    result += struct.pack(
        order + form, type_, machine, 1, entry, header_size, 0, 0, header_size, segment_size, segments, 0, 0, 0
    )
    for kind, offset, length in table:
        if wide:
            result += struct.pack(order + "IIQQQQQQ", kind, 5, offset, _BASE + offset, 0, length, length, 1)
        else:
            result += struct.pack(order + "IIIIIIII", kind, offset, _BASE + offset, 0, length, length, 5, 1)
    return bytes(result + body) + bytes(padding)


STATIC = elf()
DYNAMIC = elf(type_=DYN, interpreter=INTERPRETER_AMD64, needed=("libc.so.6",), versions=("GLIBC_2.2.5", "GLIBC_2.34"))
STATIC_PIE = elf(type_=DYN, pie=True)
LIBRARY = elf(type_=DYN, needed=("libc.so.6",), soname="libfoo.so.1")
FOREIGN = elf(ARM64)
