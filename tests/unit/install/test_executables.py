"""What a program needs to start, and what the image has."""

from __future__ import annotations

import subprocess

import pytest

from github_assets.install.executables import (
    CompatibilityIssue,
    Distribution,
    Executable,
    compatibility_issues,
    inspect,
    platform_of,
    runs_on,
)
from github_assets.platforms import Platform

from .elf_files import ARM64, DYN, DYNAMIC, INTERPRETER_AMD64, LIBRARY, MUSL_AMD64, REL, STATIC, elf

AMD64 = Platform("linux", "amd64")
JAMMY, NOBLE = Distribution("ubuntu", "22.04"), Distribution("ubuntu", "24.04")
ALPINE, UNKNOWN = Distribution("alpine", "3.20"), Distribution()


def facts(data: bytes, tmp_path) -> Executable:
    path = tmp_path / "tool"
    path.write_bytes(data)
    return inspect(str(path))


def needing(version: str) -> bytes:
    return elf(interpreter=INTERPRETER_AMD64, versions=(version,))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (STATIC, Executable("elf", None, "linux", "amd64")),
        (DYNAMIC, Executable("elf", None, "linux", "amd64", INTERPRETER_AMD64, ("libc.so.6",), (2, 34))),
        (b"#!/bin/sh\necho\n", Executable("script", interpreter="/bin/sh")),
        (b"#!/bin/sh", Executable("script", interpreter="/bin/sh")),
        (b"#! /usr/bin/env  python3 \n", Executable("script", interpreter="/usr/bin/env  python3")),
        (b"#!\t/bin/sh\t-e\n", Executable("script", interpreter="/bin/sh\t-e")),
        (b"#!/bin/sh " + b"x" * 5000 + b"\n", Executable("script", interpreter="/bin/sh " + "x" * 246)),
        (b"MZqFpD='\n\n\0\x10\0", Executable("ape")),
        (b"jartsr='\n\n\0\x10\0", Executable("ape")),
    ],
)
def test_programs(data: bytes, expected: Executable, tmp_path) -> None:
    assert facts(data, tmp_path) == expected


@pytest.mark.parametrize(
    "head",
    [
        b"#!/bin/sh\n",
        b"#! /bin/sh\n",
        b"#!\t/bin/sh -e\n",
        b"#!/usr/bin/env sh\n",
        b"#!/bin/sh " + b" " * 300 + b"\n",
        b"#!/bin/sh\r\n",
        b"#!/usr/bin/env sh\r\n",
        b"#!sh\n",
        b"#!\n",
        b"#!/bin/" + b"/" * 300 + b"sh\n",
        b"\xef\xbb\xbf#!/bin/sh\n",
        b"\n#!/bin/sh\n",
        b"echo\n",
        b"",
    ],
)
def test_the_kernel_agrees_on_scripts(head: bytes, tmp_path) -> None:
    path = tmp_path / "script"
    path.write_bytes(head + b"exit 0\n" if head else b"")
    path.chmod(0o755)
    try:
        starts = subprocess.run([path], check=False, stderr=subprocess.DEVNULL, cwd=tmp_path).returncode == 0
    except OSError:
        starts = False
    assert starts is (inspect(str(path)).not_a_program is None)


CARRIAGE_RETURN = "its #! line ends with a carriage return, which becomes part of the interpreter's name"
NO_PATH = "its #! line does not contain an absolute path"
TEXT = "it is text that does not begin with a #! line"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"# Read me\n", TEXT),
        (b'{"a": 1}\n', TEXT),
        (b"\n#!/bin/sh\n", TEXT),
        (b"abc  tool.tar.gz\n", TEXT),
        ("über\n".encode(), TEXT),
        (b"<!DOCTYPE html>\n<title>Sign in</title>", "it is an HTML page"),
        (b"\n <HTML lang=en>", "it is an HTML page"),
        (b"\0asm\x01\0\0\0", "it is a WebAssembly module"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(20), "it is a Java class"),
        (b"\x1b\x0f\x00\xf8" + bytes(100), "its format is unknown"),
        (b"\xff\xfe#\0!\0/\0", "its format is unknown"),
        (b"\xef\xbb\xbf#!/bin/sh\n", "a byte order mark precedes its #! line"),
        (b"#!/bin/sh\r\n", CARRIAGE_RETURN),
        (b"#!/usr/bin/env python3\r\n", CARRIAGE_RETURN),
        (b"#!\n", NO_PATH),
        (b"#! \n", NO_PATH),
        (b"#!", NO_PATH),
        (b"#!bash\n", NO_PATH),
        (b"#!/bin/\x1b[2J\n", NO_PATH),
        (b"#!/" + b"x" * 5000, "its #! line is longer than the 256 bytes that Linux reads"),
        (LIBRARY, "it is a shared library"),
        (elf(type_=DYN, needed=("libc.so.6",)), "it is a shared library"),
        (elf(type_=REL), "it is an object file"),
        (elf(type_=4), "it is a core dump"),
        (elf(type_=0xFE00), "it is not an executable ELF file"),
        (b"MZ\x90\0", "it is a program for Windows"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\1", "it is a program for macOS"),
    ],
)
def test_files_that_are_not_programs(data: bytes, reason: str, tmp_path) -> None:
    assert facts(data, tmp_path).not_a_program == reason


