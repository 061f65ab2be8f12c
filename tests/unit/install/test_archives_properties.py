"""Archives with any content: valid ones are unpacked, and hostile ones change nothing outside."""

from __future__ import annotations

import shutil
import stat
import tarfile
from collections.abc import Callable

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.errors.install import ArchiveError, ForeignExecutable, NotExecutable
from github_assets.install.archives import Unpacking, unpack
from tests.properties import examples

from .archive_files import Member, as_zip, noise, tar, zipped
from .corpus import LIMITS
from .elf_files import DYNAMIC, STATIC
from .test_archives import COMPRESSIONS, SCRIPT
from .test_archives_hostile import assert_clean, snapshot
from .unpacking import AMD64

DIALECTS = st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
CONTENTS = st.binary(max_size=300) | st.sampled_from([STATIC, DYNAMIC, SCRIPT, b"MZ", noise(2000)])
GOOD = st.lists(st.sampled_from(["a", "b", "c", "bin", "tool", "é", "."]), min_size=1, max_size=3).map("/".join)
BAD = st.lists(
    st.sampled_from(["a", "b", "..", "..", ".", "", " ", "a\\b", "..\\x", "\u202e", "x" * 256, "Icon\r", "\udcfcber"]),
    min_size=1,
    max_size=4,
).map("/".join) | st.sampled_from(["/outside", "OUTSIDE", "../outside", "../../outside"])
NAMES = st.integers(0, 11).flatmap(lambda number: GOOD if number else BAD)
"""Mostly good ones: one that is not may end it."""
LINKS = st.integers(0, 2).flatmap(lambda number: GOOD if number else BAD)
SPECIAL = [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, b"V", b"?"]
KINDS = st.sampled_from(
    [tarfile.REGTYPE, tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, None]
).flatmap(lambda kind: st.just(kind) if kind else st.sampled_from([tarfile.DIRTYPE] * 12 + SPECIAL))
MEMBERS = st.builds(
    lambda name, content, kind, link, mode: Member(name, content if kind == tarfile.REGTYPE else b"", kind, link, mode),
    NAMES,
    CONTENTS,
    KINDS,
    LINKS,
    st.integers(0, 0o7777),
)
UNIX_KINDS = st.sampled_from([0, stat.S_IFREG, stat.S_IFREG, stat.S_IFLNK, stat.S_IFLNK, stat.S_IFDIR, stat.S_IFBLK])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    (folder / "outside").write_bytes(b"untouched")
    return folder


def check(data: bytes, folder, options) -> bool:
    """Unpack it and return whether that succeeded. The tree is safe, or there is none, and nothing else has changed."""
    (folder / "archive").write_bytes(data)
    before = snapshot(str(folder))
    try:
        unpack(str(folder / "archive"), str(folder / "tree"), Unpacking("a", AMD64, limits=LIMITS, **options))
        unpacked = True
    except (ArchiveError, ForeignExecutable, NotExecutable):
        unpacked = False
    else:
        try:
            assert_clean(str(folder / "tree"))
        finally:
            shutil.rmtree(folder / "tree")
    assert snapshot(str(folder)) == before
    return unpacked


OPTIONS = st.fixed_dictionaries(
    {"extract": st.sampled_from(["all", "executables"])},
    optional={
        "strip_components": st.integers(0, 2),
        "path": st.sampled_from([("*",), ("a*", "tool"), ("bin/",)]),
        "target": st.just("tool"),
        "folder": st.sampled_from(["", "a/b"]),
        "executable": st.booleans(),
    },
)


@settings(max_examples=examples(150))
@given(
    members=st.lists(MEMBERS, max_size=6),
    dialect=DIALECTS,
    compression=st.sampled_from(list(COMPRESSIONS)),
    options=OPTIONS,
)
def test_any_tar(members: list[Member], dialect: int, compression: str, options, folder) -> None:
    def placed(name: str) -> str:
        return name.replace("OUTSIDE", str(folder / "outside"))

    members = [member._replace(name=placed(member.name), link=placed(member.link)) for member in members]
    try:
        data = tar(*members, format_=dialect)
    except ValueError:  # too long a name for the dialect
        data = tar(*members)
    check(COMPRESSIONS[compression](data), folder, options)


