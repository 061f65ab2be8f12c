"""The syntax of versions."""

from __future__ import annotations


def is_range(version: str) -> bool:
    """Return whether VERSION is a range rather than a tag, `latest` or a number; it may be one without meaning."""
    if version.startswith(tuple("^~<>=!*")):
        return True
    number = without_v(version).lower()
    parts = number.split(".")
    return number[:1].isdigit() and (
        any(character in "<>=!^~*, " for character in number)
        or ("x" in parts and all(part == "x" or part.isdigit() for part in parts))
    )


def without_v(text: str) -> str:
    """Return a version number without the `v` in front of it; any other text as it is."""
    return text[1:] if text[:1] in ("v", "V") and text[1:2].isdigit() else text
