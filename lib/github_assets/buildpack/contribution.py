"""Creates layers: downloads, verifies and installs their assets, and writes their metadata and SBOMs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from github_assets.buildpack.heartbeat import Heartbeat
from github_assets.buildpack.metadata import (
    SIZE_ONLY,
    LayerAsset,
    LayerMetadata,
    environment_files,
    resolution,
    verified,
)
from github_assets.buildpack.sbom import sboms
from github_assets.config.files import LOCK_FILE
from github_assets.config.request import UNVERIFIED
from github_assets.errors import ErrorSource
from github_assets.files import disk_errors
from github_assets.install.asset import InstalledProgram, install
from github_assets.install.executables import LOADER, Distribution, compatibility_issues
from github_assets.install.notices import describe
from github_assets.parallel import collect_errors, run_in_parallel
from github_assets.resolution.plan import PlannedAsset
from github_assets.resolution.sources import find_sources
from github_assets.text import human_size
from github_assets.transfer.download import Download, download

if TYPE_CHECKING:
    from github_assets.buildpack.build import Build

MOST_IN_FULL = 4
"""Assets that have more than a line each in the log."""


def contribute(build: Build, planned: Mapping[str, list[PlannedAsset]]) -> dict[str, LayerMetadata]:
    """Create the layers and return their metadata.

    Except for checksum files, nothing is downloaded until the sources of all assets are known, and nothing is installed
    until all assets are downloaded. All errors are raised together, SeveralFailed for several.
    """
    contributions = [_Contribution(build, layer, of_layer) for layer, of_layer in planned.items()]
    assets = [asset for contribution in contributions for asset in contribution.assets]
    sources = find_sources([asset.planned for asset in assets], build.session)
    sizes = [asset.planned.asset.size for asset in assets]
    with ExitStack() as stagings:
        for contribution in contributions:
            contribution.stage(stagings)
        client = build.session.client

        def fetch(number: int) -> Download:
            asset = assets[number]
            with asset.errors():
                return download(client, asset.planned.asset, sources[number], asset.path, heartbeat.progress(number))

        with Heartbeat(build.log, sizes) as heartbeat:
            downloads = run_in_parallel(fetch, range(len(assets)), client.close)
        collect_errors(lambda pair: pair[0].install(pair[1]), list(zip(assets, downloads, strict=True)))
    described = {contribution.layer: contribution.describe() for contribution in contributions}
    in_full = build.log.debugging or len(assets) <= MOST_IN_FULL
    for contribution in contributions:
        contribution.log(in_full=in_full)
    return described


class _Contribution:
    """A layer that is being created."""

    def __init__(self, build: Build, layer: str, planned: list[PlannedAsset]) -> None:
        self._build, self._planned = build, planned
        self.layer = layer
        self._metadata = build.describe(planned)
        pairs = zip(planned, self._metadata.assets, strict=True)
        self.assets = [_Asset(build, each, metadata) for each, metadata in pairs]

    def log(self, *, in_full: bool) -> None:
        """Log why the layer is replaced, if it is, and what was installed in it, an asset after the other."""
        log, path = self._build.log, self._build.layers.path(self.layer)
        previous = self._build.previous[self.layer]
        if previous:
            log.section(f"Replacing layer {self.layer}:", self._metadata.reasons_to_replace(previous, self._planned))
        if in_full:
            for asset in self.assets:
                log.section(asset.resolution, asset.details(path))
                asset.log_warnings()
        else:
            log.section(f"Installed in {path}:", [asset.summary for asset in self.assets])
            for asset in self.assets:
                asset.log_warnings()

    def stage(self, stagings: ExitStack) -> None:
        """Create the directories for downloads and content; the latter becomes the layer when the stack exits."""
        staging = stagings.enter_context(self._build.layers.replacing(self.layer))
        for number, asset in enumerate(self.assets):
            asset.path, asset.content = os.path.join(staging.downloads, str(number)), staging.content

    def describe(self) -> LayerMetadata:
        """Write the variables, the SBOMs and the layer's TOML file, and return its metadata."""
        layers = self._build.layers
        variables: dict[str, str] = {}
        for each in self._planned:
            variables |= environment_files(each.request, layers.path(self.layer))
        if variables:
            layers.set_variables(self.layer, variables)
        assets = tuple(asset.metadata for asset in self.assets)
        metadata = self._build.sealed(self._metadata._replace(assets=assets), self._planned)
        for ending, document in sboms(assets).items():
            layers.write_text(f"{self.layer}.sbom.{ending}", document)
        layers.describe(self.layer, metadata)
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
        self._download: Download
        self._warnings: list[tuple[str, str]] = []
        """Warnings, and what to paste because of them."""

    def errors(self) -> ErrorSource:
        """Return a context manager that adds what the asset is to its errors."""
        return ErrorSource(self.planned.request.source, f"{self.planned.request.repository} {self.planned.release.tag}")

    def install(self, done: Download) -> None:
        """Install the downloaded asset in the layer."""
        self._download = done
        with self.errors(), disk_errors(self.content):
            installed = install(done.path, self.content, self.planned.resolved, self._context.platform)
        for program in installed.programs:
            self._warn(program)
        self._warnings += [(describe(notice, self.planned.request.source), "") for notice in installed.notices]
        metadata = verified(self.metadata, done.verified_by or SIZE_ONLY, self.planned)
        self.metadata = metadata._replace(
            sha256=done.sha256, executables="\n".join(program.path for program in installed.programs)
        )

    @property
    def resolution(self) -> str:
        """The line that says what was asked for, and what it resolved to."""
        return resolution(self.planned.request, self.metadata)

    def details(self, layer: str) -> list[str]:
        """Return the lines that follow it; `layer` is the path of the layer."""
        done = self._download
        return [
            f"Downloaded {human_size(done.size)} from {done.host} in {done.seconds:.1f} s",
            *self._verification(),
            *([f"Installed {layer}/{path}" for path in self.metadata.paths] or [f"Installed in {layer}"]),
            *dict.fromkeys(f"Set {variable.name} for the image's processes" for variable in self.planned.request.env),
        ]

    @property
    def summary(self) -> str:
        """All of it in one line, for builds with many assets."""
        names = ", ".join(self.metadata.paths) or self.metadata.target
        by = f", verified by {self._download.verified_by}" if self.is_verified else ""
        variables = ", ".join(dict.fromkeys(variable.name for variable in self.planned.request.env))
        sets = f", sets {variables}" if variables else ""
        return f"{names}: {self.resolution}, {human_size(self._download.size)}{by}{sets}"

    def log_warnings(self) -> None:
        """Log what may be wrong with the asset."""
        for text, paste in [*self._unverified(), *self._warnings]:
            self._log.warning(text, paste)

    @property
    def is_verified(self) -> bool:
        """Whether anyone but the first download says what the digest is."""
        return self.metadata.level != UNVERIFIED

    def _verification(self) -> list[str]:
        locked = self.planned.locked
        verified_by = [f"Verified sha256:{self._download.sha256} ({self._download.verified_by})"]
        attested = [f"Attested: {attestation}" for attestation in locked.attestations] if locked else []
        return [*(verified_by if self.is_verified else []), *attested]

    def _unverified(self) -> list[tuple[str, str]]:
        """Return the warning that the asset is not verified, if so, and the line that pins what was downloaded."""
        if self.is_verified:
            return []
        name, digest = self.metadata.asset, self._download.sha256
        text = f"{name} is not verified: no checksum is published for it. To pin what was downloaded:"
        if self.planned.locked:
            text = f"{name} is only verified by the digest of its first download in {LOCK_FILE}. To accept it:"
        return [(text, self.planned.request.source.assignment("sha256", digest))]

    def _warn(self, program: InstalledProgram) -> None:
        """Warn if the run image probably cannot start a program, and name an alternative."""
        distribution = Distribution(*self._context.distribution)
        for issue in compatibility_issues(program.executable, program.path, self._context.platform, distribution):
            image = str(distribution) or "the run image"
            if issue.reason == LOADER:
                text = f"{issue.file} needs the loader {issue.needs}, which {image} may not have."
            else:
                text = f"{issue.file} needs glibc {issue.needs}; {image} has {issue.has}."
            static = self.planned.resolved.alternative(self._context.platform._replace(libc="musl"))
            if static:
                text += f" The release also has {static}:"
            self._warnings.append((text, self.planned.request.source.assignment("file", static) if static else ""))
