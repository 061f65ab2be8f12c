"""bin/build: everything is planned, and what can be refused is refused, before the first asset byte is fetched."""

from __future__ import annotations

import os
from collections.abc import Sequence

from github_assets import __version__
from github_assets.buildpack.context import BuildContext
from github_assets.buildpack.files import writing
from github_assets.buildpack.launch import Process, launch_toml, usable_type
from github_assets.buildpack.layers import LayerAsset, LayerMetadata, Layers
from github_assets.buildpack.planning import Planned, in_parallel, plan
from github_assets.buildpack.sbom import sboms
from github_assets.config.bindings import read_bindings
from github_assets.config.environment import SSL_CERT_FILE, read_timeout
from github_assets.config.request import AssetRequest
from github_assets.config.sources import read_requests
from github_assets.errors import SettingMissing
from github_assets.github.servers import read_servers
from github_assets.install.asset import InstalledFile, install
from github_assets.install.executables import LOADER, Distribution, doubts
from github_assets.log import Log
from github_assets.network import Network
from github_assets.selection.check import check_request
from github_assets.transfer.download import Download, download
from github_assets.trust import trust

CA_BINDING = "ca-certificates"


def build(context: BuildContext, log: Log) -> None:
    """Put the assets that the configuration asks for into their layers. Raises what `github_assets.errors` has."""
    log.title(f"GitHub Assets Buildpack {__version__}")
    requests, warnings = read_requests(context.app_dir, context.environment, context.plan_path)
    log.keep_secret([request.token for request in requests if request.token])
    for warning in warnings:
        log.warning(warning)
    for request in requests:
        check_request(request)
    if not requests:
        raise SettingMissing(name="REPO", because="the buildpack was asked to build")
    network = _network(context, log)
    planned = plan(requests, read_servers(context.environment), network, context.platform, log)
    layers = Layers(context.layers_dir)
    with layers.all_or_nothing():
        contributed: dict[str, LayerMetadata] = {}
        for name in dict.fromkeys(request.layer for request in requests):
            of_layer = [each for each in planned if each.resolved.request.layer == name]
            contributed[name] = _contribute(name, of_layer, layers, context, network, log)
        _launch(requests, contributed, layers, log)


def _network(context: BuildContext, log: Log) -> Network:
    bindings = read_bindings(context.environment, context.platform_dir)
    certificates = [path for binding in bindings if binding.type == CA_BINDING for path in binding.entries.values()]
    trusted = trust(context.environment.get(SSL_CERT_FILE), certificates)
    return Network(log, trusted, read_timeout(context.environment))


def _contribute(
    layer: str, planned: Sequence[Planned], layers: Layers, context: BuildContext, network: Network, log: Log
) -> LayerMetadata:
    """Return the metadata of the layer, which stands when this returns, or stays as the previous image has it."""
    wanted = LayerMetadata(context.platform, tuple(each.entry for each in planned))
    previous = layers.previous(layer)
    if previous:
        reasons = wanted.reasons_to_replace(previous)
        if not reasons:
            log.step(f"Reusing layer {layer}: nothing has changed")
            layers.reuse(layer, previous)
            return previous
        log.step(f"Replacing layer {layer}:")
        for reason in reasons:
            log.detail(reason)
    else:
        log.step(f"Contributing layer {layer}")
    with layers.replacing(layer) as staging:
        scratch = os.path.join(staging, ".download")
        with writing(scratch):
            os.mkdir(scratch)
        files = [os.path.join(scratch, str(number)) for number in range(len(planned))]

        def fetch(pair: tuple[Planned, str]) -> Download:
            each, file = pair
            return download(network, each.resolved.asset, each.source, file)

        downloads = in_parallel(fetch, list(zip(planned, files, strict=True)))
        with writing(staging):
            assets = [
                _install(each, done, staging, context, log) for each, done in zip(planned, downloads, strict=True)
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
        log.detail(f"Not verified: GitHub has no digest of this asset. It is sha256:{done.sha256}")
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


def _launch(requests: Sequence[AssetRequest], contributed: dict[str, LayerMetadata], layers: Layers, log: Log) -> None:
    taken = layers.other_buildpacks_processes()
    processes: list[Process] = []
    for layer, metadata in contributed.items():
        asked = [request for request in requests if request.layer == layer]
        for request, asset in zip(asked, metadata.assets, strict=True):
            for path in asset.paths:
                name = os.path.basename(path)
                if isinstance(request.process, str) and len(asset.paths) == 1:
                    name = request.process
                if request.process is False:
                    continue
                if usable_type(name, taken) and name not in (process.type for process in processes):
                    processes.append(Process(name, os.path.join(layers.path(layer), path)))
                    log.detail(f"Process type {name}: /cnb/process/{name} runs it too")
                else:
                    log.detail(f"No process type {name}: the name is the application's, or can't be one")
    assets = [asset for metadata in contributed.values() for asset in metadata.assets]
    layers.write_toml("launch.toml", launch_toml(processes, assets))
