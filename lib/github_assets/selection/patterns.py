"""FILE and `tag_pattern` against what a repository has: names of assets, and tags."""

from __future__ import annotations

import fnmatch
import re
from typing import NamedTuple

from github_assets.config.patterns import PLACEHOLDERS, Pattern, TagPattern, has_wildcard
from github_assets.config.versions import without_v
from github_assets.platforms import Platform
from github_assets.selection.asset_names import Role, spellings, tool_words

_PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")
_WORD_BEGINS = r"(?<![^\W_])(?<!\.)"
_VERSIONS = tuple(
    re.compile(expression, re.DOTALL)
    for expression in (
        # 1.2 after a separator, but not the end of 2024-11-25.1
        _WORD_BEGINS + r"(?:[vV]\.?|(?<![0-9][-_]))([0-9]+\.[0-9].*)",
        # 2, 2-rc.1, 2rc1
        _WORD_BEGINS + r"(?:[vV]\.?)?([0-9]+(?:(?i:a|b|c|rc|alpha|beta|pre|dev)[0-9]*)?(?![^\W_]).*)",
        # 1.2 of go1.2
        r"([0-9]+\.[0-9].*)",
        r"([0-9].*)",
    )
)
"""A tag's version, the likeliest first."""


class ExpandedPattern(NamedTuple):
    """FILE for one platform and one release: an asset's whole name, or an expression that is searched in it."""

    text: str
    expression: re.Pattern[str] | None = None

    @property
    def exact(self) -> bool:
        """Whether it is an asset's whole name, which is then taken as it is."""
        return self.expression is None

    def matches(self, name: str) -> bool:
        """Return whether an asset of this name is meant."""
        return bool(self.expression.search(name)) if self.expression else name == self.text


def expand(pattern: Pattern, platform: Platform, tag: str | None) -> ExpandedPattern:
    """Return the pattern without placeholders; those of a tag that is not known stand for anything."""
    if pattern.exact or pattern.expression:
        return ExpandedPattern(pattern.text, pattern.expression)
    text = pattern.text
    if tag is not None:
        text = text.replace("{tag}", tag).replace("{version}", version_of(tag))
    if not (_PLACEHOLDER.search(text) or has_wildcard(pattern.text)):
        return ExpandedPattern(text)
    expressions = {
        "tag": ".+",
        "version": ".+",
        "os": _one_of(spellings(Role.OS, platform.os)),
        "arch": _one_of(spellings(Role.ARCH, platform.arch)),
    }
    # Each stands in for its expression while the glob around it is translated.
    marks = {name: chr(0xE000 + number) for number, name in enumerate(expressions)}
    expression = fnmatch.translate(_PLACEHOLDER.sub(lambda found: marks[found[1]], text))
    for name, mark in marks.items():
        expression = expression.replace(mark, expressions[name])
    return ExpandedPattern(pattern.text, re.compile(expression))


def words_of(pattern: Pattern) -> tuple[str, ...]:
    """Return the words of the tool's name that a pattern fixes: `server` of `server_*_linux_{arch}.tar.gz`."""
    text = pattern.text
    return tool_words(re.sub(r"\\[A-Za-z]", " ", text) if pattern.expression else _PLACEHOLDER.sub(" ", text))


def version_of(tag: str) -> str:
    """Return the tag from its version's first digit on: 1.2.3 of `k8s-cli/v1.2.3`; without a digit, all of it."""
    last = tag.rpartition("/")[2]
    for text in (last, tag):
        for version in _VERSIONS:
            found = version.search(text)
            if found:
                return found[1]
    return tag


def version_in(tag: str, pattern: TagPattern) -> str | None:
    """Return the version in a tag; None where the tag is not of the pattern.

    It is what the glob's wildcards stand for; a regular expression's first group, else the tag from a digit on.
    """
    if pattern.glob:
        matches = pattern.expression.match(tag)
        return tag[len(pattern.prefix) : len(tag) - len(pattern.suffix)] if matches else None
    found = pattern.expression.search(tag)
    if found is None:
        return None
    return (found[1] or "") if pattern.expression.groups else version_of(tag)


def tags_for(version: str, pattern: TagPattern) -> list[str]:
    """Return the tags to ask for by name: VERSION itself where it is of the pattern, else the glob filled in."""
    if version_in(version, pattern) is not None:
        return [version]
    if not pattern.glob:
        return []
    number = without_v(version)
    marks = ("",) if pattern.prefix.endswith(("v", "V")) else ("", "v")
    return [f"{pattern.prefix}{mark}{number}{pattern.suffix}" for mark in marks]


def _one_of(words: list[str]) -> str:
    return f"(?i:{'|'.join(map(re.escape, words))})"
