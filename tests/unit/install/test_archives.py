"""Unpacking what releases have: formats, options, names, modes."""

from __future__ import annotations

import bz2
import errno
import functools
import gzip
import io
import lzma
import os
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Callable
from itertools import pairwise

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.errors.config import SettingInvalid
from github_assets.errors.install import (
    ArchiveError,
    ArchiveMemberMissing,
    ArchiveTooLarge,
    ArchiveUnsupported,
    ForeignExecutable,
)
from github_assets.install.archives import Unpacked, Unpacking, unpack
from github_assets.install.formats import sniff
from github_assets.install.streams import Forward, Limits, Meter, decompress
from github_assets.platforms import Platform
from tests.properties import examples

from .corpus import CASES, LIMITS, TOOL, Member, noise, sparse, tar, zipped
from .elf_files import ARM64, DYNAMIC, INTERPRETER_AMD64, LIBRARY, STATIC, elf
from .test_archives_hostile import Arriving, assert_clean, snapshot

SCRIPT = b"#!/bin/sh\nexit 0\n"
RELEASE = [
    Member("rg-14/", type=tarfile.DIRTYPE, mode=0o700),
    Member("rg-14/rg", STATIC, mode=0o755),
    Member("rg-14/README.md", b"# ripgrep\n", mode=0o755),
    Member("rg-14/complete/rg.bash", SCRIPT),
    Member("rg-14/doc/rg.1", b".TH RG\n"),
]
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "gz": gzip.compress,
    "bz2": functools.partial(bz2.compress, compresslevel=1),
    "xz": functools.partial(lzma.compress, preset=0),
    "zst": zstd.compress,
}


def as_zip(*members: Member) -> bytes:
    return zipped(*((member.name, member.content, stat.S_IFREG | member.mode) for member in members))


def run(data: bytes, tmp_path, **options) -> list[Unpacked]:
    return unpack(io.BytesIO(data), str(tmp_path / "tree"), Unpacking(options.pop("archive", "a.tar"), **options))


def listing(tmp_path) -> dict[str, int]:
    """Files and links of what was unpacked, with their modes; a link's is 0."""
    found = {}
    for path in sorted((tmp_path / "tree").rglob("*")):
        if path.is_symlink() or not path.is_dir():
            found[str(path.relative_to(tmp_path / "tree"))] = (
                0 if path.is_symlink() else stat.S_IMODE(path.stat().st_mode)
            )
    return found


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_tar_of_each_compression(compression: str, tmp_path) -> None:
    found = run(COMPRESSIONS[compression](tar(*RELEASE)), tmp_path)
    assert [(one.path, one.entry, one.name) for one in found] == [("bin/rg", "rg-14/rg", "rg")]
    assert found[0].executable.arch == "amd64"
    assert listing(tmp_path) == {"bin/rg": 0o755}
    assert (tmp_path / "tree" / "bin" / "rg").read_bytes() == STATIC


def test_zip(tmp_path) -> None:
    run(as_zip(*RELEASE[1:]), tmp_path)
    assert listing(tmp_path) == {"bin/rg": 0o755}


def test_zip_from_a_stream_that_cannot_seek(tmp_path) -> None:
    data = as_zip(TOOL, Member("other", noise(10_000)))
    found = unpack(Arriving(data, 100), str(tmp_path / "tree"), Unpacking("a.zip"))
    assert [one.path for one in found] == ["bin/tool"]


def test_zip_from_a_path(tmp_path) -> None:
    (tmp_path / "a").write_bytes(as_zip(TOOL))
    unpack(str(tmp_path / "a"), str(tmp_path / "tree"), Unpacking("a"))
    assert listing(tmp_path) == {"bin/tool": 0o755}


def test_zip_of_an_archiver_without_modes(tmp_path) -> None:
    data = zipped(("win\\tool", STATIC, 0), ("win\\tool.sh", SCRIPT, 0), ("win\\README", b"x", 0))
    assert [one.entry for one in run(data, tmp_path)] == ["win/tool"]


