"""Secrets in the application's folder, which everybody with the source or the image can read."""

from __future__ import annotations

from collections.abc import Collection

from github_assets.config.parsing import parse_toml
from github_assets.config.project_descriptor import build_variables
from github_assets.errors.config import FileUnreadable


def token_warnings(text: str, file: str, names: Collection[str]) -> list[str]:
    """Return a warning for each build variable of these names that a project descriptor gives a value."""
    try:
        document = parse_toml(text, file)
    except FileUnreadable:
        return []  # an error where assets are read from it; without them, the file is not for us
    return [
        f"{variable.name} is set in {variable.table} of {file}, where anyone with the source or the image can read it."
        " Revoke the token, and pass a new one to the build only: with pack build"
        f" --env {variable.name}, or in a binding of type github."
        for variable in build_variables(document)
        if variable.name in names and variable.value
    ]
