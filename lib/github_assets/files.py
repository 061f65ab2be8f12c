"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from github_assets.errors import CannotWrite


@contextlib.contextmanager
def disk_errors(path: str) -> Iterator[None]:
    """Raise CannotWrite for what the operating system refuses inside the block."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(path=path, reason=error.strerror or str(error)) from None


def write_atomically(path: str, content: str) -> None:
    """Put a file in place by a rename, readable for all. Raises CannotWrite."""
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
    """Remove a folder and all that is in it, if it is there.

    Raises OSError; with `ignore_errors` it goes on, and what cannot be removed stays.
    """
    if os.path.lexists(path):
        import shutil

        shutil.rmtree(path, ignore_errors)


def to_toml(content: dict[str, Any]) -> str:
    """Return a table as TOML."""
    import json

    import toml

    encoder = toml.TomlEncoder()
    # A JSON string is a TOML string, but for DEL; toml's own way takes a backslash before an x for an escape.
    encoder.dump_funcs[str] = lambda text: json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    return toml.dumps(content, encoder)
