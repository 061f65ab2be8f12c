"""Debian packages, pinned: the lock, the cache, and a private apt that knows nothing of the host's packages."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import platform
import re
import subprocess
import tempfile
import tomllib
import urllib.parse
from collections.abc import Iterable, Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple, TypeAlias

from runtime import CACHE, RECIPE, PackagingError
from runtime.recipe import ARCHITECTURES, PACKAGES, SUITE

LOCK = os.path.join(RECIPE, "debian.lock.toml")
RELOCK = "python3 -m runtime lock"

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_SNAPSHOTS = "https://snapshot.debian.org/archive"
_APT_HELPER = "/usr/lib/apt/apt-helper"
#: The host's apt settings that say how to reach the archive (proxies, certificates, time-outs); no other one is used.
_REACH = ("Acquire::http", "Acquire::https", "Acquire::Retries", "Acquire::ForceIPv", "Acquire::Check-")

#: The addresses of an archive and of the security archive that belongs to it.
Archive: TypeAlias = tuple[str, str]


class Deb(NamedTuple):
    """One .deb file, as the lock names it; `file` is below the archive, `size` in bytes, `sha256` in hexadecimal."""

    package: str
    version: str
    architecture: str
    file: str
    size: int
    sha256: str

    @property
    def path(self) -> str:
        """Where the file is in the cache once it was fetched."""
        return os.path.join(CACHE, "debs", os.path.basename(self.file))

    @property
    def cached(self) -> bool:
        """Whether the cache holds exactly the pinned bytes."""
        try:
            with open(self.path, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except FileNotFoundError:
            return False

    def uri(self, archive: Archive) -> str:
        """Return where an archive has the file."""
        main, security = archive
        return f"{security if self.file.startswith('pool/updates/') else main}/{urllib.parse.quote(self.file)}"

    def unpack(self, folder: str) -> None:
        """Write the package's files below `folder`."""
        _run(["dpkg-deb", "-x", self.path, folder])


class Lock(NamedTuple):
    """The packages of every architecture, and a moment at which a snapshot archive has all of them."""

    snapshot: str
    debs: tuple[Deb, ...]

    @property
    def text(self) -> str:
        """The lock as a file."""
        lines = [
            f"# Written by `{RELOCK}`: the Debian {SUITE} packages that the bundled interpreter is made of.",
            "# A snapshot archive has all of them at this moment.",
            f'snapshot = "{self.snapshot}"',
        ]
        for deb in self.debs:
            lines += ["", "[[deb]]"]
            for name, value in deb._asdict().items():
                lines.append(f"{name} = {value}" if isinstance(value, int) else f'{name} = "{value}"')
        return "\n".join([*lines, ""])


def read_lock(path: str | None = None) -> Lock:
    """Return what the repository's lock pins, or another one."""
    with open(path or LOCK, "rb") as file:
        lock = tomllib.load(file)
    return Lock(lock["snapshot"], tuple(Deb(**entry) for entry in lock["deb"]))


def renew_lock() -> None:
    """Pin the newest packages; where those are pinned already, nothing changes. Raises PackagingError."""
    newest = Index().newest()
    if newest.debs != read_lock().debs:
        with open(LOCK, "w", encoding="utf-8") as file:
            file.write(newest.text)


def obtain(pins: Lock, *, release: bool) -> Lock:
    """Bring every package into the cache and return what is there: `pins`, and in a release nothing else.

    Other builds take the newest packages where Debian's archive no longer has one that is pinned, and those again as
    long as the pins stay the same. Raises PackagingError.
    """
    instead = os.path.join(CACHE, "instead", hashlib.sha256(pins.text.encode()).hexdigest()[:16])
    chosen = read_lock(instead) if os.path.exists(instead) and not release else pins
    if all(deb.cached for deb in chosen.debs):
        return chosen
    archives = [mirror(), snapshot(pins.snapshot)] if release else [mirror()]
    try:
        fetch(chosen.debs, *archives)
    except PackagingError as error:
        if release:
            raise PackagingError(
                f"{error} {os.path.relpath(LOCK)} pins it, and a snapshot archive of {pins.snapshot} has it: set "
                "DEBIAN_SNAPSHOT to the address of one that can be reached. Or pin the newest packages: "
                f"run `{RELOCK}`, test, commit the lock and build again."
            ) from None
        chosen = Index().newest()
        fetch(chosen.debs, *archives)
        os.makedirs(os.path.dirname(instead), exist_ok=True)
        _write(instead, chosen.text)
    return chosen


