"""bin/build: everything is planned, and what can be refused is refused, before the first asset byte is fetched.

What asks GitHub, fetches and installs is imported where there is something to ask, fetch and install.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from github_assets import __version__
from github_assets.buildpack.launch import Process, launch_toml, usable_type
from github_assets.buildpack.layers import LayerMetadata, Layers
from github_assets.buildpack.planning import Planned, plan, plan_locked
from github_assets.config.request import AssetRequest
from github_assets.config.sources import read_requests
from github_assets.errors import SettingMissing
from github_assets.github.servers import read_servers
from github_assets.lock import read_lock
from github_assets.selection.check import check_request

if TYPE_CHECKING:
    from github_assets.buildpack.context import BuildContext
    from github_assets.buildpack.outside import Outside
    from github_assets.log import Log


def build(context: BuildContext, log: Log) -> None:
    """Put the assets that the configuration asks for into their layers. Raises what `github_assets.errors` has."""
    log.title(f"GitHub Assets Buildpack {__version__}")
    requests = _requests(context, log)
    lock = read_lock(context.app_dir)
    layers = Layers(context.layers_dir)
    previous = {name: layers.previous(name) for name in dict.fromkeys(request.layer for request in requests)}
    outside, unchanged = None, {}
    if lock:
        planned = plan_locked(requests, lock, read_servers(context.environment), context.platform, log)
    else:
        outside = _reach(context, log)
        unchanged = _unchanged(requests, previous, outside, context, log)
        changed = [request for request in requests if request.layer not in unchanged]
        planned = plan(changed, outside, context.platform, log)
    of_layers: dict[str, list[Planned]] = {}
    for each in planned:
        of_layers.setdefault(each.resolved.request.layer, []).append(each)
    with layers.all_or_nothing():
        standing = _reuse(of_layers, previous, unchanged, layers, context, log)
        stale = {name: of_layer for name, of_layer in of_layers.items() if name not in standing}
        if stale:
            from github_assets.buildpack.contribution import contribute

            standing |= contribute(stale, outside or _reach(context, log), layers, context, log)
        _launch(requests, {name: standing[name] for name in previous}, layers, log)


def _requests(context: BuildContext, log: Log) -> list[AssetRequest]:
    asked = read_requests(context.app_dir, context.environment, context.plan_path)
    log.keep_secret([request.token for request in asked.assets if request.token])
    for warning in asked.warnings:
        log.warning(warning)
    for request in asked.assets:
        check_request(request)
    if not asked.assets:
        raise SettingMissing(name="REPO", because="the buildpack was asked to build")
    return asked.assets


def _reach(context: BuildContext, log: Log) -> Outside:
    from github_assets.buildpack.outside import reach

    return reach(context.environment, context.platform_dir, log)


def _unchanged(
    requests: Sequence[AssetRequest],
    previous: Mapping[str, LayerMetadata | None],
    outside: Outside,
    context: BuildContext,
    log: Log,
) -> dict[str, LayerMetadata]:
    """Return the metadata of the layers that GitHub says are as they were, where a token makes it worth asking."""
    from github_assets.buildpack.unchanged import find_unchanged

    known = {name: metadata for name, metadata in previous.items() if metadata}
    return find_unchanged(requests, known, outside, context.platform, log)


def _reuse(
    of_layers: Mapping[str, Sequence[Planned]],
    previous: Mapping[str, LayerMetadata | None],
    unchanged: Mapping[str, LayerMetadata],
    layers: Layers,
    context: BuildContext,
    log: Log,
) -> dict[str, LayerMetadata]:
    """Return the metadata of the layers that stay as the previous image has them."""
    reused = dict(unchanged)
    for name, planned in of_layers.items():
        wanted = LayerMetadata(context.platform, tuple(each.entry for each in planned))
        restored = previous[name]
        if restored and not wanted.reasons_to_replace(restored):
            reused[name] = restored.in_order_of(wanted)
    for name, metadata in reused.items():
        log.step(f"Reusing layer {name}: nothing has changed")
        layers.reuse(name, metadata)
    return reused


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
