"""launch.toml: process types and labels (Buildpack spec, "launch.toml (TOML)")."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from github_assets.config.names import LABEL, valid_process_type

if TYPE_CHECKING:
    from github_assets.buildpack.layers import Layers
    from github_assets.buildpack.metadata import LayerAsset
    from github_assets.config.request import AssetRequest
    from github_assets.log import Log


class Launch:
    """The process types and the label of a build. None of the process types is the default."""

    def __init__(self, layers: Layers, log: Log) -> None:
        self._layers, self._log = layers, log
        self._taken = layers.other_buildpacks_processes()
        self.commands: dict[str, str] = {}
        """The absolute path of the executable of each process type."""
        self._assets: list[LayerAsset] = []

    def add(self, request: AssetRequest, layer: str, asset: LayerAsset) -> None:
        """Add an installed asset, and a process type for each of its executables that can have one."""
        self._assets.append(asset)
        if request.process is False:
            return
        for path in asset.paths:
            renamed = isinstance(request.process, str) and len(asset.paths) == 1
            name = str(request.process) if renamed else os.path.basename(path)
            reason = self._reason_to_skip(name)
            if reason:
                self._log.step(f"Skipped process type {name}: {reason}")
                continue
            self.commands[name] = os.path.join(self._layers.path(layer), path)

    def _reason_to_skip(self, name: str) -> str | None:
        """Return why there can be no process type of this name, or None."""
        if name in self._taken:
            return "the application already defines it"
        if name in self.commands:
            return "another asset already defines it"
        return None if valid_process_type(name) else "the name is invalid or reserved"

    def to_toml(self) -> dict[str, Any]:
        """Return the content of launch.toml."""
        label = [
            {key: value for key, value in asset._asdict().items() if value and key not in ("id", "digest")}
            for asset in self._assets
        ]
        return {
            "labels": [{"key": LABEL, "value": json.dumps(label, separators=(",", ":"), sort_keys=True)}],
            "processes": [
                {"type": name, "command": [command], "default": False} for name, command in self.commands.items()
            ],
        }
