"""Unpacking the archives of releases: formats, names, failures, corruption."""

from __future__ import annotations

import bz2
import errno
import functools
import gzip
import lzma
import os
import shutil
import struct
import subprocess
import tarfile
from collections.abc import Callable

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.errors.install import (
    ArchiveError,
    ArchiveTooLarge,
    ArchiveUnsupported,
    ForeignExecutable,
    NotExecutable,
)
from github_assets.install.archives import Unpacking, unpack
from github_assets.install.limits import Limits
from github_assets.install.notices import TrailingDataIgnored
from tests.properties import examples

from .archive_files import TOOL, Member, as_zip, noise, sparse, tar, zipped
from .corpus import CASES, LIMITS
from .elf_files import STATIC
from .test_archives_hostile import assert_clean, snapshot
from .unpacking import AMD64, entries, listing, paths, run

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


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_tar_of_each_compression(compression: str, tmp_path) -> None:
    [program] = run(COMPRESSIONS[compression](tar(*RELEASE)), tmp_path).programs
    assert (program.path, program.entry, program.executable.arch) == ("bin/rg", "rg-14/rg", "amd64")
    assert listing(tmp_path) == {"bin/rg": 0o755}
    assert (tmp_path / "tree" / "bin" / "rg").read_bytes() == STATIC


def test_zip(tmp_path) -> None:
    run(as_zip(*RELEASE[1:]), tmp_path)
    assert listing(tmp_path) == {"bin/rg": 0o755}


def test_zip_of_an_archiver_without_modes(tmp_path) -> None:
    data = zipped(("win\\tool", STATIC, 0), ("win\\tool.sh", SCRIPT, 0), ("win\\README", b"x", 0))
    assert entries(run(data, tmp_path)) == ["win/tool"]


@pytest.mark.parametrize("compression", [name for name in COMPRESSIONS if name != "tar"])
@pytest.mark.parametrize("content", [STATIC, SCRIPT])
def test_bare_compressed_file(compression: str, content: bytes, tmp_path) -> None:
    data = COMPRESSIONS[compression](content)
    found = run(data, tmp_path, archive=f"tool-linux-amd64.{compression}", plain_name=lambda name: name.split("-")[0])
    assert (paths(found), entries(found)) == (["bin/tool"], ["tool-linux-amd64"])
    assert (tmp_path / "tree" / "bin" / "tool").read_bytes() == content


def test_the_name_does_not_decide_the_format(tmp_path) -> None:
    assert paths(run(tar(TOOL), tmp_path, archive="debs.tar.gz")) == ["bin/tool"]


@pytest.mark.parametrize("name", ["MZ-tool/tool", "#!tool/tool", "BZh9/tool", "PK\3\4/tool", "07070/tool"])
def test_a_name_that_looks_like_a_magic_number_does_not_decide_the_format(name: str, tmp_path) -> None:
    assert entries(run(tar(Member(name, STATIC)), tmp_path)) == [name]


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
def test_files_that_are_not_archives(data: bytes, format_: str, tmp_path) -> None:
    with pytest.raises(ArchiveUnsupported) as caught:
        run(data, tmp_path)
    assert caught.value.format == format_
    assert caught.value.alternatives == (
        *("tar.zst", "tar.xz", "tar.gz", "tar.bz2", "tar", "zip"),
        *("zst", "xz", "gz", "bz2"),
    )
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_dialects(format_: int, tmp_path) -> None:
    name = "/".join(["folder" * 5] * 5) + "/tool"
    assert entries(run(tar(Member(name, STATIC), format_=format_), tmp_path)) == [name]


@pytest.mark.parametrize("form", ["--format=v7", "--format=oldgnu", "--format=posix", "--label=Release 1.0"])
def test_archives_of_gnu_tar(form: str, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "tool").write_bytes(STATIC)
    data = subprocess.run(["tar", form, "-cf", "-", "-C", tmp_path / "in", "."], check=True, capture_output=True).stdout
    assert paths(run(data, tmp_path)) == ["bin/tool"]


