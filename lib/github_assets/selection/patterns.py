"""FILE and `tag_pattern` against what a repository has: names of assets, and tags."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from typing import NamedTuple

from github_assets.config.patterns import PLACEHOLDERS, Pattern, TagPattern, has_wildcard
from github_assets.config.versions import without_v
from github_assets.platforms import Platform
from github_assets.selection.asset_names import Role, spellings, tool_words
from github_assets.selection.tag_versions import version_of

_PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")
_ANYTHING = "?*"
"""Within a glob, whose wildcards take linear time."""


class ExpandedPattern(NamedTuple):
    """FILE for one platform and one release: an asset's whole name, a glob, or an expression that is searched in it."""

    text: str
    glob: re.Pattern[str] | None = None
    expression: re.Pattern[str] | None = None

    @property
    def exact(self) -> bool:
        """Whether it is an asset's whole name, which is then taken as it is."""
        return not (self.glob or self.expression)

    def select(self, names: Sequence[str]) -> list[str]:
        """Return the names that it means. Raises ExpressionTooSlow."""
        if self.expression:
            from github_assets.selection.matching import search_all

            found = search_all(self.expression, names, "file")
            return [name for name, match in zip(names, found, strict=True) if match is not None]
        return [name for name in names if (self.glob.match(name) if self.glob else name == self.text)]


def expand(pattern: Pattern, platform: Platform, tag: str | None) -> ExpandedPattern:
    """Return the pattern without placeholders; those of a tag that is not known stand for anything."""
    if pattern.exact or pattern.expression:
        return ExpandedPattern(pattern.text, expression=pattern.expression)
    known = (_ANYTHING, _ANYTHING) if tag is None else (tag, version_of(tag))
    text = pattern.text.replace("{tag}", known[0]).replace("{version}", known[1])
    if not (_PLACEHOLDER.search(text) or has_wildcard(text if tag is None else pattern.text)):
        return ExpandedPattern(text)
    expressions = {
        "os": _one_of(spellings(Role.OS, platform.os)),
        "arch": _one_of(spellings(Role.ARCH, platform.arch)),
    }
    # Each stands in for its expression while the glob around it is translated.
    marks = {name: chr(0xE000 + number) for number, name in enumerate(expressions)}
    expression = fnmatch.translate(_PLACEHOLDER.sub(lambda found: marks[found[1]], text))
    for name, mark in marks.items():
        expression = expression.replace(mark, expressions[name])
    return ExpandedPattern(pattern.text, glob=re.compile(expression))


def words_of(pattern: Pattern) -> tuple[str, ...]:
    """Return the words of the tool's name that a pattern fixes: `server` of `server_*_linux_{arch}.tar.gz`."""
    text = pattern.text
    return tool_words(re.sub(r"\\[A-Za-z]", " ", text) if pattern.expression else _PLACEHOLDER.sub(" ", text))


def versions_in(tags: Sequence[str], pattern: TagPattern) -> list[str | None]:
    """Return the version in each tag; None where the tag is not of the pattern.

    It is what the glob's wildcards stand for; a regular expression's first group, else what `version_of` finds. Raises
    ExpressionTooSlow.
    """
    if pattern.glob:
        start, end = len(pattern.prefix), len(pattern.suffix)
        return [tag[start : len(tag) - end] if pattern.expression.match(tag) else None for tag in tags]
    from github_assets.selection.matching import search_all

    found = search_all(pattern.expression, tags, "tag_pattern")
    if pattern.expression.groups:
        return found
    return [None if match is None else version_of(tag) for tag, match in zip(tags, found, strict=True)]


def tags_for(version: str, pattern: TagPattern) -> list[str]:
    """Return the tags to ask for by name: VERSION itself where it is of the pattern, else the glob filled in.

    Raises ExpressionTooSlow.
    """
    if versions_in([version], pattern) != [None]:
        return [version]
    if not pattern.glob:
        return []
    number = without_v(version)
    marks = ("",) if pattern.prefix.endswith(("v", "V")) else ("", "v")
    return [f"{pattern.prefix}{mark}{number}{pattern.suffix}" for mark in marks]


def _one_of(words: list[str]) -> str:
    return f"(?i:{'|'.join(map(re.escape, words))})"
