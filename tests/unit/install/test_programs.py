"""`extract = "executables"`: installs the programs of an archive, whatever else is in it."""

from __future__ import annotations

import gzip
import os
import shutil
import struct
import tarfile

import pytest

from github_assets.errors.install import (
    ArchiveCorrupt,
    ArchiveEmpty,
    ArchiveEncrypted,
    ArchiveEntryInvalid,
    EntryNotFound,
    ForeignExecutable,
    NoProgramInArchive,
    NotExecutable,
    ProgramAmbiguous,
    ProgramNotFound,
)
from github_assets.install.notices import EntrySkipped, LibrariesNotInstalled
from github_assets.platforms import Platform

from .archive_files import TOOL, ZIP_TOOL, Member, as_zip, noise, padded, pax_header, raw_header, tar, zipped
from .elf_files import ARM64, DYNAMIC, INTERPRETER_AMD64, LIBRARY, STATIC, elf
from .test_archives import RELEASE, SCRIPT
from .test_archives_hostile import assert_clean
from .unpacking import entries, listing, paths, run

HARDLINK, SYMLINK = tarfile.LNKTYPE, tarfile.SYMTYPE
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(100)


def raw(name: bytes, content: bytes = b"x", type_: bytes = b"0") -> bytes:
    """An entry of a tar archive, before TOOL."""
    return raw_header(name, len(content), type_) + padded(content) + tar(TOOL)


UNWANTED = {
    "an absolute document": tar(Member("/Users/me/README.txt", b"x"), TOOL),
    "a document above": tar(Member("../../README.md", b"x"), TOOL),
    "a program above": tar(Member("../evil", STATIC, mode=0o755), TOOL),
    "a Latin-1 name": raw("docs/\xfcberblick.txt".encode("latin-1")),
    "a carriage return": zipped(ZIP_TOOL, ("Icon\r", b"", 0)),
    "a name of 300 bytes": tar(Member("docs/" + "x" * 300, b"x"), TOOL),
    "a path of 3000 bytes": tar(Member("/".join(["abcdefg"] * 400), b"x"), TOOL),
    "1,020 folders": tar(Member("a/" * 1020 + "x", b"x"), TOOL),
    "a control character": tar(Member("a\x85\x1b[2Jb", b"x"), TOOL),
    "a name with a NUL": pax_header({"path": "a\0b"}) + raw_header(b"a", 0) + tar(TOOL),
    "an empty name": raw(b""),
    "a document twice": tar(Member("LICENSE", b"a"), Member("LICENSE", b"b"), TOOL),
    "a link twice": tar(Member("l", type=SYMLINK, link="x"), Member("l", type=SYMLINK, link="x"), TOOL),
    "a file and a folder of one name": tar(Member("a", b"x"), Member("a/b", b"x"), TOOL),
    "a hard link to itself": tar(Member("README", b"x"), Member("README", type=HARDLINK, link="README"), TOOL),
    "a hard link to nothing": tar(Member("README", type=HARDLINK, link="missing"), TOOL),
    "hard links in a circle": tar(Member("a", type=HARDLINK, link="b"), Member("b", type=HARDLINK, link="a"), TOOL),
    "a link out": tar(Member("l", type=SYMLINK, link="../../etc/passwd"), TOOL),
    "an absolute link": tar(Member("l", type=SYMLINK, link="/etc/passwd"), TOOL),
    "a link to itself": tar(Member("l", type=SYMLINK, link="l"), TOOL),
    "a link to nothing": tar(Member("l", type=SYMLINK), TOOL),
    "a device": tar(Member("dev/null", type=tarfile.CHRTYPE), TOOL),
    "a pipe": tar(Member("pipe", type=tarfile.FIFOTYPE), TOOL),
    "a volume label": raw(b"release 1.0", b"", b"V"),
    "the rest of a file in another volume": raw(b"x", b"x", b"M"),
    "a dump directory": raw(b"x", b"Yfoo\0\0", b"D"),
    "an access control list": raw(b"x", b"x", b"A"),
    "an unknown kind": raw(b"x", b"x", b"?"),
    "a global header": pax_header({"comment": "0123456789"}, b"g") + tar(TOOL),
    "another volume's header": raw(b"x", b"x", b"N"),
    "AppleDouble files": tar(Member("._tool", APPLE_DOUBLE, mode=0o755), TOOL),
    "macOS' folder in a zip": zipped(ZIP_TOOL, ("__MACOSX/", b"", 0), ("__MACOSX/._tool", APPLE_DOUBLE, 0)),
    "damaged ELF test data": tar(TOOL, Member("testdata", b"\x7fELF damaged", mode=0o755)),
    "a script without an interpreter": tar(TOOL, Member("other", b"#!\n", mode=0o755)),
    "a program for Windows": tar(TOOL, Member("tool.exe", b"MZ" + bytes(100))),
    "a shared library": tar(TOOL, Member("libtool.so", LIBRARY, mode=0o755)),
    "a Java manifest": zipped(("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\n", 0), ZIP_TOOL),
    "something after the archive's end": tar(TOOL) + tar(Member("../evil", STATIC)),
}


