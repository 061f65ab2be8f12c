"""ELF facts: of files put together by hand, of real ones, of garbage."""

from __future__ import annotations

import os
import platform
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.errors.install import ElfCorrupt
from github_assets.install import elf as elf_reader
from github_assets.install.elf import Elf

from .elf_files import ARM64, DYN, DYNAMIC, INTERPRETER_AMD64, LIBRARY, REL, STATIC, STATIC_PIE, elf


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("elf")


def read(data: bytes, folder) -> Elf | None:
    path = folder / "file"
    path.write_bytes(data)
    return elf_reader.read(str(path))


def test_static(folder) -> None:
    assert read(STATIC, folder) == Elf("linux", "amd64", 64, "little", "executable", True, None, (), None)


def test_dynamic(folder) -> None:
    facts = read(DYNAMIC, folder)
    assert facts == Elf("linux", "amd64", 64, "little", "shared", True, INTERPRETER_AMD64, ("libc.so.6",), (2, 34))


@pytest.mark.parametrize(
    ("machine", "bits", "order", "arch"),
    [
        (62, 64, "<", "amd64"),
        (183, 64, "<", "arm64"),
        (3, 32, "<", "386"),
        (40, 32, "<", "arm"),
        (21, 64, "<", "ppc64le"),
        (21, 64, ">", "ppc64"),
        (22, 64, ">", "s390x"),
        (243, 64, "<", "riscv64"),
        (258, 64, "<", "loong64"),
        (8, 32, ">", "mips"),
        (8, 32, "<", "mipsle"),
        (8, 64, "<", "mips64le"),
        (8, 64, ">", "mips64"),
        (9999, 64, "<", "machine 9999"),
    ],
)
def test_architectures(machine: int, bits: int, order: str, arch: str, folder) -> None:
    interpreter = "/lib/ld.so.1"
    data = elf(
        machine, bits=bits, order=order, interpreter=interpreter, needed=("libm.so.6",), versions=("GLIBC_2.17",)
    )
    facts = read(data, folder)
    assert facts is not None
    assert (facts.arch, facts.bits, facts.interpreter) == (arch, bits, interpreter)
    assert facts.endian == ("little" if order == "<" else "big")
    assert (facts.needed, facts.glibc) == (("libm.so.6",), (2, 17))


@pytest.mark.parametrize(
    ("data", "program"),
    [
        (STATIC, True),
        (DYNAMIC, True),
        (STATIC_PIE, True),
        (elf(type_=DYN), True),  # packed: no dynamic section at all
        (elf(entry=0), False),
        (LIBRARY, False),
        (elf(type_=DYN, needed=("libc.so.6",)), False),  # a plugin
        (elf(type_=DYN, interpreter=INTERPRETER_AMD64, soname="libc.so.6"), False),
        (elf(type_=REL), False),
    ],
)
def test_what_is_a_program(data: bytes, program: bool, folder) -> None:
    facts = read(data, folder)
    assert facts is not None
    assert facts.program is program


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        (("GLIBC_2.9", "GLIBC_2.17", "GLIBC_2.2.5"), (2, 17)),
        (("GLIBC_2.34", "GLIBC_PRIVATE", "GCC_3.0"), (2, 34)),
        (("GLIBC_2.17", "GLIBC_ABI_DT_RELR"), (2, 36)),
        (("GLIBCXX_3.4.30",), None),
        (("GLIBC_",), None),
    ],
)
def test_newest_glibc(versions: tuple[str, ...], newest: tuple[int, ...] | None, folder) -> None:
    facts = read(elf(interpreter=INTERPRETER_AMD64, versions=versions), folder)
    assert facts is not None
    assert facts.glibc == newest


def test_other_systems(folder) -> None:
    facts = read(elf(osabi=9), folder)
    assert facts is not None
    assert facts.os == "freebsd"


@pytest.mark.parametrize("data", [b"", b"\x7f", b"\x7fEL", b"#!/bin/sh\n", b"MZ" + bytes(100)])
def test_not_elf(data: bytes, folder) -> None:
    assert read(data, folder) is None


def test_cut_short_at_every_byte(folder) -> None:
    """No shorter file passes: a segment holds all of it."""
    for size in range(4, len(DYNAMIC)):
        with pytest.raises(ElfCorrupt):
            read(DYNAMIC[:size], folder)


def test_real_program() -> None:
    facts = elf_reader.read(os.path.realpath(sys.executable))
    assert facts is not None
    assert facts.program
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    assert facts.arch == names.get(platform.machine(), facts.arch)
    assert facts.interpreter is not None
    assert os.path.exists(facts.interpreter)
    assert any(name.startswith("libc.") for name in facts.needed)


def test_links_are_not_followed(folder) -> None:
    (folder / "link").symlink_to("/bin/sh")
    with pytest.raises(OSError, match="link"):
        elf_reader.read(str(folder / "link"))


@given(
    start=st.sampled_from(
        [STATIC, DYNAMIC, STATIC_PIE, elf(ARM64, versions=("GLIBC_2.4",)), elf(3, bits=32, pie=True)]
    ),
    changes=st.lists(st.tuples(st.integers(4, 600), st.binary(min_size=1, max_size=9)), min_size=1, max_size=8),
    end=st.integers(0, 700),
)
def test_garbled_headers_end_in_facts_or_in_one_error(start: bytes, changes, end: int, folder) -> None:
    data = bytearray(start)
    for at, new in changes:
        data[at : at + len(new)] = new
    try:
        facts = read(bytes(data[:end]) if end < 600 else bytes(data), folder)
    except ElfCorrupt:
        return
    assert facts is None or (isinstance(facts.program, bool) and facts.arch)


@given(tail=st.binary(max_size=300))
def test_any_bytes_after_the_magic(tail: bytes, folder) -> None:
    with pytest.raises(ElfCorrupt):
        read(b"\x7fELF" + tail, folder)
