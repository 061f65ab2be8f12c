"""FILE: a name, a glob, a /regular expression/ or a template. `tag_pattern`: a glob or a /regular expression/."""

from __future__ import annotations

from github_assets.errors.config import SettingInvalid
from github_assets.values import ParsedText

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

PLACEHOLDERS = ("tag", "version", "os", "arch")
LONGEST = 1000
"""Characters: compiling an expression takes time."""
_MOST_PLACEHOLDERS = 8
_TAG_PATTERN = "a glob such as cli-v*, or a /regular expression/"


class Pattern(ParsedText):
    """A valid FILE."""

    text: str
    exact: bool = True
    """Whether it is an asset's whole name."""
    expression: re.Pattern[str] | None = None
    """What stands between the slashes of a regular expression."""


class TagPattern(ParsedText):
    """A valid `tag_pattern`: which tags are of the product, and where in them the version is."""

    text: str
    expression: re.Pattern[str]
    prefix: str = ""
    """What a glob has before its first wildcard."""
    suffix: str = ""
    """What a glob has after its last wildcard."""
    glob: bool = False


def parse_pattern(text: str, where: str = "FILE") -> Pattern:
    """Return what a FILE means. Raises SettingInvalid, which names `where`."""
    _check_length(text, where)
    if _is_expression(text):
        try:
            return Pattern(text, False, _compiled(text[1:-1]))
        except ValueError as error:
            expected = f"a regular expression between slashes; {error}"
            raise SettingInvalid(where=where, value=text, expected=expected) from None
    names = _placeholders(text)
    if not set(PLACEHOLDERS).issuperset(names):
        expected = "only the placeholders {tag}, {version}, {os} and {arch}"
        raise SettingInvalid(where=where, value=text, expected=expected)
    if len(names) > _MOST_PLACEHOLDERS:
        raise SettingInvalid(where=where, value=text, expected=f"at most {_MOST_PLACEHOLDERS} placeholders")
    return Pattern(text, not (names or has_wildcard(text)))


def parse_tag_pattern(text: str, where: str = "tag_pattern") -> TagPattern:
    """Return what a `tag_pattern` means. Raises SettingInvalid, which names `where`."""
    _check_length(text, where)
    expected = _TAG_PATTERN
    if _is_expression(text):
        try:
            return TagPattern(text, _compiled(text[1:-1]))
        except ValueError as error:
            expected = f"{_TAG_PATTERN} ({error})"
    elif has_wildcard(text):
        import fnmatch
        import re

        wildcards = [position for position, character in enumerate(text) if character in "*?["]
        suffix = text[max(text.rfind(character) for character in "*?]") + 1 :]
        return TagPattern(text, re.compile(fnmatch.translate(text)), text[: wildcards[0]], suffix, True)
    raise SettingInvalid(where=where, value=text, expected=expected)


def has_wildcard(text: str) -> bool:
    """Return whether a glob stands for more than its own text."""
    return any(character in text for character in "*?[")


def _check_length(text: str, where: str) -> None:
    if len(text) > LONGEST:
        raise SettingInvalid(where=where, value=text, expected=f"at most {LONGEST} characters")


def _is_expression(text: str) -> bool:
    return len(text) > 2 and text[0] == text[-1] == "/"


def _placeholders(text: str) -> list[str]:
    if "{" not in text:
        return []
    import re

    return re.findall(r"\{(\w*)\}", text)


def _compiled(expression: str) -> re.Pattern[str]:
    """Return a regular expression. Raises ValueError, which says where it is none."""
    import re
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what may mean something else to a later Python
            return re.compile(expression)
    except re.error as error:
        raise ValueError(f"at character {error.pos}: {error.msg}") from None
    except OverflowError as error:
        raise ValueError(error) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
