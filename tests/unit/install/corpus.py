"""Hostile, broken and unusual archives, created by code.

Each case has the expected error type, or None if unpacking must succeed safely.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

from backports import zstd

from github_assets.errors import GithubAssetsError
from github_assets.errors.install import (
    ArchiveCorrupt,
    ArchiveEmpty,
    ArchiveEncrypted,
    ArchiveEntryInvalid,
    ArchiveTooLarge,
    ArchiveUnsafe,
    ArchiveUnsupported,
    NoProgramInArchive,
    ProgramAmbiguous,
)
from github_assets.install.limits import Limits

from .archive_files import END, TOOL, ZIP_TOOL, Member, noise, padded, raw_header, relabel, sparse, tar, zipped
from .elf_files import STATIC

LIMITS = Limits(entries=200, size=4 << 20, ratio=50, floor=64 << 10)
"""What the cases are unpacked with, so that bombs can be small."""

Outcome = type[GithubAssetsError] | None


class Case(NamedTuple):
    name: str
    make: Callable[[str], bytes]
    """Takes the path of a file outside, which must not change."""
    whole: Outcome
    """With extract = "all"."""
    executables: Outcome
    """With extract = "executables"."""


CASES: list[Case] = []
SAFE: None = None


def case(
    whole: Outcome, executables: Outcome | str = "same"
) -> Callable[[Callable[[str], bytes]], Callable[[str], bytes]]:
    def add(make: Callable[[str], bytes]) -> Callable[[str], bytes]:
        second = whole if isinstance(executables, str) else executables
        CASES.append(Case(make.__name__, make, whole, second))
        return make

    return add


# Names


@case(ArchiveEntryInvalid, SAFE)
def tar_climbs(outside: str) -> bytes:
    return tar(TOOL, Member("../evil", STATIC, mode=0o755))


@case(ArchiveEntryInvalid, SAFE)
def tar_climbs_in_the_middle(outside: str) -> bytes:
    return tar(TOOL, Member("a/b/../../../evil", STATIC))


@case(ArchiveEntryInvalid, NoProgramInArchive)
def tar_climbs_and_comes_back(outside: str) -> bytes:
    return tar(Member("a/../tool", STATIC, mode=0o755))


@case(SAFE)
def tar_name_is_absolute(outside: str) -> bytes:
    return tar(TOOL, Member(outside, b"evil"))


@case(ArchiveEntryInvalid, SAFE)
def tar_folder_climbs(outside: str) -> bytes:
    return tar(TOOL, Member("../folder", type=tarfile.DIRTYPE))


@case(ArchiveEntryInvalid, SAFE)
def zip_climbs(outside: str) -> bytes:
    return zipped(ZIP_TOOL, ("../evil", STATIC, 0o100755))


@case(ArchiveEntryInvalid, SAFE)
def zip_climbs_with_backslashes(outside: str) -> bytes:
    return zipped(ZIP_TOOL, ("..\\..\\evil", STATIC, 0))


@case(SAFE)
def zip_name_is_absolute(outside: str) -> bytes:
    return zipped(ZIP_TOOL, (outside, b"evil", 0o100644))


@case(ArchiveEntryInvalid, SAFE)
def zip_name_with_nul(outside: str) -> bytes:
    return zipped(ZIP_TOOL, ("evilXname", STATIC, 0o100755)).replace(b"evilXname", b"evil\0name")


@case(ArchiveEntryInvalid)
def tar_name_with_nul_in_pax(outside: str) -> bytes:
    return tar(TOOL, pax={"path": "to\0ol"})


@case(SAFE, ArchiveEntryInvalid)
def tar_name_with_newline(outside: str) -> bytes:
    return tar(Member("to\nol", STATIC, mode=0o755))


@case(SAFE, ArchiveEntryInvalid)
def tar_name_with_escape_sequence(outside: str) -> bytes:
    return tar(Member("\x1b[2Jtool", STATIC, mode=0o755))


@case(SAFE, ArchiveEntryInvalid)
def tar_name_is_not_utf8(outside: str) -> bytes:
    return raw_header(b"t\xff\xfeol", len(STATIC)) + padded(STATIC) + END


@case(ArchiveEntryInvalid)
def tar_name_too_long(outside: str) -> bytes:
    return tar(Member("a" * 300, STATIC, mode=0o755))


@case(ArchiveEntryInvalid, SAFE)
def tar_path_too_long(outside: str) -> bytes:
    return tar(Member("/".join(["abcdefg"] * 400), STATIC, mode=0o755))


@case(SAFE)
def tar_duplicate_document(outside: str) -> bytes:
    return tar(TOOL, Member("README", b"1"), Member("README", b"2"))


@case(SAFE)
def tar_duplicate_executable(outside: str) -> bytes:
    return tar(TOOL, TOOL)


@case(SAFE)
def zip_duplicate_executable(outside: str) -> bytes:
    first = zipped(ZIP_TOOL, ("tooL", b"#!/bin/sh\n", 0o100755))
    return first.replace(b"tooL", b"tool")


@case(ArchiveEntryInvalid, SAFE)
def tar_file_under_a_file(outside: str) -> bytes:
    return tar(TOOL, Member("tool/README", b"x"))


@case(ArchiveEntryInvalid, SAFE)
def tar_file_where_a_folder_is(outside: str) -> bytes:
    return tar(TOOL, Member("data/x", b"x"), Member("data", b"x"))


@case(SAFE)
def tar_names_that_differ_by_case(outside: str) -> bytes:
    return tar(TOOL, Member("Tool", STATIC, mode=0o755))


@case(SAFE)
def tar_names_that_differ_by_normalisation(outside: str) -> bytes:
    return tar(Member("caf\u00e9", STATIC, mode=0o755), Member("cafe\u0301", STATIC, mode=0o755))


@case(SAFE)
def tar_dots_and_slashes(outside: str) -> bytes:
    return tar(Member("./", type=tarfile.DIRTYPE), Member(".//bin/./tool", STATIC, mode=0o755))


# Links


@case(ArchiveUnsafe, SAFE)
def tar_symlink_absolute(outside: str) -> bytes:
    return tar(TOOL, Member("link", type=tarfile.SYMTYPE, link=outside))


@case(ArchiveUnsafe, SAFE)
def tar_symlink_climbs(outside: str) -> bytes:
    return tar(TOOL, Member("link", type=tarfile.SYMTYPE, link="../outside"))


@case(ArchiveUnsafe, SAFE)
def tar_symlink_climbs_by_another_link(outside: str) -> bytes:
    here, up = Member("here", type=tarfile.SYMTYPE, link="."), Member("up", type=tarfile.SYMTYPE, link="here/..")
    return tar(TOOL, here, up)


@case(ArchiveUnsafe, SAFE)
def tar_symlink_to_itself(outside: str) -> bytes:
    return tar(TOOL, Member("loop", type=tarfile.SYMTYPE, link="loop"))


@case(ArchiveUnsafe, SAFE)
def tar_symlink_chain_that_doubles(outside: str) -> bytes:
    links = [Member(f"l{n}", type=tarfile.SYMTYPE, link=f"l{n + 1}/../l{n + 1}") for n in range(60)]
    return tar(TOOL, *links)


@case(ArchiveUnsafe, SAFE)
def tar_writes_through_a_symlink(outside: str) -> bytes:
    folder = outside.rpartition("/")[0]
    return tar(Member("a", type=tarfile.SYMTYPE, link=folder), Member("a/evil", STATIC, mode=0o755), TOOL, TOOL)


@case(SAFE)
def tar_file_below_a_linked_folder(outside: str) -> bytes:
    lib = Member("lib", type=tarfile.SYMTYPE, link="lib64")
    return tar(TOOL, Member("lib64/x", b"x"), lib, Member("lib/y", b"y"))


@case(SAFE)
def tar_link_below_a_linked_folder(outside: str) -> bytes:
    lib = Member("lib", type=tarfile.SYMTYPE, link="lib64")
    return tar(TOOL, Member("lib64/x", b"x"), lib, Member("lib/y", type=tarfile.SYMTYPE, link="x"))


@case(SAFE)
def tar_file_replaces_a_symlink(outside: str) -> bytes:
    return tar(Member("tool", type=tarfile.SYMTYPE, link=outside), TOOL)


@case(SAFE)
def tar_symlink_with_control_character(outside: str) -> bytes:
    return tar(TOOL, Member("link", type=tarfile.SYMTYPE, link="to\rol"))


@case(ArchiveEntryInvalid, SAFE)
def tar_hardlink_absolute(outside: str) -> bytes:
    return tar(TOOL, Member("link", type=tarfile.LNKTYPE, link=outside))


@case(ArchiveEntryInvalid, SAFE)
def tar_hardlink_climbs(outside: str) -> bytes:
    return tar(TOOL, Member("link", type=tarfile.LNKTYPE, link="../outside"))


@case(ArchiveEntryInvalid, SAFE)
def tar_hardlink_to_nothing(outside: str) -> bytes:
    return tar(TOOL, Member("link", type=tarfile.LNKTYPE, link="missing"))


@case(ArchiveEntryInvalid, SAFE)
def tar_hardlink_to_a_folder(outside: str) -> bytes:
    return tar(TOOL, Member("d/x", b"x"), Member("link", type=tarfile.LNKTYPE, link="d"))


@case(ArchiveEntryInvalid, SAFE)
def tar_hardlink_to_the_root(outside: str) -> bytes:
    return tar(TOOL, Member("link", type=tarfile.LNKTYPE, link="./"))


@case(ArchiveEntryInvalid, SAFE)
def tar_hardlink_through_a_symlink(outside: str) -> bytes:
    folder, name = outside.rsplit("/", 1)
    return tar(
        TOOL, Member("a", type=tarfile.SYMTYPE, link=folder), Member("b", type=tarfile.LNKTYPE, link=f"a/{name}")
    )


@case(SAFE)
def tar_hardlink_then_file_of_that_name(outside: str) -> bytes:
    return tar(TOOL, Member("other", type=tarfile.LNKTYPE, link="tool"), Member("other", STATIC, mode=0o755))


@case(ArchiveUnsafe, SAFE)
def zip_symlink_absolute(outside: str) -> bytes:
    return zipped(ZIP_TOOL, ("link", outside.encode(), 0o120777))


@case(ArchiveEntryInvalid, SAFE)
def zip_symlink_giant(outside: str) -> bytes:
    return zipped(ZIP_TOOL, ("link", b"a/" * 20_000, 0o120777))


@case(ArchiveEntryInvalid, SAFE)
def zip_symlink_to_nothing(outside: str) -> bytes:
    return zipped(ZIP_TOOL, ("link", b"", 0o120777))


# Kinds and modes


@case(SAFE)
def tar_device(outside: str) -> bytes:
    return tar(TOOL, Member("null", type=tarfile.CHRTYPE))


@case(SAFE)
def tar_block_device(outside: str) -> bytes:
    return tar(TOOL, Member("sda", type=tarfile.BLKTYPE))


@case(SAFE)
def tar_pipe(outside: str) -> bytes:
    return tar(TOOL, Member("pipe", type=tarfile.FIFOTYPE))


@case(SAFE)
def tar_unknown_kind(outside: str) -> bytes:
    return tar(TOOL)[: 512 + len(padded(STATIC))] + raw_header(b"odd", 0, b"Y") + END


@case(SAFE)
def zip_pipe(outside: str) -> bytes:
    return zipped(ZIP_TOOL, ("pipe", b"", 0o010644))


@case(SAFE)
def tar_setuid_setgid_sticky(outside: str) -> bytes:
    return tar(TOOL._replace(mode=0o7777), Member("folder", type=tarfile.DIRTYPE, mode=0o7777))


@case(SAFE)
def zip_setuid(outside: str) -> bytes:
    return zipped(("tool", STATIC, 0o104755))


@case(SAFE)
def tar_without_any_mode(outside: str) -> bytes:
    return tar(TOOL._replace(mode=0), Member("folder", type=tarfile.DIRTYPE, mode=0), Member("folder/x", b"x", mode=0))


@case(SAFE, ArchiveEntryInvalid)
def tar_program_whose_name_turns_the_line(outside: str) -> bytes:
    return tar(Member("a/\u202etool", STATIC, mode=0o755))


@case(SAFE)
def tar_dangling_link_in_bin_with_a_program_s_name(outside: str) -> bytes:
    return tar(TOOL._replace(name="a/tool"), Member("bin/tool", type=tarfile.SYMTYPE, link="nowhere"))


# Bombs


@case(ArchiveTooLarge)
def gz_bomb(outside: str) -> bytes:
    return gzip.compress(tar(Member("zeros", bytes(1 << 20)), TOOL))


@case(ArchiveTooLarge)
def xz_bomb(outside: str) -> bytes:
    return lzma.compress(tar(Member("zeros", bytes(1 << 20)), TOOL))


@case(ArchiveTooLarge)
def zst_bomb(outside: str) -> bytes:
    return zstd.compress(tar(Member("zeros", bytes(1 << 20)), TOOL))


@case(ArchiveTooLarge)
def bz2_bomb(outside: str) -> bytes:
    return bz2.compress(tar(Member("zeros", bytes(1 << 20)), TOOL))


@case(ArchiveTooLarge)
def gz_bomb_after_the_end(outside: str) -> bytes:
    return gzip.compress(tar(TOOL) + bytes(1 << 20))


@case(ArchiveTooLarge)
def bare_gz_bomb(outside: str) -> bytes:
    return gzip.compress(STATIC + bytes(1 << 20))


@case(ArchiveTooLarge)
def zip_bomb(outside: str) -> bytes:
    return zipped(ZIP_TOOL, ("zeros", b"\x7fELF" + bytes(1 << 20), 0o100755))


@case(ArchiveTooLarge)
def tar_too_large(outside: str) -> bytes:
    return tar(TOOL, Member("noise", noise(5 << 20)))


@case(ArchiveTooLarge)
def tar_too_many_entries(outside: str) -> bytes:
    return tar(TOOL, *(Member(f"f{n}") for n in range(300)))


@case(ArchiveTooLarge)
def zip_too_many_entries(outside: str) -> bytes:
    return zipped(ZIP_TOOL, *((f"f{n}", b"", 0o100644) for n in range(300)))


@case(ArchiveTooLarge)
def tar_too_many_folders(outside: str) -> bytes:
    return tar(TOOL, *(Member(f"d{n}", type=tarfile.DIRTYPE) for n in range(300)))


@case(ArchiveTooLarge)
def tar_pax_header_giant(outside: str) -> bytes:
    return tar(TOOL, pax={"comment": "x" * (2 << 20)})


@case(ArchiveTooLarge)
def tar_long_name_giant(outside: str) -> bytes:
    name = b"n" * (2 << 20)
    return raw_header(b"././@LongLink", len(name), b"L") + padded(name) + tar(TOOL)


@case(ArchiveCorrupt)
def tar_headers_without_end(outside: str) -> bytes:
    return (raw_header(b"././@LongLink", 5, b"L") + padded(b"name\0")) * 2000 + tar(TOOL)


@case(ArchiveTooLarge)
def tar_sparse_map_giant(outside: str) -> bytes:
    header = bytearray(raw_header(b"sparse", 0, b"S"))
    header[257:265] = b"ustar  \0"
    header[482:483] = b"\1"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    extension = (b"%011o\0%011o\0" % (8, 8)) * 21 + b"\1" + bytes(7)
    return bytes(header) + extension * 2100 + END


@case(ArchiveTooLarge)
def tar_sparse_giant(outside: str) -> bytes:
    """A hole of 1 TB."""
    return tar(TOOL)[: 512 + len(padded(STATIC))] + sparse(1 << 40, []) + END


@case(ArchiveTooLarge)
def zst_window_giant(outside: str) -> bytes:
    """A frame that asks for a window of 1 GiB."""
    return b"\x28\xb5\x2f\xfd" + bytes([0, (30 - 10) << 3]) + b"\x01\x00\x00"


@case(ArchiveTooLarge)
def xz_dictionary_giant(outside: str) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}]
    data = bytearray(lzma.compress(tar(TOOL), check=lzma.CHECK_CRC32, filters=filters))
    # The block header: size, flags, filter id, size of properties, dictionary size; then padding and its CRC.
    size = (data[12] + 1) * 4
    data[12 + 4] = 38  # 2 GiB
    data[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(data[12 : 12 + size - 4]))
    return bytes(data)


# Damage


@case(ArchiveCorrupt)
def empty_file(outside: str) -> bytes:
    return b""


@case(ArchiveCorrupt)
def tar_truncated_in_an_entry(outside: str) -> bytes:
    return tar(Member("tool", STATIC + noise(5000), mode=0o755))[:2000]


@case(ArchiveCorrupt)
def tar_truncated_in_a_header(outside: str) -> bytes:
    return tar(TOOL, Member("b", b"x"))[: 512 + len(padded(STATIC)) + 100]


@case(SAFE)
def tar_without_end_mark(outside: str) -> bytes:
    return tar(TOOL)[: 512 + len(padded(STATIC))]


@case(SAFE)
def tar_with_one_block_of_end_mark(outside: str) -> bytes:
    return tar(TOOL)[: 1024 + len(padded(STATIC))]


@case(SAFE)
def tar_with_something_after_its_end(outside: str) -> bytes:
    return tar(TOOL) + tar(Member("../evil", STATIC))


@case(ArchiveCorrupt)
def tar_header_corrupt_in_the_middle(outside: str) -> bytes:
    data = bytearray(tar(TOOL, Member("b", b"x"), Member("c", b"y")))
    data[512 + len(padded(STATIC)) + 10] ^= 0xFF
    return bytes(data)


@case(ArchiveCorrupt)
def tar_negative_size(outside: str) -> bytes:
    negative = b"\xff" * 12
    return tar(TOOL)[: 512 + len(padded(STATIC))] + raw_header(b"x", negative, b"0") + END


@case(ArchiveCorrupt)
def tar_negative_size_of_a_pax_header(outside: str) -> bytes:
    return raw_header(b"x", b"\xff" * 10 + b"\xfc\0", b"x") + tar(TOOL)


@case(ArchiveCorrupt)
def tar_entry_larger_than_the_archive(outside: str) -> bytes:
    return raw_header(b"tool", 1 << 32) + padded(STATIC) + END


@case(ArchiveCorrupt)
def tar_pax_size_lies(outside: str) -> bytes:
    return tar(TOOL, pax={"size": "99999999"})


@case(ArchiveCorrupt)
def tar_pax_size_is_no_number(outside: str) -> bytes:
    record = b"13 size=ten!\n"
    return raw_header(b"pax", len(record), b"x") + padded(record) + tar(TOOL)[:512] + b"garbage"


@case(ArchiveCorrupt)
def tar_sparse_map_corrupt(outside: str) -> bytes:
    return sparse(8192, [("zz", "yy")]) + END


@case(ArchiveCorrupt)
def tar_sparse_content_missing(outside: str) -> bytes:
    return sparse(4096, [("0", "4096")], b"\x7fELF")


@case(ArchiveCorrupt)
def gz_truncated(outside: str) -> bytes:
    return gzip.compress(tar(Member("tool", STATIC + noise(9000), mode=0o755)))[:-20]


@case(ArchiveCorrupt)
def gz_without_its_trailer(outside: str) -> bytes:
    return gzip.compress(tar(TOOL))[:-8]


@case(ArchiveCorrupt)
def gz_wrong_checksum(outside: str) -> bytes:
    data = bytearray(gzip.compress(tar(TOOL)))
    data[-8] ^= 1
    return bytes(data)


@case(SAFE)
def gz_with_garbage_after_it(outside: str) -> bytes:
    return gzip.compress(tar(TOOL)) + b"garbage"


@case(SAFE)
def gz_with_zeros_after_it(outside: str) -> bytes:
    return gzip.compress(tar(TOOL)) + bytes(700)


@case(SAFE)
def gz_of_several_members(outside: str) -> bytes:
    data = tar(TOOL, Member("b", noise(3000)))
    return b"".join(gzip.compress(data[at : at + 700]) for at in range(0, len(data), 700))


@case(SAFE)
def zst_of_several_frames(outside: str) -> bytes:
    data = tar(TOOL, Member("b", noise(3000)))
    skippable = struct.pack("<II", 0x184D2A53, 4) + b"note"
    return skippable + b"".join(zstd.compress(data[at : at + 700]) + skippable for at in range(0, len(data), 700))


@case(SAFE)
def xz_of_several_streams(outside: str) -> bytes:
    data = tar(TOOL)
    return lzma.compress(data[:700]) + bytes(8) + lzma.compress(data[700:])


@case(SAFE)
def bz2_of_several_streams(outside: str) -> bytes:
    data = tar(TOOL)
    return bz2.compress(data[:700]) + bz2.compress(data[700:])


@case(ArchiveCorrupt)
def bz2_corrupt(outside: str) -> bytes:
    data = bytearray(bz2.compress(tar(Member("tool", STATIC + noise(5000), mode=0o755))))
    data[len(data) // 2] ^= 0xFF
    return bytes(data)


@case(ArchiveCorrupt)
def xz_truncated(outside: str) -> bytes:
    return lzma.compress(tar(Member("tool", STATIC + noise(5000), mode=0o755)))[:-30]


@case(ArchiveCorrupt)
def zst_truncated(outside: str) -> bytes:
    return zstd.compress(tar(Member("tool", STATIC + noise(5000), mode=0o755)))[:-30]


@case(ArchiveCorrupt)
def zip_truncated(outside: str) -> bytes:
    return zipped(("tool", STATIC + noise(5000), 0o100755))[:-40]


@case(ArchiveCorrupt)
def zip_content_corrupt(outside: str) -> bytes:
    data = bytearray(zipped(("tool", STATIC + noise(5000), 0o100755)))
    data[2000] ^= 0xFF
    return bytes(data)


@case(ArchiveCorrupt)
def zip_size_too_small(outside: str) -> bytes:
    return relabel(zipped(("tool", STATIC + noise(5000), 0o100755)), 24, 300)


@case(ArchiveCorrupt)
def zip_size_too_large(outside: str) -> bytes:
    return relabel(zipped(("tool", STATIC + noise(5000), 0o100755)), 24, 1 << 20)


@case(ArchiveCorrupt)
def zip_entries_overlap(outside: str) -> bytes:
    data = bytearray(zipped(("tool", STATIC, 0o100755), ("tool2", STATIC, 0o100755)))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)  # the first one's data
    data[second + 46 : second + 51] = b"tool\0"
    return bytes(data)


@case(ArchiveCorrupt)
def zip_entry_outside_the_file(outside: str) -> bytes:
    data = bytearray(zipped(ZIP_TOOL))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 42 : directory + 46] = struct.pack("<I", 1 << 30)
    return bytes(data)


@case(ArchiveCorrupt)
def zip_names_differ(outside: str) -> bytes:
    data = zipped(ZIP_TOOL)
    return data.replace(b"tool", b"evil", 1)


@case(ArchiveTooLarge)
def zip_directory_giant(outside: str) -> bytes:
    count = 20 << 20
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, count, 0, 0)
    return b"PK\x03\x04" + bytes(count - 4) + end


@case(ArchiveEncrypted)
def zip_encrypted(outside: str) -> bytes:
    return relabel(zipped(ZIP_TOOL), 8, 1, "<H")


@case(ArchiveUnsupported)
def zip_unknown_compression(outside: str) -> bytes:
    return relabel(zipped(ZIP_TOOL), 10, 9, "<H")


@case(ArchiveUnsupported)
def seven_zip(outside: str) -> bytes:
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(100)


@case(ArchiveUnsupported)
def debian_package(outside: str) -> bytes:
    return b"!<arch>\ndebian-binary   " + bytes(100)


@case(ArchiveUnsupported)
def web_page(outside: str) -> bytes:
    return b"<!DOCTYPE html><title>Sign in</title>" + b" " * 600


# Nothing there


@case(ArchiveEmpty)
def tar_empty(outside: str) -> bytes:
    return tar()


@case(ArchiveEmpty)
def zip_empty(outside: str) -> bytes:
    return zipped()


@case(SAFE, NoProgramInArchive)
def gz_of_nothing(outside: str) -> bytes:
    return gzip.compress(b"")


@case(SAFE, NoProgramInArchive)
def tar_of_documents_marked_executable(outside: str) -> bytes:
    return tar(Member("README.md", b"# Read me\n", mode=0o755))


@case(SAFE, ProgramAmbiguous)
def tar_two_of_one_name(outside: str) -> bytes:
    return tar(Member("a/tool", STATIC, mode=0o755), Member("b/tool", STATIC + b"\0", mode=0o755))
