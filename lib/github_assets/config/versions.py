"""VERSION: a tag, `latest`, a version number or a range.

Ranges have the operators of `semantic_version.SimpleSpec`; a blank means "and" as a comma does, and `x` is `*`.
"""

from __future__ import annotations

from github_assets.config.names import valid_tag
from github_assets.errors.config import SettingInvalid
from github_assets.values import ParsedText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EXPECTED = "a tag such as v1.2.3, latest, or a range such as ^1.2 or >=1 <2"
_RANGE = 'a range such as ^1.2, ~0.4, 1.x or ">=1.2 <2", without pre-releases, at most three numbers per version'
_UNCUT = 'a range; this one was cut at "=", as some pipelines do. ^1.2, ~0.4 and 1.x contain none'
_OPERATORS = "<>=!^~*"
_LONGEST = 255


class Version(ParsedText):
    """A valid VERSION."""

    text: str
    range: Any = None
    """The `semantic_version.SimpleSpec` that a range is, None of what is none."""

    @property
    def is_number(self) -> bool:
        """Whether it is one to three numbers, `1.2` or `v1.2`: a tag, or else the range of what begins with them."""
        parts = without_v(self.text).split(".")
        return len(parts) <= 3 and all(part.isascii() and part.isdigit() for part in parts)

    def as_range(self) -> Any:
        """Return the `semantic_version.SimpleSpec` of a range or a number, None for anything else."""
        return _spec(self.text) if self.is_number else self.range


LATEST = Version("latest")


def parse_version(text: str, where: str = "VERSION") -> Version:
    """Return what a VERSION means. Raises SettingInvalid, which names `where`."""
    if len(text) <= _LONGEST and _is_range(text):
        try:
            return Version(text, _spec(text))
        except ValueError:
            expected = _UNCUT if text.endswith(("<", ">", "!")) else _RANGE
            raise SettingInvalid(where=where, value=text, expected=expected) from None
    if not valid_tag(text):
        raise SettingInvalid(where=where, value=text, expected=_EXPECTED)
    return Version(text)


def is_tag(text: str) -> bool:
    """Return whether VERSION with this text means the tag of this name."""
    return valid_tag(text) and text == text.strip() and text != LATEST.text and not _is_range(text)


def without_v(text: str) -> str:
    """Return a version number without the `v` or `v.` in front of it; any other text as it is."""
    number = text[1:].removeprefix(".") if text[:1] in ("v", "V") else text
    return number if number[:1].isdigit() else text


def spellings(tag: str) -> tuple[str, str]:
    """Return the tags that VERSION may mean: the very text, then the same with or without `v`."""
    number = without_v(tag)
    return tag, f"v{number}" if number == tag else number


def _is_range(text: str) -> bool:
    """Whether it is meant as a range; it may be one without meaning."""
    if text.startswith(tuple(_OPERATORS)):
        return True
    number = without_v(text).lower()
    parts = number.split(".")
    return number[:1].isdigit() and (
        not frozenset(f"{_OPERATORS} ").isdisjoint(number)
        or ("x" in parts and all(part == "x" or part.isdigit() for part in parts))
    )


def _spec(text: str) -> Any:
    """Return a range or a number as SimpleSpec. Raises ValueError."""
    from semantic_version import SimpleSpec  # type: ignore[import-untyped]

    comparisons = []
    operator = ""
    for word in text.replace(",", " ").split():
        number = word.lstrip("^~<>=!")
        operator += word.removesuffix(number)
        if not number:
            continue
        parts = [_part(part) for part in without_v(number).split(".")]
        # SimpleSpec takes ^0 for ^0.0.0, and ^0.0 too.
        if operator == "^" and {"0", "*"}.issuperset(parts) and parts != ["0"] * 3:
            operator = ""
        comparisons.append(operator + ".".join(parts))
        operator = ""
    return SimpleSpec(",".join([*comparisons, operator] if operator or not comparisons else comparisons))


def _part(part: str) -> str:
    """Return `*` or a number without leading zeros. Raises ValueError."""
    if part in ("x", "X", "*"):
        return "*"
    if not (part.isascii() and part.isdigit()):
        raise ValueError(part)
    return str(int(part))
