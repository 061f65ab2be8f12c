"""Files of this machine as answers: what is at a `file://` URL, which only a mirror's setting can name."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from github_assets.http.connections import Response


class FileResponse(Response):
    """200 with a file's bytes, or 404. Raises OSError for a file that may not be read."""

    def __init__(self, url: str) -> None:
        path = unquote(urlsplit(url).path)
        self.url, self.headers = url, {}
        self._file = open(path, "rb", buffering=0) if os.path.isfile(path) else None  # noqa: SIM115
        self.status = 200 if self._file else 404
        self.size = os.fstat(self._file.fileno()).st_size if self._file else 0

    def readinto(self, view: memoryview) -> int:
        """Fill some of the view; return how much, 0 at the end."""
        return self._file.readinto(view) or 0 if self._file else 0

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def abort(self) -> None:
        """Do nothing: a file keeps nobody waiting."""
