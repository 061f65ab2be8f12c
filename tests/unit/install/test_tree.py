"""`extract = "all"`: extracts what GNU tar would, and nothing outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_assets.errors.install import (
    ArchiveEmpty,
    ArchiveEntryInvalid,
    ArchiveError,
    ArchiveUnsafe,
    ForeignExecutable,
    ProgramAmbiguous,
)
from github_assets.install.archives import Unpacking, unpack
from github_assets.install.notices import EntrySkipped, NoProgramForPlatform, ProgramsNotLinked
from tests.properties import examples

from .archive_files import TOOL, Member, tar
from .elf_files import ARM64, LIBRARY, STATIC, elf
from .test_archives import RELEASE, SCRIPT
from .unpacking import AMD64, entries, listing, paths, run

HARDLINK, SYMLINK, FOLDER, FILE = tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.REGTYPE


def test_whole_tree(tmp_path) -> None:
    unpacked = run(tar(*RELEASE), tmp_path, extract="all")
    assert listing(tmp_path) == {
        "bin/rg": 0,
        "rg-14/README.md": 0o755,
        "rg-14/complete/rg.bash": 0o755,
        "rg-14/doc/rg.1": 0o644,
        "rg-14/rg": 0o755,
    }
    assert os.readlink(tmp_path / "tree" / "bin" / "rg") == "../rg-14/rg"
    assert (paths(unpacked), entries(unpacked)) == (["bin/rg"], ["rg-14/rg"])


def test_whole_tree_with_its_own_bin(tmp_path) -> None:
    tree = [
        Member("node-22/bin/node", STATIC, mode=0o755),
        Member("node-22/bin/npm", type=SYMLINK, link="../lib/npm-cli.js"),
        Member("node-22/lib/npm-cli.js", b"#!/usr/bin/env node\n", mode=0o755),
    ]
    unpacked = run(tar(*tree), tmp_path, extract="all", strip_components=1)
    assert listing(tmp_path) == {"bin/node": 0o755, "bin/npm": 0, "lib/npm-cli.js": 0o755}
    assert paths(unpacked) == ["bin/node", "bin/npm"]


def test_whole_tree_with_a_target(tmp_path) -> None:
    unpacked = run(tar(*RELEASE), tmp_path, extract="all", strip_components=1, target="ripgrep")
    assert paths(unpacked) == ["bin/ripgrep"]
    assert os.readlink(tmp_path / "tree" / "bin" / "ripgrep") == "../rg"


def test_whole_tree_below_a_folder(tmp_path) -> None:
    run(tar(*RELEASE), tmp_path, extract="all", strip_components=1, folder="share/rg", path=["rg", "*.1"])
    assert listing(tmp_path) == {"bin/rg": 0, "share/rg/rg": 0o755, "share/rg/doc/rg.1": 0o644}
    assert os.readlink(tmp_path / "tree" / "bin" / "rg") == "../share/rg/rg"


@pytest.mark.parametrize("members", [[Member("a/b", b"x")], [Member("docs/build", SCRIPT, mode=0o755)]])
def test_whole_tree_of_documents(members: list[Member], tmp_path) -> None:
    assert paths(run(tar(*members), tmp_path, extract="all")) == []
    assert list(listing(tmp_path)) == [members[0].name]


def test_whole_tree_that_is_not_to_be_executed(tmp_path) -> None:
    unpacked = run(tar(*RELEASE, Member("arm/tool", elf(ARM64))), tmp_path, extract="all", executable=False)
    assert (unpacked.programs, unpacked.notices) == ([], [])
    assert not (tmp_path / "tree" / "bin").exists()


def test_strip_components_leaves_shorter_names_out(tmp_path) -> None:
    run(tar(TOOL, *RELEASE), tmp_path, extract="all", strip_components=1, path=["*/rg", "tool"])
    assert listing(tmp_path) == {"bin/rg": 0, "rg": 0o755}


def test_strip_components_that_leaves_nothing(tmp_path) -> None:
    with pytest.raises(ArchiveEmpty) as caught:
        run(tar(*RELEASE), tmp_path, extract="all", strip_components=5)
    assert caught.value.deepest == "rg-14/complete/rg.bash"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "members",
    [[], [Member("a", type=FOLDER)], [Member("a", type=SYMLINK, link="b")], [Member("null", type=tarfile.CHRTYPE)]],
)
def test_a_tree_without_a_file(members: list[Member], tmp_path) -> None:
    with pytest.raises(ArchiveEmpty):
        run(tar(*members), tmp_path, extract="all")


def test_links_of_a_whole_tree(tmp_path) -> None:
    members = [
        Member("lib/libx.so.1", LIBRARY),
        Member("lib/libx.so", type=SYMLINK, link="libx.so.1"),
        Member("copy", type=HARDLINK, link="lib/libx.so.1"),
        Member("dangling", type=SYMLINK, link="nowhere"),
    ]
    assert paths(run(tar(*members), tmp_path, extract="all")) == []
    assert listing(tmp_path) == {"copy": 0o755, "dangling": 0, "lib/libx.so": 0, "lib/libx.so.1": 0o755}


def test_a_hard_link_to_a_symbolic_link(tmp_path) -> None:
    members = [
        Member("bin/tool", STATIC),
        Member("lib/x", type=SYMLINK, link="../bin/tool"),
        Member("lib/y", type=HARDLINK, link="lib/x"),
    ]
    run(tar(*members), tmp_path, extract="all")
    assert os.readlink(tmp_path / "tree" / "lib" / "y") == "../bin/tool"


@pytest.mark.parametrize("strip", [0, 1])
def test_a_hard_link_to_a_file_that_path_leaves_out(strip: int, tmp_path) -> None:
    members = [
        Member("x/libexec/tool", STATIC),
        Member("x/bin/a", type=HARDLINK, link="x/libexec/tool"),
        Member("x/bin/b", type=HARDLINK, link="x/bin/a"),
    ]
    run(tar(*members), tmp_path, extract="all", path=["x/bin/*"], strip_components=strip)
    inside = "x/bin" if strip == 0 else "bin"
    files = {name: mode for name, mode in listing(tmp_path).items() if mode}
    assert files == {f"{inside}/a": 0o755, f"{inside}/b": 0o755}
    assert (tmp_path / "tree" / inside / "b").read_bytes() == STATIC


@pytest.mark.parametrize("name", ["env", "env.build", "env.launch", "exec.d", "profile.d"])
def test_what_a_launcher_would_read_is_skipped_with_a_notice(tmp_path, name: str) -> None:
    members = [
        TOOL,
        Member("share/link", type=SYMLINK, link=f"../{name}"),
        Member(f"{name}/", type=tarfile.DIRTYPE),
        Member(f"./{name}/x", STATIC),
        Member("share/link/y", STATIC),
        Member(f"share/{name}/z", STATIC),
        Member("share/x", type=HARDLINK, link=f"{name}/x"),
    ]

    unpacked = run(tar(*members), tmp_path, extract="all")

    assert unpacked.notices[0] == EntrySkipped(name, "a launcher would run it, or set variables from it")
    assert [notice for notice in unpacked.notices if isinstance(notice, EntrySkipped)] == unpacked.notices[:1]
    assert not os.path.lexists(tmp_path / "tree" / name)
    assert (tmp_path / "tree" / "share" / "x").read_bytes() == STATIC
    assert (tmp_path / "tree" / "share" / name / "z").read_bytes() == STATIC


@pytest.mark.parametrize("entry", [Member("exec.d", STATIC), Member("exec.d", type=SYMLINK, link="bin")])
def test_a_file_or_link_that_a_launcher_would_read_is_skipped(tmp_path, entry: Member) -> None:
    unpacked = run(tar(TOOL, entry), tmp_path, extract="all")

    assert [notice.entry for notice in unpacked.notices] == ["exec.d"]
    assert not os.path.lexists(tmp_path / "tree" / "exec.d")


def test_devices_are_skipped_with_a_notice(tmp_path) -> None:
    unpacked = run(tar(TOOL, Member("dev/null", type=tarfile.CHRTYPE)), tmp_path, extract="all")
    assert unpacked.notices == [EntrySkipped("dev/null", "it is a device, a pipe or part of a file")]
    assert listing(tmp_path) == {"tool": 0o755, "bin/tool": 0}


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([Member("a/" * 1020 + "x", b"x")], "it is nested more than 200 directories deep"),
        ([Member("x" * 256, b"x")], "its name is too long"),
        ([Member("a/" * 250 + "x", b"x")], "it is nested more than 200 directories deep"),
        ([Member("a/" * 250, type=FOLDER)], "it is nested more than 200 directories deep"),
        ([Member("a/" * 250 + "x", type=SYMLINK, link="y")], "it is nested more than 200 directories deep"),
        ([Member("../x", b"x")], "its name contains .."),
        ([Member("x", b"x"), Member("x/y", b"y")], "the archive contains both a file and a directory with this name"),
        ([Member("x/y", b"y"), Member("x", b"x")], "the archive contains both a file and a directory with this name"),
        (
            [Member("x/y", b"y"), Member("x", type=SYMLINK, link="z")],
            "the archive contains both a file and a directory",
        ),
        (
            [Member("x", b"x"), Member("x/y", type=SYMLINK, link="z")],
            "the archive contains both a file and a directory",
        ),
        ([Member("x", type=HARDLINK, link="y")], "it is a hard link to a file that is not in the archive"),
        ([Member("x", type=SYMLINK, link="")], "its link target is invalid"),
        ([Member("x", type=SYMLINK, link="a" * 3000)], "its link target is invalid"),
    ],
)
def test_entries_that_cannot_be_files(members: list[Member], reason: str, tmp_path) -> None:
    with pytest.raises(ArchiveEntryInvalid) as caught:
        run(tar(TOOL, *members), tmp_path, extract="all")
    assert caught.value.reason.startswith(reason)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "members",
    [
        [Member("usr/bin/tool", type=SYMLINK, link="/opt/tool")],
        [Member("x", type=SYMLINK, link="..")],
        [Member("x", type=SYMLINK, link="x")],
        [Member("x", type=SYMLINK, link="/etc"), Member("x/passwd", b"x")],
        [Member("d/up", type=SYMLINK, link=".."), Member("x", type=SYMLINK, link="d/up/..")],
    ],
)
def test_links_out_of_the_tree(members: list[Member], tmp_path) -> None:
    with pytest.raises(ArchiveUnsafe) as caught:
        run(tar(TOOL, *members), tmp_path, extract="all")
    assert caught.value.entry == members[-1].name
    assert os.listdir(tmp_path) == []


def test_two_programs_of_one_name_are_not_linked(tmp_path) -> None:
    data = tar(Member("a/tool", STATIC), Member("b/tool", STATIC + b"\0"), Member("a/other", STATIC))
    unpacked = run(data, tmp_path, extract="all")
    assert paths(unpacked) == ["bin/other"]
    assert unpacked.notices == [ProgramsNotLinked("tool", ("a/tool", "b/tool"))]
    shutil.rmtree(tmp_path / "tree")
    with pytest.raises(ProgramAmbiguous):
        run(data, tmp_path, extract="all", target="tool")


@pytest.mark.parametrize(
    "taken",
    [Member("bin/tool", b"data"), Member("bin/tool", type=SYMLINK, link="nowhere"), Member("bin", b"data")],
)
def test_a_name_in_bin_that_is_taken(taken: Member, tmp_path) -> None:
    data = tar(Member("a/tool", STATIC), taken)
    unpacked = run(data, tmp_path, extract="all")
    assert (paths(unpacked), unpacked.notices) == ([], [ProgramsNotLinked("tool", ("a/tool",))])
    shutil.rmtree(tmp_path / "tree")
    with pytest.raises(ProgramAmbiguous):
        run(data, tmp_path, extract="all", target="tool")


def test_a_tree_for_another_platform(tmp_path) -> None:
    data = tar(Member("a/tool", elf(ARM64)))
    unpacked = run(data, tmp_path, extract="all")
    assert (paths(unpacked), unpacked.notices) == ([], [NoProgramForPlatform("a/tool", "linux/arm64")])
    assert listing(tmp_path) == {"a/tool": 0o755}


NAMES = st.sampled_from(["a", "b", "a/b", "b/a", "a/b/c", "./a", "/b", "a//c", "d/"])
TARGETS = st.sampled_from(["a", "b", "a/b", "./b", "c"])
"""None with `..`: tar creates such links at its end, even where a later entry replaces them."""
MEMBERS = st.builds(
    lambda name, kind, link, content: Member(name, content if kind == FILE else b"", kind, link, 0o755),
    NAMES,
    st.sampled_from([FILE, FILE, FILE, FOLDER, SYMLINK, HARDLINK]),
    TARGETS,
    st.sampled_from([b"1", b"2", b"3"]),
)


def contents(folder) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = (path.read_bytes(), path.stat().st_nlink)
        else:
            found[name] = None
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tar")


@settings(max_examples=examples(150))
@given(members=st.lists(MEMBERS, max_size=6))
@example(members=[Member("y", type=FOLDER), Member("x", type=SYMLINK, link="y"), Member("x/a", b"1")])
@example(
    members=[Member("y", type=FOLDER), Member("x", type=SYMLINK, link="y"), Member("x/", type=FOLDER), Member("x/a")]
)
@example(members=[Member("a", b"1"), Member("b", type=HARDLINK, link="a"), Member("a", b"2")])
@example(members=[Member("a", b"1"), Member("a", type=HARDLINK, link="a")])
@example(members=[Member("x", type=FOLDER), Member("x", b"1")])
@example(members=[Member("x", b"1"), Member("x", type=FOLDER)])
def test_archives_are_extracted_as_by_gnu_tar(members: list[Member], folder) -> None:
    """Where it extracts all without a complaint, and no link leads out."""
    shutil.rmtree(folder)
    (folder / "expected").mkdir(parents=True)
    (folder / "archive").write_bytes(tar(*members))
    command = ["tar", "-xf", folder / "archive", "-C", folder / "expected"]
    extracted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        options = Unpacking("a", AMD64, extract="all", executable=False)
        unpack(str(folder / "archive"), str(folder / "tree"), options)
    except ArchiveUnsafe:
        return  # a link that tar does not mind
    except ArchiveEmpty:
        assert not (extracted and any(isinstance(what, tuple) for what in contents(folder / "expected").values()))
    except (ArchiveError, ForeignExecutable):
        assert not extracted
    else:
        if extracted:
            assert contents(folder / "tree") == contents(folder / "expected")


def test_what_leads_through_a_link_to_a_name_that_is_too_long(tmp_path: Path) -> None:
    members = [Member("bin", type=SYMLINK, link="x" * 256), Member("bin/a", b"1")]
    (tmp_path / "archive").write_bytes(tar(*members))

    with pytest.raises(ArchiveEntryInvalid, match="too long"):
        unpack(str(tmp_path / "archive"), str(tmp_path / "tree"), Unpacking("a", AMD64, extract="all"))
