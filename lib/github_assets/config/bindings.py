"""Service bindings: secrets and certificates that the platform mounts (servicebinding.io, "Workload Projection")."""

from __future__ import annotations

import os
from typing import NamedTuple

from github_assets.config.environment import SERVICE_BINDING_ROOT, Environment
from github_assets.errors import SettingInvalid


class Binding(NamedTuple):
    """One binding: its folder's name, its type in lower case, and the paths of its entries by their names."""

    name: str
    type: str
    entries: dict[str, str]


def read_bindings(environment: Environment, platform_dir: str | None) -> list[Binding]:
    """Return the bindings below $SERVICE_BINDING_ROOT, or else `<platform>/bindings`, sorted by name.

    Names with a leading dot are Kubernetes' own links and left out. Raises SettingInvalid for one that can't be read.
    """
    root = environment.get(SERVICE_BINDING_ROOT) or (platform_dir and os.path.join(platform_dir, "bindings"))
    if not root or not os.path.isdir(root):
        return []
    try:
        folders = [(name, os.path.join(root, name)) for name in _names(root)]
        return [_read(name, folder) for name, folder in folders if os.path.isdir(folder)]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            where="bindings", value=root, expected=f"readable folders with a UTF-8 file `type` each ({error})"
        ) from None


def _names(folder: str) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def _read(name: str, folder: str) -> Binding:
    with open(os.path.join(folder, "type"), encoding="utf-8") as file:
        kind = file.read().strip().lower()
    paths = {entry: os.path.join(folder, entry) for entry in _names(folder) if entry not in ("type", "provider")}
    return Binding(name, kind, {entry: path for entry, path in paths.items() if os.path.isfile(path)})
