"""What VERSION and tag_pattern mean, without any release."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from semantic_version import Version  # type: ignore[import-untyped]

from github_assets.config.syntax import is_range
from github_assets.errors.config import SettingInvalid
from github_assets.selection.release_choice import parse_range, parse_tag_pattern
from tests.properties import examples


@pytest.mark.parametrize(
    "version",
    [
        "^1.2",
        "~0.4",
        ">=1 <2",
        ">=1,<2",
        ">= 1.2 , < 2",
        "1.x",
        "1.X",
        "v1.x",
        "1.2.*",
        "*",
        "!=1.4.0",
        "=1.2",
        "1.2, 1.3",
    ],
)
def test_ranges(version: str) -> None:
    assert is_range(version)


@pytest.mark.parametrize(
    "version",
    [
        "latest",
        "1",
        "1.2",
        "v1.2.3",
        "v1.2.3-rc.1",
        "cli-v1.2",
        "nightly",
        "x",
        "box",
        "v",
        "release/1.2",
        "1.2.3+x",
        "a=1",
    ],
)
def test_no_ranges(version: str) -> None:
    assert not is_range(version)


@pytest.mark.parametrize(
    ("version", "inside", "outside"),
    [
        ("^1.2", ["1.2.0", "1.9.9"], ["1.1.9", "2.0.0"]),
        ("^1", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0"]),
        ("^0.4", ["0.4.0", "0.4.9"], ["0.3.9", "0.5.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.2", "0.0.4"]),
        ("^0.0", ["0.0.0", "0.0.9"], ["0.1.0"]),
        ("^0", ["0.0.0", "0.9.9"], ["1.0.0"]),
        ("^0.x", ["0.9.9"], ["1.0.0"]),
        ("~0.4", ["0.4.0", "0.4.9"], ["0.3.9", "0.5.0"]),
        ("~1", ["1.0.0", "1.9.9"], ["2.0.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.2.2", "1.3.0"]),
        (">=1 <2", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0"]),
        (">=1,<2", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0"]),
        (">= 1 , < 2", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0"]),
        (">1.2", ["1.3.0"], ["1.2.9"]),
        ("<=1.2", ["1.2.9"], ["1.3.0"]),
        (">=1 !=1.4.0", ["1.3.9", "1.4.1"], ["1.4.0"]),
        ("1.x", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0"]),
        ("1.2.*", ["1.2.0", "1.2.9"], ["1.1.9", "1.3.0"]),
        ("*", ["0.0.0", "9.9.9"], []),
        ("^v2024.01", ["2024.1.0", "2024.12.5"], ["2023.12.31", "2025.1.1"]),
        ("1", ["1.0.0", "1.9.9"], ["2.0.0"]),
        ("v1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("1.2.3", ["1.2.3"], ["1.2.4"]),
    ],
)
def test_what_a_range_holds(version: str, inside: list[str], outside: list[str]) -> None:
    range_ = parse_range(version)

    assert [text for text in inside if not range_.match(Version(text))] == []
    assert [text for text in outside if range_.match(Version(text))] == []


@pytest.mark.parametrize(
    "version",
    [
        "^",
        ">>1",
        "^1.2.3.4",
        "~*",
        ">=1<2",
        "1 || 2",
        "1.2 - 2.0",
        ">=1.2.0-rc.1",
        "^one",
        "1.2, <",
        "=",
        "1..x",
        ">=1 latest",
        "^²",
    ],
)
def test_a_range_without_meaning_is_refused(version: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_range(version, "VERSION of tool")

    assert (caught.value.where, caught.value.value) == ("VERSION of tool", version)
    assert "^1.2" in caught.value.expected


@settings(max_examples=examples(200))
@given(st.text(alphabet="^~<>=!*0123456789.xXv-+|, \u00b2a", max_size=20))
def test_any_text_is_a_range_or_refused(version: str) -> None:
    is_range(version)
    try:
        range_ = parse_range(version)
    except SettingInvalid:
        return
    assert range_.match(Version("1.2.3")) in (True, False)


@pytest.mark.parametrize(
    ("pattern", "tag", "version"),
    [
        ("cli-v*", "cli-v1.2.3", "1.2.3"),
        ("cli-v*", "web-v1.2.3", None),
        ("cli-v*", "a-cli-v1", None),
        ("cli-*", "cli-v1.2.3", "v1.2.3"),
        ("cli/v[0-9]*", "cli/v1.2", "1.2"),
        ("*-cli", "1.2-cli", "1.2"),
        ("v?.?-cli", "v1.2-cli", "1.2"),
        ("CLI-*", "cli-1", None),
        ("/^cli-v/", "cli-v1.2.3", "1.2.3"),
        ("/^cli-v/", "web-v1.2.3", None),
        (r"/^cli2-v(\d.*)$/", "cli2-v1.2.3", "1.2.3"),
        ("/(x)?nightly/", "nightly", ""),
    ],
)
def test_which_version_a_tag_has(pattern: str, tag: str, version: str | None) -> None:
    assert parse_tag_pattern(pattern).version(tag) == version


@pytest.mark.parametrize(
    ("pattern", "version", "tags"),
    [
        ("cli-v*", "1.2.3", ["cli-v1.2.3"]),
        ("cli-v*", "v1.2.3", ["cli-v1.2.3"]),
        ("cli-*", "v1.2.3", ["cli-1.2.3", "cli-v1.2.3"]),
        ("*-cli", "1.2", ["1.2-cli", "v1.2-cli"]),
        ("cli-v*", "cli-v1.2.3", ["cli-v1.2.3"]),
        ("/^cli-v/", "cli-v1.2.3", ["cli-v1.2.3"]),
        ("/^cli-v/", "1.2.3", []),
    ],
)
def test_which_tags_a_version_may_have(pattern: str, version: str, tags: list[str]) -> None:
    assert parse_tag_pattern(pattern).tags(version) == tags


@pytest.mark.parametrize("pattern", ["", "cli-v", "/(/", "//", "/"])
def test_a_pattern_without_meaning_is_refused(pattern: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_tag_pattern(pattern, "tag_pattern of tool")

    assert (caught.value.where, caught.value.value) == ("tag_pattern of tool", pattern)
    assert "cli-v*" in caught.value.expected


@settings(max_examples=examples(200))
@given(
    st.text(max_size=10) | st.text("/()[]{}*+?|^$\\.<>=!:P0123456789,av-", max_size=10).map("/{}/".format),
    st.text(max_size=9),
)
@example("/[[a]/", "v1")
@example("/a{9999999999}/", "v1")
@example(f"/{'(' * 9999}{')' * 9999}/", "v1")
def test_any_text_is_a_pattern_or_refused(pattern: str, tag: str) -> None:
    try:
        parsed = parse_tag_pattern(pattern)
    except SettingInvalid:
        return
    version = parsed.version(tag)
    assert version is None or version in tag
    assert all(isinstance(each, str) for each in parsed.tags(tag))