@pytest.mark.parametrize("kind", UNWANTED)
def test_files_that_are_not_installed_are_not_checked(kind: str, tmp_path) -> None:
    unpacked = run(UNWANTED[kind], tmp_path)
    assert (paths(unpacked), unpacked.notices) == (["bin/tool"], [])
    assert listing(tmp_path) == {"bin/tool": 0o755}


@pytest.mark.parametrize("kind", UNWANTED)
def test_path_applies_before_anything_else(kind: str, tmp_path) -> None:
    run(UNWANTED[kind], tmp_path, extract="all", path=["tool"], strip_components=0)
    assert {name: mode for name, mode in listing(tmp_path).items() if mode} == {"tool": 0o755}


@pytest.mark.parametrize("name", ["/usr/local/bin/tool", "//tool", "./tool", ".//bin/./tool"])
def test_programs_with_unusual_names(name: str, tmp_path) -> None:
    assert paths(run(tar(Member(name, STATIC, mode=0o755)), tmp_path)) == ["bin/tool"]


def test_a_later_program_of_the_same_name_replaces_the_first(tmp_path) -> None:
    run(tar(TOOL._replace(content=SCRIPT), TOOL), tmp_path)
    assert (tmp_path / "tree" / "bin" / "tool").read_bytes() == STATIC


def test_names_that_differ_by_case(tmp_path) -> None:
    assert paths(run(tar(TOOL, Member("Tool", DYNAMIC, mode=0o755)), tmp_path)) == ["bin/Tool", "bin/tool"]


@pytest.mark.parametrize(
    "links",
    [
        [Member("a", type=SYMLINK, link="tool"), Member("b", type=SYMLINK, link="a")],
        [Member("a", type=HARDLINK, link="tool"), Member("b", type=HARDLINK, link="a")],
        [Member("a", type=SYMLINK, link="tool"), Member("b", type=HARDLINK, link="a")],
        [Member("b", type=HARDLINK, link="a"), Member("a", type=HARDLINK, link="tool")],
        [Member("b", type=HARDLINK, link="a"), Member("a", type=SYMLINK, link="tool")],
        [Member("b", type=SYMLINK, link="a"), Member("a", type=HARDLINK, link="./tool")],
    ],
)
@pytest.mark.parametrize("order", ["file first", "file last"])
def test_links_to_links(links: list[Member], order: str, tmp_path) -> None:
    members = [TOOL, *links] if order == "file first" else [*links, TOOL]
    assert paths(run(tar(*members), tmp_path)) == ["bin/a", "bin/b", "bin/tool"]
    assert all((tmp_path / "tree" / "bin" / name).read_bytes() == STATIC for name in ("a", "b", "tool"))
    assert_clean(str(tmp_path / "tree"))


def test_a_program_linked_to_itself(tmp_path) -> None:
    """GNU tar writes this for a file that is given twice."""
    assert paths(run(tar(TOOL, Member("tool", type=HARDLINK, link="tool")), tmp_path)) == ["bin/tool"]