@pytest.mark.parametrize("version", ["0.0", "0.1", "1.0"])
def test_sparse_files_of_gnu_tar(version: str, tmp_path) -> None:
    """ELF at the front, a hole, something at the end."""
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in" / "tool", "wb") as file:
        file.write(STATIC)
        file.seek(1 << 20)
        file.write(b"end")
    (tmp_path / "in" / "zlast").write_bytes(STATIC)
    form = ["--sparse", f"--sparse-version={version}", "--format=posix"]
    command = ["tar", *form, "-cf", "-", "-C", tmp_path / "in", "tool", "zlast"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    assert paths(run(data, tmp_path)) == ["bin/tool", "bin/zlast"]
    assert (tmp_path / "tree" / "bin" / "tool").read_bytes() == (tmp_path / "in" / "tool").read_bytes()


@pytest.mark.parametrize("with_size", [False, True])
def test_a_sparse_file_whose_size_counts_its_holes(with_size: bool, tmp_path) -> None:
    """bsdtar writes the size with holes into the extended header, where that without them belongs."""
    data = sparse(4096, [("0", "512")], STATIC.ljust(512, b"\0"), with_size=with_size) + tar(TOOL)
    run(data, tmp_path, extract="all")
    assert (tmp_path / "tree" / "sparse").read_bytes() == STATIC.ljust(4096, b"\0")
    assert (tmp_path / "tree" / "tool").read_bytes() == STATIC


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz", "zst"])
@pytest.mark.parametrize("padding", [b"", bytes(4)])
def test_data_after_the_compressed_data_is_ignored(compression: str, padding: bytes, tmp_path) -> None:
    data = COMPRESSIONS[compression](tar(TOOL)) + padding + b"-----BEGIN SIGNATURE-----\n"
    unpacked = run(data, tmp_path)
    assert (paths(unpacked), unpacked.notices) == (["bin/tool"], [TrailingDataIgnored()])


def test_zip_with_other_slashes_in_its_directory(tmp_path) -> None:
    data = zipped(("dist/tool", STATIC, 0o100755), ("dist/README", b"x", 0o100644))
    start = data.index(b"PK\x01\x02")
    assert entries(run(data[:start] + data[start:].replace(b"dist/", b"dist\\"), tmp_path)) == ["dist/tool"]


def test_zip_whose_headers_disagree_on_the_encoding(tmp_path) -> None:
    data = bytearray(zipped(("d\u00e9/tool", STATIC, 0o100755)))
    assert struct.unpack_from("<H", data, 6) == (0x800,)
    data[7] = 0  # not UTF-8, says the entry's own header
    assert entries(run(bytes(data), tmp_path)) == ["d\u00e9/tool"]


@pytest.mark.parametrize("system", [0, 3, 19])
def test_links_in_a_zip_made_on_any_system(system: int, tmp_path) -> None:
    """Where its mode says that it is a link."""
    data = zipped(("tool-1.0", STATIC, 0o100755), ("tool", b"tool-1.0", 0o120777), system=system)
    run(data, tmp_path, extract="all")
    assert os.readlink(tmp_path / "tree" / "tool") == "tool-1.0"


def test_limits_apply_to_skipped_entries(tmp_path) -> None:
    data = gzip.compress(tar(TOOL, Member("zeros", bytes(1 << 20))))
    with pytest.raises(ArchiveTooLarge) as caught:
        run(data, tmp_path, path=["tool"], limits=Limits(size=1 << 19))
    assert (caught.value.what, caught.value.limit) == ("bytes", 1 << 19)


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE])
def test_names_are_limited_together(kind: bytes, tmp_path) -> None:
    members = [Member(f"{'n' * 150}{number}", type=kind, link="t" * 100) for number in range(100)]
    with pytest.raises(ArchiveTooLarge) as caught:
        run(tar(*members), tmp_path, limits=Limits(names=10_000))
    assert (caught.value.what, caught.value.limit) == ("names", 10_000)


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


@pytest.mark.parametrize("extract", ["all", "executables"])
def test_a_full_disk_leaves_nothing(extract: str, tmp_path, monkeypatch) -> None:
    """The writing thread's failure reaches the caller."""
    real = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) > 100_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        run(tar(TOOL, Member("big", STATIC + noise(3 << 20))), tmp_path, extract=extract)
    assert os.listdir(tmp_path) == []


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
def test_damaged_archives_end_in_a_safe_tree_or_in_one_error(
    start: bytes, changes, end: float, extract: str, strip: int, path, target, fuzzed
) -> None:
    data = bytearray(start)
    for where, new in changes:
        at = int(where * len(data))
        data[at : at + len(new)] = new
    (fuzzed / "archive").write_bytes(data[: int(end * len(data))])
    before = snapshot(str(fuzzed))
    options = Unpacking("a", AMD64, target, path, strip, extract, limits=LIMITS)
    try:
        unpack(str(fuzzed / "archive"), str(fuzzed / "tree"), options)
    except (ArchiveError, ForeignExecutable, NotExecutable):
        assert snapshot(str(fuzzed)) == before
        return
    assert_clean(str(fuzzed / "tree"))
    shutil.rmtree(fuzzed / "tree")
    assert snapshot(str(fuzzed)) == before
