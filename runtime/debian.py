"""Debian packages, pinned: the lock, the cache, and a private apt that knows nothing of the host's packages."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tomllib
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from runtime import CACHE, RECIPE, PackagingError
from runtime.recipe import ARCHITECTURES, PACKAGES, SUITE

LOCK = os.path.join(RECIPE, "debian.lock.toml")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
RELOCK = "python3 -m runtime lock"

#: The host's apt settings that say how to reach the archive (proxies, certificates, time-outs); no other one is used.
_REACH = ("Acquire::http", "Acquire::https", "Acquire::Retries", "Acquire::ForceIPv", "Acquire::Check-")


class Deb(NamedTuple):
    """One .deb file, as the lock names it; `size` in bytes, `sha256` in hexadecimal."""

    package: str
    version: str
    architecture: str
    size: int
    sha256: str

    @property
    def path(self) -> str:
        """Where the file is in the cache once it was fetched."""
        return os.path.join(CACHE, "debs", f"{self.package}_{self.version}_{self.architecture}.deb")

    @property
    def cached(self) -> bool:
        """Whether the cache holds exactly the pinned bytes."""
        try:
            with open(self.path, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except FileNotFoundError:
            return False

    def unpack(self, folder: str) -> None:
        """Write the package's files below `folder`."""
        _run(["dpkg-deb", "-x", self.path, folder])


def read_lock() -> list[Deb]:
    """Return the pinned packages of every architecture."""
    with open(LOCK, "rb") as file:
        return [Deb(**entry) for entry in tomllib.load(file)["deb"]]


def write_lock(debs: Iterable[Deb]) -> None:
    """Pin `debs`."""
    with open(LOCK, "w", encoding="utf-8") as file:
        file.write(f"# Written by `{RELOCK}`: the Debian {SUITE} packages that the bundled interpreter is made of.\n")
        for deb in debs:
            file.write("\n[[deb]]\n")
            for name, value in deb._asdict().items():
                file.write(f"{name} = {value}\n" if isinstance(value, int) else f'{name} = "{value}"\n')


def obtain(pins: Sequence[Deb], *, release: bool) -> Sequence[Deb]:
    """Bring every package into the cache and return what is there now.

    That is `pins`; only when the archive no longer has one of them, and this is no release, it is the newest signed
    version of everything. Raises PackagingError.
    """
    if all(deb.cached for deb in pins):
        return pins
    archive = Archive()
    gone = [deb for deb in pins if not deb.cached and not archive.has(deb)]
    if gone:
        if release:
            names = ", ".join(sorted({f"{deb.package} {deb.version}" for deb in gone}))
            raise PackagingError(
                f"Debian's archive no longer has {names}, which {os.path.relpath(LOCK)} pins. "
                f"Run `{RELOCK}`, test, commit the lock and build again."
            )
        pins = archive.newest()
    archive.fetch(pins)
    return pins


