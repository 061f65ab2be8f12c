"""FILE and tag_pattern, matched against names and tags."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_assets.config.patterns import parse_pattern, parse_tag_pattern
from github_assets.errors.config import SettingInvalid
from github_assets.errors.selection import AssetNotFound, NoAssetForPlatform
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose
from github_assets.selection.patterns import expand, tags_for, versions_in, words_of
from tests.properties import examples

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
NAMES = [
    "client_1.2.3_linux_amd64.tar.gz",
    "client_1.2.3_linux_arm64.tar.gz",
    "server_1.2.3_linux_amd64.tar.gz",
    "server_1.2.3_linux_arm64.tar.gz",
    "server_1.2.3_darwin_arm64.tar.gz",
    "server_1.2.3_linux_amd64.deb",
    "source.tar.gz",
]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("server*", "server_1.2.3_linux_amd64.tar.gz"),
        ("[cs]l*", "client_1.2.3_linux_amd64.tar.gz"),
        ("*erver_*", "server_1.2.3_linux_amd64.tar.gz"),
        ("/^cli.*_\\d/", "client_1.2.3_linux_amd64.tar.gz"),
        ("server_{version}_{os}_{arch}.tar.gz", "server_1.2.3_linux_amd64.tar.gz"),
        ("server_{version}_*.tar.gz", "server_1.2.3_linux_amd64.tar.gz"),
        ("server_{version}_linux_arm64.tar.gz", "server_1.2.3_linux_arm64.tar.gz"),
        ("server_1.2.3_linux_amd64.deb", "server_1.2.3_linux_amd64.deb"),
        ("source.tar.gz", "source.tar.gz"),
    ],
)
def test_a_pattern_narrows_the_choice_and_an_exact_name_decides_it(text: str, chosen: str) -> None:
    assert choose(NAMES, AMD64, AssetQuery(tag="v1.2.3", pattern=parse_pattern(text))) == chosen


@pytest.mark.parametrize("text", ["erver*", "client_*.tar", "SERVER*", "{version}_*"])
def test_a_glob_matches_the_whole_name(text: str) -> None:
    with pytest.raises(AssetNotFound):
        choose(NAMES, AMD64, AssetQuery(tag="v1.2.3", pattern=parse_pattern(text)))


@pytest.mark.parametrize("name", ["tool[1].gz", "tool-{os}", "/tool/", "tool?", "tool*"])
def test_the_whole_name_of_an_asset_is_that_asset(name: str) -> None:
    assert choose([name, "tool1.gz", "tool-linux"], AMD64, AssetQuery(pattern=parse_pattern(name))) == name


@pytest.mark.parametrize("text", ["*darwin*", "/\\.deb$/", "*.deb", "*arm64*"])
def test_a_pattern_only_matches_assets_for_the_platform(text: str) -> None:
    with pytest.raises(NoAssetForPlatform):
        choose(NAMES, AMD64, AssetQuery(pattern=parse_pattern(text)))


def test_a_pattern_of_no_asset_lists_the_nearest_first() -> None:
    with pytest.raises(AssetNotFound) as caught:
        choose(
            NAMES,
            AMD64,
            AssetQuery(repository="o/r", tag="v1.2.3", pattern=parse_pattern("server_{version}_linux_amd64.tgz")),
        )
    assert caught.value.name == "server_1.2.3_linux_amd64.tgz"
    assert caught.value.available[0].startswith("server_1.2.3_linux_amd64")
    assert set(caught.value.available) == set(NAMES)


@pytest.mark.parametrize(
    ("template", "platform", "name"),
    [
        ("jq-{os}{arch}", AMD64, "jq-linux64"),
        ("t-{arch}-unknown-{os}-gnu", ARM64, "t-aarch64-unknown-linux-gnu"),
        ("t_{os}-{arch}", AMD64, "t_Linux-x86_64"),
        ("t-{tag}-{os}-{arch}", AMD64, "t-v1.2.3-linux-x64"),
    ],
)
def test_placeholders_stand_for_any_spelling(template: str, platform: Platform, name: str) -> None:
    other = "t-linux-s390x"
    assert choose([name, other], platform, AssetQuery(tag="v1.2.3", pattern=parse_pattern(template))) == name


def test_without_a_tag_its_placeholders_stand_for_anything() -> None:
    assert choose(NAMES, ARM64, AssetQuery(pattern=parse_pattern("client_{version}_{os}_{arch}.*"))) == NAMES[1]


def test_a_pattern_may_match_names_without_a_platform() -> None:
    names = ["tool-linux-amd64", "tool-darwin-amd64", "rules-1.0.tar.gz"]
    assert choose(names, AMD64, AssetQuery(pattern=parse_pattern("rules*"))) == "rules-1.0.tar.gz"
    with pytest.raises(NoAssetForPlatform):
        choose(names, AMD64, AssetQuery(pattern=parse_pattern("*.tar.gz")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("server_*_{os}_{arch}.tar.gz", ("server",)),
        ("*linux*arm64*", ()),
        ("*.tar.gz", ()),
        ("win-tool*linux*", ("win", "tool")),
        ("/^tool-ab-\\d+/", ("tool", "ab")),
    ],
)
def test_the_literal_words_of_a_pattern(text: str, words: tuple[str, ...]) -> None:
    assert words_of(parse_pattern(text)) == words


def test_a_pattern_for_glibc_asks_for_it() -> None:
    names = ["tool-x86_64-linux-gnu", "tool-aarch64-linux-gnu"]
    assert choose(names, Platform("linux", "amd64", "musl"), AssetQuery(pattern=parse_pattern("*gnu*"))) == names[0]


@pytest.mark.parametrize(
    ("pattern", "tag", "version"),
    [
        ("cli-v*", "cli-v1.2.3", "1.2.3"),
        ("cli-v*", "web-v1.2.3", None),
        ("cli-v*", "a-cli-v1", None),
        ("cli-*", "cli-v1.2.3", "v1.2.3"),
        ("cli/v[0-9]*", "cli/v1.2", "1.2"),
        ("*-cli", "1.2-cli", "1.2"),
        ("v?.?-cli", "v1.2-cli", "1.2"),
        ("CLI-*", "cli-1", None),
        ("/^cli-v/", "cli-v1.2.3", "1.2.3"),
        ("/^cli-v/", "web-v1.2.3", None),
        (r"/^cli2-v(\d.*)$/", "cli2-v1.2.3", "1.2.3"),
        ("/(x)?nightly/", "nightly", ""),
    ],
)
def test_which_version_a_tag_has(pattern: str, tag: str, version: str | None) -> None:
    assert versions_in([tag, "other"], parse_tag_pattern(pattern)) == [version, None]


@pytest.mark.parametrize(
    ("pattern", "version", "tags"),
    [
        ("cli-v*", "1.2.3", ["cli-v1.2.3"]),
        ("cli-v*", "v1.2.3", ["cli-v1.2.3"]),
        ("cli-*", "v1.2.3", ["cli-1.2.3", "cli-v1.2.3"]),
        ("*-cli", "1.2", ["1.2-cli", "v1.2-cli"]),
        ("cli-v*", "cli-v1.2.3", ["cli-v1.2.3"]),
        ("/^cli-v/", "cli-v1.2.3", ["cli-v1.2.3"]),
        ("/^cli-v/", "1.2.3", []),
    ],
)
def test_which_tags_a_version_may_have(pattern: str, version: str, tags: list[str]) -> None:
    assert tags_for(version, parse_tag_pattern(pattern)) == tags


EXPRESSIONS = st.text("/()[]{}*+?|^$\\.<>=!:P0123456789,av-", max_size=10).map("/{}/".format)


@settings(max_examples=examples(200))
@given(
    EXPRESSIONS | st.text("{}tagosrchveinx*?[]!-", max_size=12) | st.text(max_size=9), st.none() | st.text(max_size=9)
)
@example("/[[a]/", None)
@example("/a{9999999999}/", None)
@example(f"/{'(' * 9999}{')' * 9999}/", None)
def test_any_text_is_a_pattern_or_refused(text: str, tag: str | None) -> None:
    try:
        pattern = parse_pattern(text)
    except SettingInvalid:
        return
    expanded = expand(pattern, AMD64, tag)
    assert set(expanded.select(NAMES)) <= set(NAMES)
    assert expanded.select([text]) == [text] or not pattern.exact
    assert all(words_of(pattern))


@settings(max_examples=examples(200))
@given(
    st.text(max_size=10) | EXPRESSIONS,
    st.text(max_size=9),
)
@example("/[[a]/", "v1")
@example("/a{9999999999}/", "v1")
@example(f"/{'(' * 9999}{')' * 9999}/", "v1")
def test_any_text_is_a_tag_pattern_or_refused(pattern: str, tag: str) -> None:
    try:
        parsed = parse_tag_pattern(pattern)
    except SettingInvalid:
        return
    [version] = versions_in([tag], parsed)
    assert version is None or version in tag
    assert all(isinstance(each, str) for each in tags_for(tag, parsed))
