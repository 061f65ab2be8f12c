"""Moves files to where they stay."""

from __future__ import annotations

import os
import stat

from github_assets.config.request import BIN
from github_assets.errors.install import PathConflict
from github_assets.install.writer import DIRECTORY_MODE, FILE_MODE, PROGRAM_MODE

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def place(file: str, directory: str, target: str, folder: str = BIN, *, executable: bool = True) -> str:
    """Move a proven file to `<directory>/<folder>/<target>`, mode 0755 (0644: not `executable`), and return that path.

    `directory` exists, on the same filesystem; the move is one rename, so the place holds the whole file or what it
    held before, which is replaced. No link is followed: neither `file` nor a part of `folder` may be one, and one that
    is at the place is replaced, not written through.

    Raises PathConflict where a part of `folder` is a link or no directory, OSError otherwise.
    """
    inside = _enter(directory, folder)
    try:
        source = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(source).st_mode):
                raise FileNotFoundError(f"{file} is not a regular file")
            os.fchmod(source, PROGRAM_MODE if executable else FILE_MODE)
        finally:
            os.close(source)
        os.rename(file, target, dst_dir_fd=inside)
    finally:
        os.close(inside)
    return os.path.join(directory, folder, target)


def merge(tree: str, directory: str) -> None:
    """Move all of `tree` into `directory`, directory by directory, and remove `tree`; both are on one filesystem.

    Raises PathConflict, before anything is moved, where something other than a directory is in the way.
    """
    moves: list[tuple[str, str]] = []
    waiting = [""]
    while waiting:
        within = waiting.pop()
        for entry in sorted(os.listdir(os.path.join(tree, within))):
            name = os.path.join(within, entry)
            there = os.path.join(directory, name)
            if not os.path.lexists(there):
                moves.append((os.path.join(tree, name), there))
            elif _is_folder(os.path.join(tree, name)) and _is_folder(there):
                waiting.append(name)
            else:
                raise PathConflict(path=name)
    for source, there in moves:
        os.rename(source, there)
    import shutil

    shutil.rmtree(tree)


def _is_folder(path: str) -> bool:
    return stat.S_ISDIR(os.lstat(path).st_mode)


def _enter(directory: str, folder: str) -> int:
    """Return a descriptor of a directory below `directory`, made where it is missing, whose parts are no links."""
    inside = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in folder.split("/"):
        if part in ("", "."):
            continue
        try:
            if part == "..":
                raise PathConflict(path=folder)
            try:
                os.mkdir(part, dir_fd=inside)
                created = True
            except FileExistsError:
                created = False
            try:
                following = os.open(part, _FOLDER, dir_fd=inside)
            except NotADirectoryError:  # a link, too
                raise PathConflict(path=folder) from None
            if created:
                os.fchmod(following, DIRECTORY_MODE)  # whatever the umask
        finally:
            os.close(inside)
        inside = following
    return inside