@pytest.mark.parametrize("compression", [name for name in COMPRESSIONS if name != "tar"])
@pytest.mark.parametrize("content", [STATIC, SCRIPT])
def test_bare_compressed_file(compression: str, content: bytes, tmp_path) -> None:
    data = COMPRESSIONS[compression](content)
    found = run(data, tmp_path, archive=f"tool-linux-amd64.{compression}", plain_name=lambda name: name.split("-")[0])
    assert [(one.path, one.entry) for one in found] == [("bin/tool", "tool-linux-amd64")]
    assert (tmp_path / "tree" / "bin" / "tool").read_bytes() == content


def test_the_name_does_not_decide_the_format(tmp_path) -> None:
    found = run(tar(TOOL), tmp_path, archive="debs.tar.gz")
    assert [one.path for one in found] == ["bin/tool"]


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (STATIC, "elf"),
        (SCRIPT, "script"),
        (b"hello", "other"),
        (b"Rar!\x1a\x07\0", "rar"),
    ],
)
def test_what_is_no_archive(data: bytes, format_: str, tmp_path) -> None:
    assert sniff(data) == format_
    with pytest.raises(ArchiveUnsupported) as caught:
        run(data, tmp_path)
    assert (caught.value.format, caught.value.archive) == (format_, "a.tar")
    assert "tar.gz" in caught.value.alternatives
    assert os.listdir(tmp_path) == []


def test_a_jar_is_a_file_not_an_archive() -> None:
    assert sniff(zipped(("META-INF/MANIFEST.MF", b"", 0))) == "jar"
    assert sniff(zipped(("META", b"", 0))) == "zip"


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_dialects(format_: int, tmp_path) -> None:
    name = "/".join(["folder" * 5] * 5) + "/tool"
    assert [one.entry for one in run(tar(Member(name, STATIC), format_=format_), tmp_path)] == [name]


@pytest.mark.parametrize("form", ["--format=v7", "--format=oldgnu", "--format=posix"])
def test_what_tar_itself_writes(form: str, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "tool").write_bytes(STATIC)
    data = subprocess.run(["tar", form, "-cf", "-", "-C", tmp_path / "in", "."], check=True, capture_output=True).stdout
    assert [one.path for one in run(data, tmp_path)] == ["bin/tool"]


@pytest.mark.parametrize("version", ["0.0", "0.1", "1.0"])
def test_sparse_files_of_tar(version: str, tmp_path) -> None:
    """ELF at the front, a hole, something at the end."""
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in" / "tool", "wb") as file:
        file.write(STATIC)
        file.seek(1 << 20)
        file.write(b"end")
    command = [
        "tar",
        "--sparse",
        f"--sparse-version={version}",
        "--format=posix",
        "-cf",
        "-",
        "-C",
        tmp_path / "in",
        "tool",
    ]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    run(data, tmp_path)
    assert (tmp_path / "tree" / "bin" / "tool").read_bytes() == (tmp_path / "in" / "tool").read_bytes()


def test_sparse_file_by_hand(tmp_path) -> None:
    data = sparse(1024, [("0", "512")], STATIC.ljust(512, b"\0")) + tar(TOOL)
    run(data, tmp_path, extract="all")
    assert (tmp_path / "tree" / "sparse").read_bytes() == STATIC.ljust(1024, b"\0")


def test_whole_tree(tmp_path) -> None:
    found = run(tar(*RELEASE), tmp_path, extract="all")
    assert listing(tmp_path) == {
        "bin/rg": 0,
        "rg-14/README.md": 0o755,
        "rg-14/complete/rg.bash": 0o755,
        "rg-14/doc/rg.1": 0o644,
        "rg-14/rg": 0o755,
    }
    assert os.readlink(tmp_path / "tree" / "bin" / "rg") == "../rg-14/rg"
    assert [(one.path, one.entry) for one in found] == [("bin/rg", "rg-14/rg")]


