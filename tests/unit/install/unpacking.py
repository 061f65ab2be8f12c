"""Unpacks archives of tests, and inspects the result."""

from __future__ import annotations

import stat
from typing import Any

from github_assets.install.archives import Unpacked, Unpacking, unpack
from github_assets.platforms import Platform

AMD64 = Platform("linux", "amd64")


def run(data: bytes, tmp_path, **options: Any) -> Unpacked:
    """Unpack an archive to `tree`."""
    (tmp_path / "archive").write_bytes(data)
    settings = Unpacking(options.pop("archive", "a.tar"), options.pop("platform", AMD64), **options)
    try:
        return unpack(str(tmp_path / "archive"), str(tmp_path / "tree"), settings)
    finally:
        (tmp_path / "archive").unlink()


def paths(unpacked: Unpacked) -> list[str]:
    """Where the programs are."""
    return [program.path for program in unpacked.programs]


def entries(unpacked: Unpacked) -> list[str]:
    """What the programs are called in the archive."""
    return [program.entry for program in unpacked.programs]


def listing(tmp_path) -> dict[str, int]:
    """Files and links of what was unpacked, with their modes; a link's is 0."""
    found = {}
    for path in sorted((tmp_path / "tree").rglob("*")):
        if path.is_symlink() or not path.is_dir():
            found[str(path.relative_to(tmp_path / "tree"))] = (
                0 if path.is_symlink() else stat.S_IMODE(path.stat().st_mode)
            )
    return found
