"""Names in archives, against the filesystem where it can be asked."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.errors.install import ArchiveUnsafe
from github_assets.install.names import checked, leads_to, matches, stripped


@given(name=st.text(alphabet="ab./\\\0\n\x7f\u00e9\u202e\udcff ", max_size=30))
def test_a_checked_name_stays_below_the_folder(name: str) -> None:
    try:
        safe = checked(name)
    except ArchiveUnsafe:
        return
    assert os.path.normpath(os.path.join("/root", safe)) == "/root" + ("/" + safe if safe else "")
    assert not any(ord(character) < 32 or ord(character) == 127 for character in safe)
    assert safe.encode().decode() == safe


@given(parts=st.lists(st.text(alphabet="abc.-_ é漢", min_size=1, max_size=8), min_size=1, max_size=6))
def test_an_honest_name_is_kept(parts: list[str]) -> None:
    parts = [part for part in parts if part not in (".", "..")]
    assert checked("./" + "//".join(parts)) == "/".join(parts)


@pytest.mark.parametrize(
    ("name", "patterns", "expected"),
    [
        ("ripgrep-14/rg", [], True),
        ("ripgrep-14/rg", ["rg"], True),
        ("ripgrep-14/rg", ["*/rg"], True),
        ("ripgrep-14/rg", ["./ripgrep-14/rg"], True),
        ("ripgrep-14/doc/rg.1", ["rg"], False),
        ("ripgrep-14/doc/rg.1", ["*/doc"], True),
        ("ripgrep-14/doc/rg.1", ["doc/"], True),
        ("ripgrep-14/doc/rg.1", ["ripgrep-*"], True),
        ("ripgrep-14/doc/rg.1", ["doc/rg.1"], False),
        ("ripgrep-14/rg", ["RG"], False),
        ("a/b", ["x", "b"], True),
        ("a/[b]", ["a/[[]b]"], True),
    ],
)
def test_matches(name: str, patterns: list[str], expected: bool) -> None:
    assert matches(name, patterns) is expected


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [("a/b/c", 0, "a/b/c"), ("a/b/c", 1, "b/c"), ("a/b/c", 2, "c"), ("a/b/c", 3, None), ("a", 9, None)],
)
def test_stripped(name: str, count: int, expected: str | None) -> None:
    assert stripped(name, count) == expected


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("links") / "root"


PART = st.sampled_from(["a", "b", "c", ".", ".."])
TARGET = st.lists(PART, min_size=1, max_size=5).map("/".join)


@given(links=st.dictionaries(st.sampled_from(["a", "b", "c", "d/a", "d/b"]), TARGET, max_size=5))
def test_links_lead_where_the_filesystem_says(links: dict[str, str], root) -> None:
    """What is said to stay inside does so for the kernel too."""
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root / "d")
    for name, target in links.items():
        os.symlink(target, root / name)
    top = os.path.realpath(root)
    for name in links:
        said = leads_to(name, links)
        really = os.path.realpath(root / name)
        if said is not None:
            assert really == top or really.startswith(top + "/"), (name, links)
            assert really == os.path.join(top, said).rstrip("/")
