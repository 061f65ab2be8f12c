"""`verify`: checks the files of a mirror directory, or an image, against the lock file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import Any

from github_assets.cli.application import Application
from github_assets.cli.folder import Folder, path_in_folder
from github_assets.cli.image import Image, is_image, read_images
from github_assets.cli.options import add_directory, add_json, add_platforms
from github_assets.config.files import LOCK_FILE
from github_assets.config.names import LABEL, packed_name
from github_assets.errors.resolution import FolderMismatch, ImageMismatch, LockMissing, NothingToVerify
from github_assets.resolution.lock import LOCK_COMMAND, Lock, LockedAsset

SUMMARY = "check the files in a mirror directory, or an image, against github-assets.lock"
EXAMPLES = (
    ("github-assets verify ~/mirror", "what mirror has downloaded, perhaps long ago"),
    ("github-assets verify image.tar", "an image, saved with docker save, or an OCI layout"),
)
LISTED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_directory(parser)
    add_platforms(parser)
    add_json(parser)
    parser.add_argument(
        "path", metavar="PATH", help="directory filled by mirror, OCI layout, or tar file of docker save or OCI layout"
    )


def run(application: Application) -> int:
    """Print the files that match the lock file.

    Raises FolderMismatch or ImageMismatch if any are missing or different, NothingToVerify if nothing is locked for the
    platforms, and FileUnreadable for what is no image.
    """
    lock, path = application.lock, application.options.path
    if lock is None:
        raise LockMissing(file=LOCK_FILE, command=LOCK_COMMAND)
    (_verify_images if is_image(path) else _verify_folder)(application, lock, path)
    return 0


def _verify_folder(application: Application, lock: Lock, path: str) -> None:
    """Verify a mirror directory, and warn of files that are not in the lock file."""
    log, folder = application.log, Folder(path, application.directory)
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


def _verify_images(application: Application, lock: Lock, path: str) -> None:
    """Verify the image for each of the platforms that the file has."""
    platforms = application.options.platform or [each.name for each in lock.platforms]
    images = [image for image in read_images(path) if image.platform in platforms]
    if not images:
        raise NothingToVerify(file=LOCK_FILE, platforms=platforms)
    matching, differences = list[str](), list[str]()
    for image in images:
        locked = [each for each in lock.assets if each.platform.name == image.platform]
        found = list(_differences(image, locked, matching))
        differences += [f"{image.platform}: {each}" if len(images) > 1 else each for each in found]
    application.print(matching, {"files": matching})
    if differences:
        raise ImageMismatch(image=path, file=LOCK_FILE, differences=differences)
    application.log.step(f"Verified the image for {', '.join(image.platform for image in images)}")


def _differences(image: Image, locked: Sequence[LockedAsset], matching: list[str]) -> Iterator[str]:
    """Yield in what an image is not as locked, and add the files that are to `matching`.

    The bytes of a file can be compared if they are the asset's own; what was in an archive has no digest of its own.
    """
    assets = _installed(image)
    if assets is None:
        yield f"it has no label {LABEL}"
        return
    names = {_name(each): each for each in locked}
    for asset in assets:
        name = f"{_repository(asset['repository'])} {asset['tag']}: {asset['asset']}"
        expected = names.pop(name, None)
        if expected is None:
            yield f"{name} is not locked"
        elif asset["sha256"] != expected.sha256:
            yield f"{name} has sha256:{asset['sha256']}, locked as sha256:{expected.sha256}"
        else:
            yield from _file_differences(image, asset, name, matching)
    yield from (f"{name} is missing" for name in names)


def _file_differences(image: Image, asset: dict[str, Any], name: str, matching: list[str]) -> Iterator[str]:
    for path in filter(None, str(asset["executables"]).split("\n")):
        there = [sha256 for found, sha256 in image.files.items() if found.partition("/")[2] == path]
        if not there:
            yield f"{path} is missing"
        elif not packed_name(asset["asset"]) and asset["sha256"] not in there:
            yield f"{path} is not {name}"
        else:
            matching.append(path)


def _installed(image: Image) -> list[dict[str, Any]] | None:
    """Return the assets that the label lists, None where there is no such label."""
    try:
        found = json.loads(image.labels[LABEL])
        return [{"executables": "", **each} for each in found if all(isinstance(each[key], str) for key in _KEYS)]
    except (LookupError, TypeError, ValueError):
        return None


_KEYS = ("repository", "tag", "asset", "sha256")


def _name(locked: LockedAsset) -> str:
    return f"{_repository(locked.key.repository)} {locked.tag}: {locked.asset}"


def _repository(text: str) -> str:
    """Return the repository as `owner/name` in lower case, without its server."""
    return "/".join(text.lower().split("/")[-2:])
