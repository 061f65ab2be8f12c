"""What starting a file takes, and what the image has."""

from __future__ import annotations

import pytest

from github_assets.errors.install import ElfCorrupt, ForeignExecutable
from github_assets.install.executables import (
    CompatibilityIssue,
    Distribution,
    Executable,
    check,
    compatibility_issues,
    inspect,
)
from github_assets.platforms import Platform

from .elf_files import ARM64, DYNAMIC, INTERPRETER_AMD64, MUSL_AMD64, STATIC, elf

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
        (STATIC, Executable("elf", True, "linux", "amd64")),
        (
            DYNAMIC,
            Executable("elf", True, "linux", "amd64", INTERPRETER_AMD64, ("libc.so.6",), (2, 34)),
        ),
        (b"#!/bin/sh\necho\n", Executable("script", True, interpreter="/bin/sh")),
        (b"#! /usr/bin/env  python3 \r\n", Executable("script", True, interpreter="/usr/bin/env  python3")),
        (b"#!" + b"x" * 5000, Executable("script", True, interpreter="x" * 254)),
        (b"#!\n", Executable("script", False)),
        (b"MZ\x90\0", Executable("windows", False, os="windows")),
        (b"\xcf\xfa\xed\xfe\x07\0\0\1", Executable("macos", False, os="macos")),
        (b"\xca\xfe\xba\xbe\0\0\0\2", Executable("macos", False, os="macos")),
        (b"# Read me\n", Executable("other", False)),
        (b"", Executable("other", False)),
    ],
)
def test_inspect(data: bytes, expected: Executable, tmp_path) -> None:
    assert facts(data, tmp_path) == expected


def test_inspect_refuses_a_truncated_program(tmp_path) -> None:
    with pytest.raises(ElfCorrupt) as caught:
        facts(STATIC[:70], tmp_path)
    assert caught.value.file == "tool"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (elf(ARM64), "linux/arm64"),
        (elf(3, bits=32), "linux/386"),
        (elf(osabi=9), "freebsd/amd64"),
        (b"MZ\x90\0", "windows"),
        (b"\xcf\xfa\xed\xfe", "macos"),
    ],
)
def test_foreign_programs_are_refused(data: bytes, found: str, tmp_path) -> None:
    with pytest.raises(ForeignExecutable) as caught:
        check(facts(data, tmp_path), "tool", AMD64)
    assert (caught.value.file, caught.value.found, caught.value.wanted) == ("tool", found, "linux/amd64")


@pytest.mark.parametrize("data", [STATIC, DYNAMIC, b"#!/bin/sh\n", b"data"])
def test_own_programs_pass(data: bytes, tmp_path) -> None:
    check(facts(data, tmp_path), "tool", AMD64)


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
def test_doubts(data: bytes, distribution: Distribution, expected: list[CompatibilityIssue], tmp_path) -> None:
    assert compatibility_issues(facts(data, tmp_path), "tool", AMD64, distribution) == expected


def test_the_users_word_on_the_libc_wins(tmp_path) -> None:
    musl, glibc = elf(interpreter=MUSL_AMD64), needing("GLIBC_2.38")
    assert compatibility_issues(facts(musl, tmp_path), "tool", AMD64._replace(libc="musl"), NOBLE) == []
    assert compatibility_issues(facts(glibc, tmp_path), "tool", AMD64._replace(libc="gnu"), UNKNOWN) == []
    assert compatibility_issues(facts(glibc, tmp_path), "tool", AMD64._replace(libc="gnu"), ALPINE) == []
