"""Which locked assets the configuration allows."""

from __future__ import annotations

from typing import Any

import pytest

from github_assets.config.patterns import parse_pattern, parse_tag_pattern
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.versions import parse_version
from github_assets.platforms import Platform
from github_assets.resolution.lock_rules import contradictions
from tests.unit.resolution.samples import JQ

TOOL = Repository("octo", "tool")
AT = "https://github.com/octo/tool/releases/download"


def wrong(tag: str = "v1.2.3", asset: str = "tool-linux-amd64", url: str | None = None, **settings: Any) -> list[str]:
    """What is wrong with a locked tag, asset and URL for a request with these settings."""
    parsers = {"version": parse_version, "file": parse_pattern, "tag_pattern": parse_tag_pattern}
    parsed = {key: parsers[key](value) if key in parsers and value else value for key, value in settings.items()}
    request = AssetRequest(TOOL, "REPO in the environment", **parsed)
    locked = JQ._replace(tag=tag, asset=asset, url=url or f"{AT}/{tag}/{asset}")
    return contradictions(locked, request)


@pytest.mark.parametrize(
    ("settings", "tags"),
    [
        ({"version": "latest"}, ["v1.2.3", "nightly", "2.0-rc1"]),
        ({"version": "v1.2.3"}, ["v1.2.3", "1.2.3"]),
        ({"version": "1.2.3"}, ["v1.2.3", "1.2.3", "tool-1.2.3"]),
        ({"version": "1.2"}, ["v1.2.0", "1.2.9", "v1.2"]),
        ({"version": "nightly"}, ["nightly"]),
        ({"version": "^1.2"}, ["v1.2.3", "1.9", "tool-1.3.0"]),
        ({"version": ">=1 <2"}, ["v1.2.3"]),
        ({"version": "^1.2", "prerelease": True}, ["v1.3.0-rc.1"]),
        ({"version": "latest", "prerelease": True}, ["v1.3.0-rc.1", "v2"]),
        ({"version": "latest", "tag_pattern": "cli-v*"}, ["cli-v1.2.3"]),
        ({"version": "1.2.3", "tag_pattern": "cli-v*"}, ["cli-v1.2.3"]),
        ({"version": "^1", "tag_pattern": "/^cli-v(.*)$/"}, ["cli-v1.2.3"]),
        ({"version": "^1", "min_age": 10**9}, ["v1.2.3"]),
        ({"version": "latest", "min_age": 10**9}, ["v1.2.3"]),
    ],
)
def test_tags_that_are_allowed(settings: dict[str, Any], tags: list[str]) -> None:
    for tag in tags:
        assert wrong(tag, **settings) == []


@pytest.mark.parametrize(
    ("settings", "tags"),
    [
        ({"version": "v1.2.3"}, ["v1.2.2", "v1.2.30", "V1.2.4", "latest"]),
        ({"version": "1.2"}, ["v1.3.0", "v11.2", "v1.2.0-rc.1"]),
        ({"version": "nightly"}, ["nightly-2", "v1"]),
        ({"version": "^1.2"}, ["v1.1.9", "v2", "v1.3.0-rc.1", "nightly", "other-1.2.3-x"]),
        ({"version": "latest", "tag_pattern": "cli-v*"}, ["api-v1.2.3", "v1.2.3", "cli-v1.3.0-rc.1"]),
        ({"version": "1.2.3", "tag_pattern": "cli-v*"}, ["v1.2.3", "cli-v1.2.4"]),
        ({"version": "^1", "tag_pattern": "/^cli-v(.*)$/"}, ["cli-v2", "v1.2.3"]),
        ({"version": "latest", "prerelease": True, "tag_pattern": "v*"}, ["nightly"]),
    ],
)
def test_tags_that_are_not(settings: dict[str, Any], tags: list[str]) -> None:
    for tag in tags:
        [difference] = wrong(tag, **settings)
        assert difference.startswith(f"the locked tag {tag} does not match version ")


@pytest.mark.parametrize(
    "url",
    [
        f"{AT}/v1.2.3/tool-linux-amd64",
        "https://github.com/Octo/TOOL/releases/download/v1.2.3/tool-linux-amd64",
        "https://github.com/octo/tool/releases/download/v1%2E2.3/tool%2Dlinux-amd64",
    ],
)
def test_a_url_of_the_asset(url: str) -> None:
    assert wrong(url=url) == []


def test_a_url_of_a_tag_and_a_name_that_need_escapes() -> None:
    locked = {"tag": "@scope/tool@1.0+é", "asset": "tool 1%.tar.gz"}
    assert wrong(**locked, url=f"{AT}/%40scope/tool%401.0+%C3%A9/tool%201%25.tar.gz") == []


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/evil/tool/releases/download/v1.2.3/tool-linux-amd64",
        "https://github.com/octo/tool-evil/releases/download/v1.2.3/tool-linux-amd64",
        f"{AT}/v1.2.4/tool-linux-amd64",
        f"{AT}/v1.2.3/evil",
        f"{AT}/v1.2.3/evil/tool-linux-amd64",
        f"{AT}/../download/v1.2.3/tool-linux-amd64",
        f"{AT}/v1.2.3/tool-linux-amd64/",
        f"{AT}//v1.2.3/tool-linux-amd64",
        "https://github.com/octo/tool/releases/latest/download/tool-linux-amd64",
        "https://github.com/evil/x/octo/tool/releases/download/v1.2.3/tool-linux-amd64",
        "https://github.com/evil%2Focto/tool/releases/download/v1.2.3/tool-linux-amd64",
        "https://github.com/octo",
        "https://github.com/",
        "https://github.com",
    ],
)
def test_a_url_of_something_else(url: str) -> None:
    [difference] = wrong(url=url)
    assert difference.startswith(f"the locked url {url} is not that of tool-linux-amd64 of v1.2.3")


@pytest.mark.parametrize("file", [None, "tool-{os}-{arch}", "tool-*", "/^tool-/", "tool-linux-amd64"])
def test_an_asset_that_is_allowed(file: str | None) -> None:
    assert wrong(file=file) == []
    [difference] = wrong(asset="evil-darwin", file=file)
    assert difference.startswith("the locked asset evil-darwin does not match ")


def test_the_platform_decides() -> None:
    request = AssetRequest(Repository("jqlang", "jq"), "REPO")
    assert contradictions(JQ, request) == []
    [difference] = contradictions(JQ._replace(platform=Platform("linux", "arm64")), request)
    assert difference == "the locked asset jq-linux-amd64 does not match linux/arm64"


def test_the_digest_of_the_configuration() -> None:
    request = AssetRequest(Repository("jqlang", "jq"), "REPO", sha256=JQ.sha256)
    configured = JQ._replace(verified_by="the configuration, SHA256SUMS of the release")
    assert contradictions(configured, request) == contradictions(JQ, request) == []
    assert contradictions(JQ, request._replace(sha256="0" * 64)) == [f"sha256 is {'0' * 64}, locked as {JQ.sha256}"]
    [difference] = contradictions(configured, request._replace(sha256=None))
    assert difference == "it was verified by a sha256 that is no longer in the configuration"
