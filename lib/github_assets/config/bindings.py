"""Service bindings: secrets and certificates that the platform mounts (servicebinding.io, "Workload Projection")."""

from __future__ import annotations

import errno
import os
import string
from typing import NamedTuple

from github_assets.config.files import read_bytes
from github_assets.config.settings import CNB_BINDINGS, SERVICE_BINDING_ROOT, Environment, check_path, checked_text
from github_assets.errors.config import ApplicationPath, SettingInvalid

_AROUND_TYPES = "\0\ufeff\u200b'\"\u2018\u2019\u201c\u201d" + string.whitespace
"""What Windows' editors, shells and documents leave around a type, and no type has."""
TOKEN_BINDING = "github"  # noqa: S105 - a type
"""The type of bindings with a token."""


class Binding(NamedTuple):
    """One binding: its directory's name, its type in lower case, and the paths of its entries by their names."""

    name: str
    type: str
    entries: dict[str, str]

    def setting(self, entry: str) -> str:
        """Return what messages call an entry."""
        return f"{entry} of the binding {self.name}"

    def read(self, entry: str) -> str:
        """Return an entry's text without white space around it, nothing where there is none. Raises SettingInvalid."""
        return checked_text(self._text(entry), self.setting(entry)) if entry in self.entries else ""

    def words(self, entry: str) -> list[str] | None:
        """Return what white space and commas separate in an entry's text, None where there is none.

        Raises SettingInvalid.
        """
        return self._text(entry).replace(",", " ").split() if entry in self.entries else None

    def _text(self, entry: str) -> str:
        try:
            return _text(self.entries[entry])
        except (OSError, UnicodeDecodeError) as error:
            reason = type(error).__name__
            raise SettingInvalid(
                where=self.setting(entry), value="(not shown)", expected=f"a readable UTF-8 file ({reason})"
            ) from None


def read_bindings(environment: Environment, platform_dir: str | None) -> list[Binding]:
    """Return the bindings below $SERVICE_BINDING_ROOT, or else $CNB_BINDINGS, or else `<platform>/bindings`, by name.

    The first of them that is set counts, as for Paketo's buildpacks. Names with a leading dot are Kubernetes' own
    links and left out. Raises SettingInvalid for one that can't be read, ApplicationPath for the application's.
    """
    usual = platform_dir and os.path.join(platform_dir, "bindings")
    variable = next((name for name in (SERVICE_BINDING_ROOT, CNB_BINDINGS) if environment.get(name)), None)
    root = environment.get(variable) if variable else usual
    if variable and root:
        check_path(environment, variable, root)
    if not root or not os.path.isdir(root):
        return []
    try:
        folders = [(name, os.path.join(root, name)) for name in _names(root)]
        for _, folder in folders:
            if environment.application.brings(folder):
                raise ApplicationPath(where=variable or "the platform", path=folder)
        bindings = [read_binding(name, folder) for name, folder in folders if os.path.isdir(folder)]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            where="bindings", value=root, expected=f"readable directories, each with a UTF-8 file `type` ({error})"
        ) from None
    for binding in bindings:
        checked_text(binding.type, binding.setting("type"))
    return bindings


def read_binding(name: str, folder: str) -> Binding:
    """Return the binding in a directory. Raises FileUnreadable, OSError and UnicodeDecodeError."""
    kind, entries = os.path.join(folder, "type"), folder
    if os.path.isdir(os.path.join(folder, "metadata")):  # the layout before servicebinding.io's (CNB's bindings.md)
        kind, entries = os.path.join(folder, "metadata", "kind"), os.path.join(folder, "secret")
    names = _names(entries) if os.path.isdir(entries) else []
    paths = {entry: os.path.join(entries, entry) for entry in names if entry not in ("type", "provider")}
    files = {entry: path for entry, path in paths.items() if os.path.isfile(path)}
    return Binding(name, _text(kind).strip(_AROUND_TYPES).lower(), files)


def _names(folder: str) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def _text(path: str) -> str:
    data = read_bytes(path, path)
    if data is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return data.decode("utf-8-sig").strip()
