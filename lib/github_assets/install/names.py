"""Names in archives: which are safe, which are asked for, and where links lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from github_assets.errors.install import ArchiveUnsafe

MAX_NAME = 2048
"""Bytes of an entry's whole name; leaves room for the folder within Linux' PATH_MAX of 4096."""
MAX_COMPONENT = 255
"""Bytes between two slashes: Linux' NAME_MAX."""
MAX_HOPS = 40
"""Links that Linux follows before it gives up."""


def checked(name: str) -> str:
    """Return an entry's name without `.` and empty parts, `""` for the archive's own root.

    Raises ArchiveUnsafe where it is absolute, climbs with `..`, is too long, is not UTF-8 or holds a control character.
    """
    _check_text(name, name)
    if name.startswith("/"):
        raise ArchiveUnsafe(entry=name, reason="its name is absolute")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ArchiveUnsafe(entry=name, reason="its name leads outside the archive")
    if len(name) > MAX_COMPONENT // 4 and any(len(part.encode()) > MAX_COMPONENT for part in parts):
        raise ArchiveUnsafe(entry=name[:MAX_COMPONENT], reason="its name is too long")
    return "/".join(parts)


def check_link(name: str, target: str) -> None:
    """Raise ArchiveUnsafe where a link's target is no file name; `leads_to` says whether it is safe."""
    if not target:
        raise ArchiveUnsafe(entry=name, reason="it is a link without a target")
    _check_text(name, target)


def _check_text(entry: str, text: str) -> None:
    if not text.isprintable() and any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text):
        raise ArchiveUnsafe(entry=entry, reason="its name contains a control character")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise ArchiveUnsafe(entry=entry, reason="its name is not UTF-8") from None
    if size > MAX_NAME:
        raise ArchiveUnsafe(entry=entry[:MAX_COMPONENT], reason="its name is too long")


def stripped(name: str, count: int) -> str | None:
    """Return the name without its first `count` parts; None where nothing is left."""
    parts = name.split("/")
    return "/".join(parts[count:]) if len(parts) > count else None


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether an entry is asked for: no pattern, or one that fits its name or a folder that it is in.

    Patterns are shell globs on the name as the archive has it, before `strip_components`; `*` crosses slashes, as with
    `tar --wildcards`. One without a slash also fits a single part: `rg` and `*/rg` both find `ripgrep-14.1.0/rg`.
    """
    if not patterns:
        return True
    from fnmatch import fnmatchcase

    parts = name.split("/")
    wholes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    for pattern in patterns:
        pattern = pattern.removeprefix("./").rstrip("/")
        if any(fnmatchcase(whole, pattern) for whole in wholes):
            return True
        if "/" not in pattern and any(fnmatchcase(part, pattern) for part in parts):
            return True
    return False


def leads_to(name: str, links: Mapping[str, str]) -> str | None:
    """Return what a link leads to in the end, by way of all links (names to targets); None where it leaves the folder.

    The folder's root is `""`. What it leads to need not exist. None too after more than `MAX_HOPS` links, as in a loop.
    """
    done: list[str] = []
    ahead = name.split("/")[::-1]
    hops = 0
    while ahead:
        part = ahead.pop()
        if part in ("", "."):
            continue
        if part == "..":
            if not done:
                return None
            done.pop()
            continue
        done.append(part)
        target = links.get("/".join(done))
        if target is None:
            continue
        hops += 1
        if target.startswith("/") or hops > MAX_HOPS:
            return None
        done.pop()
        ahead.extend(target.split("/")[::-1])
    return "/".join(done)
