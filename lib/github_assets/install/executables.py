"""What a file that will be executed is, and whether the image can start it."""

from __future__ import annotations

import os
from typing import NamedTuple

from github_assets.errors.install import ForeignExecutable
from github_assets.install import elf, formats
from github_assets.platforms import Platform

GLIBC, MUSL = "glibc", "musl"
LOADER, SYMBOLS = "loader", "symbols"

_LINE = 256
"""Bytes of a `#!` line that Linux reads."""

# The distributions' own package lists; Red Hat's hold for UBI too.
_GLIBC_OF = {
    "ubuntu": {"18.04": (2, 27), "20.04": (2, 31), "22.04": (2, 35), "24.04": (2, 39)},
    "debian": {"10": (2, 28), "11": (2, 31), "12": (2, 36), "13": (2, 41)},
    "rhel": {"8": (2, 28), "9": (2, 34), "10": (2, 39)},
}
_MUSL_DISTRIBUTIONS = ("alpine",)


class Executable(NamedTuple):
    """What starting a file takes."""

    kind: str
    """`elf`, `script`, `windows`, `macos` or `other`."""
    program: bool
    """Whether Linux could start it on its own platform: not a library, an object, a document."""
    os: str | None = None
    arch: str | None = None
    """Go's name; None where the file runs, or does not run, on all alike."""
    interpreter: str | None = None
    """An ELF file's loader, a script's `#!` line without the mark; None: it needs none (static)."""
    needed: tuple[str, ...] = ()
    """The shared libraries that an ELF file names."""
    glibc: tuple[int, ...] | None = None
    """The newest glibc whose symbols an ELF file needs."""


class Distribution(NamedTuple):
    """The run image's distribution, from CNB_TARGET_DISTRO_NAME and _VERSION: `ubuntu`, `24.04`; empty: unknown."""

    name: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()

    @property
    def libc(self) -> str | None:
        """`glibc`, `musl`, or None where it is not known."""
        if self.name in _MUSL_DISTRIBUTIONS:
            return MUSL
        return GLIBC if self.name in _GLIBC_OF else None

    @property
    def glibc(self) -> tuple[int, ...] | None:
        """The version of its glibc, where it is known."""
        versions = _GLIBC_OF.get(self.name, {})
        return versions.get(self.version) or versions.get(self.version.partition(".")[0])


class CompatibilityIssue(NamedTuple):
    """Why the run image will probably not start a program. A static one has none."""

    file: str
    reason: str
    """`loader`: the image has no such loader; `symbols`: its glibc is older than the program."""
    needs: str
    """The loader's path, or glibc's version `2.38`."""
    has: str | None
    """`glibc`, `musl`, or glibc's version `2.35`; None: not known."""


def inspect(path: str) -> Executable:
    """Return what the file at `path` takes to start. It is not followed where it is a link.

    Raises ElfCorrupt for an ELF file that is cut short or garbled, OSError where it cannot be read.
    """
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        head = file.read(formats.HEAD)
    kind = formats.sniff(head)
    if kind == formats.SCRIPT:
        line = head[2:_LINE].split(b"\n", 1)[0].decode("utf-8", "replace").strip()
        return Executable(kind, program=bool(line), interpreter=line or None)
    facts = elf.read(path) if kind == formats.ELF else None
    if facts:
        return Executable(kind, facts.program, facts.os, facts.arch, facts.interpreter, facts.needed, facts.glibc)
    if kind in (formats.WINDOWS, formats.MACOS):
        return Executable(kind, program=False, os=kind)
    return Executable(formats.OTHER, program=False)


def fits(executable: Executable, platform: Platform) -> bool:
    """Tell whether a file is for this platform, or for all alike."""
    return executable.os in (None, platform.os) and executable.arch in (None, platform.arch)


def check(executable: Executable, file: str, platform: Platform) -> None:
    """Raise ForeignExecutable where `file` is a program for another platform."""
    if not fits(executable, platform):
        found = "/".join(word for word in (executable.os, executable.arch) if word)
        raise ForeignExecutable(file=file, found=found, wanted=str(platform))


def compatibility_issues(
    executable: Executable, file: str, platform: Platform, distribution: Distribution
) -> list[CompatibilityIssue]:
    """Return why an image of this distribution will probably not start an ELF program.

    `platform.libc` wins over what the distribution has. On an unknown distribution every loader is in doubt.
    """
    if executable.kind != formats.ELF or executable.interpreter is None:
        return []
    has = {"gnu": GLIBC, "musl": MUSL}.get(platform.libc or "") or distribution.libc
    if has is None or _libc_of(executable.interpreter) != has:
        return [CompatibilityIssue(file, LOADER, executable.interpreter, has)]
    version = distribution.glibc if has == distribution.libc else None
    if version and executable.glibc and executable.glibc > version:
        return [CompatibilityIssue(file, SYMBOLS, _dotted(executable.glibc), _dotted(version))]
    return []


def _libc_of(interpreter: str) -> str | None:
    folder, _, name = interpreter.rpartition("/")
    if folder not in ("/lib", "/lib64", "/lib32", "/libx32"):
        return None
    if name.startswith("ld-musl-"):
        return MUSL
    return GLIBC if name.startswith(("ld-linux", "ld64.so", "ld.so")) else None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)