def test_hard_and_symbolic_links_are_other_names(tmp_path) -> None:
    members = [Member("xz", STATIC), Member("unxz", type=SYMLINK, link="xz"), Member("xzcat", type=HARDLINK, link="xz")]
    assert paths(run(tar(*members), tmp_path)) == ["bin/unxz", "bin/xz", "bin/xzcat"]
    assert all((tmp_path / "tree" / "bin" / name).read_bytes() == STATIC for name in ("xz", "unxz", "xzcat"))
    assert sum(os.path.islink(tmp_path / "tree" / "bin" / name) for name in ("xz", "unxz", "xzcat")) == 2
    assert_clean(str(tmp_path / "tree"))


def test_a_link_as_the_target_brings_the_file(tmp_path) -> None:
    members = [Member("lib/xz-real", STATIC), Member("bin/xz", type=SYMLINK, link="../lib/xz-real")]
    run(tar(*members), tmp_path, target="xz")
    assert listing(tmp_path) == {"bin/xz": 0o755}


@pytest.mark.parametrize("kind", [HARDLINK, SYMLINK])
def test_a_link_to_a_program_that_path_leaves_out(kind: bytes, tmp_path) -> None:
    link = "libexec/tool" if kind == HARDLINK else "../libexec/tool"
    members = [Member("libexec/tool", STATIC), Member("bin/tool", type=kind, link=link)]
    assert entries(run(tar(*members), tmp_path, path=["bin/*"])) == ["bin/tool"]
    assert (tmp_path / "tree" / "bin" / "tool").read_bytes() == STATIC


def test_libraries_that_are_not_installed_are_named(tmp_path) -> None:
    program = elf(interpreter=INTERPRETER_AMD64, needed=("libfoo.so.1", "libc.so.6"))
    unpacked = run(tar(Member("bin/tool", program), Member("lib/libfoo.so.1", LIBRARY)), tmp_path)
    assert unpacked.notices == [LibrariesNotInstalled("bin/tool", ("libfoo.so.1",))]


def test_programs_for_this_platform_are_preferred(tmp_path) -> None:
    members = [Member("amd64/tool", STATIC), Member("arm64/tool", elf(ARM64))]
    assert entries(run(tar(*members), tmp_path, platform=Platform("linux", "arm64"))) == ["arm64/tool"]


def test_a_foreign_program_is_left_to_the_caller(tmp_path) -> None:
    [program] = run(tar(Member("tool", elf(ARM64))), tmp_path).programs
    assert program.executable.arch == "arm64"


def test_programs_for_windows_only(tmp_path) -> None:
    with pytest.raises(ForeignExecutable) as caught:
        run(as_zip(Member("tool.exe", b"MZ" + bytes(100))), tmp_path)
    assert (caught.value.file, caught.value.found, caught.value.wanted) == ("tool.exe", "windows", "linux/amd64")


def test_the_only_program_may_have_an_unusual_header(tmp_path) -> None:
    [program] = run(tar(Member("tool", STATIC[:100])), tmp_path).programs
    assert program.executable.unreadable


def test_facts_of_a_dynamic_program(tmp_path) -> None:
    [program] = run(tar(Member("tool", DYNAMIC)), tmp_path).programs
    assert (program.executable.interpreter, program.executable.glibc) == (INTERPRETER_AMD64, (2, 34))


@pytest.mark.parametrize(
    ("members", "file", "reason"),
    [
        ([Member("tool", b"#!/bin/sh\r\n"), Member("README", b"x")], "tool", "its #! line ends with a carriage return"),
        ([Member("lib/libtool.so", LIBRARY)], "lib/libtool.so", "it is a shared library"),
        ([Member("META-INF/MANIFEST.MF"), Member("Tool.class", b"\xca\xfe\xba\xbe")], "a.tar", "it is a Java archive"),
        (
            [Member("META-INF/MANIFEST.MF"), Member("Tool.class", b"\xca\xfe\xba\xbe"), Member("linux/x", STATIC)],
            "a.tar",
            "it is a Java archive",
        ),
        ([Member("META-INF/MANIFEST.MF"), Member("index.html", b"x")], "a.tar", "it is a Java archive"),
    ],
)
def test_why_a_file_is_not_a_program(members: list[Member], file: str, reason: str, tmp_path) -> None:
    with pytest.raises(NotExecutable) as caught:
        run(as_zip(*members), tmp_path)
    assert caught.value.file == file
    assert caught.value.reason.startswith(reason)


