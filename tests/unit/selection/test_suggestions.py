"""Suggestions in errors are valid: tags as VERSION, names as FILE."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.patterns import parse_pattern
from github_assets.config.request import Repository
from github_assets.config.versions import parse_version, spellings
from github_assets.errors import GithubAssetsError
from github_assets.errors.github import ReleaseNotFound
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform, NoMatchingRelease
from github_assets.github.releases import Release
from github_assets.locations import Variables
from github_assets.messages import message
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose
from github_assets.selection.release_choice import VersionRequest, find_release
from tests.properties import examples

from .cases import collected_cases, further_cases
from .test_release_choice import NOW, RELEASES, REQUESTS, TOOL, asked, release

VARIABLES = Variables("the environment", variables=(("version", "VERSION"), ("file", "FILE")))


class ListedReleases:
    """An API that has these releases."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self._releases = releases

    def release(self, repository: Repository, tag: str | None) -> Release:
        for each in spellings(tag) if tag else ():
            found = self.tagged(repository, each)
            if found:
                return found
        raise ReleaseNotFound(repository=str(repository), tag=tag or "latest", available=[])

    def tagged(self, _repository: Repository, tag: str) -> Release | None:
        return next((each for each in self._releases if each.tag == tag), None)

    def pages(self, _repository: Repository, _at_once: int = 1) -> Iterator[Sequence[Release]]:
        yield self._releases


def found(releases: Sequence[Release], wanted: VersionRequest) -> Release:
    return find_release(ListedReleases(releases), TOOL, wanted, NOW).release  # type: ignore[arg-type]


def suggested(error: GithubAssetsError, variable: str) -> list[str]:
    """Return the values of a variable that a message gives to paste."""
    error.source = VARIABLES
    lines = (line.strip() for line in message(error).splitlines())
    return [line.removeprefix(f"{variable}=") for line in lines if line.startswith(f"{variable}=")]


ODD_TAGS = st.sampled_from(
    ["1,0", "1.x", "v1.0\u200b", "v1.0-\U0001f468\u200d\U0001f4bb", "latest", "^1", "v.2.217", "a b"]
)
NAMED = st.sampled_from(["7.7.7", "v7.7.7", "7", "v1.2.3-nope"])


@settings(max_examples=examples(100))
@given(RELEASES, st.lists(ODD_TAGS, max_size=2, unique=True), REQUESTS, st.none() | NAMED)
def test_a_suggested_version_is_found(
    releases: list[Release], odd: list[str], wanted: VersionRequest, version: str | None
) -> None:
    releases = [*(each for each in releases if each.tag not in odd), *map(release, odd)]  # a tag has one release
    if version:
        wanted = wanted._replace(version=parse_version(version))
    try:
        found(releases, wanted)
    except (NoMatchingRelease, ReleaseNotFound) as error:
        for tag in suggested(error, "VERSION"):
            again = found(releases, wanted._replace(version=parse_version(tag)))
            assert (again.tag, again.has_assets) == (tag, True)


def test_suggestions_are_made() -> None:
    releases = [release(tag) for tag in ("v1.0", "v2.0", "1,0", "v3.0\u200b")]
    for version in ("^7", "7.7"):
        with pytest.raises((NoMatchingRelease, ReleaseNotFound)) as caught:
            found(releases, asked(version))
        assert sorted(suggested(caught.value, "VERSION")) == ["1,0", "v1.0", "v2.0"]


NAMES = st.lists(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["tool", "Tool+1", "a@b", "helper"]),
        st.sampled_from(["", "-linux", "_darwin", "-win"]),
        st.sampled_from(["", "-amd64", "-arm64", "-x86", "_64bit"]),
        st.sampled_from(["", ".tar.gz", ".deb", ".zip", ".exe", ".sha256"]),
    ),
    max_size=6,
    unique=True,
) | st.sampled_from([list(case.names) for case in collected_cases() + further_cases()])
FILES = st.none() | st.sampled_from(["nothing", "tool*", "*.zip", "/tool/", "tool-{os}-{arch}", "{version}"])


@settings(max_examples=examples(100))
@given(NAMES, FILES, st.sampled_from(["amd64", "arm64", "s390x"]))
def test_a_suggested_asset_is_chosen(names: list[str], file: str | None, arch: str) -> None:
    platform = Platform("linux", arch)
    query = AssetQuery("octo/tool", "v1", parse_pattern(file) if file else None)
    try:
        choose(names, platform, query)
    except (AssetAmbiguous, AssetNotFound, NoAssetForPlatform) as error:
        for name in suggested(error, "FILE"):
            assert name in names
            assert choose(names, platform, query._replace(pattern=parse_pattern(name))) == name
