"""Secrets in the application's directory, where everybody with the source or the image can read them."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection

from github_assets.config.bindings import TOKEN_BINDING, read_binding
from github_assets.config.parsing import parse_toml
from github_assets.config.project_descriptor import build_variables
from github_assets.errors import ErrorCollector
from github_assets.errors.config import BindingPublished, FileUnreadable


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


def check_directories(app_dir: str) -> list[str]:
    """Return a warning for each mirror in the application, which is of no use in the image.

    Raises BindingPublished for a binding with a token, SeveralFailed for several.
    """
    errors = ErrorCollector()
    for folder in _folders_with(app_dir, "type", os.path.join("metadata", "kind")):
        with errors:
            if _holds_token(os.path.join(app_dir, folder)):
                raise BindingPublished(path=folder)
    errors.raise_collected()
    mirrors = _folders_with(app_dir, os.path.join("*.*", "*", "*", "releases", "download"))
    return [
        f"{folder} is a mirror of release assets, and becomes part of the image. Keep it outside of the application's"
        " directory, and mount it as a volume."
        for folder in mirrors
    ]


def _folders_with(app_dir: str, *patterns: str) -> list[str]:
    """Return the folders, at most two levels below the application's, that have something at one of the patterns."""
    found = set()
    for pattern in patterns:
        for folder in ("*", os.path.join("*", "*")):
            for path in glob.iglob(os.path.join(folder, pattern), root_dir=app_dir, include_hidden=True):
                found.add(os.sep.join(path.split(os.sep)[: folder.count("*")]))
    return sorted(found)


def _holds_token(folder: str) -> bool:
    try:
        binding = read_binding(os.path.basename(folder), folder)
        return binding.type == TOKEN_BINDING and os.path.getsize(binding.entries.get("token", os.devnull)) > 0
    except (FileUnreadable, OSError, UnicodeDecodeError):
        return False