def fetch(debs: Iterable[Deb], *archives: Archive) -> None:
    """Bring those of `debs` that are missing into the cache, each from the first archive that has it as pinned.

    Raises PackagingError when none has.
    """
    missing = [deb for deb in debs if not deb.cached]
    reasons = set()
    for archive in archives:
        if not missing:
            return
        os.makedirs(os.path.join(CACHE, "debs"), exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            files = {deb: os.path.join(folder, os.path.basename(deb.path)) for deb in missing}
            command = [_APT_HELPER, "download-file"]
            for deb, file in files.items():
                # apt links to what a file: address names; copy: is its method that copies.
                command += [re.sub("^file:", "copy:", deb.uri(archive)), file, f"SHA256:{deb.sha256}"]
            done = subprocess.run(command, env=_apt(folder), capture_output=True, text=True, check=False)
            for deb in missing:
                with contextlib.suppress(FileNotFoundError):
                    os.replace(files[deb], deb.path)
        found = re.findall(r"^E: Failed to fetch \S+ +(.*?)(?: \[IP.*)?$", done.stderr, re.MULTILINE)
        reasons.update(found or [done.stderr.strip()])
        missing = [deb for deb in missing if not deb.cached]
    if missing:
        names = ", ".join(sorted({f"{deb.package} {deb.version}" for deb in missing}))
        raise PackagingError(f"{names} could not be fetched: {'; '.join(sorted(reasons))}.")


class Index:
    """What a suite of Debian's archive has now, as its signed index says. Raises PackagingError."""

    def __init__(self, suite: str = SUITE) -> None:
        keyring = os.environ.get("DEBIAN_KEYRING") or _KEYRING
        if not os.path.exists(keyring):
            raise PackagingError(f"{keyring} is missing; install the package debian-archive-keyring.")
        main, security = mirror()
        self._home = os.path.join(CACHE, "apt", suite)
        os.makedirs(os.path.join(self._home, "lists/partial"), exist_ok=True)
        self._environment = _apt(self._home)
        _write(
            f"{self._home}/sources.list",
            f"deb [signed-by={keyring}] {main} {suite} main\n"
            f"deb [signed-by={keyring}] {main} {suite}-updates main\n"
            f"deb [signed-by={keyring}] {security} {suite}-security main\n",
        )
        _run(["apt-get", "-qq", "update"], self._environment)

    def newest(
        self, packages: Iterable[str] = tuple(PACKAGES), architectures: Iterable[str] = tuple(ARCHITECTURES)
    ) -> Lock:
        """Return the newest version of each package, for every architecture; those of the recipe unless told."""
        wanted = [f"{package}:{name}" for name in architectures for package in packages]
        lines = _run(["apt-get", "-qq", "--print-uris", "download", *wanted], self._environment).splitlines()
        debs = []
        for uri, name, size, digest in map(str.split, lines):
            package, version, architecture = urllib.parse.unquote(name).removesuffix(".deb").split("_")
            file = "pool/" + urllib.parse.unquote(uri.strip("'")).rpartition("/pool/")[2]
            debs.append(Deb(package, version, architecture, file, int(size), digest.removeprefix("SHA256:")))
        return Lock(self._snapshot(), tuple(sorted(debs)))

    def _snapshot(self) -> str:
        """Return a day after the index was last signed.

        A snapshot that was taken before that moment, but not a day before it, has all that the index lists: files stay
        in the pool for longer than a day after the index has left them out.
        """
        dates = []
        for path in glob.glob(f"{self._home}/lists/*Release"):
            with open(path, encoding="utf-8") as file:
                dates += [line.partition(":")[2] for line in file if line.startswith("Date:")]
        return f"{max(map(parsedate_to_datetime, dates)) + timedelta(days=1):%Y%m%dT%H%M%SZ}"


def mirror() -> Archive:
    """Return the archive near by: the one that $DEBIAN_MIRROR names, else the one that a Debian host uses itself."""
    if address := os.environ.get("DEBIAN_MIRROR"):
        return address.rstrip("/"), f"{address.rstrip('/')}-security"
    release = platform.freedesktop_os_release()
    codename = release.get("VERSION_CODENAME", "")
    used = {}
    if release.get("ID") == "debian":
        targets = _run(["apt-get", "indextargets", "--format", "$(CREATED_BY) $(RELEASE) $(REPO_URI)"])
        for created_by, suite, uri in map(str.split, targets.splitlines()):
            if created_by == "Packages":
                used[suite] = uri.rstrip("/")
    try:
        return used[codename], used[f"{codename}-security"]
    except KeyError:
        raise PackagingError(
            "The host's apt sources name no Debian archive with its security suite; "
            "set DEBIAN_MIRROR to the address of one (its security archive is expected beside it, as ADDRESS-security)."
        ) from None


def snapshot(moment: str) -> Archive:
    """Return the archive as it was at a moment: in the snapshot archive at $DEBIAN_SNAPSHOT, else in Debian's own."""
    address = (os.environ.get("DEBIAN_SNAPSHOT") or _SNAPSHOTS).rstrip("/")
    return f"{address}/debian/{moment}", f"{address}/debian-security/{moment}"


def _apt(home: str) -> dict[str, str]:
    """Return the environment of an apt of its own below `home`: no root, and nothing of the host's but how to reach."""
    for folder in ("lists/partial", "archives/partial", "empty"):
        os.makedirs(os.path.join(home, folder), exist_ok=True)
    _write(f"{home}/status", "")
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
APT::Sandbox::User ""; APT::Update::Error-Mode "any"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
Acquire::ForceHash "SHA256"; Acquire::Languages "none"; Acquire::GzipIndexes "true";
""",
    )
    return {**os.environ, "APT_CONFIG": f"{home}/apt.conf", "LC_ALL": "C.UTF-8"}


def _write(path: str, text: str) -> None:
    """Write all of it or nothing, and for the owner alone: a proxy's address may hold a password."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=os.path.dirname(path), delete=False) as file:
        file.write(text)
    os.replace(file.name, path)


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise PackagingError(
            f"{error.filename} is missing; the bundled interpreter is made on Debian or Ubuntu."
        ) from None
    if done.returncode:
        raise PackagingError(f"{command[0]} {command[-1]} failed: {done.stderr.strip()}")
    return done.stdout
