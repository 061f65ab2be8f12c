"""Archives created by code, valid and malformed."""

from __future__ import annotations

import io
import random
import stat
import struct
import tarfile
import zipfile
from typing import NamedTuple

from .elf_files import STATIC


class Member(NamedTuple):
    name: str
    content: bytes = b""
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644


TOOL = Member("tool", STATIC, mode=0o755)


def tar(*members: Member, format_: int = tarfile.PAX_FORMAT, pax: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.type, info.linkname, info.mode, info.size = member.type, member.link, member.mode, len(member.content)
            info.pax_headers = pax or {}
            archive.addfile(info, io.BytesIO(member.content))
    return out.getvalue()


def raw_header(name: bytes, size: int | bytes = 0, type_: bytes = b"0", link: bytes = b"") -> bytes:
    """A malformed tar header; a size given as bytes is written unchanged."""
    field = size if isinstance(size, bytes) else b"%011o\0" % size
    block = name.ljust(100, b"\0") + b"0000755\0" + b"0000000\0" * 2 + field.ljust(12, b"\0") + b"00000000000\0"
    block += b" " * 8 + type_ + link.ljust(100, b"\0") + b"ustar\x0000" + bytes(247)
    block = block[:512].ljust(512, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


END = bytes(1024)


def zipped(*entries: tuple[str, bytes, int], method: int = zipfile.ZIP_DEFLATED, system: int | None = None) -> bytes:
    """A zip of names, contents and Unix modes, created on Unix, or, for entries without a mode, on Windows."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.create_system = (3 if mode else 0) if system is None else system
            info.external_attr, info.compress_type = mode << 16, method
            archive.writestr(info, content)
    return out.getvalue()


def as_zip(*members: Member) -> bytes:
    return zipped(*((member.name, member.content, stat.S_IFREG | member.mode) for member in members))


ZIP_TOOL = ("tool", STATIC, 0o100755)


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


def relabel(data: bytes, offset: int, value: int, form: str = "<I") -> bytes:
    """Change a field of the only entry of a zip in its directory."""
    changed = bytearray(data)
    struct.pack_into(form, changed, changed.rindex(b"PK\x01\x02") + offset, value)
    return bytes(changed)


def sparse(size: int, blocks: list[tuple[str, str]], content: bytes = b"", *, with_size: bool = False) -> bytes:
    """A GNU sparse entry, version 1.0: its map comes before its content. `with_size`: a `size` that counts holes."""
    lines = [str(len(blocks)), *(number for block in blocks for number in block)]
    body = padded("".join(f"{line}\n" for line in lines).encode()) + content
    records = {
        **({"size": str(size)} if with_size else {}),
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "sparse",
        "GNU.sparse.realsize": str(size),
    }
    return pax_header(records) + raw_header(b"s", len(body)) + padded(body)


def pax_header(records: dict[str, str], type_: bytes = b"x") -> bytes:
    """An extended header for the entry after it; of type `g`, for all after it."""
    body = b""
    for key, value in records.items():
        text = f" {key}={value}\n".encode()
        length = len(text) + len(str(len(text) + len(str(len(text)))))
        body += str(length).encode() + text
    return raw_header(b"pax", len(body), type_) + padded(body)
