"""`fetch`: the assets as files, where a `file://` mirror of a build without a network has them."""

from __future__ import annotations

import os

from github_assets.cli.application import Application
from github_assets.cli.mirror_folder import path_in_folder, sha256_of
from github_assets.files import disk_errors
from github_assets.log import Log
from github_assets.parallel import run_in_parallel
from github_assets.resolution.plan import PlannedAsset, find_releases, plan_locked, resolve_all
from github_assets.resolution.sources import find_sources
from github_assets.transfer.download import download


def run(application: Application) -> None:
    """Download what is locked, or else what the configuration asks for now, and print the files' paths."""
    requests, session, lock, log = application.requests, application.session, application.lock, application.log
    planned: list[PlannedAsset] = []
    releases = None if lock else find_releases(requests, session)
    for platform in application.platforms(lock):
        if lock:
            planned += plan_locked(requests, lock, application.servers, platform, log)
        elif releases:
            planned += resolve_all(requests, releases, session, platform)
    paths = {os.path.join(application.options.folder, path_in_folder(each.asset.browser_url)): each for each in planned}
    sources = dict(zip(paths, find_sources(list(paths.values()), session), strict=True))

    def fetch(path: str) -> None:
        each, source = paths[path], sources[path]
        if each.digest and each.digest == sha256_of(path):
            log.detail(f"Already have {path}")
            return
        with disk_errors(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        partial = f"{path}.partial"
        done = download(session.client, each.asset, source, partial)
        with disk_errors(path):
            os.replace(partial, path)
        log.detail(
            f"Verified sha256:{done.sha256} ({done.verified_by})" if done.verified_by else f"Not verified: {path}"
        )

    run_in_parallel(fetch, list(paths), session.client.close)
    out = Log()
    for path in sorted(paths):
        out.title(path)
