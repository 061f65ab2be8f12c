"""The files attached to a release, and their checksums."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from release import CHECKOUT, NAME
from runtime.recipe import ARCHITECTURES

CHECKSUMS = "SHA256SUMS"


def copy_packages(folder: Path, version: str) -> None:
    """Copy the .cnb file of each architecture, which `make package` has written, into the directory."""
    for architecture in ARCHITECTURES:
        shutil.copy(CHECKOUT / "dist" / f"{NAME}-{version}-linux-{architecture}.cnb", folder)


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS over all files of the directory, as `sha256sum --check` reads it."""
    lines = [f"{sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / CHECKSUMS).write_text("".join(lines), "ascii")


def sha256(path: Path) -> str:
    """Return the file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
