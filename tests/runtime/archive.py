"""Debian archives of a few packages, in directories, signed with their own key."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from runtime.debian import Deb
from runtime.recipe import ARCHITECTURES, SUITE
from testing.toolchain.store import apt_install, run


class Publisher:
    """Writes and signs archives; `keyring` contains the key."""

    def __init__(self, folder: Path) -> None:
        for program, package in (("apt-ftparchive", "apt-utils"), ("gpg", "gpg"), ("gpg-agent", "gpg-agent")):
            if not shutil.which(program):
                apt_install(package)
        self.keyring = folder / "keyring.gpg"
        # Not below `folder`: the path of gpg-agent's socket must be short.
        self._home = tempfile.mkdtemp(prefix="gpg-")
        self._gpg("--passphrase", "", "--quick-generate-key", "An archive for tests", "ed25519", "sign", "never")
        self._gpg("--output", self.keyring, "--export")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        # gpg's agent would stay.
        subprocess.run(["gpgconf", "--homedir", self._home, "--kill", "all"], check=True)
        shutil.rmtree(self._home)

    def publish(self, files: Iterable[Path], home: Path) -> Path:
        """Write `home`/debian and `home`/debian-security, which have OpenSSL, and return the first: a DEBIAN_MIRROR."""
        pools = {}
        for name, pool in (("debian", "pool/main"), ("debian-security", "pool/updates/main")):
            pools[name] = home / name / pool
            pools[name].mkdir(parents=True)
        for file in files:
            shutil.copy(file, pools["debian-security" if "ssl" in file.name else "debian"])
        self._sign(home / "debian", SUITE, "pool")
        self._sign(home / "debian", f"{SUITE}-updates", "none")
        self._sign(home / "debian-security", f"{SUITE}-security", "pool")
        return home / "debian"

    def _sign(self, archive: Path, suite: str, pool: str) -> None:
        (archive / "none").mkdir(exist_ok=True)
        for architecture in ARCHITECTURES:
            packages = archive / f"dists/{suite}/main/binary-{architecture}/Packages"
            packages.parent.mkdir(parents=True)
            packages.write_text(_ftparchive("--arch", architecture, "packages", pool, cwd=archive))
        about = {"Suite": suite, "Codename": suite, "Components": "main", "Architectures": " ".join(ARCHITECTURES)}
        options = [f"-oAPT::FTPArchive::Release::{name}={value}" for name, value in about.items()]
        dists = archive / f"dists/{suite}"
        (dists / "Release").write_text(_ftparchive(*options, "release", ".", cwd=dists))
        self._gpg("--output", dists / "InRelease", "--clearsign", dists / "Release")

    def _gpg(self, *arguments: str | Path) -> None:
        run(["gpg", "--homedir", self._home, "--batch", "--quiet", *arguments], advice="install gpg")


def newer(debs: Iterable[Deb], folder: Path) -> list[Path]:
    """Write the packages into `folder` as a next version, which differs in nothing else, and return the files."""
    files = []
    for deb in debs:
        tree, file = folder / "tree", folder / f"{deb.package}_{deb.architecture}.deb"
        run(["dpkg-deb", "-R", deb.path, tree], advice="install dpkg")
        control = tree / "DEBIAN/control"
        control.write_text(control.read_text().replace(f"Version: {deb.version}", f"Version: {deb.version}.1"))
        run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, file], advice="install dpkg")
        shutil.rmtree(tree)
        files.append(file)
    return files


def _ftparchive(*arguments: str, cwd: Path) -> str:
    return subprocess.run(["apt-ftparchive", *arguments], cwd=cwd, capture_output=True, text=True, check=True).stdout
