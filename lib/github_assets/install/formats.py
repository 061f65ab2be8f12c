"""What a file is, by its first bytes; its name is never asked."""

from __future__ import annotations

from github_assets.selection.vocabulary import ARCHIVE_FORMATS, COMPRESSION_FORMATS

HEAD = 512
"""As many bytes of a file decide."""
PROGRAM_HEAD = 8
"""As many decide whether it is a program."""
TAR, GZ, BZ2, XZ, ZST, ZIP = "tar", "gz", "bz2", "xz", "zst", "zip"
ELF, SCRIPT, APE, WINDOWS, MACOS, OTHER = "elf", "script", "ape", "windows", "macos", "other"
COMPRESSIONS = (GZ, BZ2, XZ, ZST)
ARCHIVES = (TAR, *COMPRESSIONS, ZIP)
UNPACKABLE = tuple(each for each in (*ARCHIVE_FORMATS, *COMPRESSION_FORMATS) if each.split(".")[-1] in ARCHIVES)
"""What can be unpacked, as messages name it."""
UNSUPPORTED = ("7z", "rar", "deb", "ar", "rpm", "cpio", "xar", "squashfs", "cab", "lz4", "lz", "lzma", "lzo", "Z")
"""Archives and compressions all the same, which `archives.unpack` refuses."""

_PROGRAMS = (
    (b"\x7fELF", ELF),
    (b"#!", SCRIPT),
    # Actually Portable Executables begin like Windows' and are shell scripts too.
    (b"MZqFpD='", APE),
    (b"jartsr='", APE),
    (b"APEDBG='", APE),
    (b"MZ", WINDOWS),
    (b"\xcf\xfa\xed\xfe", MACOS),
    (b"\xce\xfa\xed\xfe", MACOS),
    (b"\xfe\xed\xfa\xcf", MACOS),
    (b"\xfe\xed\xfa\xce", MACOS),
)
_UNIVERSAL = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_MOST_ARCHITECTURES = 40
_MAGIC = (
    (b"\x1f\x8b\x08", GZ),
    (b"BZh", BZ2),
    (b"\xfd7zXZ\x00", XZ),
    (b"\x28\xb5\x2f\xfd", ZST),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"PK\x07\x08", ZIP),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"!<arch>\ndebian-binary", "deb"),
    (b"!<arch>\n", "ar"),
    (b"\xed\xab\xee\xdb", "rpm"),
    (b"07070", "cpio"),
    (b"xar!", "xar"),
    (b"hsqs", "squashfs"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP", "lz"),
    (b"\x89LZO\0\r\n\x1a\n", "lzo"),
    (b"\x1f\x9d", "Z"),
    (b"MSCF", "cab"),
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TAR_CHECKSUM = slice(148, 156)


def sniff(head: bytes) -> str:
    """Return the format of a file that begins with these up to `HEAD` bytes: a constant of this module."""
    if is_tar(head) and any(head):  # its checksum says more than the few letters that its first name begins with
        return TAR
    program = sniff_program(head)
    if program != OTHER:
        return program
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50:
        return ZST  # a skippable frame comes first: pzstd
    if head[:3] == b"\x5d\0\0" and (head[5:13] == b"\xff" * 8 or (len(head) > 13 and head[10:13] == b"\0\0\0")):
        return "lzma"
    return TAR if is_tar(head) else OTHER


def sniff_program(head: bytes | memoryview) -> str:
    """Return ELF, SCRIPT, APE, WINDOWS or MACOS, or OTHER for anything else, an archive too."""
    start = bytes(head[:PROGRAM_HEAD])
    for magic, name in _PROGRAMS:
        if start.startswith(magic):
            return name
    # A Java class begins likewise, and has its version where the number of architectures is here.
    if start.startswith(_UNIVERSAL) and int.from_bytes(start[4:8]) <= _MOST_ARCHITECTURES:
        return MACOS
    return OTHER


def is_tar(head: bytes) -> bool:
    """Tell whether this is the first block of a tar archive of any dialect, an empty one's too."""
    if len(head) < HEAD:
        return False
    block = head[:HEAD]
    if not any(block):
        return True
    digits = block[_TAR_CHECKSUM].strip(b" \0")
    if not digits.isdigit() or len(digits.strip(b"01234567")):
        return False
    unsigned = sum(block) - sum(block[_TAR_CHECKSUM]) + 8 * ord(" ")
    signed = unsigned - 256 * sum(byte >= 0x80 for byte in block)  # as old archivers have it
    return int(digits, 8) in (unsigned, signed)


def why_no_program(head: bytes) -> str:
    """Return why Linux can't execute a file of format OTHER that begins so, as the end of a sentence."""
    text = head.removeprefix(_BYTE_ORDER_MARK)
    if not head:
        return "it is empty"
    if text != head and text.startswith(b"#!"):
        return "a byte order mark precedes its #! line"
    if text.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "it is an HTML page"
    if head.startswith(b"\0asm"):
        return "it is a WebAssembly module"
    if head.startswith(_UNIVERSAL):
        return "it is a Java class"
    if _is_text(head):
        return "it is text that does not begin with a #! line"
    return "its format is unknown"


def _is_text(head: bytes) -> bool:
    return not any(byte < 0x20 and byte not in b"\t\n\f\r\x1b" for byte in head)
