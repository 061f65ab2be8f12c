"""`fetch`: the assets as files, where a `file://` mirror of a build without a network has them."""

from __future__ import annotations

import argparse
import os

from github_assets.buildpack.planning import Planned, find_releases, plan_locked, resolve_all
from github_assets.buildpack.sources import find_sources
from github_assets.cli.application import Application
from github_assets.cli.places import place_of, sha256_of
from github_assets.files import writing
from github_assets.github.servers import read_servers
from github_assets.lock import read_lock
from github_assets.log import Log
from github_assets.parallel import in_parallel
from github_assets.transfer.download import download


def run(options: argparse.Namespace, application: Application) -> None:
    """Download what is locked, or else what the configuration asks for now, and print the files' paths."""
    requests = application.requests()
    lock = read_lock(application.directory)
    outside = application.outside()
    log = application.log
    planned: list[Planned] = []
    releases = None if lock else find_releases(requests, outside, log)
    for platform in application.platforms(options.platform, lock):
        if lock:
            planned += plan_locked(requests, lock, read_servers(application.environment), platform, log)
        elif releases:
            planned += resolve_all(requests, releases, outside, platform, log)
    paths = {os.path.join(options.folder, place_of(each.resolved.asset.browser_url)): each for each in planned}
    sources = dict(zip(paths, find_sources(list(paths.values()), outside, log), strict=True))

    def fetch(path: str) -> None:
        each, source = paths[path], sources[path]
        if each.entry.digest and each.entry.digest == sha256_of(path):
            log.detail(f"Has {path}")
            return
        with writing(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        partial = f"{path}.partial"
        done = download(outside.network, each.resolved.asset, source, partial)
        with writing(path):
            os.replace(partial, path)
        log.detail(f"Verified sha256:{done.sha256} ({done.vouched_by})" if done.vouched_by else f"Not verified: {path}")

    in_parallel(fetch, list(paths), outside.network.close)
    out = Log()
    for path in sorted(paths):
        out.title(path)
