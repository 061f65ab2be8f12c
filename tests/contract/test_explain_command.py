"""`github-assets explain`: why this asset, and why not another."""

from __future__ import annotations

import json

import pytest

from testing.githubd import GitHub
from tests.contract.conftest import Command
from tests.contract.samples import ASKED, PROBE

REPO = ASKED["REPO"]

pytestmark = pytest.mark.usefixtures("release")


def test_why(command: Command) -> None:
    run = command("explain", REPO, "--platform", "aarch64", settings={})

    assert (run.status, run.err) == (0, "")
    assert run.out == (
        f"{REPO} latest: release v0.4.45\n"
        "grpc_health_probe-linux-arm64 for linux/arm64\n"
        "  grpc_health_probe-linux-arm64: it is for linux/arm64\n"
        "  not checksums.txt: it is metadata, or a file with an unknown extension\n"
        "  not grpc_health_probe-linux-amd64: it is for linux/amd64\n"
    )


def test_no_single_asset(command_here: Command, github: GitHub) -> None:
    release = github.repository("octo/tool").release("v1")
    for name, fields in (("a-linux-x64", {}), ("b-linux-x64", {}), ("c-linux-x64", {"state": "starter"})):
        release.asset(name, PROBE, **fields)

    run = command_here("explain", "octo/tool@v1", "--platform", "amd64", "--json", settings={})

    assert run.status == 3
    assert json.loads(run.out) == {
        "repository": "octo/tool",
        "tag": "v1",
        "platform": "linux/amd64",
        "asset": None,
        "skipped_releases": [],
        "assets": [
            {"asset": "a-linux-x64", "reason": "others match equally well"},
            {"asset": "b-linux-x64", "reason": "others match equally well"},
            {"asset": "c-linux-x64", "reason": "its upload is not finished"},
        ],
    }
    assert "  --file a-linux-x64\n  --file b-linux-x64\n" in run.err


def test_the_release_that_was_skipped(command_here: Command, github: GitHub) -> None:
    repository = github.repository("octo/tool")
    repository.release("v1").asset("tool-linux-amd64", PROBE)
    repository.release("v2")

    run = command_here("explain", "octo/tool", "--platform", "amd64", settings={})

    assert run.status == 0
    assert run.out.startswith("octo/tool latest: release v1\n  not v2: it has no assets\n")
