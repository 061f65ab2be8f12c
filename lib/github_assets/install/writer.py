"""Writes files while the next bytes are being decompressed."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from itertools import chain

from github_assets.errors.install import ArchiveUnsafe

PROGRAM_MODE = 0o755
FILE_MODE = 0o644
DIRECTORY_MODE = 0o755

_WAITING = 16
"""Pieces between reader and writer; each keeps at most half a MiB alive."""
_SMALL = 64 << 10
"""Bytes that are written sooner than they are handed over."""
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def make_folders(root: str, name: str) -> str:
    """Create the folder `name` below `root`, and those that it is in, where they are not yet; return its path.

    Raises ArchiveUnsafe where something else has such a name.
    """
    path = f"{root}/{name}" if name else root
    try:
        os.mkdir(path)
        os.chmod(path, DIRECTORY_MODE)  # whatever the umask
    except FileNotFoundError:
        make_folders(root, name.rpartition("/")[0])
        return make_folders(root, name)
    except (FileExistsError, NotADirectoryError):
        if not os.path.isdir(path):
            raise _taken(name) from None
    return path


def _taken(name: str) -> ArchiveUnsafe:
    return ArchiveUnsafe(entry=name, reason="two entries have the same name")


class Writer:
    """Creates files, and the folders that they are in, below `root`, where nobody else writes and where no link is yet.

    Raises ArchiveUnsafe where two entries want one name, and OSError (a full disk): at the call, or at a later one.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._pieces: queue.Queue[tuple[int, bytes | memoryview | None] | None] = queue.Queue(_WAITING)
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="unpack", daemon=True)
        self._thread.start()

    def file(self, name: str, mode: int, first: bytes | memoryview, more: Iterator[bytes | memoryview]) -> None:
        """Create a file from its pieces."""
        file = self._create(name)
        handed_over = False
        try:
            os.fchmod(file, mode)  # whatever the umask
            for piece in chain((first,), more):
                if self._error:
                    raise self._error
                handed_over = handed_over or len(piece) > _SMALL
                if handed_over:
                    self._pieces.put((file, piece))
                else:
                    _write(file, piece)
        finally:
            if handed_over:
                self._pieces.put((file, None))
            else:
                os.close(file)

    def close(self) -> None:
        """Wait until all is written, and raise what failed."""
        self.stop()
        if self._error:
            raise self._error

    def stop(self) -> None:
        """Wait until nothing is being written, whatever failed."""
        if self._thread.is_alive():
            self._pieces.put(None)
            self._thread.join()

    def _create(self, name: str) -> int:
        path = f"{self._root}/{name}"
        try:
            return os.open(path, _CREATE, FILE_MODE)
        except FileNotFoundError:
            make_folders(self._root, name.rpartition("/")[0])
            return os.open(path, _CREATE, FILE_MODE)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise _taken(name) from None

    def _run(self) -> None:
        while job := self._pieces.get():
            file, piece = job
            try:
                if piece is None:
                    os.close(file)
                elif not self._error:
                    _write(file, piece)
            except OSError as error:
                self._error = self._error or error


def _write(file: int, piece: bytes | memoryview) -> None:
    left = memoryview(piece)
    while left:
        left = left[os.write(file, left) :]