def test_whole_tree_with_its_own_bin(tmp_path) -> None:
    tree = [
        Member("node-22/bin/node", STATIC, mode=0o755),
        Member("node-22/bin/npm", type=tarfile.SYMTYPE, link="../lib/npm-cli.js"),
        Member("node-22/lib/npm-cli.js", b"#!/usr/bin/env node\n", mode=0o755),
    ]
    found = run(tar(*tree), tmp_path, extract="all", strip_components=1)
    assert listing(tmp_path) == {"bin/node": 0o755, "bin/npm": 0, "lib/npm-cli.js": 0o755}
    assert [one.path for one in found] == ["bin/node", "bin/npm"]


def test_whole_tree_with_a_target(tmp_path) -> None:
    found = run(tar(*RELEASE), tmp_path, extract="all", strip_components=1, target="ripgrep")
    assert [one.path for one in found] == ["bin/ripgrep"]
    assert os.readlink(tmp_path / "tree" / "bin" / "ripgrep") == "../rg"


def test_whole_tree_below_a_folder(tmp_path) -> None:
    run(tar(*RELEASE), tmp_path, extract="all", strip_components=1, folder="share/rg", path=["rg", "*.1"])
    assert listing(tmp_path) == {"bin/rg": 0, "share/rg/rg": 0o755, "share/rg/doc/rg.1": 0o644}
    assert os.readlink(tmp_path / "tree" / "bin" / "rg") == "../share/rg/rg"


def test_whole_tree_of_documents(tmp_path) -> None:
    assert run(tar(Member("a/b", b"x")), tmp_path, extract="all") == []
    assert listing(tmp_path) == {"a/b": 0o644}


def test_executables_in_another_folder(tmp_path) -> None:
    assert [one.path for one in run(tar(TOOL), tmp_path, folder="sbin/x")] == ["sbin/x/tool"]


def test_path_keeps_what_it_names(tmp_path) -> None:
    members = [Member("d/a", STATIC), Member("d/b", STATIC), Member("d/c", STATIC)]
    assert [one.path for one in run(tar(*members), tmp_path, path=["d/a", "c"])] == ["bin/a", "bin/c"]


def test_path_that_fits_nothing(tmp_path) -> None:
    with pytest.raises(ArchiveMemberMissing) as caught:
        run(tar(*RELEASE), tmp_path, path=["bin/*"])
    assert caught.value.wanted == "bin/*"
    assert "rg-14/rg" in caught.value.available


def test_nothing_executable_says_what_there_is(tmp_path) -> None:
    with pytest.raises(ArchiveMemberMissing) as caught:
        run(tar(Member("README", b"x", mode=0o755)), tmp_path)
    assert (caught.value.wanted, caught.value.available) == ("executable", ["README"])


def test_strip_components_leaves_shorter_names_out(tmp_path) -> None:
    run(tar(TOOL, *RELEASE), tmp_path, extract="all", strip_components=1, path=["*/rg", "tool"])
    assert listing(tmp_path) == {"bin/rg": 0, "rg": 0o755}


def test_target_renames_the_only_one(tmp_path) -> None:
    assert [one.path for one in run(tar(*RELEASE), tmp_path, target="ripgrep")] == ["bin/ripgrep"]


@pytest.mark.parametrize("target", ["../tool", "a/b", "", "."])
def test_bad_target(target: str, tmp_path) -> None:
    with pytest.raises(SettingInvalid):
        run(tar(*RELEASE), tmp_path, target=target)
    assert os.listdir(tmp_path) == []


def test_hard_and_symbolic_links_are_other_names(tmp_path) -> None:
    members = [
        Member("xz", STATIC),
        Member("unxz", type=tarfile.SYMTYPE, link="xz"),
        Member("xzcat", type=tarfile.LNKTYPE, link="xz"),
    ]
    found = run(tar(*members), tmp_path)
    assert [one.path for one in found] == ["bin/unxz", "bin/xz", "bin/xzcat"]
    assert all((tmp_path / "tree" / one.path).read_bytes() == STATIC for one in found)
    assert sum(os.path.islink(tmp_path / "tree" / one.path) for one in found) == 2
    assert_clean(str(tmp_path / "tree"))


def test_a_link_as_the_target_brings_the_file(tmp_path) -> None:
    members = [Member("lib/xz-real", STATIC), Member("bin/xz", type=tarfile.SYMTYPE, link="../lib/xz-real")]
    run(tar(*members), tmp_path, target="xz")
    assert listing(tmp_path) == {"bin/xz": 0o755}


