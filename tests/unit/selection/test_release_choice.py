"""`choose_release`: which release of a list is chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from semantic_version import Version  # type: ignore[import-untyped]

from github_assets.config.patterns import parse_tag_pattern
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.versions import parse_version
from github_assets.errors.github import ReleaseNotFound
from github_assets.errors.selection import NoMatchingRelease
from github_assets.github.releases import UPLOADED, Release, ReleaseAsset
from github_assets.locations import Location
from github_assets.selection.release_choice import (
    NO_ASSETS,
    PRERELEASE,
    TOO_YOUNG,
    UPLOADING,
    ChosenRelease,
    SkippedRelease,
    VersionRequest,
    choose_release,
    is_newer,
)
from tests.messages import parts_of
from tests.properties import examples

TOOL = Repository("octo", "tool")
NOW = 1_700_000_000.0
DAY = 86_400.0


def release(tag: str, *states: str, prerelease: bool = False, days: float | None = 100) -> Release:
    """A release that was published so many days ago; without states it has one uploaded asset."""
    assets = tuple(ReleaseAsset(n, f"a{n}", state, 1, None, "") for n, state in enumerate(states or (UPLOADED,)))
    return Release(TOOL, tag, prerelease, assets, None if days is None else NOW - days * DAY)


def empty(tag: str, **fields: Any) -> Release:
    return release(tag, **fields)._replace(assets=())


def asked(version: str = "latest", tag_pattern: str | None = None, **options: Any) -> VersionRequest:
    return VersionRequest(
        parse_version(version), tag_pattern=parse_tag_pattern(tag_pattern) if tag_pattern else None, **options
    )


def choose(
    releases: Sequence[Release | str], version: str, latest: Release | None = None, **options: Any
) -> ChosenRelease:
    page = [release(each) if isinstance(each, str) else each for each in releases]
    return choose_release(TOOL, [page], asked(version, **options), NOW, latest)


@pytest.mark.parametrize(
    ("tags", "version", "chosen"),
    [
        ("v1.2.0 v1.10.0 v1.9.0 v2.0.0", "^1.2", "v1.10.0"),
        ("0.4.45 0.4.9 0.5.0", "~0.4", "0.4.45"),
        ("1.2 1.3 2.0", "1.x", "1.3"),
        ("v1.2.3 v1.2.3.4 v1.2.3.10 v1.1", "1.x", "v1.2.3.10"),
        ("2024.01.05 2024.1.10 2023.12.31", "^2024.1", "2024.1.10"),
        ("2024-01-05 2024-11-10 2023-12-31", "2024", "2024-11-10"),
        ("tool-1.7 tool-1.8.1 tool-v1.8.0", ">=1.7 <2", "tool-1.8.1"),
        ("tool/v1.7 tool@1.6", "^1", "tool/v1.7"),
        ("jq-1.9 1.8 toolbox-1.9", "^1", "1.8"),
        ("v3ray/v5.1.0 v3ray-5.2.0 3ray/4 v2.0.1", ">=2", "v2.0.1"),
        ("v1.2.9 v1.2.10 v1.3.0", "1.2", "v1.2.10"),
        ("1.2.3+build.7 1.2.2", "1.2.3", "1.2.3+build.7"),
        ("tool-1.7.1 tool-1.7 tool-1.8", "1.7", "tool-1.7"),
        ("v1.9.0 v1.9.0-rc.1 v1.9.1-beta", "^1", "v1.9.0"),
        ("nightly v1.0.0 stable 20240101", "1.x", "v1.0.0"),
        ("v2.215 v2.216 v.2.217", "^2", "v.2.217"),
        ("v2.215 v.2.217", "2.217", "v.2.217"),
        ("release-1.2 v1.1 web-v1.3", "^1", "release-1.2"),
        ("v1.0.0-fix", "1.x", "v1.0.0-fix"),
        ("v1.0.0-1 v0.9", ">=1.0.0", "v1.0.0-1"),
        ("v1.0.0-rc.1 v1.0.0.Final v1.1.0-beta", "^1", "v1.0.0.Final"),
        ("v7.4.2 v7.5-milestone-1", "7.x", "v7.4.2"),
        ("v1.0.0-stable v1.0.0", "1.0", "v1.0.0"),
    ],
)
def test_the_highest_version_in_the_range(tags: str, version: str, chosen: str) -> None:
    found = choose(tags.split(), version)

    assert (found.release.tag, found.skipped) == (chosen, ())


@pytest.mark.parametrize(
    ("name", "tag", "version"),
    [
        ("2048", "2048.1", "2048.x"),
        ("k9", "k9-1.2", "1.x"),
        ("7zip", "7zip-24.01", "24.x"),
        ("jq", "jq1.7", "1.x"),
        ("X", "x_v1", "1.x"),
    ],
)
def test_the_name_of_the_repository_before_the_version(name: str, tag: str, version: str) -> None:
    found = choose_release(Repository("octo", name), [[release(tag)]], asked(version), NOW)

    assert found.release.tag == tag


def test_a_tag_of_thousands_of_digits_is_no_version() -> None:
    assert choose(["9" * 5000, "v1.0-" + "9" * 5000, "v1.0"], ">=1").release.tag == "v1.0"


@pytest.mark.parametrize(
    ("tags", "version", "chosen"),
    [
        ("v1.9.0 v1.10.0-rc.1 v2.0.0-rc.1", "^1", "v1.10.0-rc.1"),
        ("v1.10.0 v1.10.0-rc.1", "^1", "v1.10.0"),
        ("v1.0.0-rc.1 v1.0.0-rc9 v1.0.0-RC10 v1.0.0-beta.11", "*", "v1.0.0-RC10"),
        ("v1.0.0rc1 v1.0.0b2", "*", "v1.0.0rc1"),
        ("v1.0.0 v1.1.0-rc.1 v0.9", "latest", "v1.1.0-rc.1"),
    ],
)
def test_prereleases_where_they_are_wanted(tags: str, version: str, chosen: str) -> None:
    assert choose(tags.split(), version, prerelease=True).release.tag == chosen


def test_a_prerelease_only_by_githubs_mark() -> None:
    releases = [release("v1.3.0", prerelease=True), release("v1.2.0")]

    assert choose(releases, "^1").release.tag == "v1.2.0"
    assert choose(releases, "^1", prerelease=True).release.tag == "v1.3.0"


def test_skipped_releases_are_reported_newest_first() -> None:
    releases = [
        release("v1.0.0"),
        empty("v0.9.0"),
        release("v1.2.0", UPLOADED, "starter"),
        release("v1.2.1", UPLOADED, "open"),
        release("v1.4.0-rc.1"),
        empty("v1.1.0"),
        release("v1.3.0", days=2.9),
        release("v1.3.1", days=None),
        empty("v2.0.0"),
    ]

    found = choose(releases, "<2", min_age=3 * DAY)

    assert found.release.tag == "v1.0.0"
    assert found.skipped == (
        SkippedRelease("v1.3.1", TOO_YOUNG),
        SkippedRelease("v1.3.0", TOO_YOUNG),
        SkippedRelease("v1.2.1", UPLOADING),
        SkippedRelease("v1.2.0", UPLOADING),
        SkippedRelease("v1.1.0", NO_ASSETS),
    )


def test_a_release_is_old_enough_to_the_second() -> None:
    releases = [release("v1.1.0", days=3), release("v1.0.0")]

    assert choose(releases, "1.x", min_age=3 * DAY).release.tag == "v1.1.0"
    assert choose(releases, "1.x", min_age=3 * DAY + 1).release.tag == "v1.0.0"


def test_options_do_not_apply_to_a_named_release() -> None:
    releases = [release("tool-1.7", "starter", prerelease=True, days=0), release("tool-1.7.1")]

    assert choose(releases, "1.7", min_age=DAY) == ChosenRelease(releases[0])


@pytest.mark.parametrize(
    ("tags", "version", "pattern", "chosen"),
    [
        ("web-v3.0.0 cli-v1.9.0 cli-v1.10.0 cli-v2.0.0-rc.1 v5.0.0", "latest", "cli-v*", "cli-v1.10.0"),
        ("web-v3.0.0 cli-v1.9.0 cli-v1.10.0", "^1.2", "cli-*", "cli-v1.10.0"),
        ("web-v3.0.0 cli-v1.9.0 cli-v1.10.0", "1.9", "/^cli-/", "cli-v1.9.0"),
        ("cli-v1.9.0 cli-v1.9.0-rc.1", "1.9.0-rc.1", "/^cli-/", "cli-v1.9.0-rc.1"),
        ("web-v3.0.0 cli2-v1.9.0 cli2-v1.10.0", "latest", r"/^cli2-v(.*)/", "cli2-v1.10.0"),
        ("1.9-cli 1.10-cli 2.0-web", "latest", "*-cli", "1.10-cli"),
    ],
)
def test_monorepos(tags: str, version: str, pattern: str, chosen: str) -> None:
    assert choose(tags.split(), version, tag_pattern=pattern).release.tag == chosen


def test_tags_without_numbers_are_ordered_by_date() -> None:
    releases = [release("cli-amber", days=3), release("cli-blue", days=1), release("cli-clear", days=2)]

    assert choose(releases, "latest", tag_pattern="cli-*").release.tag == "cli-blue"


def test_a_version_wins_over_a_later_tag_without_number() -> None:
    releases = [release("cli-1.0", days=3), release("cli-nightly", days=1)]

    assert choose(releases, "latest", tag_pattern="cli-*").release.tag == "cli-1.0"


def test_instead_of_the_latest_the_next_lower_version_and_no_backport() -> None:
    latest = empty("v2.0.1", days=1)
    releases = [
        latest,
        release("v1.9.5", days=2),
        empty("v2.0.0", days=3),
        release("v1.10.0", days=4),
        release("v3.0.0"),
    ]

    found = choose(releases, "latest", latest)

    assert found == ChosenRelease(
        releases[3], (SkippedRelease("v2.0.1", NO_ASSETS), SkippedRelease("v2.0.0", NO_ASSETS))
    )


def test_instead_of_a_latest_without_number_the_one_published_before() -> None:
    latest = release("web-b", days=1)
    releases = [release("v9.0.0", days=0), latest, release("web-a", days=9), release("v1.0.0", days=5)]

    assert choose(releases, "latest", latest, min_age=2 * DAY) == ChosenRelease(
        releases[3], (SkippedRelease("web-b", TOO_YOUNG),)
    )


def test_pages_after_the_latest_are_not_read() -> None:
    def pages() -> Any:
        yield [release("web-v1")]
        yield [release("cli-v1.0"), release("cli-v1.1")]
        raise AssertionError("a third page was asked for")

    assert choose_release(TOOL, pages(), asked(tag_pattern="cli-v*"), NOW).release.tag == "cli-v1.1"


def test_pages_after_the_named_are_not_read() -> None:
    def pages() -> Any:
        yield [release("tool-1.7"), release("tool-1.7.1")]
        raise AssertionError("a second page was asked for")

    assert choose_release(TOOL, pages(), asked("1.7"), NOW).release.tag == "tool-1.7"


def test_a_range_looks_at_all_pages() -> None:
    pages = [[release("v1.2.9"), release("v2.0.0")], [release("v1.3.0")]]

    assert choose_release(TOOL, pages, asked("^1.2"), NOW).release.tag == "v1.3.0"


def test_nothing_matches() -> None:
    tags = [f"v{major}.{minor}.0" for major in (1, 3, 4) for minor in range(12)]

    with pytest.raises(NoMatchingRelease) as caught:
        choose([*tags, release("v2.1.0", prerelease=True), empty("v2.0.0"), "nightly"], "2.x")

    assert caught.value.available == [
        *("v3.4.0", "v3.3.0", "v3.2.0", "v3.1.0", "v3.0.0"),
        *("v1.11.0", "v1.10.0", "v1.9.0", "v1.8.0", "v1.7.0"),
    ]
    assert caught.value.left_out == [SkippedRelease("v2.1.0", PRERELEASE), SkippedRelease("v2.0.0", NO_ASSETS)]
    said = parts_of(caught.value)
    assert said.headline == 'No release of octo/tool matches "2.x" (39 checked).'
    assert said.advice.splitlines()[:4] == [
        "Skipped v2.1.0: it is a pre-release",
        "Skipped v2.0.0: it has no assets",
        "Available releases:",
        "  v3.4.0",
    ]


def test_no_tag_matches_the_pattern() -> None:
    with pytest.raises(NoMatchingRelease) as caught:
        choose(["web-v1.0.0", "desktop-v1.0.0", "clib-v1.0.0"], "latest", tag_pattern="cli-v*")

    assert (caught.value.available, caught.value.other_tags[0]) == ([], "clib-v1.0.0")
    said = parts_of(caught.value)
    assert said.headline == 'No release of octo/tool matches "latest" with tag_pattern "cli-v*" (3 checked).'
    assert said.advice == "The nearest tags are clib-v1.0.0, web-v1.0.0, desktop-v1.0.0. Correct tag_pattern."


def test_no_release_at_all() -> None:
    with pytest.raises(NoMatchingRelease) as caught:
        choose([], "^1")

    said = parts_of(caught.value)
    assert said.headline == 'No release of octo/tool matches "^1" (0 checked).'
    assert said.advice == "The repository has no releases with assets."


def test_many_skipped_releases() -> None:
    with pytest.raises(NoMatchingRelease) as caught:
        choose([empty(f"v1.{minor}") for minor in range(12)], "^1")

    assert parts_of(caught.value).advice.splitlines()[-2:] == [
        "Skipped v1.2: it has no assets",
        "… and 2 more skipped",
    ]


def test_a_number_without_a_release_is_an_unknown_tag() -> None:
    with pytest.raises(ReleaseNotFound) as caught:
        choose(["v1.2.9", "v2.0.0", "v1.3.0"], "1.2.8")

    assert (caught.value.tag, caught.value.available[0]) == ("1.2.8", "v1.2.9")


# properties

NUMBERS = st.integers(0, 3).map(str)
LABELS = st.sampled_from(["", "", "", "-rc.1", "-rc10", "-1", "rc1", ".Final", "+7", ".4"])
TAGS = st.builds(
    lambda prefix, numbers, label: prefix + ".".join(numbers) + label,
    st.sampled_from(["", "v", "tool-", "tool-v", "cli-v", "release-"]),
    st.lists(NUMBERS, min_size=1, max_size=3),
    LABELS,
)
ODD_TAGS = st.sampled_from(
    [
        "v1.0\u200b",
        "v1.2\u00a0beta",
        "\U0001fae9-1.0",
        "v.1.2.3",
        "s3-v1.2.3",
        "k8s/v1.2",
        "v1.2.3`",
        "1,0",
        "v1#2",
        "1.2%2B1",
    ]
)
RELEASES = st.lists(
    st.builds(
        lambda tag, states, prerelease, days: release(tag, prerelease=prerelease, days=days)._replace(
            assets=tuple(ReleaseAsset(1, "a", state, 1, None, "") for state in states)
        ),
        st.one_of(TAGS, ODD_TAGS, st.text(max_size=6)),
        st.lists(st.sampled_from([UPLOADED, UPLOADED, UPLOADED, "starter", "open"]), max_size=2),
        st.booleans(),
        st.one_of(st.none(), st.integers(0, 10)),
    ),
    max_size=12,
    unique_by=lambda each: each.tag,
)
RANGES = st.one_of(
    st.builds(
        lambda operator, numbers: operator + ".".join(numbers),
        st.sampled_from(["^", "~", ">=", "<", "<=", ">", "="]),
        st.lists(NUMBERS, min_size=1, max_size=3),
    ),
    st.sampled_from(["*", "1.x", "1.2.*", ">=1 <2", ">=0.1, <3, !=1.0.0"]),
)
REQUESTS = st.builds(
    asked,
    version=st.one_of(st.just("latest"), RANGES),
    prerelease=st.booleans(),
    tag_pattern=st.sampled_from([None, "cli-v*", "/v/"]),
    min_age=st.sampled_from([0, 3 * DAY]),
)


def outcome(releases: Sequence[Release], wanted: VersionRequest) -> object:
    try:
        return choose_release(TOOL, [releases], wanted, NOW)
    except NoMatchingRelease as error:
        return error.left_out, error.available, error.looked_at


@settings(max_examples=examples(40))
@given(st.data(), RELEASES, REQUESTS)
def test_the_order_of_releases_changes_nothing(
    data: st.DataObject, releases: list[Release], wanted: VersionRequest
) -> None:
    shuffled = data.draw(st.permutations(releases))

    assert outcome(shuffled, wanted) == outcome(releases, wanted)


@settings(max_examples=examples(40))
@given(RELEASES, REQUESTS)
def test_the_chosen_asset_matches_the_request(releases: list[Release], wanted: VersionRequest) -> None:
    found = outcome(releases, wanted)
    if not isinstance(found, ChosenRelease):
        return

    assert found.release in releases
    assert all(asset.state == UPLOADED for asset in found.release.assets)
    assert found.release.assets
    assert wanted.prerelease or not found.release.prerelease
    assert wanted.min_age == 0 or (found.release.published_at or NOW) <= NOW - wanted.min_age
    if wanted.tag_pattern:
        assert found.release.tag.startswith("cli-v") or wanted.tag_pattern.text == "/v/"
    assert found.release.tag not in {skipped.tag for skipped in found.skipped}


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=12, unique=True
    ),
    RANGES,
)
def test_the_choice_is_the_greatest_in_the_range(numbers: list[tuple[int, int, int]], version: str) -> None:
    tags = {Version("{}.{}.{}".format(*each)): "v{}.{}.{}".format(*each) for each in numbers}
    inside = [each for each in tags if parse_version(version).as_range().match(each)]

    found = outcome([release(tag) for tag in tags.values()], asked(version))

    if inside:
        assert isinstance(found, ChosenRelease)
        assert found.release.tag == tags[max(inside)]
    else:
        assert not isinstance(found, ChosenRelease)


@settings(max_examples=examples(40))
@given(RELEASES, RANGES)
def test_a_v_in_front_changes_nothing(releases: list[Release], version: str) -> None:
    # Not 2ray: the v in front of it is part of a name
    plain = {each.tag: each for each in releases if re.match(r"[0-9]+(?![0-9A-Za-z])", each.tag)}
    marked = [each._replace(tag=f"v{tag}") for tag, each in plain.items()]

    found, again = outcome(list(plain.values()), asked(version)), outcome(marked, asked(version))

    assert isinstance(found, ChosenRelease) == isinstance(again, ChosenRelease)
    if isinstance(found, ChosenRelease) and isinstance(again, ChosenRelease):
        assert again.release.tag == f"v{found.release.tag}"
        assert again.skipped == tuple(SkippedRelease(f"v{tag}", reason) for tag, reason in found.skipped)


@pytest.mark.parametrize(
    ("tag", "other", "pattern", "expected"),
    [
        ("v1.10.0", "v1.9.0", None, True),
        ("v1.9.0", "v1.10.0", None, False),
        ("v1.9.0", "1.9.0", None, False),
        ("v1.9.0", "v1.9.0-rc.1", None, True),
        ("tool-2.0", "tool-1.0", None, True),
        ("cli-v2.0", "cli-v1.0", "cli-v*", True),
        ("cli-v1.0", "cli-v2.0", "cli-v*", False),
        ("nightly", "stable", None, True),
        ("nightly", "nightly", None, False),
    ],
)
def test_which_is_newer(tag: str, other: str, pattern: str | None, expected: bool) -> None:
    request = AssetRequest(TOOL, Location("here"), tag_pattern=parse_tag_pattern(pattern) if pattern else None)
    assert is_newer(tag, other, request) is expected
