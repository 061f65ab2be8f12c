"""Layers that are made anew: their assets downloaded, verified, installed, and described for the lifecycle."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from github_assets.buildpack.metadata import SIZE_ONLY, LayerAsset, LayerMetadata
from github_assets.buildpack.sbom import sboms
from github_assets.files import disk_errors
from github_assets.install.asset import InstalledFile, install
from github_assets.install.executables import LOADER, Distribution, compatibility_issues
from github_assets.parallel import run_in_parallel
from github_assets.resolution.plan import PlannedAsset
from github_assets.resolution.sources import find_sources
from github_assets.transfer.download import Download, download
from github_assets.transfer.source import Source

if TYPE_CHECKING:
    from github_assets.buildpack.build import Build


def contribute(build: Build, planned: Mapping[str, list[PlannedAsset]]) -> dict[str, LayerMetadata]:
    """Return the metadata of the layers, which are complete when this returns.

    Nothing is downloaded but checksum files until it is known where all of the assets come from.
    """
    assets = [each for of_layer in planned.values() for each in of_layer]
    sources = dict(zip(map(id, assets), find_sources(assets, build.session), strict=True))
    return {
        layer: _Contribution(build, layer, of_layer).make([sources[id(each)] for each in of_layer])
        for layer, of_layer in planned.items()
    }


class _Contribution:
    """One layer in the making."""

    def __init__(self, build: Build, layer: str, planned: list[PlannedAsset]) -> None:
        self._build, self._layer, self._planned = build, layer, planned
        self._log, self._platform = build.log, build.context.platform

    def make(self, sources: Sequence[Source]) -> LayerMetadata:
        """Replace the layer, and return its metadata."""
        wanted = self._build.describe(self._planned)
        self._announce(wanted)
        layers = self._build.layers
        with layers.replacing(self._layer) as staging:
            downloads = os.path.join(staging, ".download")
            with disk_errors(downloads):
                os.mkdir(downloads)
            done = self._download(sources, downloads)
            with disk_errors(staging):
                assets = tuple(map(self._install, self._planned, wanted.assets, done, [staging] * len(done)))
                os.rmdir(downloads)
        metadata = self._build.sealed(wanted._replace(assets=assets), self._planned)
        for ending, document in sboms(assets).items():
            layers.write_text(f"{self._layer}.sbom.{ending}", document)
        layers.describe(self._layer, metadata)
        for path in (path for asset in assets for path in asset.paths):
            self._log.detail(f"Installed {layers.path(self._layer)}/{path}")
        return metadata

    def _announce(self, wanted: LayerMetadata) -> None:
        previous = self._build.previous[self._layer]
        self._log.step(f"Replacing layer {self._layer}:" if previous else f"Contributing layer {self._layer}")
        for reason in wanted.reasons_to_replace(previous, self._planned) if previous else []:
            self._log.detail(reason)

    def _download(self, sources: Sequence[Source], folder: str) -> list[Download]:
        client = self._build.session.client

        def fetch(number: int) -> Download:
            return download(client, self._planned[number].asset, sources[number], os.path.join(folder, str(number)))

        return run_in_parallel(fetch, range(len(sources)), client.close)

    def _install(self, planned: PlannedAsset, asset: LayerAsset, done: Download, staging: str) -> LayerAsset:
        self._log.detail(f"Downloaded {asset.asset} from {done.host}")
        if done.verified_by:
            self._log.detail(f"Verified sha256:{done.sha256} ({done.verified_by})")
        else:
            self._log.detail(
                f"Not verified: no checksum is published for {asset.asset}; downloaded sha256:{done.sha256}"
            )
        installed = install(done.path, staging, planned.resolved, self._platform)
        for file in installed:
            self._warn(file, planned)
        return asset._replace(
            sha256=done.sha256,
            verified_by=done.verified_by or SIZE_ONLY,
            executables="\n".join(file.path for file in installed),
        )

    def _warn(self, file: InstalledFile, planned: PlannedAsset) -> None:
        """Say what will probably keep the run image from starting an executable, and what to use instead."""
        distribution = Distribution(*self._build.context.distribution)
        for issue in compatibility_issues(file.executable, file.path, self._platform, distribution):
            image = str(distribution) or "the run image"
            if issue.reason == LOADER:
                self._log.warning(f"{issue.file} needs the loader {issue.needs}, which {image} may not have.")
            else:
                self._log.warning(f"{issue.file} needs glibc {issue.needs}; {image} has {issue.has}.")
            static = planned.resolved.alternative(self._platform._replace(libc="musl"))
            if static:
                self._log.warning(f"The release also has {static}: set FILE={static}")
        if file.missing_libraries:
            libraries = ", ".join(file.missing_libraries)
            self._log.warning(f'{file.path} needs {libraries} from its archive: set extract = "all" to keep them.')
