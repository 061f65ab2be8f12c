"""Releases and what may be picked from them, from the two files of facts."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from github_assets.errors import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.platforms import Platform
from github_assets.selection.choice import choose
from github_assets.selection.patterns import Pattern, parse_pattern

_DATA = os.path.join(os.path.dirname(__file__), "data")


class Case(NamedTuple):
    id: str
    names: list[str]
    platform: Platform
    expected: str | None
    repository: str | None = None
    tag: str | None = None
    pattern: Pattern | None = None
    target: str | None = None

    def chosen(self, names: list[str] | None = None) -> str | None:
        """Return the choice from these names, by default the case's own; None for a refusal."""
        try:
            return choose(
                self.names if names is None else names,
                self.platform,
                repository=self.repository,
                tag=self.tag,
                pattern=self.pattern,
                target=self.target,
            )
        except (AssetAmbiguous, AssetNotFound, NoAssetForPlatform):
            return None


def collected_cases() -> list[Case]:
    """Return the cases of asset_selection_cases.json; a repository there may be followed by words of explanation."""
    return [
        Case(
            id=case["id"],
            names=case["assets"],
            platform=Platform(case["os"], case["arch"], case["libc"]),
            expected=case["expected"],
            repository=next((word for word in case["repo"].split() if "/" in word), None),
            pattern=_hinted(case["hint"] or {}),
            target=(case["hint"] or {}).get("tool"),
        )
        for case in _load("asset_selection_cases.json")["cases"]
    ]


def further_cases() -> list[Case]:
    """Return the cases of release_facts.json."""
    return [
        Case(
            id=f"{number} {release['repository']} {platform}",
            names=release["assets"],
            platform=Platform(*platform.split("/")),
            expected=expected,
            repository=release["repository"],
            tag=release.get("tag"),
            pattern=parse_pattern(release["file"]) if "file" in release else None,
            target=release.get("target"),
        )
        for number, release in enumerate(_load("release_facts.json")["releases"])
        for platform, expected in release["expected"].items()
    ]


def _hinted(hint: dict[str, str]) -> Pattern | None:
    for key, shape in (("contains", "*{}*"), ("glob", "{}"), ("regex", "/{}/")):
        if key in hint:
            return parse_pattern(shape.format(hint[key]))
    return None


def _load(name: str) -> dict[str, list[dict]]:
    with open(os.path.join(_DATA, name), encoding="utf-8") as file:
        return json.load(file)
