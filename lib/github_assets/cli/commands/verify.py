"""`verify`: checks the files of a mirror directory against the lock file."""

from __future__ import annotations

import argparse

from github_assets.cli.application import Application
from github_assets.cli.folder import Folder, path_in_folder
from github_assets.cli.options import add_directory, add_json, add_platforms
from github_assets.errors.resolution import FolderMismatch, LockMissing, NothingToVerify
from github_assets.resolution.lock import LOCK_COMMAND, LOCK_FILE

SUMMARY = "check the files in a directory against github-assets.lock"
EXAMPLES = (("github-assets verify ~/mirror", "what mirror has downloaded, perhaps long ago"),)
LISTED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_directory(parser)
    add_platforms(parser)
    add_json(parser)
    parser.add_argument("folder", metavar="FOLDER", help="directory filled by mirror")


def run(application: Application) -> int:
    """Print the files that match the lock file, and warn of those that are not in it.

    Raises FolderMismatch if any are missing or different, NothingToVerify if nothing is locked for the platforms.
    """
    lock, log = application.lock, application.log
    if lock is None:
        raise LockMissing(file=LOCK_FILE, command=LOCK_COMMAND)
    folder = Folder(application.options.folder, application.directory)
    platforms = [each.name for each in application.platforms(lock)]
    locked = sorted({(each.url, each.sha256) for each in lock.assets if each.platform.name in platforms})
    if not locked:
        raise NothingToVerify(file=LOCK_FILE, platforms=platforms)
    matching, differences = [], []
    for url, sha256 in locked:
        path = path_in_folder(url)
        found = folder.digest(path)
        if found == f"sha256:{sha256}":
            matching.append(path)
        else:
            differences.append(f"{path} has {found}, locked as sha256:{sha256}" if found else f"{path} is missing")
    application.print(matching, {"files": matching})
    strangers = sorted(set(folder.files()) - {path_in_folder(each.url) for each in lock.assets})
    for path in strangers[:LISTED]:
        log.warning(f"{path} is not in {LOCK_FILE}")
    if len(strangers) > LISTED:
        log.warning(f"… and {len(strangers) - LISTED} more files are not in {LOCK_FILE}")
    if differences:
        command = f"github-assets mirror {folder.path}"
        raise FolderMismatch(folder=folder.path, file=LOCK_FILE, differences=differences, command=command)
    log.step(f"Verified {len(locked)} files for {', '.join(platforms)}")
    return 0
