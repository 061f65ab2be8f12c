"""Creates files and directories below a root, where nobody else writes and where no link is yet."""

from __future__ import annotations

import errno
import os
import queue
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Self

from github_assets.errors.install import ArchiveEntryInvalid
from github_assets.parallel import BackgroundThread

PROGRAM_MODE = 0o755
FILE_MODE = 0o644
DIRECTORY_MODE = 0o755

_QUEUED_CHUNKS = 16
"""Chunks between reader and writer; each keeps at most half a MiB alive."""
_SMALL = 64 << 10
"""Bytes that are written sooner than they are handed over."""
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def make_folders(root: str, name: str) -> str:
    """Create the directory `name` below `root`, and those that it is in, where they are not yet; return its path.

    Raises ArchiveEntryInvalid where something else has such a name.
    """
    path = f"{root}/{name}" if name else root
    if os.path.isdir(path):
        return path
    path = root
    for part in name.split("/"):
        path += f"/{part}"
        try:
            os.mkdir(path)
            os.chmod(path, DIRECTORY_MODE)  # whatever the umask
        except (FileExistsError, NotADirectoryError):
            if not os.path.isdir(path):
                raise _conflict(name) from None
    return path


def remove(root: str, name: str) -> None:
    """Remove a file, a link or an empty directory. Raises ArchiveEntryInvalid for a directory with something in it."""
    path = f"{root}/{name}"
    with suppress(FileNotFoundError, NotADirectoryError):
        try:
            os.unlink(path)
        except (IsADirectoryError, PermissionError):
            try:
                os.rmdir(path)
            except OSError:
                raise _conflict(name) from None
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:  # a link's, whose target nothing can have
                raise
            raise ArchiveEntryInvalid(entry=name, reason="its name is too long") from None


def create_link(root: str, name: str, create: Callable[[str], None]) -> None:
    """Let `create` make a link at the path of `name`, and make the directories that it is in.

    Raises ArchiveEntryInvalid where something else is there.
    """
    make_folders(root, name.rpartition("/")[0])
    try:
        create(f"{root}/{name}")
    except (FileExistsError, NotADirectoryError):
        raise _conflict(name) from None


def _conflict(name: str) -> ArchiveEntryInvalid:
    return ArchiveEntryInvalid(entry=name, reason="the archive contains both a file and a directory with this name")


class Writer:
    """Writes files while the next chunks are being decompressed.

    Its methods raise ArchiveEntryInvalid where a file's directory is a file, and OSError (a full disk), at once or at
    a later one.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._queue: queue.Queue[tuple[int, bytes | memoryview | None] | None] = queue.Queue(_QUEUED_CHUNKS)
        self._error: OSError | None = None
        self._thread = BackgroundThread(self._run)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exception: object, *_: object) -> None:
        """Wait until everything is written."""
        self._queue.put(None)
        self._thread.join()
        if self._error and not exception:
            raise self._error

    def create(self, name: str, mode: int, chunks: Iterable[bytes | memoryview]) -> None:
        """Create a file, in place of what had its name."""
        file = self._open(name)
        handed_over = False
        try:
            os.fchmod(file, mode)  # whatever the umask
            for chunk in chunks:
                if self._error:
                    raise self._error
                handed_over = handed_over or len(chunk) > _SMALL
                if handed_over:
                    self._queue.put((file, chunk))
                else:
                    _write(file, chunk)
        finally:
            if handed_over:
                self._queue.put((file, None))
            else:
                os.close(file)

    def _open(self, name: str) -> int:
        path = f"{self._root}/{name}"
        try:
            return os.open(path, _CREATE, FILE_MODE)
        except FileNotFoundError:
            make_folders(self._root, name.rpartition("/")[0])
        except NotADirectoryError:
            raise _conflict(name) from None
        except FileExistsError:
            remove(self._root, name)
        return os.open(path, _CREATE, FILE_MODE)

    def _run(self) -> None:
        while job := self._queue.get():
            file, chunk = job
            try:
                if chunk is None:
                    os.close(file)
                elif not self._error:
                    _write(file, chunk)
            except OSError as error:
                self._error = self._error or error


def _write(file: int, chunk: bytes | memoryview) -> None:
    left = memoryview(chunk)
    while left:
        left = left[os.write(file, left) :]