def test_links_of_a_whole_tree(tmp_path) -> None:
    members = [
        Member("lib/libx.so.1", LIBRARY),
        Member("lib/libx.so", type=tarfile.SYMTYPE, link="libx.so.1"),
        Member("copy", type=tarfile.LNKTYPE, link="lib/libx.so.1"),
        Member("dangling", type=tarfile.SYMTYPE, link="nowhere"),
    ]
    assert run(tar(*members), tmp_path, extract="all") == []
    assert listing(tmp_path) == {"copy": 0o755, "dangling": 0, "lib/libx.so": 0, "lib/libx.so.1": 0o755}


def test_libraries_that_stay_behind_are_named(tmp_path) -> None:
    program = elf(interpreter=INTERPRETER_AMD64, needed=("libfoo.so.1", "libc.so.6"))
    found = run(tar(Member("bin/tool", program), Member("lib/libfoo.so.1", LIBRARY)), tmp_path)
    assert [(one.path, one.missing_libraries) for one in found] == [("bin/tool", ("libfoo.so.1",))]


def test_of_several_platforms_ours_counts(tmp_path) -> None:
    members = [Member("amd64/tool", STATIC), Member("arm64/tool", elf(ARM64))]
    found = run(tar(*members), tmp_path, platform=Platform("linux", "arm64"))
    assert [one.entry for one in found] == ["arm64/tool"]


def test_a_foreign_program_is_unpacked_for_the_caller_to_judge(tmp_path) -> None:
    found = run(tar(Member("tool", elf(ARM64))), tmp_path, platform=Platform("linux", "amd64"))
    assert [one.executable.arch for one in found] == ["arm64"]


def test_programs_for_windows_only(tmp_path) -> None:
    with pytest.raises(ForeignExecutable) as caught:
        run(as_zip(Member("tool.exe", b"MZ" + bytes(100))), tmp_path, platform=Platform("linux", "amd64"))
    assert (caught.value.file, caught.value.found, caught.value.wanted) == ("tool.exe", "windows", "linux/amd64")


def test_garbled_elf_among_others_is_no_candidate(tmp_path) -> None:
    found = run(tar(TOOL, Member("testdata", b"\x7fELF garbage", mode=0o755)), tmp_path)
    assert [one.entry for one in found] == ["tool"]


def test_modes_do_not_depend_on_the_umask(tmp_path) -> None:
    before = os.umask(0o077)
    try:
        run(tar(*RELEASE), tmp_path, extract="all")
    finally:
        os.umask(before)
    assert_clean(str(tmp_path / "tree"))


def test_files_of_every_size_near_a_chunk(tmp_path) -> None:
    sizes = [0, 1, 511, 512, 513, (512 << 10) - 1, 512 << 10, (512 << 10) + 1, 3 << 20]
    members = [Member(f"f{size}", noise(size)) for size in sizes]
    run(gzip.compress(tar(*members), 1), tmp_path, extract="all")
    assert {name.name: name.read_bytes() for name in (tmp_path / "tree").iterdir()} == {
        member.name: member.content for member in members
    }


def test_an_existing_destination_is_left_alone(tmp_path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "mine").write_text("x")
    with pytest.raises(FileExistsError):
        run(tar(TOOL), tmp_path)
    assert os.listdir(tmp_path / "tree") == ["mine"]


def test_what_a_killed_process_left_is_removed(tmp_path) -> None:
    (tmp_path / "tree.partial" / "bin").mkdir(parents=True)
    (tmp_path / "tree.partial" / "bin" / "half").write_text("x")
    run(tar(TOOL), tmp_path)
    assert listing(tmp_path) == {"bin/tool": 0o755}
    assert os.listdir(tmp_path) == ["tree"]


class Breaking(Arriving):
    def read(self, size: int = -1) -> bytes:
        piece = super().read(size)
        if not piece:
            raise ConnectionResetError(errno.ECONNRESET, "reset")
        return piece


