"""Checking a single name: what was chosen among others passes, what never could be chosen does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.patterns import parse_pattern
from github_assets.platforms import Platform
from github_assets.selection.fit import may_be_chosen
from tests.properties import examples
from tests.unit.selection.cases import collected_cases, further_cases
from tests.unit.selection.test_asset_choice_properties import ARCHITECTURES, Built, chosen, releases

AMD64 = Platform("linux", "amd64")


def test_every_choice_passes() -> None:
    refused = [
        case.id
        for case in collected_cases() + further_cases()
        if (name := case.usual()) and not may_be_chosen(name, case.platform, case.tag or "", case.pattern)
    ]
    assert refused == []


@settings(max_examples=examples(100))
@given(releases(), st.sampled_from(list(ARCHITECTURES)))
def test_every_choice_of_a_release_passes(built: list[Built], arch: str) -> None:
    names = [each.name() for each in built]
    platform = Platform("linux", arch)
    place = chosen(names, platform)

    if place is not None:
        assert may_be_chosen(names[place], platform, "", None)


@pytest.mark.parametrize(
    "name",
    [
        "tool-linux-arm64",
        "tool-darwin-amd64",
        "tool-darwin",
        "tool.exe",
        "tool-linux-armv7.tar.gz",
        "tool_windows_amd64.zip",
        "tool-linux-amd64.sha256",
        "tool-linux-amd64.deb",
        "tool-linux-amd64.sig",
        "tool.md",
        "sbom.json",
    ],
)
def test_what_no_release_makes_the_choice(name: str) -> None:
    assert not may_be_chosen(name, AMD64, "v1", None)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("tool.md", "tool.md", "tool-linux-amd64"),
        ("tool-{os}-{arch}", "tool-linux-x86_64", "tool-linux-arm64"),
        ("tool_{version}_linux", "tool_1.2_linux", "tool_1.3_linux"),
        ("tool-*", "tool-linux", "evil-linux"),
        ("tool-*", "tool-linux", "tool-windows"),
        ("/^tool/", "tool-linux", "evil-tool"),
        ("/^tool/", "tool-linux", "tool-linux-arm64"),
    ],
)
def test_file(pattern: str, good: str, bad: str) -> None:
    assert may_be_chosen(good, AMD64, "v1.2", parse_pattern(pattern))
    assert not may_be_chosen(bad, AMD64, "v1.2", parse_pattern(pattern))
