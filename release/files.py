"""The folder of a release's files: complete, or not there."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from release import CHECKOUT, ReleaseError
from runtime.recipe import ARCHITECTURES

CHECKSUMS = "SHA256SUMS"


@contextlib.contextmanager
def fresh(output: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `output` if the block ends well."""
    making = output.with_name(f".{output.name}.partial")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        yield making
        shutil.rmtree(output, ignore_errors=True)
        making.rename(output)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def copy_packages(folder: Path, version: str) -> dict[str, str]:
    """Copy the .cnb files into the folder; return their SHA-256, in hexadecimal, by name. Raises ReleaseError."""
    packages = {}
    for architecture in ARCHITECTURES:
        name = f"github-assets-cnb-{version}-linux-{architecture}.cnb"
        if not (CHECKOUT / "dist" / name).exists():
            raise ReleaseError(f"dist/{name} is missing; `make package` writes it.")
        shutil.copyfile(CHECKOUT / "dist" / name, folder / name)
        packages[name] = sha256(folder / name)
    return packages


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS over all files of the folder, as `sha256sum --check` reads it."""
    lines = [f"{sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / CHECKSUMS).write_text("".join(lines), "utf-8")


def sha256(path: Path) -> str:
    """Return the file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