def test_a_program_that_path_names_in_a_java_archive(tmp_path) -> None:
    data = as_zip(Member("META-INF/MANIFEST.MF"), Member("Tool.class", b"x"), Member("linux/tool", STATIC))
    assert paths(run(data, tmp_path, path=["linux/tool"])) == ["bin/tool"]


def test_an_encrypted_document(tmp_path) -> None:
    data = bytearray(zipped(("SECRET", b"x", 0), ZIP_TOOL))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    unpacked = run(bytes(data), tmp_path)
    assert (paths(unpacked), unpacked.notices) == (["bin/tool"], [EntrySkipped("SECRET", "its content can't be read")])
    shutil.rmtree(tmp_path / "tree")
    with pytest.raises(ArchiveEncrypted):
        run(bytes(data), tmp_path, path=["SECRET"])


def test_a_damaged_document_in_a_zip(tmp_path) -> None:
    data = bytearray(zipped(("README", noise(300), 0), ZIP_TOOL))
    data[60] ^= 0xFF
    assert paths(run(bytes(data), tmp_path)) == ["bin/tool"]


def test_a_damaged_program_in_a_zip(tmp_path) -> None:
    data = bytearray(zipped(("tool", STATIC + noise(5000), 0)))
    data[2000] ^= 0xFF
    with pytest.raises(ArchiveCorrupt) as caught:
        run(bytes(data), tmp_path)
    assert caught.value.entry == "tool"


def test_a_document_that_overlaps_the_next_entry(tmp_path) -> None:
    data = bytearray(zipped(("README", b"x", 0), ZIP_TOOL))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 20, 5000)
    unpacked = run(bytes(data), tmp_path)
    assert (paths(unpacked), unpacked.notices) == (["bin/tool"], [EntrySkipped("README", "its content can't be read")])


def test_a_link_that_can_not_be_read(tmp_path) -> None:
    data = bytearray(zipped(("link", b"tool", 0o120777), ZIP_TOOL))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert paths(run(bytes(data), tmp_path)) == ["bin/tool"]
    shutil.rmtree(tmp_path / "tree")
    with pytest.raises(ArchiveEncrypted):
        run(bytes(data), tmp_path, extract="all")


def test_a_program_whose_name_has_backslashes(tmp_path) -> None:
    """As archivers on Windows may have it."""
    assert paths(run(tar(Member("dist\\tool", STATIC)), tmp_path)) == ["bin/tool"]


@pytest.mark.parametrize("field", [slice(108, 116), slice(116, 124), slice(136, 148), slice(329, 337)])
def test_a_header_whose_owner_time_or_device_is_no_number(field: slice, tmp_path) -> None:
    header = bytearray(raw_header(b"README", 1))
    header[field] = b"NaN".ljust(field.stop - field.start, b"\0")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    assert paths(run(bytes(header) + padded(b"x") + tar(TOOL), tmp_path)) == ["bin/tool"]


def test_a_zip_that_lists_an_entry_twice(tmp_path) -> None:
    data = zipped(ZIP_TOOL)
    directory, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[directory:end]
    record = bytearray(data[end:])
    record[8] = record[10] = 2
    record[12:16] = (2 * len(entry)).to_bytes(4, "little")
    assert paths(run(data[:directory] + entry * 2 + bytes(record), tmp_path)) == ["bin/tool"]


def test_programs_in_another_folder(tmp_path) -> None:
    assert paths(run(tar(TOOL), tmp_path, folder="sbin/x")) == ["sbin/x/tool"]


def test_path_selects_files(tmp_path) -> None:
    members = [Member("d/a", STATIC), Member("d/b", STATIC), Member("d/c", STATIC)]
    assert paths(run(tar(*members), tmp_path, path=["d/a", "c"])) == ["bin/a", "bin/c"]


def test_path_that_fits_nothing(tmp_path) -> None:
    with pytest.raises(EntryNotFound) as caught:
        run(tar(*RELEASE), tmp_path, path=["bin/*"])
    assert caught.value.patterns == ["bin/*"]
    assert "rg-14/rg" in caught.value.available


