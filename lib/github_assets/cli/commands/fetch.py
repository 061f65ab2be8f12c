"""`fetch`: downloads one asset to a directory, verified and unpacked as in a build."""

from __future__ import annotations

import argparse
import os

from github_assets.cli.application import Application
from github_assets.cli.asset_argument import add_asset
from github_assets.cli.folder import Folder, Scratch
from github_assets.cli.options import SELECTING, add_directory, add_json, add_keys, add_platform, add_variables
from github_assets.cli.progress import progress_bar
from github_assets.cli.results import asset_result
from github_assets.config.request import ALL, BIN
from github_assets.errors import ErrorSource
from github_assets.errors.install import ArchiveEntryInvalid
from github_assets.files import disk_errors
from github_assets.install.asset import install
from github_assets.install.notices import describe
from github_assets.install.placement import merge
from github_assets.resolution.plan import PlannedAsset, plan
from github_assets.resolution.sources import find_sources
from github_assets.text import human_size
from github_assets.transfer.download import Download, download

SUMMARY = "download one asset, verified and unpacked as in a build"
EXAMPLES = (
    ("github-assets fetch grpc-ecosystem/grpc-health-probe", "the latest release, for this machine, to this directory"),
    (
        "github-assets fetch jqlang/jq@1.7 --output bin --target jq --platform arm64",
        "with a version, to bin/jq",
    ),
    (
        "github-assets fetch https://github.com/jqlang/jq/releases/download/jq-1.7/jq-linux-amd64",
        "the URL of an asset, copied from the browser",
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_asset(parser)
    parser.add_argument(
        "-o", "--output", metavar="DIR", default=".", help="directory to write to (default: the current one)"
    )
    add_platform(parser)
    add_directory(parser)
    add_variables(parser)
    add_json(parser)
    add_keys(parser, *SELECTING, "path", "strip_components", "extract", "executable", "verify")
    parser.set_defaults(project=False)  # a checkout must not say where a program of the user's comes from


def run(application: Application) -> int:
    """Print the paths of the files. Raises what a build raises; the directory is as it was then."""
    session, log, platform = application.session, application.log, application.platform
    planned = plan(application.requests, session, platform)
    [asset], [source] = planned, find_sources(planned, session)
    log.step(f"{asset.request.repository} {asset.release.tag}: {asset.asset.name}, {human_size(asset.asset.size)}")
    folder = Folder(application.options.output, application.directory)
    with folder.scratch() as scratch, ErrorSource(asset.request.source):
        file = os.path.join(scratch.path, "asset")
        with progress_bar(asset.asset, log) as progress:
            done = download(session.client, asset.asset, source, file, progress)
        if done.verified_by:
            log.detail(f"Verified sha256:{done.sha256} ({done.verified_by})")
        else:
            log.warning(f"Not verified: no checksum is published. To pin this download: --sha256 {done.sha256}")
        content = os.path.join(scratch.path, "content")
        with disk_errors(folder.path):
            os.mkdir(content)
            installed = install(file, content, asset.resolved, platform)
            paths = _place(scratch, asset, folder)
    for notice in installed.notices:
        log.warning(describe(notice, asset.request.source))
    files = [os.path.normpath(os.path.join(folder.path, path)) for path in paths]
    application.print(files, {**asset_result(asset, platform), **_verification(done), "files": files})
    return 0


def _place(scratch: Scratch, asset: PlannedAsset, folder: Folder) -> list[str]:
    """Move what was installed into the directory, and return the paths there.

    Raises ArchiveEntryInvalid for a name that only the archive gives, and that is hidden or that of a file there.
    """
    content = os.path.join(scratch.path, "content" if asset.request.extract == ALL else os.path.join("content", BIN))
    names = sorted(os.listdir(content))
    for name in names:
        reason = _reason_to_refuse(name, asset, folder)
        if reason:
            raise ArchiveEntryInvalid(archive=asset.asset.name, entry=name, reason=reason)
    if asset.request.extract == ALL:
        merge(content, folder.path)
    else:
        for name in names:
            scratch.move(os.path.join("content", BIN, name), name)
    return names


def _reason_to_refuse(name: str, asset: PlannedAsset, folder: Folder) -> str | None:
    is_tree = asset.request.extract == ALL
    if name.startswith(".") and name != asset.request.target and not is_tree:
        return "it is hidden, which only --target can ask for"
    asked = () if is_tree else (asset.resolved.target, asset.asset.name)
    if name not in asked and os.path.lexists(os.path.join(folder.path, name)):
        return "there is one already, and only the file that was asked for is replaced"
    return None


def _verification(done: Download) -> dict[str, str | None]:
    return {"sha256": done.sha256, "verified_by": done.verified_by}
