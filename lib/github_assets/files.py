"""Writing files atomically, removing trees, and TOML output."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from github_assets.errors import CannotWrite

NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
"""How to open a file that must not be there yet, not even as a link."""


@contextlib.contextmanager
def disk_errors(path: str) -> Iterator[None]:
    """Turn an OSError in the block into CannotWrite."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(path=path, reason=error.strerror or str(error)) from None


def write_atomically(path: str, content: str) -> None:
    """Write a world-readable file and rename it into place, following no link there. Raises CannotWrite."""
    folder, name = os.path.split(path)
    partial = f".{os.urandom(8).hex()}.partial"  # a name that nobody can have put there
    with disk_errors(path), open_folder(folder or ".") as descriptor:
        file = os.open(partial, NEW_FILE, 0o644, dir_fd=descriptor)
        try:
            with open(file, "w", encoding="utf-8") as stream:
                stream.write(content)
                os.fchmod(file, 0o644)
            os.replace(partial, name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(partial, dir_fd=descriptor)
            raise


@contextlib.contextmanager
def open_folder(name: str, parent: int | None = None, *, follow: bool = True) -> Iterator[int]:
    """Yield a descriptor of a directory in `parent`. Raises OSError, also for a link that it is not to `follow`."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(name, flags, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def remove_tree(path: str, *, ignore_errors: bool = False) -> None:
    """Remove a directory and everything in it, if it exists.

    Raises OSError, unless `ignore_errors`: then whatever cannot be removed is left behind.
    """
    if os.path.lexists(path):
        import shutil

        shutil.rmtree(path, ignore_errors)


def to_toml(content: dict[str, Any]) -> str:
    """Return a table as TOML."""
    import json

    import toml

    encoder = toml.TomlEncoder()
    # A JSON string is a TOML string, except for DEL. The toml package mistakes a backslash before x for an escape.
    encoder.dump_funcs[str] = lambda text: json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    return toml.dumps(content, encoder)
