"""Tags and assets with unusual names, which must not make the rest of a repository unusable."""

from __future__ import annotations

import pytest

from testing.githubd import GitHub
from tests.contract.lifecycle import Lifecycle, Run
from tests.contract.refusal import refused
from tests.contract.samples import PROBE

NAME = "tool-linux-amd64"
ZERO_WIDTH = "v1.0\u200b"
JOINED_EMOJI = "v1.0-\U0001f468\u200d\U0001f4bb"
NEW_EMOJI = "\U0001fae9-1.0"
NO_BREAK_SPACE = "v0.9\u00a0beta"
ODD = [ZERO_WIDTH, JOINED_EMOJI, NEW_EMOJI, NO_BREAK_SPACE, "v1#2", "v0.5.2`", "v1.0\x85", "v1.0\u202e"]


def add(github: GitHub, *tags: str, names: tuple[str, ...] = (NAME,)) -> None:
    repository = github.repository("octo/tool")
    for tag in tags:
        release = repository.release(tag)
        for name in names:
            release.asset(name, PROBE)


def installed(run: Run, lifecycle: Lifecycle) -> str:
    """Return the tag of what was installed."""
    assert run.status == 0, run.log
    [asset] = lifecycle.toml("github-assets.toml")["metadata"]["assets"]
    return str(asset["tag"])


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("version", ["latest", "1.x"])
def test_an_odd_tag_elsewhere(github: GitHub, lifecycle: Lifecycle, odd: str, version: str) -> None:
    add(github, odd, "v1.1.0")

    assert installed(lifecycle.build({"REPO": "octo/tool", "VERSION": version}), lifecycle) == "v1.1.0"


def test_an_odd_tag_where_the_latest_has_no_assets(github: GitHub, lifecycle: Lifecycle) -> None:
    add(github, ZERO_WIDTH, "v1.0.0")
    repository = github.find("octo/tool")
    assert repository
    repository.release("v1.1.0")

    assert installed(lifecycle.build({"REPO": "octo/tool"}), lifecycle) == "v1.0.0"


@pytest.mark.parametrize("odd", ODD[:4])
def test_an_odd_latest_tag_is_logged_in_full(github: GitHub, lifecycle: Lifecycle, odd: str) -> None:
    add(github, odd)

    run = lifecycle.build({"REPO": "octo/tool"})

    assert installed(run, lifecycle) == odd
    assert f"  Warning: The tag contains unprintable characters: {odd!a}\n" in run.out
    assert all(character.isprintable() or character == "\n" for character in run.log)


@pytest.mark.parametrize("odd", ODD[:6])
def test_an_odd_tag_by_its_name(github: GitHub, lifecycle: Lifecycle, odd: str) -> None:
    add(github, odd, "v1.1.0")

    assert installed(lifecycle.build({"REPO": "octo/tool", "VERSION": odd}), lifecycle) == odd


@pytest.mark.parametrize("version", ["nightly", "7.x", "7.0"])
def test_suggestions_can_be_pasted(github: GitHub, lifecycle: Lifecycle, version: str) -> None:
    add(github, *ODD, "v1.1.0")

    _, advice = refused(lifecycle.build({"REPO": "octo/tool", "VERSION": version}), lifecycle)

    suggested = [line.strip() for line in advice.splitlines() if line.startswith("  VERSION=")]
    assert sorted(suggested) == ["VERSION=v0.5.2`", "VERSION=v1#2", "VERSION=v1.1.0"]


@pytest.mark.parametrize(
    "odd", ["tool\u200b-linux-amd64", "tool-linux-x86_64\u202e", "\u00a0tool-linux-amd64", "tool-linux-amd64\n"]
)
def test_an_odd_asset_beside_the_right_one(github: GitHub, lifecycle: Lifecycle, odd: str) -> None:
    add(github, "v1", names=(odd, "tool-1-linux-amd64"))

    run = lifecycle.build({"REPO": "octo/tool"})

    assert installed(run, lifecycle) == "v1"
    assert "): v1, tool-1-linux-amd64\n" in run.out


def test_an_odd_asset_alone_is_not_chosen(github: GitHub, lifecycle: Lifecycle) -> None:
    add(github, "v1", names=("tool\u200b-linux-amd64",))

    for settings in ({}, {"FILE": "tool*"}, {"FILE": "/tool/"}, {"TARGET": "tool"}):
        _, advice = refused(lifecycle.build({"REPO": "octo/tool", **settings}), lifecycle)
        assert "FILE=" not in advice


def test_an_odd_asset_by_its_name(github: GitHub, lifecycle: Lifecycle) -> None:
    add(github, "v1", names=("tool\u200b-linux-amd64",))

    run = lifecycle.build({"REPO": "octo/tool", "FILE": "tool\u200b-linux-amd64", "TARGET": "tool"})

    assert installed(run, lifecycle) == "v1"