@pytest.mark.parametrize("size", [0, 100, 600, 5000])
def test_a_failing_download_leaves_nothing(size: int, tmp_path) -> None:
    data = gzip.compress(tar(TOOL, Member("noise", noise(20_000))))
    with pytest.raises(ConnectionResetError):
        unpack(Breaking(data[:size], 300), str(tmp_path / "tree"), Unpacking("a.tar.gz"))
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch) -> None:
    """The writing thread's failure reaches the caller."""
    real = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) > 100_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        run(tar(TOOL, Member("big", noise(3 << 20))), tmp_path, extract="all")
    assert os.listdir(tmp_path) == []


def test_the_limits_hold_for_what_is_left_out(tmp_path) -> None:
    data = gzip.compress(tar(TOOL, Member("zeros", bytes(1 << 20))))
    with pytest.raises(ArchiveTooLarge) as caught:
        run(data, tmp_path, path=["tool"], limits=Limits(size=1 << 19))
    assert (caught.value.what, caught.value.limit) == ("bytes", 1 << 19)


@given(
    data=st.binary(max_size=4000),
    compression=st.sampled_from(["gz", "bz2", "xz", "zst"]),
    cuts=st.lists(st.integers(0, 4000), max_size=3),
    step=st.integers(1, 500),
    takes=st.lists(st.integers(0, 700), max_size=20),
)
def test_streams_give_back_what_went_in(data: bytes, compression: str, cuts, step: int, takes) -> None:
    """Whatever the members, however it arrives, however it is taken."""
    edges = [0, *sorted(cuts), len(data)]
    parts = [data[start:end] for start, end in pairwise(edges)]
    packed = b"".join(COMPRESSIONS[compression](part) for part in parts)
    stream = Forward(decompress(Arriving(packed[5:], step), packed[:5], compression, Meter(Limits())))
    out = b"".join(stream.read(size) for size in takes)
    assert stream.tell() == len(out)
    assert stream.peek(10) == data[len(out) : len(out) + 10]
    assert out + b"".join(stream.rest()) == data


VALID = [
    tar(*RELEASE),
    tar(*RELEASE, format_=tarfile.GNU_FORMAT),
    sparse(1024, [("0", "512")], STATIC.ljust(512, b"\0")) + tar(TOOL),
    as_zip(*RELEASE[1:]),
    zipped(("tool", STATIC, 0o100755), ("link", b"tool", 0o120777)),
    gzip.compress(tar(*RELEASE)),
    zstd.compress(tar(*RELEASE)),
    *(case.make("/outside") for case in CASES if case.name.startswith(("tar_symlink", "tar_hardlink", "tar_sparse_g"))),
]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=examples(200))
@given(
    start=st.sampled_from(VALID),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=5),
    end=st.floats(0, 1) | st.just(1.0),
    extract=st.sampled_from(["all", "executables"]),
    strip=st.integers(0, 2),
    path=st.sampled_from([(), ("*",), ("tool", "rg*")]),
    target=st.sampled_from([None, "tool"]),
)
def test_garbled_archives_end_in_a_safe_tree_or_in_one_error(
    start: bytes, changes, end: float, extract: str, strip: int, path, target, fuzzed
) -> None:
    data = bytearray(start)
    for where, new in changes:
        at = int(where * len(data))
        data[at : at + len(new)] = new
    data = data[: int(end * len(data))]
    before = snapshot(str(fuzzed))
    options = Unpacking("a", None, target, path, strip, extract, limits=LIMITS)
    try:
        unpack(io.BytesIO(data), str(fuzzed / "tree"), options)
    except (ArchiveError, ForeignExecutable):
        assert snapshot(str(fuzzed)) == before
        return
    assert_clean(str(fuzzed / "tree"))
    shutil.rmtree(fuzzed / "tree")
    assert snapshot(str(fuzzed)) == before


def test_dynamic_facts_come_along(tmp_path) -> None:
    (found,) = run(tar(Member("tool", DYNAMIC)), tmp_path)
    assert (found.executable.interpreter, found.executable.glibc) == (INTERPRETER_AMD64, (2, 34))
