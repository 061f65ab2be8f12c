"""Creates layers: downloads, verifies and installs their assets, and writes their metadata and SBOMs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from github_assets.buildpack.metadata import SIZE_ONLY, LayerAsset, LayerMetadata, verified
from github_assets.buildpack.sbom import sboms
from github_assets.config.request import UNVERIFIED
from github_assets.errors import ErrorSource
from github_assets.files import disk_errors
from github_assets.install.asset import InstalledProgram, install
from github_assets.install.executables import LOADER, Distribution, compatibility_issues
from github_assets.install.notices import describe
from github_assets.parallel import collect_errors, run_in_parallel
from github_assets.resolution.lock import LOCK_FILE
from github_assets.resolution.plan import PlannedAsset
from github_assets.resolution.sources import find_sources
from github_assets.transfer.download import Download, download

if TYPE_CHECKING:
    from github_assets.buildpack.build import Build


def contribute(build: Build, planned: Mapping[str, list[PlannedAsset]]) -> dict[str, LayerMetadata]:
    """Create the layers and return their metadata.

    Except for checksum files, nothing is downloaded until the sources of all assets are known, and nothing is installed
    until all assets are downloaded. All errors are raised together, SeveralFailed for several.
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
            asset = assets[number]
            with asset.errors():
                return download(client, asset.planned.asset, sources[number], asset.path)

        downloads = run_in_parallel(fetch, range(len(assets)), client.close)
        collect_errors(lambda pair: pair[0].install(pair[1]), list(zip(assets, downloads, strict=True)))
    return {contribution.layer: contribution.describe() for contribution in contributions}


class _Contribution:
    """A layer that is being created."""

    def __init__(self, build: Build, layer: str, planned: list[PlannedAsset]) -> None:
        self._build, self._planned = build, planned
        self.layer = layer
        self._metadata = build.describe(planned)
        pairs = zip(planned, self._metadata.assets, strict=True)
        self.assets = [_Asset(build, each, metadata) for each, metadata in pairs]

    def announce(self) -> None:
        """Log what happens to the layer, and why."""
        previous = self._build.previous[self.layer]
        self._build.log.step(f"Replacing layer {self.layer}:" if previous else f"Contributing layer {self.layer}")
        for reason in self._metadata.reasons_to_replace(previous, self._planned) if previous else []:
            self._build.log.detail(reason)

    def stage(self, stagings: ExitStack) -> None:
        """Create the directories for downloads and content; the latter becomes the layer when the stack exits."""
        staging = stagings.enter_context(self._build.layers.replacing(self.layer))
        for number, asset in enumerate(self.assets):
            asset.path, asset.content = os.path.join(staging.downloads, str(number)), staging.content

    def describe(self) -> LayerMetadata:
        """Write the SBOMs and the layer's TOML file, and return its metadata."""
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
    """An asset of a layer that is being created."""

    path: str
    """The download's path."""
    content: str
    """The directory that becomes the layer."""

    def __init__(self, build: Build, planned: PlannedAsset, metadata: LayerAsset) -> None:
        self.planned, self.metadata = planned, metadata
        self._log, self._context = build.log, build.context

    def errors(self) -> ErrorSource:
        """Return a context manager that adds what the asset is to its errors."""
        return ErrorSource(self.planned.request.source, f"{self.planned.request.repository} {self.planned.release.tag}")

    def install(self, done: Download) -> None:
        """Install the downloaded asset in the layer."""
        self._log.detail(f"Downloaded {self.metadata.asset} from {done.host}")
        self._log_verification(done)
        with self.errors(), disk_errors(self.content):
            installed = install(done.path, self.content, self.planned.resolved, self._context.platform)
        for program in installed.programs:
            self._warn(program)
        for notice in installed.notices:
            self._log.warning(describe(notice))
        metadata = verified(self.metadata, done.verified_by or SIZE_ONLY, self.planned)
        self.metadata = metadata._replace(
            sha256=done.sha256, executables="\n".join(program.path for program in installed.programs)
        )

    def _log_verification(self, done: Download) -> None:
        locked = self.planned.locked
        if self.planned.level == UNVERIFIED:
            self._log.detail(f"Not verified: {LOCK_FILE} has the digest of the first download, sha256:{done.sha256}")
        elif done.verified_by:
            self._log.detail(f"Verified sha256:{done.sha256} ({done.verified_by})")
        else:
            self._log.detail(
                f"Not verified: no checksum is published for {self.metadata.asset}; downloaded sha256:{done.sha256}"
            )
        for attestation in locked.attestations if locked else ():
            self._log.detail(f"Attested: {attestation}")

    def _warn(self, program: InstalledProgram) -> None:
        """Warn if the run image probably cannot start a program, and name an alternative."""
        distribution = Distribution(*self._context.distribution)
        for issue in compatibility_issues(program.executable, program.path, self._context.platform, distribution):
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
