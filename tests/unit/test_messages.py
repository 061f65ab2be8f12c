from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets import errors
from github_assets.errors import GithubAssetsError, Interrupted, SeveralFailed
from github_assets.errors.config import SettingInvalid
from github_assets.errors.github import NoLatestRelease, ReleaseNotFound
from github_assets.errors.http import RateLimited, ServerFailed
from github_assets.errors.selection import AssetNotFound, NoAssetForPlatform, NoMatchingRelease
from github_assets.locations import Location, Variables
from github_assets.messages import headline, message, unexpected
from tests.messages import parts_of
from tests.properties import examples

MODULES = [errors, *(import_module(f"{errors.__name__}.{each.name}") for each in iter_modules(errors.__path__))]
TEXT = st.text()
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 1 << 63),
    float: st.floats(0, 86400),
    bool: st.booleans(),
    type(None): st.none(),
    GithubAssetsError: st.builds(ServerFailed, host=TEXT, status=st.integers()),
    Location: st.builds(Location, TEXT),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation that errors have; sequences are never empty."""
    if hint in PLAIN:
        return PLAIN[hint]
    parts = [values(part) for part in get_args(hint)]
    if get_origin(hint) is tuple:
        return st.tuples(*parts)
    if get_origin(hint) is Sequence:
        return st.lists(parts[0], min_size=1, max_size=12)
    assert get_origin(hint) is UnionType, hint
    return st.one_of(parts)


def kinds(base: type[GithubAssetsError] = GithubAssetsError) -> list[type[GithubAssetsError]]:
    """Every error that is raised: those from which no other is derived."""
    derived = base.__subclasses__()
    return [kind for child in derived for kind in kinds(child)] if derived else [base]


def fields(kind: type[GithubAssetsError]) -> dict[str, Any]:
    return get_type_hints(kind, localns={"Sequence": Sequence, "Location": Location})


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
@settings(max_examples=examples(10, parts=len(kinds())))
@given(data=st.data())
def test_every_error_has_a_headline_and_advice(kind: type[GithubAssetsError], data: st.DataObject) -> None:
    error = kind(**{name: data.draw(values(hint), name) for name, hint in fields(kind).items()})

    if kind is not SeveralFailed:
        assert parts_of(error).advice or kind is Interrupted
    assert message(error).startswith("ERROR: ")
    assert "\n" not in headline(error)


@pytest.mark.parametrize(
    "error",
    [
        AssetNotFound(repository="a/b", tag="v1", name="x", available=[]),
        NoAssetForPlatform(repository="a/b", tag="v1", platform="linux/amd64", available=[]),
        ReleaseNotFound(repository="a/b", tag="v1", available=[]),
        NoLatestRelease(repository="a/b", prereleases=[]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_advice_if_there_is_nothing_to_list(error: GithubAssetsError) -> None:
    assert parts_of(error).advice


def test_all_errors_are_covered() -> None:
    named = {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, GithubAssetsError)
    }

    assert set(kinds()) == {kind for kind in named if not kind.__subclasses__()}


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_no_data_of_an_error_starts_a_line(kind: type[GithubAssetsError]) -> None:
    forged = "x\n::error title=forged::\x1b[2J"
    sample: dict[Any, Any] = {
        str: forged,
        int: 1,
        float: 1.0,
        bool: True,
        GithubAssetsError: ServerFailed(host=forged, status=1),
        Location: Location(forged),
    }

    def value(hint: Any) -> Any:
        if hint in sample:
            return sample[hint]
        if get_origin(hint) is Sequence:
            return [value(get_args(hint)[0])]
        if get_origin(hint) is tuple:
            return tuple(map(value, get_args(hint)))
        return value(get_args(hint)[0])

    text = message(kind(**{name: value(hint) for name, hint in fields(kind).items()}))

    assert "\x1b" not in text
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))


@given(value=st.text())
def test_a_value_is_shown_without_control_characters(value: str) -> None:
    shown = message(SettingInvalid(where="REPO", value=value, expected="owner/name"))

    assert shown.replace("\n", "").isprintable()
    assert shown.count("\n") == 2


def test_the_number_of_attempts_is_reported() -> None:
    error = RateLimited(host="api.github.com", authenticated=True).replace(attempts=3)

    assert message(error).startswith("ERROR: Rate limit of api.github.com exceeded. (after 3 attempts)\n")


TABLE = Location("[[assets]] number 2 in github-assets.toml")


def test_facts_follow_the_headline_and_the_id_ends_the_message() -> None:
    error = ServerFailed(host="github.com", status=502).replace(source=TABLE, release="octo/tool v1", attempts=5)

    assert message(error).split("\n") == [
        "ERROR: github.com returned status 502. (after 5 attempts)",
        "  release:    octo/tool v1",
        "  set in:     [[assets]] number 2 in github-assets.toml",
        "This is a problem on the server. Check https://www.githubstatus.com, and build again later.",
        "GHA205: https://github.com/cage1016/github-assets-cnb/blob/main/docs/errors.md#gha205",
    ]


def test_facts_of_the_headline_are_not_repeated() -> None:
    error = AssetNotFound(repository="octo/tool", tag="v1", name="x", available=["y"]).replace(source=TABLE)

    assert parts_of(error).facts == ["set in:     [[assets]] number 2 in github-assets.toml"]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (Location("[[assets]] number 2 in a.toml", (("version", "v9"),)), "version of [[assets]] number 2 in a.toml"),
        (
            Variables("REPO in the environment", (("version", "v9"),), (("version", "VERSION"),)),
            "VERSION in the environment",
        ),
        (Location("[[assets]] number 2 in a.toml"), "[[assets]] number 2 in a.toml"),
    ],
)
def test_a_wrong_value_is_told_where_it_stands(source: Location, place: str) -> None:
    for error in (
        ReleaseNotFound(repository="octo/tool", tag="v9", available=["v1"]),
        NoMatchingRelease(
            repository="octo/tool", version="v9", tag_pattern=None, left_out=[], available=["v1"], looked_at=1
        ),
    ):
        assert parts_of(error.replace(source=source)).facts == [f"set in:     {place}"]


def test_several_errors_have_their_facts_and_ids_and_one_cause_is_told_once() -> None:
    down = [ServerFailed(host="github.com", status=502).replace(source=Location(name)) for name in ("a", "b", "c")]
    missing = AssetNotFound(repository="octo/tool", tag="v1", name="x", available=["y"]).replace(source=TABLE)

    assert message(SeveralFailed(errors=[down[0], missing, *down[1:]])).split("\n") == [
        "ERROR: 4 assets failed:",
        "  github.com returned status 502. (3 assets)",
        "  This is a problem on the server. Check https://www.githubstatus.com, and build again later.",
        "  GHA205: https://github.com/cage1016/github-assets-cnb/blob/main/docs/errors.md#gha205",
        '  octo/tool v1 has no asset "x".',
        "    set in:     [[assets]] number 2 in github-assets.toml",
        "  Assets of this release:",
        '    file = "y"',
        "  GHA401: https://github.com/cage1016/github-assets-cnb/blob/main/docs/errors.md#gha401",
    ]


def test_an_internal_error_names_its_place_but_not_its_data() -> None:
    try:
        int("hunter2")
    except ValueError as error:
        said = unexpected(error)

    assert said.startswith(f"ERROR: Internal error: ValueError at {__name__}:")
    assert "hunter2" not in said


def test_an_internal_error_names_the_last_place_that_has_a_line() -> None:
    def read(text: str) -> int:
        return int(text)

    read.__code__ = read.__code__.replace(co_linetable=b"")  # as all of the package's standard library is
    try:
        read("hunter2")
    except ValueError as error:
        said = unexpected(error)

    assert said.startswith(f"ERROR: Internal error: ValueError at {__name__}:")
    assert said.splitlines()[0].rpartition(":")[2].isdigit()