def test_an_archive_without_programs_says_what_there_is(tmp_path) -> None:
    with pytest.raises(NoProgramInArchive) as caught:
        run(tar(Member("README", b"x", mode=0o755)), tmp_path)
    assert caught.value.available == ["README"]


def test_an_archive_in_an_archive_is_named(tmp_path) -> None:
    with pytest.raises(NoProgramInArchive) as caught:
        run(as_zip(Member("tool-linux-amd64.tar.gz", gzip.compress(tar(TOOL)))), tmp_path)
    assert caught.value.available == ["tool-linux-amd64.tar.gz"]


@pytest.mark.parametrize("count", [2, 5])
def test_strip_components_that_leaves_nothing(count: int, tmp_path) -> None:
    with pytest.raises(ArchiveEmpty) as caught:
        run(tar(RELEASE[1], RELEASE[2]), tmp_path, strip_components=count)
    assert (caught.value.strip_components, caught.value.deepest) == (count, "rg-14/rg")


def test_target_renames_the_only_one(tmp_path) -> None:
    assert paths(run(tar(*RELEASE), tmp_path, target="ripgrep")) == ["bin/ripgrep"]


def test_target_matches_nothing(tmp_path) -> None:
    data = tar(Member("x/Tool", STATIC), Member("x/helper", DYNAMIC))
    with pytest.raises(ProgramNotFound) as caught:
        run(data, tmp_path, target="other")
    assert caught.value.available == ["Tool", "helper"]
    assert paths(run(data, tmp_path, target="Tool")) == ["bin/Tool"]


def test_two_programs_of_one_name(tmp_path) -> None:
    data = tar(Member("a/tool", STATIC), Member("b/tool", STATIC + b"\0"))
    with pytest.raises(ProgramAmbiguous) as caught:
        run(data, tmp_path)
    assert (caught.value.name, caught.value.candidates) == ("tool", ["a/tool", "b/tool"])
    assert entries(run(data, tmp_path, path=["a/tool"])) == ["a/tool"]


@pytest.mark.parametrize("name", ["to\nol", "\u202etool", "\udcfftool", " tool"])
def test_a_program_whose_name_no_file_should_have(name: str, tmp_path) -> None:
    data = tar(Member(name, STATIC))
    with pytest.raises(ArchiveEntryInvalid):
        run(data, tmp_path)
    assert paths(run(data, tmp_path, target="tool")) == ["bin/tool"]


def test_a_program_whose_name_no_file_should_have_beside_another(tmp_path) -> None:
    unpacked = run(tar(Member("to\nol", STATIC), TOOL), tmp_path)
    assert paths(unpacked) == ["bin/tool"]
    assert unpacked.notices == [EntrySkipped("to\nol", "no program can have this name")]


DOCUMENTS = tar(Member("data/a.json", b"{}"), Member("data/b.txt", b"b", mode=0o755), Member("lib/c.so", LIBRARY))


def test_files_that_are_not_to_be_executed(tmp_path) -> None:
    assert run(DOCUMENTS, tmp_path, executable=False, path=["data", "c.so"]).programs == []
    assert listing(tmp_path) == {"bin/a.json": 0o644, "bin/b.txt": 0o644, "bin/c.so": 0o644}


def test_files_for_other_platforms_that_are_not_to_be_executed(tmp_path) -> None:
    data = tar(Member("a", STATIC), Member("b", elf(ARM64)), Member("c.exe", b"MZ" + bytes(100)))
    run(data, tmp_path, executable=False, path=["*"])
    assert listing(tmp_path) == {"bin/a": 0o644, "bin/b": 0o644, "bin/c.exe": 0o644}


@pytest.mark.parametrize(
    ("path", "error"),
    [(["a.json", "b.txt"], ProgramAmbiguous), (["missing"], EntryNotFound)],
)
def test_a_target_for_several_files_or_none(path: list[str], error: type[Exception], tmp_path) -> None:
    with pytest.raises(error):
        run(DOCUMENTS, tmp_path, executable=False, path=path, target="x")


def test_a_file_that_is_not_executable_and_its_target(tmp_path) -> None:
    run(DOCUMENTS, tmp_path, executable=False, path=["*.json"], target="schema.json")
    assert listing(tmp_path) == {"bin/schema.json": 0o644}