@settings(max_examples=examples(150))
@given(
    entries=st.lists(st.tuples(NAMES, CONTENTS, UNIX_KINDS, LINKS, st.integers(0, 0o7777)), max_size=6),
    backslashes=st.booleans(),
    options=OPTIONS,
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_any_zip(entries, backslashes: bool, options, folder) -> None:
    """`backslashes` makes the separators of the central directory others than those of the local headers."""

    def placed(name: str) -> str:
        return name.replace("\udcfc", "\xfc").replace("OUTSIDE", str(folder / "outside"))

    data = zipped(
        *(
            (
                placed(name),
                placed(link).encode() if kind == stat.S_IFLNK else content,
                kind | mode if kind else 0,
            )
            for name, content, kind, link, mode in entries
        )
    )
    if backslashes:
        contents, mark, directory = data.partition(b"PK\x01\x02")
        data = contents + mark + directory.replace(b"/", b"\\")
    check(data, folder, options)


HONEST = st.lists(
    st.tuples(
        st.lists(st.text("aB1-_ é漢", min_size=1, max_size=4).map("d{}".format), max_size=3).map("/".join),
        st.text("aB1-_ é漢.", max_size=80).map("f{}".format),
        CONTENTS,
        st.sampled_from([0o644, 0o755, 0o600, 0o4755]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each[1],  # two programs of one name are ambiguous
).map(lambda files: {f"{folder}/{file}".lstrip("/"): (content, mode) for folder, file, content, mode in files})


def as_tar(compress: Callable[[bytes], bytes], dialect: int) -> Callable[[list[Member]], bytes]:
    return lambda members: compress(tar(*members, format_=dialect))


@settings(max_examples=examples(100))
@given(
    files=HONEST,
    pack=st.builds(
        as_tar, st.sampled_from(list(COMPRESSIONS.values())), st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    )
    | st.just(lambda members: as_zip(*members)),
)
def test_unpacking_round_trip(files: dict[str, tuple[bytes, int]], pack, folder) -> None:
    data = pack([Member(name, content, mode=mode) for name, (content, mode) in files.items()])
    (folder / "archive").write_bytes(data)

    unpack(str(folder / "archive"), str(folder / "tree"), Unpacking("a", AMD64, extract="all"))

    found = {
        str(path.relative_to(folder / "tree")): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in (folder / "tree").rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    shutil.rmtree(folder / "tree")
    marked = (b"\x7fELF", b"#!", b"MZqFpD='", b"jartsr='", b"APEDBG='")
    assert found == {
        name: (content, 0o755 if mode & 0o111 or content.startswith(marked) else 0o644)
        for name, (content, mode) in files.items()
    }


WITH_CHECKSUM = {
    **COMPRESSIONS,
    "zst": lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}),
    "zip": lambda data: zipped(("x", data, 0o100644)),
}


@settings(max_examples=examples(150))
@given(
    content=CONTENTS.filter(lambda content: len(content) > 1),
    compression=st.sampled_from(["gz", "bz2", "xz", "zst", "zip"]),
    at=st.floats(0, 1),
    bits=st.integers(1, 255) | st.none(),
)
def test_a_compressed_file_is_whole_or_refused(
    content: bytes, compression: str, at: float, bits: int | None, folder
) -> None:
    """One byte that is another one, or (`bits` is None) the end too soon."""
    data = bytearray(WITH_CHECKSUM[compression](content))
    place = min(int(at * len(data)), len(data) - 1)
    if bits is None:
        del data[place:]
    else:
        data[place] ^= bits
    (folder / "archive").write_bytes(data)
    try:
        unpack(str(folder / "archive"), str(folder / "tree"), Unpacking(f"x.{compression}", AMD64, extract="all"))
    except ArchiveError:
        return
    received = [path.read_bytes() for path in (folder / "tree").rglob("*") if path.is_file() and not path.is_symlink()]
    shutil.rmtree(folder / "tree")
    assert bits is not None
    assert received in ([content], [])
