"""Which names may be used, and where."""

from __future__ import annotations

_REPOSITORY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
LONGEST_FILE_NAME = 255
"""Bytes, on every file system that images are built on."""


def valid_repository_name(name: str) -> bool:
    """Return whether GitHub could have an owner or a repository of this name."""
    return 0 < len(name) <= 100 and name not in (".", "..") and _REPOSITORY_CHARACTERS.issuperset(name)


def printable(text: str) -> bool:
    """Return whether the text is free of control characters, line separators and lone surrogates."""
    return text.isprintable()


def valid_file_name(name: str) -> bool:
    """Return whether the name is that of one file in one folder, on any file system."""
    return (
        name.strip() == name
        and name not in ("", ".", "..")
        and "/" not in name
        and "\\" not in name
        and printable(name)
        and len(name.encode()) <= LONGEST_FILE_NAME
    )


def valid_tag(name: str) -> bool:
    """Return whether git allows a tag of this name (git-check-ref-format)."""
    return (
        printable(name)
        and not any(character in " ~^:?*[\\" for character in name)
        and not any(part in name for part in ("..", "//", "@{"))
        and not name.startswith(("-", "/"))
        and not name.endswith(("/", ".", ".lock"))
        and not any(component.startswith(".") for component in name.split("/"))
        and 0 < len(name.encode()) <= LONGEST_FILE_NAME
    )
