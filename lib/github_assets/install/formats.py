"""What a file is, by its first bytes; its name is never asked."""

from __future__ import annotations

HEAD = 512
"""As many bytes of a file decide."""
PROGRAM_HEAD = 7
"""As many decide whether it is a program."""
TAR, GZ, BZ2, XZ, ZST, ZIP = "tar", "gz", "bz2", "xz", "zst", "zip"
ELF, SCRIPT, WINDOWS, MACOS, JAR, OTHER = "elf", "script", "windows", "macos", "jar", "other"
COMPRESSIONS = (GZ, BZ2, XZ, ZST)
ARCHIVES = (TAR, *COMPRESSIONS, ZIP)
UNPACKABLE = ("tar.gz", "tar.xz", "tar.zst", "tar.bz2", "tar", "zip", "gz", "xz", "zst", "bz2")
"""What can be unpacked, as messages name it."""
UNSUPPORTED = ("7z", "rar", "deb", "rpm", "lz4", "lz", "Z", "cab")
"""Archives all the same, which `archives.unpack` refuses."""

_PROGRAMS = (
    (b"\x7fELF", ELF),
    (b"#!", SCRIPT),
    (b"MZ", WINDOWS),
    (b"\xcf\xfa\xed\xfe", MACOS),
    (b"\xce\xfa\xed\xfe", MACOS),
    (b"\xca\xfe\xba\xbe\x00\x00\x00", MACOS),  # a Java class has its version there
)
_MAGIC = (
    *_PROGRAMS,
    (b"\x1f\x8b\x08", GZ),
    (b"BZh", BZ2),
    (b"\xfd7zXZ\x00", XZ),
    (b"\x28\xb5\x2f\xfd", ZST),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"PK\x07\x08", ZIP),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"!<arch>\n", "deb"),
    (b"\xed\xab\xee\xdb", "rpm"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP", "lz"),
    (b"\x1f\x9d", "Z"),
    (b"MSCF", "cab"),
)
_ZIP_NAME = slice(30, 39)
_TAR_CHECKSUM = slice(148, 156)


def sniff(head: bytes) -> str:
    """Return the format of a file that begins with these up to `HEAD` bytes: a constant of this module.

    A jar is a zip that is run as it is, so it is told apart: by its manifest, which comes first.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return JAR if name == ZIP and head[_ZIP_NAME] == b"META-INF/" else name
    if head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50:
        return ZST  # a skippable frame comes first: pzstd
    return TAR if is_tar(head) else OTHER


def sniff_program(head: bytes | memoryview) -> str:
    """Return ELF, SCRIPT, WINDOWS or MACOS, or OTHER for anything else, an archive too."""
    start = bytes(head[:PROGRAM_HEAD])
    for magic, name in _PROGRAMS:
        if start.startswith(magic):
            return name
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
    return int(digits, 8) == sum(block) - sum(block[_TAR_CHECKSUM]) + 8 * ord(" ")
