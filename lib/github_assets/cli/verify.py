"""`verify`: whether a folder holds what is locked."""

from __future__ import annotations

import argparse
import os

from github_assets.cli.application import Application
from github_assets.cli.mirror_folder import path_in_folder, sha256_of
from github_assets.errors.resolution import FolderMismatch, LockMissing
from github_assets.log import Log
from github_assets.resolution.lock import COMMAND, FILE, read_lock


def run(options: argparse.Namespace, application: Application) -> None:
    """Print the files that are what is locked. Raises FolderMismatch for those that are missing or other ones."""
    lock = read_lock(application.directory)
    if lock is None:
        raise LockMissing(file=FILE, command=COMMAND)
    platforms = application.platforms(options.platform, lock)
    out = Log()
    differences = []
    for url, wanted in sorted({(each.url, each.sha256) for each in lock.assets if each.platform in platforms}):
        place = path_in_folder(url)
        found = sha256_of(os.path.join(options.folder, place))
        if found == f"sha256:{wanted}":
            out.title(place)
        else:
            differences.append(f"{place} has {found}, locked as sha256:{wanted}" if found else f"{place} is missing")
    if differences:
        command = f"github-assets fetch {options.folder}"
        raise FolderMismatch(folder=options.folder, file=FILE, differences=differences, command=command)
