"""What the log of a build says: in few lines by default, everything with BP_LOG_LEVEL=debug, never a secret."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from testing.githubd import GitHub, Release, Server
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ASKED, DIGEST, PROBE, TOKEN

DEBUG = {"BP_LOG_LEVEL": "DEBUG"}


def tools(github: GitHub, count: int) -> dict[str, str]:
    release = github.repository("octo/tools").release("v1")
    for number in range(count):
        release.asset(f"tool{number}", PROBE)
    return {"BP_GITHUB_ASSETS": ",".join(f"octo/tools:tool{number}" for number in range(count))}


def test_each_of_a_few_assets_has_a_block(lifecycle: Lifecycle, github: GitHub, plain: Callable[[str], str]) -> None:
    run = lifecycle.build(tools(github, 2))

    blocks = [
        f"  octo/tools latest (BP_GITHUB_ASSETS item {number + 1}): v1, tool{number}\n"
        "    Downloaded 60.0 kB from store in TIME\n"
        f"    Verified sha256:{DIGEST} (GitHub's digest)\n"
        f"    Installed LAYERS/github-assets/bin/tool{number}\n"
        for number in range(2)
    ]
    assert "".join(blocks) in plain(run.out)


def test_each_of_many_assets_is_a_line(lifecycle: Lifecycle, github: GitHub, plain: Callable[[str], str]) -> None:
    run = lifecycle.build(tools(github, 20))
    lines = plain(run.out).splitlines()
    lifecycle.restore()
    rebuild = plain(lifecycle.build().out).splitlines()

    assert lines[1] == "  Installed in LAYERS/github-assets:"
    assert lines[2:22] == [
        f"    bin/tool{number}: octo/tools latest (BP_GITHUB_ASSETS item {number + 1}): v1, tool{number}, 60.0 kB,"
        " verified by GitHub's digest"
        for number in range(20)
    ]
    assert lines[22:] == [
        "  To run it in a container: docker run --rm --entrypoint tool0 IMAGE (or tool1, tool2, tool3, …)",
        "  Done in TIME: installed 20 assets (1.2 MB)",
    ]
    assert (len(rebuild), rebuild[-1]) == (23, "  Done in TIME: reused 20 assets")


def test_an_executable_that_is_no_health_probe_has_no_probe(lifecycle: Lifecycle, github: GitHub) -> None:
    assert "robe" not in lifecycle.build(tools(github, 1)).out


def test_one_layer_is_new_and_one_is_reused(lifecycle: Lifecycle, github: GitHub, plain: Callable[[str], str]) -> None:
    table = '[[assets]]\nrepo = "octo/tools"\nfile = "tool{0}"\nlayer = "l{0}"\n'
    tools(github, 2)
    file = lifecycle.app / "github-assets.toml"
    file.write_text(table.format(0))
    lifecycle.build({})
    metadata = lifecycle.toml("l0.toml")["metadata"]
    for path in lifecycle.layers.iterdir():
        if path.is_file():
            path.unlink()
    import toml

    (lifecycle.layers / "l0.toml").write_text(toml.dumps({"metadata": metadata}))
    file.write_text(table.format(0) + table.format(1))

    out = plain(lifecycle.build({}).out)

    assert "  Reusing layer l0: releases, assets and settings are the same\n" in out
    assert out.endswith(
        "  To run it in a container: docker run --rm --entrypoint tool1 IMAGE\n"
        "  Done in TIME: installed 1 asset (60.0 kB), reused 1 asset\n"
    )


@pytest.mark.usefixtures("release")
def test_debug_shows_every_request_without_secrets(
    lifecycle: Lifecycle, server: Server, plain: Callable[[str], str]
) -> None:
    run = lifecycle.build({**ASKED, **DEBUG, "TOKEN": TOKEN})

    out = plain(run.out)
    requests = [line.strip() for line in out.splitlines() if "debug: GET " in line]
    repository = "repos/grpc-ecosystem/grpc-health-probe/releases"
    assert [re.sub(r"store/.*:", "store/ASSET:", line) for line in requests] == [
        f"debug: GET api/{repository}/latest with TOKEN: 200 in TIME",
        f"debug: GET api/{repository}/assets/4501 with TOKEN: 302 in TIME",
        "debug: GET store/ASSET: 200 in TIME",
    ]
    assert TOKEN not in run.log
    assert "?" not in run.out
    assert "sig=" not in run.out
    assert len(server.requests()) == len(requests)


def test_debug_says_why_each_other_asset_was_not_taken(lifecycle: Lifecycle, release: Release) -> None:
    run = lifecycle.build({"REPO": ASKED["REPO"], **DEBUG})

    said = dict(re.findall(r"^    debug: grpc-ecosystem/\S+ v0.4.45, linux/amd64: (\S+): (.*)$", run.out, re.M))
    assert said.keys() == {asset.name for asset in release.assets}
    assert said["grpc_health_probe-linux-arm64"] == "it is for linux/arm64"


@pytest.mark.usefixtures("release")
def test_without_debug_there_is_none_of_it(lifecycle: Lifecycle) -> None:
    assert "debug:" not in lifecycle.build({**ASKED, "BP_LOG_LEVEL": "info"}).log


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(
    ("variables", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colors_are_for_those_who_want_them(lifecycle: Lifecycle, variables: dict[str, str], colored: bool) -> None:
    run = lifecycle.build({"REPO": ASKED["REPO"], "FILE": "none", "VERSIONS": "x", **variables})

    assert run.err.startswith("\x1b[1;31mERROR:\x1b[0m " if colored else "ERROR: ")
    assert ("\x1b[33mWarning:\x1b[0m VERSIONS is set" in run.out) == colored
