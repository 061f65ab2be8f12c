"""The tools that do part of the same, and how they are asked for one asset."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks import programs
from benchmarks.measure import Contender
from benchmarks.stage import TOKEN


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


GH = "github.com/cli/cli/v2/internal/build"
PEERS = {
    "curl": Peer(
        lambda: programs.debian("curl", "curl"),
        lambda program, asset, ca: [program, "-sSfL", "--cacert", ca, "-o", "out", asset.url],
    ),
    "aria2c": Peer(
        lambda: programs.debian("aria2", "aria2c"),
        lambda program, asset, ca: [
            *(program, "-q", f"--ca-certificate={ca}", "-x16", "-s16", "-k1M", "--file-allocation=none"),
            *("-o", "out", asset.url),
        ],
    ),
    "eget": Peer(
        lambda: programs.go("eget", "github.com/zyedidia/eget"),
        lambda program, asset, ca: [
            *(program, "-q", "--download-only", "-t", asset.tag, "-a", asset.name, "--to", "out", asset.repository)
        ],
    ),
    "gh": Peer(
        lambda: programs.go("gh", "github.com/cli/cli/v2/cmd/gh", f"-X {GH}.Version=2.90.0"),
        lambda program, asset, ca: [
            *(program, "release", "download", asset.tag, "-R", asset.repository, "-p", asset.name, "-O", "out")
        ],
        {"GH_TOKEN": TOKEN, "GH_NO_UPDATE_NOTIFIER": "1"},
    ),
    "ubi": Peer(
        lambda: programs.cargo("ubi-cli", "0.13.0", "ubi"),
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
        lambda: programs.npm("@jdxcode/mise-linux-x64", "package/bin/mise"),
        lambda program, asset, ca: [program, "install-into", f"github:{asset.repository}@{asset.tag}", "dir"],
        {"MISE_YES": "1", "MISE_USE_VERSIONS_HOST": "0", "MISE_QUIET": "1"},
        product="dir/tool",
    ),
}
