"""Parsing the version in a tag."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.selection.tag_versions import parse_number, version_of, version_of_repository
from tests.properties import examples


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.2.3", "1.2.3"),
        ("V1.2", "1.2"),
        ("v.2.217", "2.217"),
        ("1.2.3-rc.1", "1.2.3-rc.1"),
        ("v1-rc.1.2", "1-rc.1.2"),
        ("v2rc1", "2rc1"),
        ("v1.32.4+k3s1", "1.32.4+k3s1"),
        ("cli-v1.2", "1.2"),
        ("jq-1.6", "1.6"),
        ("jq1.7", "1.7"),
        ("k8s-cli/v1.2.3", "1.2.3"),
        ("s3-proxy-v1.2.3", "1.2.3"),
        ("s3-proxy-v2", "2"),
        ("v2ray-5.1.0", "5.1.0"),
        ("v2ray5.1.0", "5.1.0"),
        ("h2load-v0.1.0", "0.1.0"),
        ("h2-2.1.214", "2.1.214"),
        ("log4j2-2.17", "2.17"),
        ("7zip-24.01", "24.01"),
        ("3proxy-1", "1"),
        ("python-3-v1.2.3", "1.2.3"),
        ("OpenJDK8U-1.0", "1.0"),
        ("jdk-21.0.2+13", "21.0.2+13"),
        ("jdk-21+35", "21+35"),
        ("go1.22rc1", "1.22rc1"),
        ("b6432", "6432"),
        ("master-813-bfbef5b", "813-bfbef5b"),
        ("sdk/v2/v1.2.3", "1.2.3"),
        ("release/2024.01", "2024.01"),
        ("v1.2/stable", "1.2/stable"),
        ("@biomejs/biome@2.1.0", "2.1.0"),
        ("2024-11-25", "2024-11-25"),
        ("2024-11-25.1", "2024-11-25.1"),
        ("curl-8_5_0", "8_5_0"),
        ("tool v1.2", "1.2"),
        ("nightly", "nightly"),
        ("", ""),
    ],
)
def test_the_version_of_a_tag(tag: str, version: str) -> None:
    assert version_of(tag) == version


@settings(max_examples=examples(200))
@given(st.text("v1.20-_/@+ab rc", max_size=12))
def test_the_version_of_a_tag_is_its_end(tag: str) -> None:
    version = version_of(tag)
    assert tag.endswith(version)
    assert version == tag or version[0].isdigit()
    assert version_of(f"k8s-tool-v{version}") == version or not re.match(r"\d+\.\d", version) or "/" in version


@settings(max_examples=examples(200))
@given(st.text("v1.20-_@+ab rc", min_size=1, max_size=12).filter(lambda tag: any(map(str.isdigit, tag))))
def test_what_stands_before_a_slash_is_not_the_version(tag: str) -> None:
    assert version_of(f"x/{tag}") == version_of(tag)


@pytest.mark.parametrize(
    ("tag", "name", "version"),
    [
        ("v1.2", "tool", "1.2"),
        ("V1.2", "tool", "1.2"),
        ("v.2.217", "tool", "2.217"),
        ("v-1.2", "tool", "1.2"),
        ("tool-v1.2", "tool", "1.2"),
        ("Tool_1.2", "tool", "1.2"),
        ("tool-release-1.2", "tool", "1.2"),
        ("release-1.2", "tool", "1.2"),
        ("release/v1.2", "tool", "1.2"),
        ("releases/1.2", "tool", "1.2"),
        ("rel_1.2", "tool", "1.2"),
        ("version 1.2", "tool", "1.2"),
        ("ver1.2", "tool", "1.2"),
        ("release-candidate-1", "tool", "release-candidate-1"),
        ("web-v1.2", "tool", "web-v1.2"),
        ("vault-1.2", "tool", "vault-1.2"),
        ("v2ray-5.1.0", "tool", "v2ray-5.1.0"),
        ("v2rc1", "tool", "2rc1"),
        ("v2", "tool", "2"),
        ("verify1.2", "tool", "verify1.2"),
        ("toolbox-1.2", "tool", "box-1.2"),
        ("1.2", "tool", "1.2"),
        ("v", "tool", "v"),
        ("2048.1", "2048", "2048.1"),
    ],
)
def test_the_text_before_the_version_in_a_tag(tag: str, name: str, version: str) -> None:
    assert version_of_repository(tag, name) == version


@pytest.mark.parametrize(
    "label", ["-rc.1", "-rc1", "rc1", ".rc1", "-RC10", "-alpha", "-beta.2", "b2", "a1", "-M3", "-milestone-1"]
)
def test_labels_of_prereleases(label: str) -> None:
    number = parse_number(f"1.2.3{label}")
    assert number is not None
    assert number.prerelease


@pytest.mark.parametrize(
    "label",
    [
        "",
        "-1",
        "-fix",
        "-stable",
        ".Final",
        "-alpine",
        "-spt-4.0",
        "+rc1",
        ".4",
        "-a1b2c3d",
        "-p1",
        "-hotfix.2",
        "-march",
    ],
)
def test_other_labels(label: str) -> None:
    number = parse_number(f"1.2.3{label}")
    assert number is not None
    assert not number.prerelease


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        ("8_5_0", "8.5.0"),
        ("1_10", "1.10"),
        ("1_2_3_4", "1.2.3.4"),
        ("1_2_3-rc1", "1.2.3-rc1"),
        ("1_2_3_rc1", "1.2.3-rc1"),
        ("2024-11-25", "2024.11.25"),
    ],
)
def test_other_separators_of_numbers(written: str, usual: str) -> None:
    assert parse_number(written) == parse_number(usual)


@pytest.mark.parametrize("text", ["1.2.3_1", "1.2_alpine"])
def test_an_underscore_after_a_point_begins_a_label(text: str) -> None:
    assert parse_number(text) == parse_number(text.replace("_", "-"))
