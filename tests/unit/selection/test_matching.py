"""Regular expressions that terminate in time, and those that do not."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.patterns import TagPattern, parse_pattern, parse_tag_pattern
from github_assets.errors.selection import ExpressionTooSlow
from github_assets.messages import message
from github_assets.parallel import try_in_parallel
from github_assets.platforms import Platform
from github_assets.selection import matching
from github_assets.selection.asset_choice import AssetQuery, choose
from github_assets.selection.matching import search_all
from github_assets.selection.patterns import expand, tags_for, versions_in
from tests.properties import examples

ENDLESS = "(a+)+$"
LONG = "a" * 60 + "b"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "CPU_SECONDS", 0.05)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("b.", ["bc", None, "b\n"]),
        ("(?s)b(.)", ["c", None, "\n"]),
        ("b(x)?", ["", None, ""]),
        ("", ["", "", ""]),
        ("\ud800", [None, "\ud800", None]),
    ],
)
def test_matching_assets(expression: str, found: list[str | None]) -> None:
    assert search_all(re.compile(expression, re.DOTALL), ["abcd", "\ud800", "ab\n"], "file") == found


@settings(max_examples=examples(20))
@given(st.lists(st.text(max_size=9), max_size=5), st.sampled_from(("a", "[a-c]+", "(b)|c", "^$", ".")))
def test_the_same_as_without_a_limit(texts: list[str], expression: str) -> None:
    compiled = re.compile(expression)
    expected = [match and (match[min(compiled.groups, 1)] or "") for match in map(compiled.search, texts)]

    assert search_all(compiled, texts, "file") == expected


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("expression", [ENDLESS, "(a|aa)+$", "(.*)*$", "a*" * 12 + "c", r"(a*)*\1b$"])
def test_exponential_time(expression: str) -> None:
    with pytest.raises(ExpressionTooSlow) as caught:
        search_all(re.compile(expression + "x"), [LONG], "file")
    assert (caught.value.key, caught.value.expression) == ("file", f"/{expression}x/")


@pytest.mark.usefixtures("hurried")
def test_several_at_once() -> None:
    def search(expression: str) -> list[str | None]:
        return search_all(re.compile(expression), [LONG, "b"], "file")

    outcomes = try_in_parallel(search, [ENDLESS, "a+", ENDLESS, "b"])

    assert [outcome if isinstance(outcome, list) else type(outcome) for outcome in outcomes] == [
        ExpressionTooSlow,
        ["a" * 60, None],
        ExpressionTooSlow,
        ["b", "b"],
    ]


@pytest.mark.usefixtures("hurried")
def test_the_child_process_is_cleaned_up() -> None:
    before = sorted(os.listdir("/proc/self/fd"))

    for expression in (ENDLESS, "a"):
        with suppress(ExpressionTooSlow):
            search_all(re.compile(expression), [LONG], "file")

    assert sorted(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("use", [lambda pattern: versions_in([LONG], pattern), lambda pattern: tags_for(LONG, pattern)])
def test_a_tag_pattern(use: Callable[[TagPattern], object]) -> None:
    with pytest.raises(ExpressionTooSlow) as caught:
        use(parse_tag_pattern(f"/{ENDLESS}/"))
    assert caught.value.key == "tag_pattern"


@pytest.mark.usefixtures("hurried")
def test_a_file() -> None:
    with pytest.raises(ExpressionTooSlow) as caught:
        choose([LONG], Platform("linux", "amd64"), AssetQuery(pattern=parse_pattern(f"/{ENDLESS}/")))
    assert caught.value.key == "file"
    assert message(caught.value).startswith(f'ERROR: FILE takes too long to match: "/{ENDLESS}/".')


def test_globs_match_in_linear_time() -> None:
    """The stars of a glob do not try each other's text again."""
    text = "a" * 255
    assert versions_in([text], parse_tag_pattern("*a" * 60 + "b")) == [None]
    for pattern in ("*a" * 60 + "b", "{tag}" * 8 + "b", "{version}a" * 8 + "b", "{tag}?{version}*" * 4 + "b"):
        assert expand(parse_pattern(pattern), Platform("linux", "amd64"), None).select([text]) == []
