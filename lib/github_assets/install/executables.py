"""What a file that will be executed is, and whether the image can start it."""

from __future__ import annotations

import os
from typing import NamedTuple

from github_assets.install import elf, formats
from github_assets.platforms import Platform

GLIBC, MUSL = "glibc", "musl"
SYSTEM_NAMES = {formats.WINDOWS: "Windows", formats.MACOS: "macOS"}
LOADER, SYMBOLS = "loader", "symbols"

_LINE = 256
"""Bytes of a file in which Linux looks for its `#!` line."""

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
    """A constant of `formats`: ELF, SCRIPT, APE, WINDOWS, MACOS or OTHER."""
    not_a_program: str | None = None
    """Why Linux can't start it on any platform: it is a library, a document; None: it can, or that can't be told."""
    os: str | None = None
    arch: str | None = None
    """Go's name; None where the file runs, or does not run, on all alike, and where that can't be told."""
    interpreter: str | None = None
    """An ELF file's loader, a script's `#!` line without the mark; None: it needs none (static)."""
    needed: tuple[str, ...] = ()
    """The shared libraries that an ELF file names."""
    glibc: tuple[int, ...] | None = None
    """The newest glibc whose symbols an ELF file needs."""
    unreadable: str | None = None
    """Why its ELF headers can't be read to their end, or tell no program: whether Linux starts it is not known."""


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

    Raises OSError where it can't be read.
    """
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        head = file.read(formats.HEAD)
    kind = formats.sniff_program(head)
    if kind == formats.SCRIPT:
        return _inspect_script(head)
    facts = elf.read(path) if kind == formats.ELF else None
    if facts:
        return _inspect_elf(facts)
    if kind in (formats.WINDOWS, formats.MACOS):
        return Executable(kind, f"it is a program for {SYSTEM_NAMES[kind]}", os=kind)
    return Executable(kind, None if kind == formats.APE else formats.why_no_program(head))


def _inspect_script(head: bytes) -> Executable:
    """Return what a script takes to start, as Linux reads its first line (execve(2), "Interpreter scripts")."""
    line, end, _ = head[2:_LINE].partition(b"\n")
    interpreter, separator, _ = line.lstrip(b" \t").replace(b"\t", b" ").partition(b" ")
    text = line.strip().decode("utf-8", "replace")
    if line.endswith(b"\r"):
        reason: str | None = "its #! line ends with a carriage return, which becomes part of the interpreter's name"
    elif not interpreter.startswith(b"/") or not interpreter.decode("utf-8", "replace").isprintable():
        reason = "its #! line does not contain an absolute path"
    elif not end and not separator and len(head) >= _LINE:
        reason = f"its #! line is longer than the {_LINE} bytes that Linux reads"
    else:
        reason = None
    return Executable(formats.SCRIPT, reason, interpreter=text or None)


def _inspect_elf(facts: elf.Elf) -> Executable:
    not_a_program = unreadable = None
    if facts.type in (elf.OBJECT, elf.CORE):
        not_a_program = "it is an object file" if facts.type == elf.OBJECT else "it is a core dump"
    elif facts.malformed:
        unreadable = f"its ELF header is damaged or unusual: {facts.malformed}"
    elif facts.type == elf.OTHER:
        not_a_program = "it is not an executable ELF file"
    elif not facts.program and facts.type == elf.SHARED and facts.interpreter is None:
        not_a_program = "it is a shared library"
    elif not facts.program:
        unreadable = "its ELF header does not look like a program's"
    return Executable(
        formats.ELF,
        not_a_program,
        facts.os,
        facts.arch,
        facts.interpreter,
        facts.needed,
        facts.glibc,
        unreadable,
    )


def runs_on(executable: Executable, platform: Platform) -> bool:
    """Tell whether a file is for this platform, or for all alike."""
    return executable.os in (None, platform.os) and executable.arch in (None, platform.arch)


def platform_of(executable: Executable) -> str:
    """Return the platform that a file is for: `linux/arm64`, or its system alone."""
    return "/".join(word for word in (executable.os, executable.arch) if word)


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
