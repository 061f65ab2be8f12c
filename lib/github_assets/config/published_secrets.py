"""Secrets in the application's directory, where everybody with the source or the image can read them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator

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
    folders = sorted(_below(app_dir, 2))
    for folder in folders:
        with errors:
            if _holds_token(os.path.join(app_dir, folder)):
                raise BindingPublished(path=folder)
    errors.raise_collected()
    return [
        f"{folder} is a mirror of release assets, and becomes part of the image. Keep it outside of the application's"
        " directory, and mount it as a volume."
        for folder in folders
        if _is_mirror(os.path.join(app_dir, folder))
    ]


def _below(folder: str, depth: int) -> Iterator[str]:
    """Yield the paths of the directories below a directory, this deep at most.

    No link is followed: they can lead in circles.
    """
    for name in _folders(folder):
        yield name
        if depth > 1:
            yield from (os.path.join(name, path) for path in _below(os.path.join(folder, name), depth - 1))


def _folders(folder: str) -> list[str]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _is_mirror(folder: str) -> bool:
    """Return whether there is `HOST/OWNER/NAME/releases/download` in the directory."""
    return any(
        os.path.isdir(os.path.join(folder, host, owner, name, "releases", "download"))
        for host in _folders(folder)
        if "." in host
        for owner in _folders(os.path.join(folder, host))
        for name in _folders(os.path.join(folder, host, owner))
    )


def _holds_token(folder: str) -> bool:
    if not any(os.path.exists(os.path.join(folder, kind)) for kind in ("type", "metadata/kind")):
        return False
    try:
        binding = read_binding(os.path.basename(folder), folder)
        return binding.type == TOKEN_BINDING and os.path.getsize(binding.entries.get("token", os.devnull)) > 0
    except (FileUnreadable, OSError, UnicodeDecodeError):
        return False
