"""`github-assets resolve`: what a build would install now."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from testing.githubd import Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ASKED, DIGEST, PROBE, TEMPLATE, TOKEN

REPO = ASKED["REPO"]

pytestmark = pytest.mark.usefixtures("release")


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url
    return command_here


def platforms(command: Command, *options: str) -> list[str]:
    run = command("resolve", "--json", *options)
    assert run.status == 0
    return [each["platform"] for each in json.loads(run.out)["assets"]]


def test_the_platforms_of_the_lock_file(command: Command) -> None:
    assert platforms(command) == ["linux/amd64", "linux/arm64"]
    command("lock", "--platform", "linux/arm64")
    assert platforms(command) == ["linux/arm64"]
    assert platforms(command, "--platform", "x86_64") == ["linux/amd64"]


def test_an_asset_that_is_not_configured(command: Command, server: Server) -> None:
    arguments = ("resolve", f"{REPO}@0.4.45", "--platform", "amd64", "--target", "probe")

    line = command(*arguments, settings={})
    document = command(*arguments, "--json", settings={})

    assert line.out == f"{REPO} v0.4.45 linux/amd64 grpc_health_probe-linux-amd64 60.0 kB sha256:{DIGEST}\n"
    assert json.loads(document.out) == {
        "assets": [
            {
                "repository": REPO,
                "tag": "v0.4.45",
                "platform": "linux/amd64",
                "asset": "grpc_health_probe-linux-amd64",
                "target": "probe",
                "size": len(PROBE),
                "digest": f"sha256:{DIGEST}",
                "url": f"{server.web_url}/{REPO}/releases/download/v0.4.45/grpc_health_probe-linux-amd64",
            }
        ]
    }
    assert server.requests("store") == []


def test_keys_are_those_of_the_argument(command: Command) -> None:
    run = command("resolve", "--file", "x", settings=TEMPLATE)
    assert run.status == 2
    assert "--file: only with ASSET" in run.err


def test_verbose_shows_each_request_and_decision(command: Command, server: Server) -> None:
    settings = {**TEMPLATE, "TOKEN": TOKEN}

    verbose = command("resolve", "-v", settings=settings)
    by_variable = command("resolve", settings={**settings, "BP_LOG_LEVEL": "debug"})
    usual = command("resolve", settings=settings)

    api = urlsplit(server.api_url)
    assert f"debug: GET {api.netloc}{api.path}/repos/{REPO}/releases/latest with TOKEN: 200 in " in verbose.err
    assert "checksums.txt: it is " in verbose.err or "checksums.txt: file does not select it" in verbose.err
    assert verbose.out == by_variable.out == usual.out
    assert "debug: GET" in by_variable.err
    assert "debug:" not in usual.err
    assert TOKEN not in verbose.log
