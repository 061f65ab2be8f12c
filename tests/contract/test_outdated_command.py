"""`github-assets outdated`: of which assets there are newer releases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from testing.githubd import GitHub, Repository, Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle, Run
from tests.contract.samples import ASKED, PROBE

REPO = ASKED["REPO"]
ONE = ("--platform", "linux/amd64")

pytestmark = pytest.mark.usefixtures("release")


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url
    return command_here


def rows(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run.out)["assets"]
    return found


def add_release(repository: Repository, tag: str, **fields: Any) -> None:
    repository.release(tag, **fields).asset(ASKED["FILE"], PROBE)


def test_nothing_is_outdated(command: Command) -> None:
    run = command("outdated", settings=ASKED)
    assert (run.status, run.out) == (0, "")

    command("lock", *ONE, settings=ASKED)
    run = command("outdated", "--json", settings=ASKED)
    assert run.status == 0
    assert rows(run) == [
        {"repository": REPO, "version": "latest", "outdated": False}
        | dict.fromkeys(("current", "wanted", "latest"), "v0.4.45")
    ]


def test_a_newer_release_than_the_locked_one(command: Command, repository: Repository) -> None:
    settings = {**ASKED, "VERSION": "~0.4"}
    command("lock", *ONE, settings=settings)
    add_release(repository, "v0.4.46")
    add_release(repository, "v0.5.0")

    run = command("outdated", settings=settings)

    assert run.status == 3
    assert run.out == (
        f"repository                        current  wanted   latest\n{REPO}  v0.4.45  v0.4.46  v0.5.0\n"
    )
    assert run.err.endswith("  To lock what is wanted: github-assets lock --upgrade\n")
    assert rows(command("outdated", "--json", "-q", settings=settings)) == [
        {"repository": REPO, "version": "~0.4", "current": "v0.4.45", "wanted": "v0.4.46", "latest": "v0.5.0"}
        | {"outdated": True}
    ]


def test_a_pin_without_a_lock_file(command: Command, repository: Repository) -> None:
    add_release(repository, "v0.4.46")

    run = command("outdated", "--json", settings={**ASKED, "VERSION": "0.4.45"})

    assert run.status == 3
    assert [(row["current"], row["wanted"], row["latest"]) for row in rows(run)] == [("v0.4.45", "v0.4.45", "v0.4.46")]


def test_a_pin_that_is_newer_than_the_latest(command: Command, repository: Repository) -> None:
    add_release(repository, "v1.0.0-rc.1", prerelease=True)

    run = command("outdated", "--json", settings={**ASKED, "VERSION": "v1.0.0-rc.1"})

    assert run.status == 0
    assert [(row["wanted"], row["latest"]) for row in rows(run)] == [("v1.0.0-rc.1", "v0.4.45")]


def test_nothing_but_prereleases(command: Command, github: GitHub) -> None:
    add_release(github.repository("octo/tool"), "v1-rc", prerelease=True)
    settings = {**ASKED, "REPO": "octo/tool", "VERSION": "v1-rc"}

    run = command("outdated", "--json", settings=settings)

    assert run.status == 0
    assert [row["latest"] for row in rows(run)] == [None]


def test_what_is_not_locked_yet(command: Command, github: GitHub) -> None:
    command("lock", *ONE, settings=ASKED)
    add_release(github.repository("octo/tool"), "v1")

    run = command("outdated", settings={**ASKED, "BP_GITHUB_ASSETS": "octo/tool"})

    assert run.status == 3
    assert run.out.splitlines()[1] == "octo/tool   not locked  v1      v1"


def test_a_repository_that_is_not_there(command: Command) -> None:
    run = command("outdated", settings={"REPO": "octo/missing"})
    assert (run.status, run.out) == (1, "")
