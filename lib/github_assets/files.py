"""Writing files atomically, removing trees, and TOML output."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from github_assets.errors import CannotWrite


@contextlib.contextmanager
def disk_errors(path: str) -> Iterator[None]:
    """Turn an OSError in the block into CannotWrite."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(path=path, reason=error.strerror or str(error)) from None


def write_atomically(path: str, content: str) -> None:
    """Write a world-readable file and rename it into place. Raises CannotWrite."""
    partial = f"{path}.partial"
    with disk_errors(path):
        try:
            with open(partial, "w", encoding="utf-8") as file:
                file.write(content)
            os.chmod(partial, 0o644)
            os.replace(partial, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(partial)
            raise


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