class Archive:
    """Debian's archive through an apt of its own: no root, the host's apt untouched, checked by Debian's keyring."""

    def __init__(self, suite: str = SUITE) -> None:
        for program in ("apt-get", "apt-cache", "apt-config", "dpkg-deb"):
            if not shutil.which(program):
                raise PackagingError(f"{program} is missing; the bundled interpreter is made on Debian or Ubuntu.")
        if not os.path.exists(KEYRING):
            raise PackagingError(f"{KEYRING} is missing; install the package debian-archive-keyring.")
        home = os.path.join(CACHE, "apt", suite)
        for folder in ("lists/partial", "archives/partial", "empty"):
            os.makedirs(os.path.join(home, folder), exist_ok=True)
        main, security = _mirrors()
        _write(f"{home}/status", "")
        _write(
            f"{home}/sources.list",
            f"deb [signed-by={KEYRING}] {main} {suite} main\n"
            f"deb [signed-by={KEYRING}] {main} {suite}-updates main\n"
            f"deb [signed-by={KEYRING}] {security} {suite}-security main\n",
        )
        dump = _run(["apt-config", "dump"]).splitlines()
        _write(
            f"{home}/apt.conf",
            "\n".join([line for line in dump if line.startswith(_REACH)])
            + f"""
Dir::State "{home}"; Dir::State::lists "{home}/lists"; Dir::State::status "{home}/status";
Dir::Cache "{home}"; Dir::Etc::main "/dev/null"; Dir::Etc::parts "{home}/empty";
Dir::Etc::sourcelist "{home}/sources.list"; Dir::Etc::sourceparts "{home}/empty";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "{home}/empty";
Dir::Etc::trusted "/dev/null"; Dir::Etc::trustedparts "{home}/empty";
APT::Architecture "amd64"; APT::Architectures {{ {" ".join(f'"{name}";' for name in ARCHITECTURES)} }};
APT::Sandbox::User ""; APT::Update::Error-Mode "any"; Acquire::Languages "none"; Acquire::GzipIndexes "true";
Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
""",
        )
        self._environment = {**os.environ, "APT_CONFIG": f"{home}/apt.conf", "LC_ALL": "C.UTF-8"}
        self._run("apt-get", "-qq", "update")

    def has(self, deb: Deb) -> bool:
        """Return whether the signed index still lists exactly this file."""
        try:
            return deb.sha256 in self._run("apt-cache", "show", _selector(deb))
        except PackagingError:
            return False

    def newest(
        self, packages: Iterable[str] = tuple(PACKAGES), architectures: Iterable[str] = tuple(ARCHITECTURES)
    ) -> list[Deb]:
        """Return the newest version of each package, for every architecture; those of the recipe unless told."""
        wanted = [f"{package}:{name}" for name in architectures for package in packages]
        lines = self._run("apt-get", "-qq", "--print-uris", "download", *wanted).splitlines()
        debs = []
        for _, file, size, digest in map(str.split, lines):
            package, version, architecture = urllib.parse.unquote(file).removesuffix(".deb").split("_")
            debs.append(Deb(package, version, architecture, int(size), digest.removeprefix("SHA256:")))
        return sorted(debs)

    def fetch(self, debs: Sequence[Deb]) -> None:
        """Bring those of `debs` that are missing into the cache. Raises PackagingError unless each is as pinned."""
        debs = [deb for deb in debs if not deb.cached]
        if not debs:
            return
        folder = os.path.join(CACHE, "archives")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        os.makedirs(os.path.join(CACHE, "debs"), exist_ok=True)
        self._run("apt-get", "-qq", "download", *map(_selector, debs), folder=folder)
        for file in os.listdir(folder):
            name = urllib.parse.unquote(file)
            os.replace(os.path.join(folder, file), os.path.join(CACHE, "debs", name))
        for deb in debs:
            if not deb.cached:
                raise PackagingError(f"{deb.path} is not the file that the lock pins; delete it and build again.")

    def _run(self, *command: str, folder: str | None = None) -> str:
        return _run(command, folder=folder, environment=self._environment)


def _selector(deb: Deb) -> str:
    return f"{deb.package}:{deb.architecture}={deb.version}"


def _mirrors() -> tuple[str, str]:
    """Return the archive and the security archive: those of $DEBIAN_MIRROR, else those of a Debian host itself."""
    if mirror := os.environ.get("DEBIAN_MIRROR"):
        return mirror, f"{mirror.rstrip('/')}-security"
    release = platform.freedesktop_os_release()
    codename = release.get("VERSION_CODENAME", "")
    used = {}
    if release.get("ID") == "debian":
        targets = _run(["apt-get", "indextargets", "--format", "$(CREATED_BY) $(RELEASE) $(REPO_URI)"])
        for created_by, suite, uri in map(str.split, targets.splitlines()):
            if created_by == "Packages":
                used[suite] = uri
    try:
        return used[codename], used[f"{codename}-security"]
    except KeyError:
        raise PackagingError(
            "The host's apt sources name no Debian archive with its security suite; "
            "set DEBIAN_MIRROR to the address of one (its security archive is expected beside it, as ADDRESS-security)."
        ) from None


def _write(path: str, text: str) -> None:
    """Write for the owner alone: a proxy's address may hold a password."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _run(command: Sequence[str], *, folder: str | None = None, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackagingError(f"{command[0]} {command[-1]} failed: {done.stderr.strip()}")
    return done.stdout
