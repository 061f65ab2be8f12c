"""ELF facts: of hand-made files, real ones, and garbage."""

from __future__ import annotations

import os
import platform
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.install import elf as elf_reader
from github_assets.install.elf import Elf

from .elf_files import ARM64, DYN, DYNAMIC, INTERPRETER_AMD64, LIBRARY, REL, STATIC, STATIC_PIE, elf


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("elf")


def read(data: bytes, folder) -> Elf:
    path = folder / "file"
    path.write_bytes(data)
    facts = elf_reader.read(str(path))
    assert facts is not None
    return facts


def test_static(folder) -> None:
    assert read(STATIC, folder) == Elf("linux", "amd64", "executable", True)


def test_dynamic(folder) -> None:
    facts = read(DYNAMIC, folder)
    assert facts == Elf("linux", "amd64", "shared", True, INTERPRETER_AMD64, ("libc.so.6",), (2, 34))


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
    assert (facts.os, facts.arch, facts.interpreter, facts.malformed) == ("linux", arch, interpreter, None)
    assert (facts.needed, facts.glibc) == (("libm.so.6",), (2, 17))


OLD_STATIC_PIE = STATIC_PIE.replace(struct.pack("<QQ", 0x6FFFFFFB, 0x08000000), struct.pack("<QQ", 21, 0))
"""Without DF_1_PIE, as linkers before binutils 2.26 made it."""


@pytest.mark.parametrize(
    ("data", "program"),
    [
        (STATIC, True),
        (DYNAMIC, True),
        (STATIC_PIE, True),
        (OLD_STATIC_PIE, True),
        (elf(type_=DYN), True),  # packed by UPX: no dynamic section at all
        (elf(entry=0), False),
        (LIBRARY, False),
        (elf(type_=DYN, needed=("libc.so.6",)), False),  # a plugin
        (elf(type_=DYN, interpreter=INTERPRETER_AMD64, soname="libc.so.6"), False),
        (elf(type_=REL), False),
    ],
)
def test_which_files_are_programs(data: bytes, program: bool, folder) -> None:
    assert read(data, folder).program is program


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
    assert read(elf(interpreter=INTERPRETER_AMD64, versions=versions), folder).glibc == newest


@pytest.mark.parametrize("osabi", [0, 2, 3, 6, 9, 12, 97, 255])
def test_osabi_does_not_decide_the_system(osabi: int, folder) -> None:
    """Linux ignores it, and Cosmopolitan's programs, among others, say FreeBSD there."""
    assert read(elf(osabi=osabi), folder).os == "linux"


@pytest.mark.parametrize(
    ("data", "system"),
    [
        (elf(osabi=9, note=b"FreeBSD"), "freebsd"),
        (elf(note=b"NetBSD"), "netbsd"),
        (elf(note=b"OpenBSD"), "openbsd"),
        (elf(note=b"Go"), "linux"),
        (elf(note=b"GNU"), "linux"),
        (elf(interpreter="/libexec/ld-elf.so.1"), "freebsd"),
        (elf(interpreter="/usr/libexec/ld.so"), "openbsd"),
        (elf(interpreter="/lib/amd64/ld.so.1"), "solaris"),
        (elf(interpreter="/lib/ld.so.1"), "linux"),  # glibc's on MIPS and PowerPC
    ],
)
def test_notes_and_interpreters_decide_the_system(data: bytes, system: str, folder) -> None:
    assert read(data, folder).os == system


@pytest.mark.parametrize("data", [b"", b"\x7f", b"\x7fEL", b"#!/bin/sh\n", b"MZ" + bytes(100)])
def test_not_elf(data: bytes, folder) -> None:
    (folder / "file").write_bytes(data)
    assert elf_reader.read(str(folder / "file")) is None


def test_truncation_is_noticed_at_every_byte(folder) -> None:
    """No shorter file passes for whole: a segment holds all of it."""
    for size in range(4, len(DYNAMIC)):
        assert read(DYNAMIC[:size], folder).malformed


def test_the_architecture_of_a_truncated_file_is_known(folder) -> None:
    facts = read(elf(ARM64)[:70], folder)
    assert (facts.arch, facts.malformed) == ("arm64", "a header points past the end of the file")


@pytest.mark.parametrize(("at", "value"), [(4, 0), (4, 7), (5, 0), (5, 3)])
def test_an_unknown_word_size_or_byte_order_leaves_the_architecture_open(at: int, value: int, folder) -> None:
    """Linux starts such a file where the rest of its header is right."""
    data = bytearray(STATIC)
    data[at] = value
    facts = read(bytes(data), folder)
    assert (facts.arch, facts.malformed) == (None, "its header has an unknown word size or byte order")


@pytest.mark.parametrize(
    ("at", "value", "arch"), [(4, 1, None), (5, 2, None), (18, 0xFF, "machine 255"), (18, 0, "machine 0")]
)
def test_a_wrong_word_size_or_byte_order_leaves_the_architecture_open(
    at: int, value: int, arch: str | None, folder
) -> None:
    data = bytearray(STATIC)
    data[at] = value
    facts = read(bytes(data), folder)
    assert facts.arch == arch
    assert bool(facts.malformed) is (at < 18)


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
        [
            STATIC,
            DYNAMIC,
            STATIC_PIE,
            elf(ARM64, versions=("GLIBC_2.4",)),
            elf(3, bits=32, pie=True),
            elf(note=b"FreeBSD"),
        ]
    ),
    changes=st.lists(st.tuples(st.integers(4, 600), st.binary(min_size=1, max_size=9)), min_size=1, max_size=8),
    end=st.integers(0, 700),
)
def test_any_damaged_file_is_read(start: bytes, changes, end: int, folder) -> None:
    data = bytearray(start)
    for at, new in changes:
        data[at : at + len(new)] = new
    (folder / "file").write_bytes(bytes(data[:end]) if end < 600 else bytes(data))
    facts = elf_reader.read(str(folder / "file"))
    assert facts is None or isinstance(facts.program, bool)


@given(tail=st.binary(max_size=300))
def test_any_bytes_after_the_magic_are_read(tail: bytes, folder) -> None:
    assert read(b"\x7fELF" + tail, folder).malformed
