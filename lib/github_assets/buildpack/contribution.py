"""Layers that are made anew: their assets downloaded, verified, installed, and described for the lifecycle."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from github_assets.buildpack.metadata import SIZE_ONLY, LayerAsset, LayerMetadata
from github_assets.buildpack.sbom import sboms
from github_assets.errors import ErrorSource
from github_assets.files import disk_errors
from github_assets.install.asset import InstalledFile, install
from github_assets.install.executables import LOADER, Distribution, compatibility_issues
from github_assets.parallel import collect_errors, run_in_parallel
from github_assets.resolution.plan import PlannedAsset
from github_assets.resolution.sources import find_sources
from github_assets.transfer.download import Download, download

if TYPE_CHECKING:
    from github_assets.buildpack.build import Build


def contribute(build: Build, planned: Mapping[str, list[PlannedAsset]]) -> dict[str, LayerMetadata]:
    """Return the metadata of the layers, which are complete when this returns.

    Nothing is downloaded but checksum files until it is known where all of the assets come from, and nothing is
    installed until all of them are there. What fails is raised together, SeveralFailed if it is more.
    """
    contributions = [_Contribution(build, layer, of_layer) for layer, of_layer in planned.items()]
    assets = [asset for contribution in contributions for asset in contribution.assets]
    sources = find_sources([asset.planned for asset in assets], build.session)
    for contribution in contributions:
        contribution.announce()
    with ExitStack() as stagings:
        for contribution in contributions:
            contribution.stage(stagings)
        client = build.session.client

        def fetch(number: int) -> Download:
            return download(client, assets[number].planned.asset, sources[number], assets[number].path)

        downloads = run_in_parallel(fetch, range(len(assets)), client.close)
        collect_errors(lambda pair: pair[0].install(pair[1]), list(zip(assets, downloads, strict=True)))
        for contribution in contributions:
            contribution.settle()
    return {contribution.layer: contribution.describe() for contribution in contributions}


class _Contribution:
    """One layer in the making."""

    def __init__(self, build: Build, layer: str, planned: list[PlannedAsset]) -> None:
        self._build, self._planned = build, planned
        self.layer = layer
        self._metadata = build.describe(planned)
        pairs = zip(planned, self._metadata.assets, strict=True)
        self.assets = [_Asset(build, each, metadata) for each, metadata in pairs]

    def announce(self) -> None:
        """Say what happens to the layer, and why."""
        previous = self._build.previous[self.layer]
        self._build.log.step(f"Replacing layer {self.layer}:" if previous else f"Contributing layer {self.layer}")
        for reason in self._metadata.reasons_to_replace(previous, self._planned) if previous else []:
            self._build.log.detail(reason)

    def stage(self, stagings: ExitStack) -> None:
        """Make a folder for the downloads, and an empty one that becomes the layer when the stack is left well."""
        self._staging = stagings.enter_context(self._build.layers.replacing(self.layer))
        self._downloads = os.path.join(self._staging, ".download")
        with disk_errors(self._downloads):
            os.mkdir(self._downloads)
        for number, asset in enumerate(self.assets):
            asset.path, asset.staging = os.path.join(self._downloads, str(number)), self._staging

    def settle(self) -> None:
        """Remove what is not the layer's."""
        with disk_errors(self._downloads):
            os.rmdir(self._downloads)

    def describe(self) -> LayerMetadata:
        """Write what the lifecycle reads of the layer, and return its metadata."""
        layers = self._build.layers
        assets = tuple(asset.metadata for asset in self.assets)
        metadata = self._build.sealed(self._metadata._replace(assets=assets), self._planned)
        for ending, document in sboms(assets).items():
            layers.write_text(f"{self.layer}.sbom.{ending}", document)
        layers.describe(self.layer, metadata)
        for path in (path for asset in assets for path in asset.paths):
            self._build.log.detail(f"Installed {layers.path(self.layer)}/{path}")
        return metadata


class _Asset:
    """One asset of a layer in the making."""

    path: str
    """Where it is downloaded to."""
    staging: str
    """The folder that becomes the layer."""

    def __init__(self, build: Build, planned: PlannedAsset, metadata: LayerAsset) -> None:
        self.planned, self.metadata = planned, metadata
        self._log, self._context = build.log, build.context

    def install(self, done: Download) -> None:
        """Put the downloaded asset into the layer."""
        self._log.detail(f"Downloaded {self.metadata.asset} from {done.host}")
        if done.verified_by:
            self._log.detail(f"Verified sha256:{done.sha256} ({done.verified_by})")
        else:
            self._log.detail(
                f"Not verified: no checksum is published for {self.metadata.asset}; downloaded sha256:{done.sha256}"
            )
        with ErrorSource(self.planned.request.source), disk_errors(self.staging):
            installed = install(done.path, self.staging, self.planned.resolved, self._context.platform)
        for file in installed:
            self._warn(file)
        self.metadata = self.metadata._replace(
            sha256=done.sha256,
            verified_by=done.verified_by or SIZE_ONLY,
            executables="\n".join(file.path for file in installed),
        )

    def _warn(self, file: InstalledFile) -> None:
        """Say what will probably keep the run image from starting an executable, and what to use instead."""
        distribution = Distribution(*self._context.distribution)
        for issue in compatibility_issues(file.executable, file.path, self._context.platform, distribution):
            image = str(distribution) or "the run image"
            if issue.reason == LOADER:
                self._log.warning(f"{issue.file} needs the loader {issue.needs}, which {image} may not have.")
            else:
                self._log.warning(f"{issue.file} needs glibc {issue.needs}; {image} has {issue.has}.")
            static = self.planned.resolved.alternative(self._context.platform._replace(libc="musl"))
            if static:
                self._log.warning(
                    f"The release also has {static}: {self.planned.request.source.assignment('file', static)}"
                )
        if file.missing_libraries:
            libraries = ", ".join(file.missing_libraries)
            self._log.warning(f'{file.path} needs {libraries} from its archive: set extract = "all" to keep them.')
