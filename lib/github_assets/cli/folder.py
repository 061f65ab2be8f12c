"""A directory that a command fills, such as a mirror, where assets have the host and the path of their URLs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from github_assets.config.names import valid_file_name
from github_assets.errors import CannotWrite
from github_assets.errors.http import InvalidResponse
from github_assets.files import disk_errors, open_folder, remove_tree

_LINK = "it is a symbolic link"


def path_in_folder(url: str) -> str:
    """Return the path of a URL in the directory: host and path. Raises InvalidResponse if it is not a valid path."""
    parts = urlsplit(url)
    names = [parts.hostname or "", *unquote(parts.path).removeprefix("/").split("/")]
    if not all(map(valid_file_name, names)):
        raise InvalidResponse(host=names[0], reason="an asset URL that is not a valid path")
    return os.path.join(*names)


class Folder:
    """The directory. No symbolic link in it is followed, nor one on the way to it that is the application's.

    Whoever wrote the application may have left links there, which lead to files that are the user's alone.
    """

    def __init__(self, path: str, app_dir: str) -> None:
        """Name the directory, which need not exist."""
        self.path = path
        self._app_dir = os.path.realpath(app_dir)

    def digest(self, path: str) -> str | None:
        """Return the digest of a file in the directory as `sha256:<hex>`, or None where there is no such file."""
        with contextlib.suppress(OSError, CannotWrite), self._parent(path) as (folder, name):
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            with open(descriptor, "rb") as file:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        return None

    def files(self) -> list[str]:
        """Return the paths of all files and links below the directory, sorted."""
        found: list[str] = []
        for folder, folders, files in os.walk(self.path):
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            found += [os.path.relpath(os.path.join(folder, name), self.path) for name in (*files, *links)]
        return sorted(found)

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Scratch]:
        """Yield a new subdirectory, which is gone afterwards. Raises CannotWrite."""
        self._create()
        name = f".{os.urandom(8).hex()}.partial"
        path = os.path.join(self.path, name)
        with disk_errors(path):
            os.mkdir(path, 0o700)
        try:
            yield Scratch(self, path)
        finally:
            remove_tree(path, ignore_errors=True)

    def place(self, source: str, path: str) -> None:
        """Move a file of the scratch directory to its path in the directory. Raises CannotWrite."""
        shown = os.path.join(self.path, path)
        with disk_errors(shown), self._parent(path, create=True) as (folder, name):
            os.rename(source, name, dst_dir_fd=folder)

    @contextlib.contextmanager
    def _parent(self, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
        """Yield a descriptor of the directory of a path, and the path's last name. Raises OSError, CannotWrite."""
        *folders, name = path.split("/")
        shown = self.path
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(open_folder(self.path))
            for each in folders:
                shown = os.path.join(shown, each)
                if create:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(each, dir_fd=folder)
                try:
                    folder = stack.enter_context(open_folder(each, folder, follow=False))
                except OSError:
                    if _is_link(each, folder):
                        raise CannotWrite(path=shown, reason=_LINK) from None
                    raise
            yield folder, name

    def _create(self) -> None:
        """Create the directory, if it is not there. Raises CannotWrite."""
        path = "/"
        for name in os.path.abspath(self.path).split("/"):
            parent, path = path, os.path.join(path, name)
            if os.path.islink(path) and self._is_in_application(parent):
                raise CannotWrite(path=path, reason=_LINK)
        with disk_errors(self.path):
            os.makedirs(self.path, exist_ok=True)

    def _is_in_application(self, folder: str) -> bool:
        return os.path.join(os.path.realpath(folder), "").startswith(os.path.join(self._app_dir, ""))


class Scratch(NamedTuple):
    """A directory for files that are not complete yet."""

    folder: Folder
    path: str

    def move(self, name: str, path: str) -> None:
        """Move a file of this directory to its path in the directory. Raises CannotWrite."""
        self.folder.place(os.path.join(self.path, name), path)


def _is_link(name: str, parent: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
