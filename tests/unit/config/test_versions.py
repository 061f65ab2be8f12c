"""Parsing VERSION."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from semantic_version import Version as SemVer  # type: ignore[import-untyped]

from github_assets.config.versions import LATEST, Version, is_tag, parse_version, spellings
from github_assets.errors.config import SettingInvalid
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
    assert parse_version(version).range
    assert not is_tag(version)


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
        "1,0",
        "v1,2.3",
    ],
)
def test_no_ranges(version: str) -> None:
    assert not parse_version(version).range
    assert is_tag(version) or version == "latest"


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
def test_which_versions_a_range_includes(version: str, inside: list[str], outside: list[str]) -> None:
    range_ = parse_version(version).as_range()

    assert [text for text in inside if not range_.match(SemVer(text))] == []
    assert [text for text in outside if range_.match(SemVer(text))] == []


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
def test_an_invalid_range_is_an_error(version: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_version(version, "VERSION of tool")

    assert (caught.value.where, caught.value.value) == ("VERSION of tool", version)
    assert "^1.2" in caught.value.expected


@pytest.mark.parametrize(("written", "arrives"), [(">=1 <2", ">"), (">1 <=2", ">1 <"), ("!=1.4", "!"), ("<=2", "<")])
def test_a_range_cut_at_the_equals_sign(written: str, arrives: str) -> None:
    assert parse_version(written).range
    with pytest.raises(SettingInvalid) as caught:
        parse_version(arrives)

    assert 'cut at "="' in caught.value.expected
    assert "^1.2" in caught.value.expected


def test_a_version_is_its_text() -> None:
    version = parse_version("^1.2")

    assert version == parse_version("^1.2")
    assert version != parse_version("^1.2.0")
    assert len({version, parse_version("^1.2"), LATEST, parse_version("latest")}) == 2
    assert (str(version), repr(version)) == ("^1.2", "Version('^1.2')")


@pytest.mark.parametrize(
    ("tag", "tags"), [("1.2", ("1.2", "v1.2")), ("v1.2", ("v1.2", "1.2")), ("nightly", ("nightly", "vnightly"))]
)
def test_a_tag_with_and_without_v(tag: str, tags: tuple[str, str]) -> None:
    assert spellings(tag) == tags


@settings(max_examples=examples(200))
@given(st.text(alphabet="^~<>=!*0123456789.xXv-+|, \u00b2a", max_size=20))
def test_any_text_is_a_version_or_refused(text: str) -> None:
    try:
        version = parse_version(text)
    except SettingInvalid:
        assert not is_tag(text)
        return
    assert is_tag(text) is (version.range is None and text == text.strip())
    if version.as_range():
        assert version.as_range().match(SemVer("1.2.3")) in (True, False)
    assert version == Version(text)
