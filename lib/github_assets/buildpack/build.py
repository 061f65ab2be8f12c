"""bin/build: everything is planned, and what can be refused is refused, before the first asset byte is fetched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from github_assets import __version__
from github_assets.buildpack.context import BuildContext
from github_assets.buildpack.files import writing
from github_assets.buildpack.launch import launch_toml, process_types
from github_assets.buildpack.layers import DEFAULT_LAYER, LayerAsset, LayerMetadata, Layers
from github_assets.buildpack.sbom import sboms
from github_assets.config.bindings import read_bindings
from github_assets.config.environment import SSL_CERT_FILE, read_asset_request, read_timeout
from github_assets.config.request import AssetRequest
from github_assets.errors import SettingMissing
from github_assets.github.releases import Api
from github_assets.github.servers import Servers, read_servers
from github_assets.log import Log
from github_assets.network import Credential, Network, origin
from github_assets.selection.resolved import ResolvedAsset, resolve
from github_assets.text import human_size
from github_assets.transfer.download import Source, download
from github_assets.trust import trust

CA_BINDING = "ca-certificates"


class Planned(NamedTuple):
    """An asset of the image: what it is, where its bytes are had, and what its layer's metadata says of it."""

    resolved: ResolvedAsset
    source: Source
    entry: LayerAsset


def build(context: BuildContext, log: Log) -> None:
    """Put the asset that the environment asks for into its layer. Raises what `github_assets.errors` has."""
    log.title(f"GitHub Assets Buildpack {__version__}")
    request = read_asset_request(context.environment)
    if request is None:
        raise SettingMissing(name="REPO", because="the buildpack was asked to build")
    if request.token:
        log.keep_secret([request.token])
    servers = read_servers(context.environment)
    network = _network(context, log)
    planned = [_plan(request, servers, network, log)]
    layers = Layers(context.layers_dir)
    metadata = _contribute(planned, layers, DEFAULT_LAYER, context, network, log)
    _launch(metadata, layers, log)


def _network(context: BuildContext, log: Log) -> Network:
    bindings = read_bindings(context.environment, context.platform_dir)
    certificates = [path for binding in bindings if binding.type == CA_BINDING for path in binding.entries.values()]
    context_ = trust(context.environment.get(SSL_CERT_FILE), certificates)
    return Network(log, context_, read_timeout(context.environment))


def _plan(request: AssetRequest, servers: Servers, network: Network, log: Log) -> Planned:
    api_url = servers.api_of(request.repository)
    credential = Credential(request.token, origin(api_url)) if request.token else None
    api = Api(network, api_url, credential)
    log.step(f"{request.repository} {request.version}")
    resolved = resolve(request, api.release(request.repository, request.version))
    release, asset = resolved.release, resolved.asset
    log.detail(f"Release {release.tag}, asset {asset.name} ({human_size(asset.size)})")
    source = Source(api.asset_url(request.repository, asset), credential) if credential else Source(asset.browser_url)
    entry = LayerAsset(
        repository=str(request.repository),
        tag=release.tag,
        asset=asset.name,
        id=str(asset.id),
        size=str(asset.size),
        digest=asset.digest or "",
        target=resolved.target,
    )
    return Planned(resolved, source, entry)


def _contribute(
    planned: Sequence[Planned], layers: Layers, layer: str, context: BuildContext, network: Network, log: Log
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
        folder = os.path.join(staging, "bin")
        with writing(folder):
            os.mkdir(folder)
            os.chmod(folder, 0o755)
        assets = tuple(_fetch(each, folder, network, log) for each in planned)
    contributed = wanted._replace(assets=assets)
    for ending, document in sboms(assets).items():
        layers.write_text(f"{layer}.sbom.{ending}", document)
    layers.describe(layer, contributed)
    for asset in assets:
        log.detail(f"Installed {layers.path(layer)}/bin/{asset.target}")
    return contributed


def _fetch(planned: Planned, folder: str, network: Network, log: Log) -> LayerAsset:
    path = os.path.join(folder, planned.resolved.target)
    done = download(network, planned.resolved.asset, planned.source, path)
    with writing(path):
        os.chmod(path, 0o755)
    log.detail(f"Downloaded {planned.resolved.asset.name} from {done.host}")
    if done.vouched_by:
        log.detail(f"Verified sha256:{done.sha256} ({done.vouched_by})")
    else:
        log.detail(f"Not verified: GitHub has no digest of this asset. It is sha256:{done.sha256}")
    return planned.entry._replace(sha256=done.sha256, vouched_by=done.vouched_by or "size only")


def _launch(metadata: LayerMetadata, layers: Layers, log: Log) -> None:
    targets = [asset.target for asset in metadata.assets]
    types = process_types(targets, layers.other_buildpacks_processes())
    commands = {target: f"{layers.path(DEFAULT_LAYER)}/bin/{target}" for target in types}
    layers.write_toml("launch.toml", launch_toml(commands, metadata.assets))
    for target in targets:
        if target in types:
            log.detail(f"Process type {target}: /cnb/process/{target} runs it too")
        else:
            log.detail(f"No process type {target}: the name is the application's, or can't be one")
