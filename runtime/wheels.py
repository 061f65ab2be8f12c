"""The vendored packages: wheels of PyPI for every architecture, pinned by hash."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from hashlib import file_digest

from runtime import CACHE, RECIPE, PackagingError, files
from runtime.recipe import ARCHITECTURES, PYTHON, WHEELS

LOCK = os.path.join(RECIPE, "requirements.txt")


def fetch(architecture: str) -> str:
    """Return a directory with the pinned wheels for `architecture` and nothing else. Raises PackagingError."""
    with open(LOCK, encoding="utf-8") as file:
        pinned = set(re.findall(r"--hash=sha256:(\w+)", file.read()))
    folder = os.path.join(CACHE, "wheels", architecture)
    found = {_digest(os.path.join(folder, name)) for name in os.listdir(folder)} if os.path.isdir(folder) else set()
    if not found or not found <= pinned or len(found) != len(read_lock()):
        files.remove(folder)
        os.makedirs(folder)
        command = _pip(architecture, folder, "--require-hashes", "--no-deps", "--requirement", LOCK)
        if command.returncode:
            raise PackagingError(f"pip could not fetch what {os.path.relpath(LOCK)} pins: {command.stderr.strip()}")
    return folder


def read_lock() -> dict[str, str]:
    """Return the pinned version of each wheel."""
    with open(LOCK, encoding="utf-8") as file:
        return dict(re.findall(r"^([\w.-]+)==(\S+)", file.read(), re.MULTILINE))


def renew_lock() -> None:
    """Pin the newest wheels, and all that they need, for every architecture. Raises PackagingError."""
    hashes: dict[str, set[str]] = {}
    for architecture in ARCHITECTURES:
        with tempfile.TemporaryDirectory() as folder:
            command = _pip(architecture, folder, *WHEELS)
            if command.returncode:
                raise PackagingError(f"pip could not resolve {', '.join(WHEELS)}: {command.stderr.strip()}")
            for wheel in os.listdir(folder):
                name, version = wheel.split("-")[:2]
                digest = _digest(os.path.join(folder, wheel))
                hashes.setdefault(f"{name.lower().replace('_', '-')}=={version}", set()).add(digest)
    with open(LOCK, "w", encoding="utf-8") as file:
        file.write("# Written by `python3 -m runtime lock`: the wheels in the bundle, for every architecture.\n")
        for requirement, digests in sorted(hashes.items()):
            pins = [f"--hash=sha256:{digest}" for digest in sorted(digests)]
            file.write(" \\\n    ".join([requirement, *pins]) + "\n")


def unpack(folder: str, library: str, licences: str) -> None:
    """Write the packages of `folder`'s wheels into `library`, and their licence texts into `licences`."""
    for name in sorted(os.listdir(folder)):
        distribution = "-".join(name.split("-")[:2])
        with zipfile.ZipFile(os.path.join(folder, name)) as wheel:
            for entry in wheel.infolist():
                top, _, rest = entry.filename.partition("/")
                if entry.is_dir():
                    continue
                if top != f"{distribution}.dist-info":
                    wheel.extract(entry, library)
                elif rest == "METADATA":
                    # It has the version in its headers; what follows them is the project's page.
                    _write(os.path.join(library, entry.filename), wheel.read(entry).partition(b"\n\n")[0] + b"\n")
                elif rest.startswith(("licenses/", "LICEN", "NOTICE", "COPYING")):
                    _write(os.path.join(licences, distribution, os.path.basename(rest)), wheel.read(entry))


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def _pip(architecture: str, folder: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    machine = ARCHITECTURES[architecture]
    platforms = [f"--platform=manylinux_2_{minor}_{machine}" for minor in range(17, 42)]
    abis = (f"--abi=cp{PYTHON.replace('.', '')}", "--abi=none")
    target = ("--only-binary=:all:", f"--python-version={PYTHON}", "--implementation=cp", *abis, *platforms)
    command = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", folder)
    return subprocess.run(
        [*command, *target, f"--platform=manylinux2014_{machine}", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
