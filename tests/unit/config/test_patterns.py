"""Parsing FILE and tag_pattern."""

from __future__ import annotations

import pytest

from github_assets.config.patterns import LONGEST, Pattern, TagPattern, parse_pattern, parse_tag_pattern
from github_assets.errors.config import SettingInvalid


@pytest.mark.parametrize("text", ["tool-linux-amd64", "a{b", "}", "/", "//", "/tool", "ü"])
def test_an_exact_name(text: str) -> None:
    assert parse_pattern(text).exact


@pytest.mark.parametrize("text", ["tool*", "tool?", "[t]ool", "/tool/", "{os}", "tool_{version}.zip"])
def test_invalid_variable_names(text: str) -> None:
    assert not parse_pattern(text).exact


def test_a_pattern_is_its_text() -> None:
    pattern = parse_pattern("/^a/")

    assert pattern == parse_pattern("/^a/")
    assert pattern != parse_pattern("/^b/")
    assert pattern != parse_tag_pattern("/^a/")
    assert len({pattern, parse_pattern("/^a/"), parse_pattern("a")}) == 2
    assert (str(pattern), repr(pattern)) == ("/^a/", "Pattern('/^a/')")
    assert repr(parse_tag_pattern("cli-v*")) == "TagPattern('cli-v*')"
    assert isinstance(pattern, Pattern)
    assert isinstance(parse_tag_pattern("cli-v*"), TagPattern)


@pytest.mark.parametrize("text", ["/(/", "tool-{arhc}", "tool-{}"])
def test_a_wrong_pattern_names_the_setting(text: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_pattern(text, "BP_GITHUB_ASSET_FILE")
    assert (caught.value.where, caught.value.value) == ("BP_GITHUB_ASSET_FILE", text)


@pytest.mark.parametrize("pattern", ["", "cli-v", "/(/", "//", "/"])
def test_an_invalid_pattern_is_an_error(pattern: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_tag_pattern(pattern, "tag_pattern of tool")

    assert (caught.value.where, caught.value.value) == ("tag_pattern of tool", pattern)
    assert "cli-v*" in caught.value.expected


@pytest.mark.parametrize("text", [f"/{'a' * LONGEST}/", "a" * (LONGEST + 1), "*" * (LONGEST + 1), "{os}" * 9])
def test_what_takes_long_to_compile_or_to_match_is_refused(text: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_pattern(text)
    assert caught.value.expected.startswith("at most ")


@pytest.mark.parametrize("pattern", [f"/{'a' * LONGEST}/", "*" * (LONGEST + 1)])
def test_a_long_tag_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        parse_tag_pattern(pattern)
    assert caught.value.expected == f"at most {LONGEST} characters"
