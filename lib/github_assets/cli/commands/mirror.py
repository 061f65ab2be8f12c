"""`mirror`: downloads the assets to a directory that a build without a network can use as a `file://` mirror."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from github_assets.cli.application import Application
from github_assets.cli.folder import Folder, path_in_folder
from github_assets.cli.options import add_configuration, add_json, add_platforms
from github_assets.parallel import run_in_parallel
from github_assets.resolution.plan import PlannedAsset, plan_locked
from github_assets.resolution.sources import find_sources
from github_assets.transfer.download import download

SUMMARY = "download the assets to a directory that builds can use as a file:// mirror"
EXAMPLES = (("github-assets mirror ~/mirror", "what is locked, or else what is configured"),)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_configuration(parser)
    add_platforms(parser)
    add_json(parser)
    parser.add_argument("folder", metavar="DIR", help="directory to fill")


def run(application: Application) -> int:
    """Download the locked assets, or else those that the configuration resolves to now, and print the paths."""
    folder = Folder(application.options.folder, application.directory)
    assets = {path_in_folder(each.asset.browser_url): each for each in _plan(application)}
    missing = {path: each for path, each in assets.items() if not each.digest or each.digest != folder.digest(path)}
    for path in sorted(assets.keys() - missing.keys()):
        application.log.detail(f"Already have {os.path.join(folder.path, path)}")
    if missing:
        _fetch(missing, folder, application)
    files = [os.path.join(folder.path, path) for path in sorted(assets)]
    application.print(files, {"files": files})
    return 0


def _plan(application: Application) -> list[PlannedAsset]:
    requests, lock = application.requests, application.lock
    if lock:
        platforms = application.platforms(lock)
        planned = [plan_locked(requests, lock, application.servers, each, application.log) for each in platforms]
    else:
        planned = list(application.resolve().values())
    return [asset for of_platform in planned for asset in of_platform]


def _fetch(assets: Mapping[str, PlannedAsset], folder: Folder, application: Application) -> None:
    """Download the assets to their paths in the directory."""
    session = application.session
    sources = dict(zip(assets, find_sources(list(assets.values()), session), strict=True))
    paths = list(assets)
    with folder.scratch() as scratch:

        def fetch(number: int) -> None:
            path = paths[number]
            partial = str(number)
            done = download(session.client, assets[path].asset, sources[path], os.path.join(scratch.path, partial))
            scratch.move(partial, path)
            verified = f"Verified sha256:{done.sha256} ({done.verified_by})" if done.verified_by else "Not verified"
            session.log.detail(f"{verified}: {path}")

        run_in_parallel(fetch, range(len(paths)), session.client.close)
