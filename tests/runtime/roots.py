"""Minimal root file systems, unpacked from Debian packages: nothing is installed on the host."""

import contextlib
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from runtime import debian
from runtime.debian import Deb, Lock
from testing.toolchain.store import keep, locked

BINFMT = Path("/proc/sys/fs/binfmt_misc")
#: elf(5): a 64-bit little-endian program or shared object for machine 183, and which of those bytes count.
AARCH64_MAGIC = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00"
AARCH64_MASK = b"\xff" * 7 + b"\x00" + b"\xff" * 8 + b"\xfe\xff\xff\xff"
#: Of Debian 11, which gets no more updates: what mirrors drop one day, the snapshot archive keeps.
OLD_GLIBC = Lock(
    "20260913T092708Z",
    (
        Deb(
            "dash",
            "0.5.11+git20200708+dd9ef66-5",
            "amd64",
            "pool/main/d/dash/dash_0.5.11+git20200708+dd9ef66-5_amd64.deb",
            115376,
            "0a4cc532fbf2c78cb4090a659fb73560981e626849532e6186f3a3ac6a45b3bc",
        ),
        Deb(
            "libc6",
            "2.31-13+deb11u14",
            "amd64",
            "pool/updates/main/g/glibc/libc6_2.31-13+deb11u14_amd64.deb",
            2819984,
            "718e3ed8c92207caf5b541e7332affad4f62501cbab3f0cffbe9e6db0b89eae9",
        ),
    ),
)
_IMPORTS = "import sys; sys.path.insert(0, '{}/runtime'); import main; del sys.path[0]; main.install()\n"


class Root(NamedTuple):
    """A root file system, "/" for the host's own, and the buildpack inside it."""

    path: Path
    buildpack: str
    ca_file: str

    @property
    def python(self) -> str:
        """The starter of the bundled interpreter, as a program inside sees it."""
        return f"{self.buildpack}/runtime/bin/python3"

    def run(
        self, *command: str, environment: Mapping[str, str] | None = None, user: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a program inside, with PATH and what is given as its whole environment."""

        def enter() -> None:
            os.chroot(self.path)
            os.chdir("/")
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)

        # Not by chroot(1): a hostile environment is for the program inside.
        return subprocess.run(
            command,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(environment or {})},
            preexec_fn=enter,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def run_python(
        self,
        code: str,
        *arguments: str,
        start: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        user: int = 0,
    ) -> subprocess.CompletedProcess[str]:
        """Run code, from a file, that imports modules as the buildpack does; `start` is what starts Python instead."""
        folder = self.path / "tmp"
        folder.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".py", encoding="utf-8") as file:
            file.write(_IMPORTS.format(self.buildpack))
            file.write(code)
            file.flush()
            os.chmod(file.name, 0o644)
            script = f"/tmp/{os.path.basename(file.name)}"
            return self.run(*(start or (self.python,)), script, *arguments, environment=environment, user=user)


_index = functools.cache(debian.Index)


@functools.cache
def newest(architecture: str, *packages: str) -> Sequence[Deb]:
    """Return the newest version of packages, which is in the cache then."""
    with locked("debian-archive"):  # one private apt for all workers
        lock = _index().newest(packages, [architecture])
    debian.fetch(lock.debs, debian.mirror())
    return lock.debs


def unpack(debs: Iterable[Deb], into: Path) -> Path:
    """Unpack packages below a directory, and return that directory."""
    for deb in debs:
        deb.unpack(str(into))
    return into


def busybox(folder: Path, architecture: str = "amd64") -> Path:
    """Return a root with a static busybox as /bin/sh and not one library."""
    package = unpack(newest(architecture, "busybox-static"), folder / "package")
    return _only(folder / "root", {"bin/sh": next(package.glob("**/bin/busybox"))})


def musl(folder: Path) -> Path:
    """Return a root with musl as the only libc, and a shell built with it."""
    package = unpack(newest("amd64", "musl", "mksh"), folder / "package")
    libc = next(package.glob("**/x86_64-linux-musl/libc.so"))
    shell = next(package.glob("**/x86_64-linux-musl/bin/mksh"))
    return _only(folder / "root", {"lib/ld-musl-x86_64.so.1": libc, "bin/sh": shell})


def old_glibc(folder: Path) -> Path:
    """Return a root with glibc 2.31 and the shell of that time."""
    debian.fetch(OLD_GLIBC.debs, debian.mirror(), debian.snapshot(OLD_GLIBC.snapshot))
    root = unpack(OLD_GLIBC.debs, folder / "root")
    # Before the usr merge: the packages of that time have /bin and /lib as directories.
    assert next(root.glob("lib/x86_64-linux-gnu/libc-2.31.so"))
    with contextlib.suppress(FileExistsError):
        (root / "bin/sh").symlink_to("dash")
    return root


@contextlib.contextmanager
def arm64_programs() -> Iterator[None]:
    """Have the kernel run arm64 programs, also inside a root, as long as the block lasts (binfmt_misc, qemu-user)."""
    if os.uname().machine == "aarch64":
        yield
        return
    qemu = _qemu()
    if not (BINFMT / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT)], check=True)
    name = f"github-assets-{os.getpid()}"
    magic, mask = ("".join(f"\\x{byte:02x}" for byte in part) for part in (AARCH64_MAGIC, AARCH64_MASK))
    # F opens qemu now, so that a root without it will do.
    line = f":{name}:M::{magic}:{mask}:{qemu}:F"
    (BINFMT / "register").write_text(line, encoding="ascii")
    try:
        yield
    finally:
        (BINFMT / name).write_text("-1", encoding="ascii")


def _qemu() -> Path:
    debs = newest("amd64", "qemu-user")

    def make(into: Path) -> None:
        with tempfile.TemporaryDirectory(dir=into) as package:
            shutil.copy(unpack(debs, Path(package)) / "usr/bin/qemu-aarch64", into)

    return keep("qemu", [deb.sha256 for deb in debs], make) / "qemu-aarch64"


def _only(root: Path, programs: Mapping[str, Path]) -> Path:
    for name, source in programs.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, root / name)
        (root / name).chmod(0o755)
    return root
