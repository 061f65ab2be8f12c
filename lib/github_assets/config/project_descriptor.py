"""The build's variables in project.toml (buildpacks.io, "Project Descriptor")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_TABLES = (("build", "env"), ("io", "buildpacks", "build", "env"))
"""Of schema 0.1, and of the later ones."""


class BuildVariable(NamedTuple):
    """A variable, and the table that gives it its value, as `[[build.env]]`."""

    name: str
    value: str
    table: str


def build_variables(document: dict[str, Any]) -> Iterator[BuildVariable]:
    """Yield the variables of a parsed project descriptor."""
    for path in _TABLES:
        entries: Any = document
        for name in path:
            entries = entries.get(name) if isinstance(entries, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            match entry:
                case {"name": str(name), "value": str(value)}:
                    yield BuildVariable(name, value, f"[[{'.'.join(path)}]]")
