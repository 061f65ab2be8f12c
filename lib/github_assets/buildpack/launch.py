"""launch.toml: process types and labels (Buildpack spec, "launch.toml (TOML)")."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from github_assets.buildpack.layers import LayerAsset
from github_assets.config.names import valid_process_type

LABEL = "io.github.cage1016.github-assets"
"""Where an image says which assets it holds, as JSON."""


class Process(NamedTuple):
    """A process type and what it starts."""

    type: str
    command: str


def usable_type(name: str, taken: Collection[str]) -> bool:
    """Return whether an executable may become this process type: one that the application does not have itself."""
    return name not in taken and valid_process_type(name)


def launch_toml(processes: Sequence[Process], assets: Sequence[LayerAsset]) -> dict[str, Any]:
    """Return launch.toml's content: process types, none of them the default, and the label."""
    label = [
        {key: value for key, value in asset._asdict().items() if value and key not in ("id", "digest")}
        for asset in assets
    ]
    return {
        "labels": [{"key": LABEL, "value": json.dumps(label, separators=(",", ":"), sort_keys=True)}],
        "processes": [{"type": each.type, "command": [each.command], "default": False} for each in processes],
    }
