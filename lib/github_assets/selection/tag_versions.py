"""The versions in tags, and their order.

It is SemVer's, so that `1.3.0-rc.1` is a pre-release even where GitHub has no such mark on it. Beyond SemVer there may
be any count of numbers, leading zeros, dates with hyphens, 1_2_3, 1.2.3rc1, and rc10 comes after rc9.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from github_assets.config.versions import without_v

_LONGEST = 255
_DIGITS = "0123456789"
_SEPARATORS = ("-", "_", "/", "@")
# Compiled where they are first needed: most tags are just `v` and a number.
_WORD_BEGINS = r"(?<![^\W_])(?<!\.)"
_VERSIONS = (
    # 1.2 after a separator, but not the end of 2024-11-25.1
    _WORD_BEGINS + r"(?:[vV]\.?|(?<![0-9][-_]))([0-9]+\.[0-9].*)",
    # 2, 2-rc.1, 2rc1
    _WORD_BEGINS + r"(?:[vV]\.?)?([0-9]+(?:(?i:a|b|c|rc|alpha|beta|pre|dev)[0-9]*)?(?![^\W_]).*)",
    # 1.2 of go1.2
    r"([0-9]+\.[0-9].*)",
    r"([0-9].*)",
)
"""A tag's version, the likeliest first."""
# Not the v of v2ray: what follows is a number, or one with a label of pre-releases
_WORDS_FOR_VERSION = (
    r"(?i:(?:(?:version|ver|v|releases?|rel)[-_./ ]?)+"
    r"(?=[0-9]+(?:\.[0-9]|(?:a|b|c|rc|alpha|beta|pre|dev)[0-9]*(?![^\W_])|(?![^\W_]))))"
)
_PRERELEASE = (
    r"(?<![a-z])(?:(?:alpha|beta|rc|cr|pre|preview|prerelease|dev|devel|nightly|snapshot|canary|edge|next|ea|milestone"
    r"|insiders?|unstable|experimental|test|wip)(?![a-z])|[abcm][0-9]+(?![a-z0-9]))"
)


class VersionNumber(NamedTuple):
    """What a version's numbers and its label mean."""

    semver: Any
    """The `semantic_version.Version` of the first three numbers and the label, which orders versions."""
    matched: Any
    """What ranges are compared with: the same, without a label that is none of pre-releases."""
    further: tuple[int, ...]
    """The numbers after the third."""
    prerelease: bool
    """Whether the label is one of pre-releases: `rc.1`, and neither `1` nor `Final`."""


def version_of(tag: str) -> str:
    """Return the tag from its version's first digit on: 1.2.3 of `k8s-cli/v1.2.3`; without a digit, all of it."""
    number = without_v(tag)
    major, dot, rest = number.partition(".")
    if number.isascii() and major.isdigit() and "/" not in rest and (rest[:1].isdigit() or not dot):
        return number
    last = tag.rpartition("/")[2]
    for text in (last, tag):
        for version in _VERSIONS:
            found = re.search(version, text, re.DOTALL)
            if found:
                return found[1]
    return tag


def version_of_repository(tag: str, name: str) -> str:
    """Return the tag without `v`, `release-` or the repository's name in front; any other text is left as it is."""
    rest = tag[len(name) :]
    if tag.lower().startswith(name.lower()) and (rest.startswith(_SEPARATORS) or not name[-1:].isdigit()):
        tag = rest.lstrip("-_/@.")
    words = re.match(_WORDS_FOR_VERSION, tag)
    return tag[words.end() :] if words else tag


def parse_number(version: str) -> VersionNumber | None:
    """Return what a version means, or None where it does not start with a number, or is a path."""
    from semantic_version import Version  # type: ignore[import-untyped]

    text = version.partition("+")[0]
    if text.count("-") == 2 and text.replace("-", "").isdigit():
        text = text.replace("-", ".")
    rest = text.lstrip(_DIGITS + "_")
    numbers = text.removesuffix(rest).rstrip("_")
    if not rest.startswith("."):
        text = numbers.replace("_", ".") + text.removeprefix(numbers)
    label = text.lstrip(_DIGITS + ".")
    parts = text.removesuffix(label).rstrip(".").split(".")
    if len(text) > _LONGEST or not (text.isascii() and all(parts)) or "/" in text:
        return None
    major, minor, patch, *further = map(int, [*parts, *"00"[len(parts) - 1 :]])
    semver = Version(major=major, minor=minor, patch=patch, prerelease=_identifiers(label))
    prerelease = bool(label) and bool(re.search(_PRERELEASE, label.lower()))
    matched = semver if prerelease else Version(major=major, minor=minor, patch=patch)
    return VersionNumber(semver, matched, tuple(further), prerelease)


def _identifiers(label: str) -> list[str]:
    """Return SemVer's identifiers of a pre-release, letters and the number after them apart."""
    identifiers = []
    for part in label.lower().lstrip("-_.").split("."):
        word = part.rstrip(_DIGITS)
        number = part.removeprefix(word)
        identifiers += [each for each in (word, number and str(int(number))) if each]
    return identifiers
