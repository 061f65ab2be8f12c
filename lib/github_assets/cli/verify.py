"""`verify`: checks the files of a mirror directory against the lock file."""

from __future__ import annotations

from github_assets.cli.application import Application
from github_assets.cli.mirror_folder import MirrorFolder, path_in_folder
from github_assets.errors.resolution import FolderMismatch, LockMissing, NothingToVerify
from github_assets.log import Log
from github_assets.resolution.lock import LOCK_COMMAND, LOCK_FILE

LISTED = 20


def run(application: Application) -> None:
    """Print the files that match the lock file, and warn of those that are not in it.

    Raises FolderMismatch if any are missing or different, NothingToVerify if nothing is locked for the platforms.
    """
    lock, log = application.lock, application.log
    if lock is None:
        raise LockMissing(file=LOCK_FILE, command=LOCK_COMMAND)
    folder = MirrorFolder(application.options.folder, application.directory)
    platforms = [each.name for each in application.platforms(lock)]
    locked = sorted({(each.url, each.sha256) for each in lock.assets if each.platform.name in platforms})
    if not locked:
        raise NothingToVerify(file=LOCK_FILE, platforms=platforms)
    out = Log()
    differences = []
    for url, sha256 in locked:
        path = path_in_folder(url)
        found = folder.digest(path)
        if found == f"sha256:{sha256}":
            out.title(path)
        else:
            differences.append(f"{path} has {found}, locked as sha256:{sha256}" if found else f"{path} is missing")
    strangers = sorted(set(folder.files()) - {path_in_folder(each.url) for each in lock.assets})
    for path in strangers[:LISTED]:
        log.warning(f"{path} is not in {LOCK_FILE}")
    if len(strangers) > LISTED:
        log.warning(f"… and {len(strangers) - LISTED} more files are not in {LOCK_FILE}")
    if differences:
        command = f"github-assets fetch {folder.path}"
        raise FolderMismatch(folder=folder.path, file=LOCK_FILE, differences=differences, command=command)
    log.step(f"Verified {len(locked)} files for {', '.join(platforms)}")