@pytest.mark.parametrize(
    ("data", "arch", "reason"),
    [
        (STATIC[:70], "amd64", "its ELF header is damaged or unusual: a header points past the end of the file"),
        (b"\x7fELF", None, "its ELF header is damaged or unusual: its header has an unknown word size or byte order"),
        (elf(entry=0), "amd64", "its ELF header does not look like a program's"),
        (
            elf(type_=DYN, interpreter=INTERPRETER_AMD64, soname="libc.so.6"),
            "amd64",
            "its ELF header does not look like a program's",
        ),
    ],
)
def test_files_that_may_be_programs(data: bytes, arch: str | None, reason: str, tmp_path) -> None:
    executable = facts(data, tmp_path)
    assert (executable.not_a_program, executable.arch, executable.unreadable) == (None, arch, reason)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (elf(ARM64), "linux/arm64"),
        (elf(ARM64)[:70], "linux/arm64"),
        (elf(3, bits=32), "linux/386"),
        (elf(osabi=9, note=b"FreeBSD"), "freebsd/amd64"),
        (b"MZ\x90\0", "windows"),
        (b"\xcf\xfa\xed\xfe", "macos"),
        (b"\xfe\xed\xfa\xcf", "macos"),
        (b"\xca\xfe\xba\xbe\0\0\0\2", "macos"),
        (b"\xca\xfe\xba\xbf\0\0\0\2", "macos"),
    ],
)
def test_programs_for_other_platforms(data: bytes, found: str, tmp_path) -> None:
    executable = facts(data, tmp_path)
    assert not runs_on(executable, AMD64)
    assert platform_of(executable) == found


@pytest.mark.parametrize(
    "data", [STATIC, DYNAMIC, b"#!/bin/sh\n", b"data", b"\x7fELF", elf(osabi=9), b"MZqFpD='\n\n\0\x10\0"]
)
def test_programs_for_this_platform(data: bytes, tmp_path) -> None:
    assert runs_on(facts(data, tmp_path), AMD64)


@pytest.mark.parametrize(
    ("data", "distribution", "expected"),
    [
        (STATIC, UNKNOWN, []),
        (STATIC, ALPINE, []),
        (b"#!/bin/bash\n", ALPINE, []),
        (needing("GLIBC_2.34"), JAMMY, []),
        (needing("GLIBC_2.35"), JAMMY, []),
        (needing("GLIBC_2.38"), JAMMY, [CompatibilityIssue("tool", "symbols", "2.38", "2.35")]),
        (needing("GLIBC_2.38"), NOBLE, []),
        (needing("GLIBC_2.38"), Distribution("debian", "12"), [CompatibilityIssue("tool", "symbols", "2.38", "2.36")]),
        (needing("GLIBC_2.38"), Distribution("rhel", "9.4"), [CompatibilityIssue("tool", "symbols", "2.38", "2.34")]),
        (needing("GLIBC_2.38"), Distribution("ubuntu", "99.04"), []),
        (needing("GLIBC_2.17"), ALPINE, [CompatibilityIssue("tool", "loader", INTERPRETER_AMD64, "musl")]),
        (needing("GLIBC_2.17"), UNKNOWN, [CompatibilityIssue("tool", "loader", INTERPRETER_AMD64, None)]),
        (elf(interpreter=MUSL_AMD64), ALPINE, []),
        (elf(interpreter=MUSL_AMD64), NOBLE, [CompatibilityIssue("tool", "loader", MUSL_AMD64, "glibc")]),
        (
            elf(interpreter="/nix/store/x/lib/ld-linux-x86-64.so.2"),
            NOBLE,
            [CompatibilityIssue("tool", "loader", "/nix/store/x/lib/ld-linux-x86-64.so.2", "glibc")],
        ),
        (
            elf(interpreter="/system/bin/linker64"),
            NOBLE,
            [CompatibilityIssue("tool", "loader", "/system/bin/linker64", "glibc")],
        ),
    ],
)
def test_compatibility_issues(
    data: bytes, distribution: Distribution, expected: list[CompatibilityIssue], tmp_path
) -> None:
    assert compatibility_issues(facts(data, tmp_path), "tool", AMD64, distribution) == expected


def test_the_configured_libc_wins(tmp_path) -> None:
    musl, glibc = elf(interpreter=MUSL_AMD64), needing("GLIBC_2.38")
    assert compatibility_issues(facts(musl, tmp_path), "tool", AMD64._replace(libc="musl"), NOBLE) == []
    assert compatibility_issues(facts(glibc, tmp_path), "tool", AMD64._replace(libc="gnu"), UNKNOWN) == []
    assert compatibility_issues(facts(glibc, tmp_path), "tool", AMD64._replace(libc="gnu"), ALPINE) == []
