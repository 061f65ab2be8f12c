"""Assets as files of a folder: laid out so that it is a mirror at `file:///FOLDER/{originalHost}`."""

from __future__ import annotations

import hashlib
import os
from urllib.parse import unquote, urlsplit

from github_assets.config.names import valid_file_name
from github_assets.errors.http import InvalidResponse


def path_in_folder(url: str) -> str:
    """Return where in the folder is what is at a URL: host and path. Raises InvalidResponse for names of no file."""
    parts = urlsplit(url)
    names = [parts.hostname or "", *unquote(parts.path).removeprefix("/").split("/")]
    if not all(map(valid_file_name, names)):
        raise InvalidResponse(host=names[0], reason="an asset URL that is not a valid path")
    return os.path.join(*names)


def sha256_of(path: str) -> str | None:
    """Return the file's digest as GitHub writes it, or None where there is none to be read."""
    try:
        with open(path, "rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError:
        return None
