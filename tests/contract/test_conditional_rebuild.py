"""Rebuilds with a token, in which GitHub only confirms that nothing has changed."""

from __future__ import annotations

from typing import Any

import pytest
import toml

from testing.githubd import GitHub, Release, Repository, Server
from testing.githubd.exchange import Request
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ASKED, PROBE, TOKEN

WITH_TOKEN = {**ASKED, "TOKEN": TOKEN}
LATEST = "/repos/grpc-ecosystem/grpc-health-probe/releases/latest"


@pytest.fixture(autouse=True)
def private(repository: Repository, release: Release) -> None:
    """GitHub knows the token: a question with it that nothing has changed since is free."""
    repository.private = True
    repository.readers.add(TOKEN)


def built_before(lifecycle: Lifecycle, server: Server, settings: dict[str, str]) -> None:
    assert lifecycle.build(settings).status == 0
    lifecycle.restore()
    server.log.clear()


def asked(server: Server) -> list[tuple[str, bool]]:
    """What was asked of the API, and whether it was asked if anything has changed."""

    def conditional(request: Request) -> bool:
        return "if-none-match" in request.headers

    return [(request.path, conditional(request)) for request in server.requests("api")]


@pytest.mark.parametrize("version", ["latest", "v0.4.45", "0.4.45"])
def test_nothing_has_changed(lifecycle: Lifecycle, server: Server, github: GitHub, version: str) -> None:
    settings = {**WITH_TOKEN, "VERSION": version}
    built_before(lifecycle, server, settings)
    metadata = lifecycle.toml("github-assets.toml")["metadata"]
    left = github.rate(TOKEN)["remaining"]

    run = lifecycle.build(settings)

    path = LATEST if version == "latest" else LATEST.replace("latest", "tags/v0.4.45")
    assert (run.status, run.err, asked(server)) == (0, "", [(path, True)])
    assert github.rate(TOKEN)["remaining"] == left
    assert "Reusing layer github-assets: its releases have not been modified\n" in run.out
    assert f"grpc-health-probe {version} (REPO in the environment): v0.4.45, " in run.out
    assert lifecycle.toml("github-assets.toml")["metadata"] == metadata
    assert lifecycle.toml("launch.toml")["processes"][0]["type"] == "grpc_health_probe"
    assert TOKEN not in str(metadata)


def test_a_new_release(lifecycle: Lifecycle, server: Server, repository: Repository) -> None:
    built_before(lifecycle, server, WITH_TOKEN)
    repository.release("v0.4.46").asset("grpc_health_probe-linux-amd64", b"#!/bin/sh\n")

    assert lifecycle.build(WITH_TOKEN).status == 0

    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == b"#!/bin/sh\n"
    assert asked(server)[:2] == [(LATEST, True), (LATEST, False)]


def test_the_release_is_gone(lifecycle: Lifecycle, server: Server, repository: Repository) -> None:
    settings = {**WITH_TOKEN, "VERSION": "v0.4.45"}
    built_before(lifecycle, server, settings)
    repository.releases.clear()

    run = lifecycle.build(settings)

    assert run.status == 1
    assert 'has no release "v0.4.45"' in run.err


def test_an_unrelated_change_of_the_release(lifecycle: Lifecycle, server: Server, release: Release) -> None:
    """The layer stays, with the ETag of now, so that the build after this one asks but once."""
    built_before(lifecycle, server, WITH_TOKEN)
    release.asset("another", b"another")
    assert "Reusing" in lifecycle.build(WITH_TOKEN).out
    lifecycle.restore()
    server.log.clear()

    assert "Reusing" in lifecycle.build(WITH_TOKEN).out
    assert asked(server) == [(LATEST, True)]


@pytest.mark.parametrize(
    "changed",
    [{"TARGET": "probe"}, {"FILE": "grpc_health_probe-linux-arm64", "BP_ARCH": "arm64"}, {"VERSION": "v0.4.45"}],
    ids=["target", "file", "version"],
)
def test_another_request_is_planned_again(lifecycle: Lifecycle, server: Server, changed: dict[str, str]) -> None:
    built_before(lifecycle, server, WITH_TOKEN)

    lifecycle.build({**WITH_TOKEN, **changed})

    assert {conditional for _, conditional in asked(server)} == {False}


def test_another_platform_is_planned_again(lifecycle: Lifecycle, server: Server) -> None:
    settings = {**WITH_TOKEN, "FILE": "grpc_health_probe-{os}-{arch}"}
    built_before(lifecycle, server, settings)
    lifecycle.process["CNB_TARGET_ARCH"] = "arm64"

    lifecycle.build(settings)

    assert {conditional for _, conditional in asked(server)} == {False}


def test_one_layer_of_two(lifecycle: Lifecycle, server: Server, repository: Repository, github: GitHub) -> None:
    other = github.repository("octo/tool", private=True, readers={TOKEN})
    other.release("v1").asset("tool-linux-amd64", PROBE)
    (lifecycle.app / "github-assets.toml").write_text(
        '[[assets]]\nrepo = "octo/tool"\nfile = "tool-linux-amd64"\nlayer = "github-assets-tool"\n'
        f'[[assets]]\nrepo = "{ASKED["REPO"]}"\nfile = "{ASKED["FILE"]}"\n'
    )
    built_before(lifecycle, server, {"TOKEN": TOKEN})
    other.release("v2").asset("tool-linux-amd64", b"#!/bin/sh\n")

    run = lifecycle.build({"TOKEN": TOKEN})

    assert (run.status, run.err) == (0, "")
    assert "Reusing layer github-assets" in run.out
    assert "Replacing layer github-assets-tool" in run.out
    assert [path for path, conditional in asked(server) if not conditional and path.startswith(LATEST)] == []


def test_without_a_token_no_etag_is_kept(lifecycle: Lifecycle, server: Server, repository: Repository) -> None:
    """It would spare no rate limit, and make the image's label another one with every download of the asset."""
    repository.private = False
    built_before(lifecycle, server, ASKED)
    lifecycle.build(ASKED)

    assert asked(server) == [(LATEST, False)]
    assert not {"etag", "request"} & set(lifecycle.toml("github-assets.toml")["metadata"]["assets"][0])


@pytest.mark.parametrize("etag", ['W/"a"\r\nHost: evil.example.com', "W/ä", "x" * 300])
def test_an_invalid_etag_is_not_sent(lifecycle: Lifecycle, server: Server, etag: Any) -> None:
    built_before(lifecycle, server, WITH_TOKEN)
    restored = lifecycle.layers / "github-assets.toml"
    content = toml.loads(restored.read_text())
    content["metadata"]["assets"][0]["etag"] = etag
    restored.write_text(toml.dumps(content))

    assert lifecycle.build(WITH_TOKEN).status == 0
    assert asked(server)[0] == (LATEST, False)
    assert not any(conditional for _, conditional in asked(server))
