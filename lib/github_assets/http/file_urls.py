"""Files of this machine as responses: what is at a `file://` URL, which only a mirror's setting can name."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from github_assets.http.connections import Response


class FileResponse(Response):
    """200 with a file's bytes, or 404."""

    def __init__(self, url: str) -> None:
        """Open the file. Raises OSError for one that may not be read."""
        path = unquote(urlsplit(url).path)
        self._file = open(path, "rb", buffering=0) if os.path.isfile(path) else None  # noqa: SIM115
        size = os.fstat(self._file.fileno()).st_size if self._file else 0
        super().__init__(url, 200 if self._file else 404, {}, size)

    def readinto(self, buffer: memoryview) -> int:
        """Fill some of the buffer and return how many bytes, 0 at the end. Raises OSError."""
        return self._file.readinto(buffer) or 0 if self._file else 0

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def abort(self) -> None:
        """Do nothing: a file keeps nobody waiting."""
