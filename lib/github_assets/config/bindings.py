"""Service bindings: secrets and certificates that the platform mounts (servicebinding.io, "Workload Projection")."""

from __future__ import annotations

import os
from typing import NamedTuple

from github_assets.config.names import printable
from github_assets.config.settings import CNB_BINDINGS, SERVICE_BINDING_ROOT, Environment
from github_assets.errors.config import SettingInvalid


class Binding(NamedTuple):
    """One binding: its folder's name, its type in lower case, and the paths of its entries by their names."""

    name: str
    type: str
    entries: dict[str, str]

    def where(self, entry: str) -> str:
        """Return where an entry stands, for messages."""
        return f"{entry} of the binding {self.name}"

    def read(self, entry: str) -> str:
        """Return an entry's text without white space around it, nothing where there is none. Raises SettingInvalid."""
        if entry not in self.entries:
            return ""
        try:
            text = _text(self.entries[entry])
        except (OSError, UnicodeDecodeError) as error:
            reason = type(error).__name__
            raise SettingInvalid(
                where=self.where(entry), value="(not shown)", expected=f"a readable UTF-8 file ({reason})"
            ) from None
        if not printable(text):
            raise SettingInvalid(where=self.where(entry), value="(not shown)", expected="one line of text")
        return text


def read_bindings(environment: Environment, platform_dir: str | None) -> list[Binding]:
    """Return the bindings below $SERVICE_BINDING_ROOT, or else $CNB_BINDINGS, or else `<platform>/bindings`, by name.

    The first of them that is set counts, as for Paketo's buildpacks. Names with a leading dot are Kubernetes' own
    links and left out. Raises SettingInvalid for one that can't be read.
    """
    usual = platform_dir and os.path.join(platform_dir, "bindings")
    root = environment.get(SERVICE_BINDING_ROOT) or environment.get(CNB_BINDINGS) or usual
    if not root or not os.path.isdir(root):
        return []
    try:
        folders = [(name, os.path.join(root, name)) for name in _names(root)]
        return [_read(name, folder) for name, folder in folders if os.path.isdir(folder)]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            where="bindings", value=root, expected=f"readable directories, each with a UTF-8 file `type` ({error})"
        ) from None


def _read(name: str, folder: str) -> Binding:
    kind, entries = os.path.join(folder, "type"), folder
    if os.path.isdir(os.path.join(folder, "metadata")):  # the layout before servicebinding.io's (CNB's bindings.md)
        kind, entries = os.path.join(folder, "metadata", "kind"), os.path.join(folder, "secret")
    names = _names(entries) if os.path.isdir(entries) else []
    paths = {entry: os.path.join(entries, entry) for entry in names if entry not in ("type", "provider")}
    files = {entry: path for entry, path in paths.items() if os.path.isfile(path)}
    return Binding(name, _text(kind).lower(), files)


def _names(folder: str) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read().strip()
