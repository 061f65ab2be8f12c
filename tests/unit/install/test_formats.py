"""Files are recognized by their first bytes."""

from __future__ import annotations

import lzma
import tarfile

import pytest

from github_assets.install.formats import PROGRAM_HEAD, UNPACKABLE, sniff, sniff_program

from .archive_files import Member, tar, zipped
from .elf_files import STATIC


@pytest.mark.parametrize(
    ("head", "format_"),
    [
        (b"", "other"),
        (STATIC, "elf"),
        (b"#!/bin/sh\n", "script"),
        (b"MZ\x90\0", "windows"),
        (b"MZqFpD='\n", "ape"),
        (b"\xca\xfe\xba\xbe\0\0\0\2", "macos"),
        (b"\xca\xfe\xba\xbe\0\0\0\x41", "other"),  # a Java class
        (b"PK\5\6" + bytes(18), "zip"),
        (b"!<arch>\ndebian-binary   ", "deb"),
        (b"!<arch>\ntool.o/         ", "ar"),
        (b"070701", "cpio"),
        (b"xar!\0\x1c", "xar"),
        (b"hsqs", "squashfs"),
        (lzma.compress(b"x", format=lzma.FORMAT_ALONE), "lzma"),
        (b"\x5d\0\0\x80\0" + bytes(100), "lzma"),
        (b"]\0\0]", "other"),
        (bytes(512), "tar"),
        (bytes(511), "other"),
        (tar(Member("MZ")), "tar"),
    ],
)
def test_sniff(head: bytes, format_: str) -> None:
    assert sniff(head[:512]) == format_


def test_a_java_archive_is_a_zip() -> None:
    assert sniff(zipped(("META-INF/MANIFEST.MF", b"", 0))) == "zip"


def test_a_zip_with_a_script_or_a_program_before_it_is_that() -> None:
    for prefix, format_ in ((b"#!/usr/bin/env python3\n", "script"), (STATIC, "elf")):
        assert sniff(prefix + zipped(("__main__.py", b"", 0))) == format_


def test_a_tar_header_with_a_signed_checksum() -> None:
    header = bytearray(tarfile.TarInfo("t\u00f6\u00f6l").tobuf(tarfile.USTAR_FORMAT, "utf-8"))
    header[148:156] = b" " * 8
    signed = sum(byte - 256 if byte > 127 else byte for byte in header)
    header[148:156] = b"%06o\0 " % signed
    assert sniff(bytes(header)) == "tar"


@pytest.mark.parametrize("head", [b"\x7fELF", b"#!", b"MZqFpD='", b"\xca\xfe\xba\xbe\0\0\0\2"])
def test_few_bytes_decide_on_a_program(head: bytes) -> None:
    assert len(head) <= PROGRAM_HEAD
    assert sniff_program(memoryview(head + b"more")) == sniff(head + b"more")


def test_supported_archives() -> None:
    assert UNPACKABLE == ("tar.zst", "tar.xz", "tar.gz", "tar.bz2", "tar", "zip", "zst", "xz", "gz", "bz2")
