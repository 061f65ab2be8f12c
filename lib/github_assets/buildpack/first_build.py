"""What a user wants to know after the first build: how to run what was installed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from github_assets.buildpack.metadata import LayerAsset

if TYPE_CHECKING:
    from github_assets.buildpack.build import Build

PORT = 8080
OTHERS = 3
"""Process types that are named as an alternative to the first one."""


def log_how_to_run(build: Build, new: Mapping[str, Sequence[LayerAsset]], commands: Mapping[str, str]) -> None:
    """Log a readiness probe for each health probe in the new layers, and how to run an executable in a container.

    `commands` has the absolute path of each process type's executable. A probe has the absolute path: it needs no
    launcher.
    """
    log, layers = build.log, build.layers
    paths = {
        os.path.join(layers.path(layer), path): asset
        for layer, assets in new.items()
        for asset in assets
        for path in asset.paths
    }
    for path, asset in paths.items():
        if is_health_probe(path, asset):
            log.step("Readiness probe for Kubernetes:")
            log.block(readiness_probe(path, asset))
    types = [name for name, path in commands.items() if path in paths]
    if types:
        more = ", …" if len(types) > OTHERS + 1 else ""
        others = f" (or {', '.join(types[1 : OTHERS + 1])}{more})" if len(types) > 1 else ""
        log.step(f"To run it in a container: docker run --rm --entrypoint {types[0]} IMAGE{others}")


def is_health_probe(path: str, asset: LayerAsset) -> bool:
    """Return whether the name of an executable, or of its repository if it is the only one, says that it is one."""
    names = [os.path.basename(path), *([asset.repository] if len(asset.paths) == 1 else [])]
    return any("health" in name.lower() for name in names)


def readiness_probe(path: str, asset: LayerAsset) -> str:
    """Return the field of a container (kubernetes.io, "Configure Liveness, Readiness and Startup Probes")."""
    is_grpc = "grpc" in f"{asset.repository}/{os.path.basename(path)}".lower()
    arguments = [f"-addr=:{PORT}"] if is_grpc else []
    note = "  # the port of your service" if is_grpc else ""
    return f"readinessProbe:\n  exec:\n    command: {json.dumps([path, *arguments])}{note}"
