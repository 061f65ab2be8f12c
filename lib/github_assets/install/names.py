"""Names of entries in archives: what they become below a directory, and which are asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from github_assets.errors.install import ArchiveEntryInvalid

MAX_NAME = 2048
"""Bytes of an entry's whole name; leaves room for the directory within Linux' PATH_MAX of 4096."""
MAX_COMPONENT = 255
"""Bytes between two slashes: Linux' NAME_MAX."""
MAX_DEPTH = 200
"""Directories within each other: those who remove or copy the tree later are recursive, and not all of them bounded."""


def relative(name: str) -> str:
    """Return an entry's name without leading slashes, `.` and empty parts, as tar extracts it; `""` for the root."""
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def climbs(name: str) -> bool:
    """Tell whether a name has a `..`, which tar refuses to extract."""
    return ".." in name.split("/")


def check_name(name: str) -> None:
    """Raise ArchiveEntryInvalid where no file below a directory can have this name, or none should."""
    if climbs(name):
        raise ArchiveEntryInvalid(entry=name, reason="its name contains ..")
    if "\0" in name:
        raise ArchiveEntryInvalid(entry=name, reason="its name contains a NUL byte")
    parts = name.split("/")
    if len(os.fsencode(name)) > MAX_NAME or any(len(os.fsencode(part)) > MAX_COMPONENT for part in parts):
        raise ArchiveEntryInvalid(entry=name, reason="its name is too long")
    if len(parts) > MAX_DEPTH:
        raise ArchiveEntryInvalid(entry=name, reason=f"it is nested more than {MAX_DEPTH} directories deep")


def strip_components(name: str, count: int) -> str | None:
    """Return the name without its first `count` parts; None where nothing is left."""
    parts = name.split("/")
    return "/".join(parts[count:]) if len(parts) > count else None


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether an entry is asked for: by no pattern, or by one for its name or its directory.

    Patterns are shell globs on the name as the archive has it, before `strip_components`; `*` crosses slashes, as with
    `tar --wildcards`. One without a slash also fits a single part: `rg` and `*/rg` both find `ripgrep-14.1.0/rg`.
    """
    if not patterns:
        return lambda _name: True
    globs = [pattern.removeprefix("./").rstrip("/") for pattern in patterns]
    of_name = _union(globs + [f"{glob}/*" for glob in globs])
    of_part = _union([glob for glob in globs if "/" not in glob])
    return lambda name: bool(of_name.match(name)) or any(of_part.match(part) for part in name.split("/"))


def _union(globs: list[str]) -> re.Pattern[str]:
    from fnmatch import translate

    return re.compile("|".join(map(translate, globs)) or "(?!)")
