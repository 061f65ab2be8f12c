"""Layers that are made anew: their assets fetched, proven and installed, and described for the lifecycle."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from github_assets.buildpack.context import BuildContext
from github_assets.buildpack.layers import LayerAsset, LayerMetadata, Layers
from github_assets.buildpack.outside import Outside
from github_assets.buildpack.planning import Planned
from github_assets.buildpack.sbom import sboms
from github_assets.buildpack.sources import find_sources
from github_assets.files import writing
from github_assets.install.asset import InstalledFile, install
from github_assets.install.executables import LOADER, Distribution, doubts
from github_assets.log import Log
from github_assets.network import Network
from github_assets.parallel import in_parallel
from github_assets.transfer.download import Download, Source, download


def contribute(
    of_layers: Mapping[str, Sequence[Planned]], outside: Outside, layers: Layers, context: BuildContext, log: Log
) -> dict[str, LayerMetadata]:
    """Return the metadata of the layers, which stand when this returns.

    Nothing is fetched but checksum files until it is known where all of the assets are had.
    """
    planned = [each for of_layer in of_layers.values() for each in of_layer]
    fetches = list(zip(planned, find_sources(planned, outside, log), strict=True))
    return {
        name: _contribute(
            name,
            [fetch for fetch in fetches if fetch[0].resolved.request.layer == name],
            layers,
            context,
            outside.network,
            log,
        )
        for name in of_layers
    }


def _contribute(
    layer: str,
    fetches: Sequence[tuple[Planned, Source]],
    layers: Layers,
    context: BuildContext,
    network: Network,
    log: Log,
) -> LayerMetadata:
    wanted = LayerMetadata(context.platform, tuple(planned.entry for planned, _ in fetches))
    previous = layers.previous(layer)
    log.step(f"Replacing layer {layer}:" if previous else f"Contributing layer {layer}")
    for reason in wanted.reasons_to_replace(previous) if previous else []:
        log.detail(reason)
    with layers.replacing(layer) as staging:
        scratch = os.path.join(staging, ".download")
        with writing(scratch):
            os.mkdir(scratch)

        def fetch(number: int) -> Download:
            planned, source = fetches[number]
            return download(network, planned.resolved.asset, source, os.path.join(scratch, str(number)))

        downloads = in_parallel(fetch, range(len(fetches)), network.close)
        with writing(staging):
            assets = [
                _install(planned, done, staging, context, log)
                for (planned, _), done in zip(fetches, downloads, strict=True)
            ]
            os.rmdir(scratch)
    metadata = wanted._replace(assets=tuple(assets))
    for ending, document in sboms(assets).items():
        layers.write_text(f"{layer}.sbom.{ending}", document)
    layers.describe(layer, metadata)
    for path in (path for asset in assets for path in asset.paths):
        log.detail(f"Installed {layers.path(layer)}/{path}")
    return metadata


def _install(planned: Planned, done: Download, staging: str, context: BuildContext, log: Log) -> LayerAsset:
    name = planned.resolved.asset.name
    log.detail(f"Downloaded {name} from {done.host}")
    if done.vouched_by:
        log.detail(f"Verified sha256:{done.sha256} ({done.vouched_by})")
    else:
        log.detail(f"Not verified: neither GitHub nor the release gives a digest. It is sha256:{done.sha256}")
    installed = install(done.path, staging, planned.resolved, context.platform)
    for file in installed:
        _warn(file, planned, context, log)
    return planned.entry._replace(
        sha256=done.sha256,
        vouched_by=done.vouched_by or "size only",
        executables="\n".join(file.path for file in installed),
    )


def _warn(file: InstalledFile, planned: Planned, context: BuildContext, log: Log) -> None:
    """Say what will probably keep the run image from starting an executable, and what to use instead."""
    distribution = Distribution(*context.distribution)
    for doubt in doubts(file.executable, file.path, context.platform, distribution):
        image = str(distribution) or "the run image"
        if doubt.reason == LOADER:
            log.warning(f"{doubt.file} needs the loader {doubt.needs}, which {image} may not have.")
        else:
            log.warning(f"{doubt.file} needs glibc {doubt.needs}; {image} has {doubt.has}.")
        static = planned.resolved.alternative(context.platform._replace(libc="musl"))
        if static:
            log.warning(f"The release also has {static}: FILE={static}")
    if file.left_behind:
        log.warning(
            f'{file.path} needs {", ".join(file.left_behind)} of its archive: extract = "all" keeps the whole tree.'
        )
