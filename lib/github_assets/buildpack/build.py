"""bin/build: plans everything, and rejects whatever is invalid, before the first asset is downloaded.

Modules that make requests, download and install are only imported when there is something to do.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING

from github_assets import __version__
from github_assets.buildpack.launch import Launch
from github_assets.buildpack.layers import Layers
from github_assets.buildpack.metadata import LayerMetadata, describe, resolution
from github_assets.config.files import LOCK_FILE
from github_assets.config.published_secrets import check_directories
from github_assets.config.settings import read_color, read_debugging
from github_assets.errors import ErrorCollector
from github_assets.github.servers import read_servers
from github_assets.resolution.lock_file import read_lock
from github_assets.resolution.plan import PlannedAsset, plan, plan_locked
from github_assets.resolution.requests import read_asset_requests
from github_assets.text import counted, human_size

if TYPE_CHECKING:
    from github_assets.buildpack.context import BuildContext
    from github_assets.config.request import AssetRequest
    from github_assets.log import Log
    from github_assets.resolution.session import Session


NOT_MODIFIED = "its releases have not been modified"
SAME = "releases, assets and settings are the same"
LOCKED = f"{LOCK_FILE} and the settings are the same"
"""Why a layer is reused."""


def build(context: BuildContext, log: Log) -> None:
    """Install the requested assets in their layers. Raises errors of `github_assets.errors`."""
    log.debugging, log.color = read_debugging(context.environment), read_color(context.environment)
    log.title(f"GitHub Assets Buildpack {__version__}")
    run = Build(context, log)
    unchanged = run.unchanged()
    planned = run.plan([request for request in run.requests if request.layer not in unchanged])
    with run.layers.all_or_nothing():
        reused = run.reuse(unchanged, NOT_MODIFIED) | run.reuse(run.reusable(planned), run.same)
        contributed = run.contribute({layer: of_layer for layer, of_layer in planned.items() if layer not in reused})
        run.launch({**reused, **contributed})
        run.summarize(reused, contributed)


class Build:
    """One run of bin/build, and its steps."""

    def __init__(self, context: BuildContext, log: Log) -> None:
        self.context, self.log = context, log
        self._started = time.monotonic()
        self.requests: list[AssetRequest] = []
        errors = ErrorCollector()
        with errors:
            self.requests = read_asset_requests(
                context.app_dir, context.environment, context.platform_dir, log, context.plan_path
            )
        with errors:
            for warning in check_directories(context.app_dir):
                log.warning(warning)
        errors.raise_collected()
        self.layers = Layers(context.layers_dir)
        self.previous = {
            layer: self.layers.previous(layer) for layer in dict.fromkeys(each.layer for each in self.requests)
        }
        """The metadata of the requested layers in the previous image, None for those that it does not have."""
        self._lock = read_lock(context.app_dir)

    @cached_property
    def session(self) -> Session:
        """The session, opened by the first step that needs it."""
        from github_assets.resolution.session import Session

        return Session(self.context.environment, self.context.platform_dir, self.log)

    @property
    def same(self) -> str:
        """Why a layer is reused that has just what is planned."""
        return LOCKED if self._lock else SAME

    def unchanged(self) -> dict[str, LayerMetadata]:
        """Return the metadata of layers whose releases are not modified, as far as checking costs no rate limit."""
        if self._lock:
            return {}
        session = self.session
        from github_assets.buildpack.reuse import find_unchanged

        known = {layer: metadata for layer, metadata in self.previous.items() if metadata}
        return find_unchanged(self.requests, known, session, self.context.platform)

    def plan(self, requests: list[AssetRequest]) -> dict[str, list[PlannedAsset]]:
        """Return the planned assets of each layer."""
        platform = self.context.platform
        if self._lock:
            planned = plan_locked(requests, self._lock, read_servers(self.context.environment), platform, self.log)
        else:
            planned = plan(requests, self.session, platform)
        layers: dict[str, list[PlannedAsset]] = {}
        for each in planned:
            layers.setdefault(each.request.layer, []).append(each)
        return layers

    def reusable(self, planned: dict[str, list[PlannedAsset]]) -> dict[str, LayerMetadata]:
        """Return the metadata of the planned layers that the previous image already has."""
        found = {}
        for layer, of_layer in planned.items():
            wanted, previous = self.describe(of_layer), self.previous[layer]
            if previous and not wanted.reasons_to_replace(previous, of_layer):
                found[layer] = self.sealed(previous.reused_for(wanted, of_layer), of_layer)
        return found

    def describe(self, planned: list[PlannedAsset]) -> LayerMetadata:
        """Return the metadata of a layer with these assets, as far as it is known before the download."""
        assets = [describe(each) for each in planned]
        if not self._lock:
            from github_assets.buildpack.reuse import etag

            assets = [it._replace(etag=etag(each, self.session)) for it, each in zip(assets, planned, strict=True)]
        return LayerMetadata(self.context.platform, tuple(assets))

    def sealed(self, metadata: LayerMetadata, planned: list[PlannedAsset]) -> LayerMetadata:
        """Return the metadata as the next build with this token will believe it."""
        if self._lock:
            return metadata
        from github_assets.buildpack.reuse import seal

        return metadata._replace(assets=seal(metadata.assets, [each.request for each in planned], self.session))

    def reuse(self, layers: dict[str, LayerMetadata], reason: str) -> dict[str, LayerMetadata]:
        """Reuse the layers of the previous image, and return them."""
        for layer, metadata in layers.items():
            pairs = zip(self.requests_of(layer), metadata.assets, strict=True)
            self.log.section(f"Reusing layer {layer}: {reason}", [resolution(*pair) for pair in pairs])
            self.layers.reuse(layer, metadata)
        return layers

    def requests_of(self, layer: str) -> list[AssetRequest]:
        """Return the requests for the assets of a layer, in the order of its metadata."""
        return [request for request in self.requests if request.layer == layer]

    def contribute(self, planned: dict[str, list[PlannedAsset]]) -> dict[str, LayerMetadata]:
        """Download and install the planned assets, and return the metadata of their layers."""
        if not planned:
            return {}
        from github_assets.buildpack.contribution import contribute

        return contribute(self, planned)

    def launch(self, contributed: dict[str, LayerMetadata]) -> None:
        """Write launch.toml: a process type for each executable, and the label."""
        launch = Launch(self.layers, self.log)
        for layer in self.previous:
            for request, asset in zip(self.requests_of(layer), contributed[layer].assets, strict=True):
                launch.add(request, layer, asset)
        self.layers.write_toml("launch.toml", launch.to_toml())
        if not all(self.previous.values()):
            from github_assets.buildpack.first_build import log_how_to_run

            new = {layer: contributed[layer].assets for layer, metadata in self.previous.items() if not metadata}
            log_how_to_run(self, new, launch.commands)

    def summarize(self, reused: dict[str, LayerMetadata], contributed: dict[str, LayerMetadata]) -> None:
        """Log how much was done, and how long it took."""
        done = []
        for word, layers in (("installed", contributed), ("reused", reused)):
            assets = [asset for metadata in layers.values() for asset in metadata.assets]
            if assets:
                size = f" ({human_size(sum(int(asset.size) for asset in assets))})" if layers is contributed else ""
                done.append(f"{word} {counted(len(assets), 'asset')}{size}")
        self.log.step(f"Done in {time.monotonic() - self._started:.1f} s: {', '.join(done)}")
