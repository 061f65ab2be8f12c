"""launch.toml: process types and labels (Buildpack spec, "launch.toml (TOML)")."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from github_assets.buildpack.layers import LayerAsset

LABEL = "io.github.cage1016.github-assets"
"""Where an image says which assets it holds, as JSON."""
RESERVED = "web"
_TYPE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


def process_types(targets: Sequence[str], taken: Collection[str]) -> list[str]:
    """Return the targets that become process types: none that the application has, or that can't be a type's name."""
    return [
        target
        for target in targets
        if target != RESERVED
        and target not in taken
        and _TYPE_CHARACTERS.issuperset(target)
        and target not in (".", "..")
    ]


def launch_toml(commands: Mapping[str, str], assets: Sequence[LayerAsset]) -> dict[str, Any]:
    """Return launch.toml's content for executables by process type, none of them the default, and the label."""
    label = [
        {key: value for key, value in asset._asdict().items() if value and key not in ("id", "digest")}
        for asset in assets
    ]
    return {
        "labels": [{"key": LABEL, "value": json.dumps(label, separators=(",", ":"), sort_keys=True)}],
        "processes": [{"type": process, "command": [path], "default": False} for process, path in commands.items()],
    }
