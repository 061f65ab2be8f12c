"""Why an asset is chosen, and why the others are not."""

from __future__ import annotations

import pytest

from github_assets.config.patterns import parse_pattern
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.platforms import Platform
from github_assets.selection import asset_choice
from github_assets.selection.asset_choice import AssetQuery, decide

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
MUSL = Platform("linux", "amd64", "musl")


@pytest.mark.parametrize(
    "others",
    [
        {"tool-darwin-arm64": "it is for darwin/arm64", "tool-windows-amd64.exe": "it is for windows/amd64"},
        {"checksums.txt": "it is metadata, or a file with an unknown extension"},
        {"tool-linux-amd64.deb": "it is a package for a package manager"},
        {"tool-src.tar.gz": "it is source code"},
        {"helper-linux-amd64": asset_choice.OTHER_PROGRAM},
        {"tool-linux-amd64-debug": asset_choice.OTHER_PROGRAM},
        {"tool.jar": "another asset is a native program"},
        {"tool-linux-amd64v3": "it needs a newer processor than another asset"},
        {"tool-linux-amd64-gnu": "another asset's C library is preferred"},
        {"tool-linux-amd64.gz": "another asset's format is preferred"},
    ],
)
def test_why_not(others: dict[str, str]) -> None:
    name = "tool-linux-amd64"

    decision = decide([name, *others], AMD64, AssetQuery("octo/tool", "v1"))

    assert decision.outcome == name
    assert decision.reasons == {name: "it is for linux/amd64", **others}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ("tool-debug-linux-amd64", "it is a variant, by a word such as debug or test"),
        ("tool-extended-linux-amd64", asset_choice.FURTHER_WORDS),
    ],
)
def test_why_not_where_the_name_of_the_program_is_unknown(other: str, reason: str) -> None:
    assert decide(["tool-linux-amd64", other], AMD64).reasons[other] == reason


def test_musl() -> None:
    names = ["tool-linux-amd64-gnu", "tool-linux-amd64-musl", "tool-linux-amd64"]

    decision = decide(names, MUSL, AssetQuery("octo/tool", "v1"))

    assert decision.outcome == "tool-linux-amd64-musl"
    assert decision.reasons == {
        "tool-linux-amd64-gnu": "it is for glibc",
        "tool-linux-amd64-musl": "it is for linux/amd64",
        "tool-linux-amd64": "another asset's name says musl",
    }


def test_a_pattern() -> None:
    names = ["a-linux-amd64", "a-linux-amd64.sig", "b-linux-amd64"]

    exact = decide(names, AMD64, AssetQuery(pattern=parse_pattern("b-linux-amd64", "FILE")))
    glob = decide(names, AMD64, AssetQuery(pattern=parse_pattern("a-*", "FILE")))
    none = decide(names, AMD64, AssetQuery(pattern=parse_pattern("c-*", "FILE")))

    selected, not_selected = asset_choice.SELECTED, asset_choice.NOT_SELECTED
    assert list(exact.reasons.values()) == [not_selected, not_selected, selected]
    assert glob.outcome == "a-linux-amd64"
    assert list(glob.reasons.values()) == [
        *("it is for linux/amd64", "it is metadata, or a file with an unknown extension", not_selected)
    ]
    assert isinstance(none.outcome, AssetNotFound)
    assert set(none.reasons.values()) == {not_selected}


def test_no_single_asset() -> None:
    several = decide(["a-linux-amd64", "b-linux-amd64"], AMD64)
    none = decide(["tool-linux-amd64", "helper-linux-arm64"], ARM64, AssetQuery("octo/tool"))

    assert isinstance(several.outcome, AssetAmbiguous)
    assert set(several.reasons.values()) == {asset_choice.AMBIGUOUS}
    assert isinstance(none.outcome, NoAssetForPlatform)
    assert none.reasons == {
        "tool-linux-amd64": "it is for linux/amd64",
        "helper-linux-arm64": asset_choice.ELSEWHERE,
    }
