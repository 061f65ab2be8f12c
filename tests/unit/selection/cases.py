"""Releases and the expected choices, from the two data files."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable
from typing import NamedTuple

from github_assets.config.patterns import Pattern, parse_pattern
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose

_DATA = os.path.join(os.path.dirname(__file__), "data")


class Case(NamedTuple):
    id: str
    names: tuple[str, ...]
    platform: Platform
    expected: str | None
    repository: str | None = None
    tag: str | None = None
    pattern: Pattern | None = None
    target: str | None = None

    @functools.cache  # noqa: B019 - a value, of which there are as many as the files hold
    def usual(self) -> str | None:
        """Return the choice from the case's own names; None for a refusal."""
        return self.chosen(self.names)

    def chosen(self, names: Iterable[str]) -> str | None:
        """Return the choice from other names in the case's place; None for a refusal."""
        try:
            return choose(names, self.platform, AssetQuery(self.repository, self.tag, self.pattern, self.target))
        except (AssetAmbiguous, AssetNotFound, NoAssetForPlatform):
            return None


@functools.cache
def collected_cases() -> list[Case]:
    """Return the cases of asset_selection_cases.json; a repository there may be followed by words of explanation."""
    return [
        Case(
            id=case["id"],
            names=tuple(case["assets"]),
            platform=Platform(case["os"], case["arch"], case["libc"]),
            expected=case["expected"],
            repository=next((word for word in case["repo"].split() if "/" in word), None),
            pattern=_hinted(case["hint"] or {}),
            target=(case["hint"] or {}).get("tool"),
        )
        for case in _load("asset_selection_cases.json")["cases"]
    ]


@functools.cache
def further_cases() -> list[Case]:
    """Return the cases of release_facts.json."""
    return [
        Case(
            id=f"{number} {release['repository']} {platform}",
            names=tuple(release["assets"]),
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
