"""FILE: an exact name, a glob, a regular expression or a template."""

from __future__ import annotations

import fnmatch
import re
import warnings
from typing import NamedTuple

from github_assets.errors.config import SettingInvalid
from github_assets.platforms import Platform
from github_assets.selection.asset_names import Role, spellings, tool_words

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_PLACEHOLDERS = ("tag", "version", "os", "arch")


class Pattern(NamedTuple):
    """What FILE says."""

    text: str
    exact: bool
    """Whether it is an asset's whole name, which is then taken as it is."""
    expression: re.Pattern[str] | None = None

    def expand(self, platform: Platform, tag: str | None) -> Pattern:
        """Return the pattern without placeholders; those of a tag that is not known stand for anything."""
        if self.exact or self.expression:
            return self
        text = self.text
        if tag is not None:
            text = text.replace("{tag}", tag).replace("{version}", version_of(tag))
        if not (_PLACEHOLDER.search(text) or _has_wildcard(self.text)):
            return Pattern(text, exact=True)
        expressions = {
            "tag": ".+",
            "version": ".+",
            "os": _one_of(spellings(Role.OS, platform.os)),
            "arch": _one_of(spellings(Role.ARCH, platform.arch)),
        }
        # Each stands in for its expression while the glob around it is translated.
        marks = {name: chr(0xE000 + place) for place, name in enumerate(expressions)}
        expression = fnmatch.translate(_PLACEHOLDER.sub(lambda found: marks[found[1]], text))
        for name, mark in marks.items():
            expression = expression.replace(mark, expressions[name])
        return Pattern(self.text, exact=False, expression=re.compile(expression))

    def matches(self, name: str) -> bool:
        """Return whether an asset of this name is meant; only for an expanded pattern."""
        return bool(self.expression.search(name)) if self.expression else name == self.text

    def words(self) -> tuple[str, ...]:
        """Return the words of the tool's name that it fixes: `server` of `server_*_linux_{arch}.tar.gz`."""
        fixed = re.sub(r"\\[A-Za-z]", " ", self.text) if self.expression else _PLACEHOLDER.sub(" ", self.text)
        return tool_words(fixed)


def parse_pattern(text: str, where: str = "FILE") -> Pattern:
    """Return what a FILE setting says. Raises SettingInvalid, which names `where`."""
    if len(text) > 2 and text[0] == text[-1] == "/":
        try:
            return Pattern(text, exact=False, expression=compiled(text))
        except ValueError as error:
            expected = f"a regular expression between slashes; {error}"
            raise SettingInvalid(where=where, value=text, expected=expected) from None
    names = _PLACEHOLDER.findall(text)
    if not set(names) <= set(_PLACEHOLDERS):
        expected = "only the placeholders {tag}, {version}, {os} and {arch}"
        raise SettingInvalid(where=where, value=text, expected=expected)
    return Pattern(text, exact=not (names or _has_wildcard(text)))


def compiled(text: str) -> re.Pattern[str]:
    """Return the regular expression between the text's slashes. Raises ValueError, which says where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what may mean something else to a later Python
            return re.compile(text[1:-1])
    except re.error as error:
        raise ValueError(f"at character {error.pos}: {error.msg}") from None
    except OverflowError as error:
        raise ValueError(error) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def version_of(tag: str) -> str:
    """Return the tag from its first digit on: 1.2.3 of `cli-v1.2.3`; without a digit, all of it."""
    found = re.search(r"\d.*", tag)
    return found.group() if found else tag


def _has_wildcard(text: str) -> bool:
    return any(character in text for character in "*?[")


def _one_of(words: list[str]) -> str:
    return f"(?i:{'|'.join(map(re.escape, words))})"
