"""Tokens that stand in project.toml, where everybody who has the source reads them, and which ends up in the image."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from github_assets.config.parsing import parse_toml
from github_assets.errors.config import FileUnreadable

_TABLES = (("build", "env"), ("io", "buildpacks", "build", "env"))
"""Of the project descriptor's schema 0.1, and of the later ones."""


def exposed_tokens(text: str, file: str, names: Collection[str]) -> list[str]:
    """Return a warning for each build variable of these names that a project descriptor gives a value."""
    try:
        document = parse_toml(text, file)
    except FileUnreadable:
        return []  # an error where assets are read from it; without them, the file is not for us
    warnings = []
    for path in _TABLES:
        for entry in _entries(document, path):
            if isinstance(entry, dict) and entry.get("name") in names and entry.get("value"):
                warnings.append(
                    f"{entry['name']} is set in [[{'.'.join(path)}]] of {file}, where anyone with the source or the"
                    " image can read it. Revoke the token, and pass a new one to the build only: with pack build"
                    f" --env {entry['name']}, or in a binding of type github."
                )
    return warnings


def _entries(document: dict[str, Any], path: tuple[str, ...]) -> list[Any]:
    place: Any = document
    for name in path:
        place = place.get(name) if isinstance(place, dict) else None
    return place if isinstance(place, list) else []
