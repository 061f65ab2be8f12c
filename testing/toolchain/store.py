"""A directory of build results, each built once per recipe, and the commands that build them."""

import contextlib
import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / ".cache" / "toolchain"
LOG = logging.getLogger("toolchain")


class ToolchainError(Exception):
    """A part could not be made: what failed, the failing command's output (may be empty) and what to do."""

    def __init__(self, what: str, advice: str, output: str = "") -> None:
        super().__init__(what, advice, output)
        self.what = what
        self.advice = advice
        self.output = output

    def __str__(self) -> str:
        """Return the output, if any, and then one line: what failed, and what to do."""
        return "\n".join(filter(None, [self.output.rstrip(), f"{self.what}: {self.advice}"]))


def run(
    command: Sequence[str | Path],
    *,
    advice: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a command quietly and return its standard output and error, merged; *env* adds to the environment.

    Raises ToolchainError with that output and *advice* when the command is not there or fails.
    """
    what = " ".join(str(word) for word in command[:3])
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise ToolchainError(f"`{what}` cannot be started ({error.strerror})", advice) from error
    if done.returncode:
        raise ToolchainError(f"`{what} …` failed with status {done.returncode}", advice, done.stdout)
    return done.stdout


def digest(recipe: Iterable[str | Path]) -> str:
    """Return 12 hex digits of the SHA-256 over a recipe: texts, and files or directories by content, mode and path.

    A file's own name does not count, the names within a directory do.
    """
    total = hashlib.sha256()
    for item in recipe:
        if isinstance(item, str):
            entries = [("text", item.encode())]
        elif item.is_dir():
            files = sorted(path for path in item.rglob("*") if path.is_symlink() or path.is_file())
            entries = [(f"{path.relative_to(item)} {_kind(path)}", _content(path)) for path in files]
        else:
            entries = [(_kind(item), _content(item))]
        for name, content in entries:
            total.update(f"{name}\0{len(content)}\0".encode())
            total.update(content)
    return total.hexdigest()[:12]


def _kind(path: Path) -> str:
    return "link" if path.is_symlink() else "exec" if os.access(path, os.X_OK) else "file"


def _content(path: Path) -> bytes:
    return os.readlink(path).encode() if path.is_symlink() else path.read_bytes()


def keep(name: str, recipe: Iterable[str | Path], make: Callable[[Path], None]) -> Path:
    """Return the directory that *make* fills, from the cache if this recipe was made before.

    *make* gets an empty directory that is renamed into place when it returns: a result that exists is complete.
    Results of older recipes of the same name are removed. Safe against other processes that ask for the same.
    """
    home = CACHE / "store" / name
    result = home / digest(recipe)
    if result.is_dir():
        return result
    with locked(name):
        if result.is_dir():
            return result
        part = home / f"{result.name}.part"
        if part.exists():
            shutil.rmtree(part)
        part.mkdir(parents=True)
        start = time.monotonic()
        make(part)
        part.rename(result)
        for old in home.iterdir():
            if old != result:
                shutil.rmtree(old)
        LOG.info("%s: made in %.1f s", name, time.monotonic() - start)
    return result


def link(name: str, target: Path) -> Path:
    """Make `.cache/toolchain/bin/<name>` point to *target*, atomically; return that path."""
    path = CACHE / "bin" / name
    if not (path.is_symlink() and path.readlink() == target):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{name}.{os.getpid()}")
        fresh.symlink_to(target)
        fresh.replace(path)
    return path


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the lock of this name against other processes of this checkout; the kernel frees it if we are killed."""
    path = CACHE / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pip_install(into: Path, requirements: Path, instead: str) -> None:
    """Install the packages of a file, which has their hashes, into a directory.

    Raises ToolchainError where that is impossible; *instead* is what else would help.
    """
    if not find_spec("pip"):
        apt_install("python3-pip")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--require-hashes"]
    run([*pip, "--target", into, "-r", requirements], advice=f"{instead}, or let pip reach its index")


def apt_install(package: str) -> None:
    """Install a Debian package without its recommendations.

    Raises ToolchainError where that is impossible: no apt, no root, no package.
    """
    advice = f"install {package} by hand, then run this again"
    if not shutil.which("apt-get"):
        raise ToolchainError(f"{package} is missing and this machine has no apt-get", advice)
    if os.geteuid():
        raise ToolchainError(f"{package} is missing and installing it needs root", f"apt-get install {package}")
    apt_update()
    with locked("apt"):
        command = ["apt-get", "install", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
        run([*command, package], advice=advice, env={"DEBIAN_FRONTEND": "noninteractive"})


def apt_update() -> None:
    """Fetch apt's package lists; without root, those that are there have to do.

    Raises ToolchainError where that is impossible.
    """
    if not os.geteuid():
        with locked("apt"):
            run(["apt-get", "update", "-qq"], advice="look at the machine's apt sources")
