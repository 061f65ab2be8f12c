"""Names in archives: their paths in a directory, and which of them are selected."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_assets.errors.install import ArchiveEntryInvalid
from github_assets.install.names import MAX_DEPTH, check_name, matcher, relative, strip_components


@given(name=st.text(alphabet="ab./\\\0\n\x7f\u00e9\u202e\udcff ", max_size=30))
def test_a_checked_name_stays_below_the_folder(name: str) -> None:
    name = relative(name)
    try:
        check_name(name)
    except ArchiveEntryInvalid:
        return
    assert os.path.normpath(os.path.join("/root", name)) == "/root" + ("/" + name if name else "")
    assert "\0" not in name


@given(parts=st.lists(st.text(alphabet="abc.-_ é漢\n\udcff", min_size=1, max_size=8), min_size=1, max_size=6))
def test_an_honest_name_is_kept(parts: list[str]) -> None:
    parts = [part for part in parts if part not in (".", "..")]
    name = relative("./" + "//".join(parts))
    assert name == "/".join(parts)
    check_name(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("/usr/bin/tool", "usr/bin/tool"), ("//tool", "tool"), ("./", ""), (".", ""), ("/", ""), ("a/./b//c/", "a/b/c")],
)
def test_names_become_relative(name: str, expected: str) -> None:
    assert relative(name) == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../a", "its name contains .."),
        ("a/../b", "its name contains .."),
        ("a\0b", "its name contains a NUL byte"),
        ("a" * 256, "its name is too long"),
        ("\u00e9" * 128, "its name is too long"),
        ("/".join(["abcdefg"] * 300), "its name is too long"),
        ("/".join(["a"] * (MAX_DEPTH + 1)), f"it is nested more than {MAX_DEPTH} directories deep"),
    ],
)
def test_names_that_no_file_can_have(name: str, reason: str) -> None:
    with pytest.raises(ArchiveEntryInvalid) as caught:
        check_name(name)
    assert caught.value.reason == reason


@pytest.mark.parametrize("name", ["a" * 255, "\u00e9" * 127, "Icon\r", "a\nb", "\udcfcberblick", "/".join(["a"] * 100)])
def test_names_that_files_can_have(name: str, tmp_path) -> None:
    check_name(name)
    os.makedirs(tmp_path / name)


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
        ("a\nb/c", ["a?b/c"], True),
        ("a/bc", ["b"], False),
    ],
)
def test_matcher(name: str, patterns: list[str], expected: bool) -> None:
    assert matcher(patterns)(name) is expected


@given(
    parts=st.lists(st.text("ab*", min_size=1, max_size=3), min_size=1, max_size=4),
    pattern=st.text("ab*?/[]", min_size=1, max_size=6),
)
def test_a_pattern_for_a_folder_is_one_for_all_that_is_in_it(parts: list[str], pattern: str) -> None:
    matches = matcher([pattern])
    wholes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    if any(map(matches, wholes[:-1])):
        assert matches(wholes[-1])


def test_long_names_are_matched_in_linear_time() -> None:
    matches = matcher(["*/doc", "x*y"])
    for _ in range(2_000):  # a quadratic matcher takes minutes
        assert not matches("a/" * 1000 + "b")


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [("a/b/c", 0, "a/b/c"), ("a/b/c", 1, "b/c"), ("a/b/c", 2, "c"), ("a/b/c", 3, None), ("a", 9, None)],
)
def test_strip_components(name: str, count: int, expected: str | None) -> None:
    assert strip_components(name, count) == expected
