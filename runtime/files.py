"""Directories of files that are the same bytes each time they are made."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import struct
from collections.abc import Iterator

#: The modification time of every file, the one that the lifecycle and pack give to layers: 1980-01-01T00:00:01Z.
TIME = 315532801


def settle(folder: str) -> None:
    """Give every file below `folder`, and itself, its mode (0755 for directories and programs, else 0644) and TIME."""
    for parent, _, files in os.walk(folder, topdown=False):
        for name in files:
            path = os.path.join(parent, name)
            os.chmod(path, 0o755 if os.stat(path).st_mode & 0o100 else 0o644)
            os.utime(path, (TIME, TIME))
        os.chmod(parent, 0o755)
        os.utime(parent, (TIME, TIME))


def digest(folder: str) -> str:
    """Return the SHA-256, in hexadecimal, of the names, modes and bytes of every file below `folder`."""
    whole = hashlib.sha256()
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{os.path.relpath(path, folder)}\0{os.stat(path).st_mode:o}\0{content}\n".encode())
    return whole.hexdigest()


def remove(path: str) -> None:
    """Remove a file or a whole directory, if it is there."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


@contextlib.contextmanager
def complete(target: str, scratch: str) -> Iterator[str]:
    """Yield a new directory below `scratch`, which replaces `target` if the block ends well: never half of it."""
    made = os.path.join(scratch, "new", os.path.basename(target))
    old = os.path.join(scratch, "old", os.path.basename(target))
    for path in (made, old):
        remove(path)
    os.makedirs(made)
    os.makedirs(os.path.dirname(old), exist_ok=True)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    yield made
    if os.path.exists(target):
        os.rename(target, old)
    os.rename(made, target)
    remove(old)


def strip(path: str) -> None:
    """Cut off what no loader reads from a 64-bit little-endian ELF file: section headers, symbol table, debug data.

    Same result on every host, which binutils of different versions do not give. elf(5) has the offsets.
    """
    with open(path, "rb") as file:
        image = bytearray(file.read())
    table, size, count = (
        *struct.unpack_from("<Q", image, 32),
        *struct.unpack_from("<HH", image, 54),
    )
    headers = [struct.unpack_from("<IIQQQQ", image, table + size * index) for index in range(count)]
    end = max([table + size * count, *(offset + in_file for _, _, offset, _, _, in_file in headers)])
    struct.pack_into("<Q", image, 40, 0)
    struct.pack_into("<HH", image, 60, 0, 0)
    with open(path, "wb") as file:
        file.write(image[:end])
