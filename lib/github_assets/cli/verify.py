"""`verify`: whether a folder holds what is locked."""

from __future__ import annotations

import os

from github_assets.cli.application import Application
from github_assets.cli.mirror_folder import path_in_folder, sha256_of
from github_assets.errors.resolution import FolderMismatch, LockMissing
from github_assets.log import Log
from github_assets.resolution.lock import LOCK_COMMAND, LOCK_FILE


def run(application: Application) -> None:
    """Print the files that are what is locked. Raises FolderMismatch for those that are missing or other ones."""
    lock, folder = application.lock, application.options.folder
    if lock is None:
        raise LockMissing(file=LOCK_FILE, command=LOCK_COMMAND)
    platforms = application.platforms(lock)
    out = Log()
    differences = []
    for url, sha256 in sorted({(each.url, each.sha256) for each in lock.assets if each.platform in platforms}):
        path = path_in_folder(url)
        found = sha256_of(os.path.join(folder, path))
        if found == f"sha256:{sha256}":
            out.title(path)
        else:
            differences.append(f"{path} has {found}, locked as sha256:{sha256}" if found else f"{path} is missing")
    if differences:
        command = f"github-assets fetch {folder}"
        raise FolderMismatch(folder=folder, file=LOCK_FILE, differences=differences, command=command)
