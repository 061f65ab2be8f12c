"""Successful builds: the first one, and rebuilds."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from github_assets import __version__
from testing.githubd import Release, Repository, Server
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ARM_PROBE, ASKED, DIGEST, PROBE

pytestmark = pytest.mark.usefixtures("release")

FIRST_BUILD = f"""\
GitHub Assets Buildpack {__version__}
  grpc-ecosystem/grpc-health-probe latest (REPO in the environment): v0.4.45, grpc_health_probe-linux-amd64
    Downloaded 60.0 kB from store in TIME
    Verified sha256:{DIGEST} (GitHub's digest)
    Installed LAYERS/github-assets/bin/grpc_health_probe
  Readiness probe for Kubernetes:
    readinessProbe:
      exec:
        command: ["LAYERS/github-assets/bin/grpc_health_probe", "-addr=:8080"]  # the port of your service
  To run it in a container: docker run --rm --entrypoint grpc_health_probe IMAGE
  Done in TIME: installed 1 asset (60.0 kB)
"""
REBUILD = f"""\
GitHub Assets Buildpack {__version__}
  Reusing layer github-assets: releases, assets and settings are the same
    grpc-ecosystem/grpc-health-probe latest (REPO in the environment): v0.4.45, grpc_health_probe-linux-amd64
  Done in TIME: reused 1 asset
"""
LAYER_TOML = {
    "types": {"launch": True, "build": False, "cache": False},
    "metadata": {
        "format": "2",
        "os": "linux",
        "arch": "amd64",
        "libc": "",
        "assets": [
            {
                "repository": "grpc-ecosystem/grpc-health-probe",
                "tag": "v0.4.45",
                "asset": "grpc_health_probe-linux-amd64",
                "id": "4501",
                "size": str(len(PROBE)),
                "digest": f"sha256:{DIGEST}",
                "target": "grpc_health_probe",
                "options": "",
                "sha256": DIGEST,
                "verified_by": "GitHub's digest",
                "level": "digest",
                "executables": "bin/grpc_health_probe",
            }
        ],
    },
}


def test_detect_passes_with_a_plan_of_its_own_and_without_a_request(lifecycle: Lifecycle, server: Server) -> None:
    run = lifecycle.detect(ASKED)

    assert (run.status, run.err) == (0, "")
    assert lifecycle.plan.read_text() == (
        '[[provides]]\nname = "github-assets"\n\n[[requires]]\nname = "github-assets"\n'
    )
    assert server.requests() == []


def test_first_build(lifecycle: Lifecycle, plain: Callable[[str], str]) -> None:
    assert lifecycle.detect(ASKED).status == 0
    run = lifecycle.build()

    assert (run.status, plain(run.out), run.err) == (0, FIRST_BUILD, "")
    assert sorted(lifecycle.files()) == [
        "github-assets",
        "github-assets.sbom.cdx.json",
        "github-assets.sbom.spdx.json",
        "github-assets.sbom.syft.json",
        "github-assets.toml",
        "github-assets/bin",
        "github-assets/bin/grpc_health_probe",
        "launch.toml",
    ]
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert lifecycle.toml("github-assets.toml") == LAYER_TOML


def test_launch_toml(lifecycle: Lifecycle) -> None:
    lifecycle.build(ASKED)

    launch = lifecycle.toml("launch.toml")
    assert launch["processes"] == [
        {
            "type": "grpc_health_probe",
            "command": [f"{lifecycle.layers}/github-assets/bin/grpc_health_probe"],
            "default": False,
        }
    ]
    [label] = launch["labels"]
    assert label["key"] == "io.github.cage1016.github-assets"
    assert f'"sha256":"{DIGEST}"' in label["value"]


@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_modes_are_the_same_under_any_umask(lifecycle: Lifecycle, umask: int) -> None:
    lifecycle.build(ASKED, umask=umask)

    modes = {name: stat.S_IMODE((lifecycle.layers / name).stat().st_mode) for name in lifecycle.files()}
    assert modes == {
        "github-assets": 0o755,
        "github-assets/bin": 0o755,
        "github-assets/bin/grpc_health_probe": 0o755,
        "github-assets.sbom.cdx.json": 0o644,
        "github-assets.sbom.spdx.json": 0o644,
        "github-assets.sbom.syft.json": 0o644,
        "github-assets.toml": 0o644,
        "launch.toml": 0o644,
    }


def test_an_asset_without_digest_is_logged_as_unverified(
    lifecycle: Lifecycle, release: Release, plain: Callable[[str], str]
) -> None:
    release.assets[0].digest = None

    run = lifecycle.build(ASKED)

    warning = f"  Warning: {ASKED['FILE']} is not verified: no checksum is published for it."
    [line] = [number for number, line in enumerate(run.out.splitlines()) if line.startswith(warning)]
    assert f'sha256 = "{DIGEST}" }}]  # in github-assets.toml, instead of REPO' in run.out.splitlines()[line + 1]
    assert "Verified" not in run.out
    [asset] = lifecycle.toml("github-assets.toml")["metadata"]["assets"]
    assert (asset["digest"], asset["verified_by"], asset["sha256"]) == ("", "size only", DIGEST)


def test_leftovers_of_a_killed_build_are_removed(lifecycle: Lifecycle) -> None:
    litter = lifecycle.layers / ".github-assets.partial/bin"
    litter.mkdir(parents=True)
    (litter / "grpc_health_probe").write_bytes(b"half")

    assert lifecycle.build(ASKED).status == 0
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert not litter.exists()


# rebuilds


def test_a_rebuild_downloads_nothing(lifecycle: Lifecycle, server: Server, plain: Callable[[str], str]) -> None:
    lifecycle.build(ASKED)
    first = lifecycle.files()
    lifecycle.restore()
    server.log.clear()
    run = lifecycle.build()

    assert (run.status, plain(run.out), run.err) == (0, REBUILD, "")
    assert server.requests("store") == []
    assert [request.path for request in server.requests("api")] == [
        "/repos/grpc-ecosystem/grpc-health-probe/releases/latest"
    ]
    assert lifecycle.files() == {
        name: content for name, content in first.items() if name.partition("/")[0] != "github-assets"
    }


def test_restored_metadata_alone_does_not_count_as_ours(lifecycle: Lifecycle) -> None:
    """The lifecycle restores `[metadata]` without `[types]`; whoever lets it be has a layer that is thrown away."""
    lifecycle.build(ASKED)
    lifecycle.restore()

    assert "types" not in lifecycle.toml("github-assets.toml")
    lifecycle.build()
    assert lifecycle.toml("github-assets.toml") == LAYER_TOML


def test_many_rebuilds_change_nothing(lifecycle: Lifecycle) -> None:
    lifecycle.build(ASKED)
    lifecycle.restore()
    lifecycle.build()
    second = lifecycle.files()
    lifecycle.restore()
    lifecycle.build()

    assert lifecycle.files() == second


def test_an_empty_layer_directory_is_not_exported(lifecycle: Lifecycle) -> None:
    lifecycle.build(ASKED)
    lifecycle.restore()
    lifecycle.layer.mkdir()
    lifecycle.build()

    assert not lifecycle.layer.exists()


def test_rebuild_with_a_new_release(lifecycle: Lifecycle, repository: Repository, plain: Callable[[str], str]) -> None:
    lifecycle.build(ASKED)
    lifecycle.restore()
    newer = repository.release("v0.4.46")
    newer.asset("grpc_health_probe-linux-amd64", b"#!/bin/sh\n", id=4601)
    run = lifecycle.build()

    assert run.status == 0
    replaced, _, fetched = plain(run.out).partition("Downloaded")
    assert replaced.splitlines()[1:-2] == [
        "  Replacing layer github-assets:",
        "    the asset id of grpc_health_probe changed from 4501 to 4601",
        f"    the digest of grpc_health_probe changed from sha256:{DIGEST} to {newer.assets[0].digest}",
        "    the release of grpc_health_probe changed from v0.4.45 to v0.4.46",
        f"    the size of grpc_health_probe changed from {len(PROBE)} to 10",
    ]
    assert fetched
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == b"#!/bin/sh\n"
    assert lifecycle.toml("github-assets.toml")["metadata"]["assets"][0]["tag"] == "v0.4.46"


def test_rebuild_for_another_architecture(lifecycle: Lifecycle) -> None:
    lifecycle.build(ASKED)
    lifecycle.restore()
    lifecycle.process["CNB_TARGET_ARCH"] = "arm64"
    run = lifecycle.build({**ASKED, "FILE": "grpc_health_probe-linux-arm64"})

    assert "the platform changed from linux/amd64 to linux/arm64\n" in run.out
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == ARM_PROBE
    assert lifecycle.toml("github-assets.toml")["metadata"]["arch"] == "arm64"


def test_a_rebuild_with_another_target_removes_the_previous_one(lifecycle: Lifecycle) -> None:
    lifecycle.build(ASKED)
    lifecycle.restore()
    run = lifecycle.build({**ASKED, "TARGET": "probe"})

    assert re.findall(r"^    (.* (?:new|configured))$", run.out, re.MULTILINE) == [
        "grpc_health_probe is no longer configured",
        "probe is new",
    ]
    assert os.listdir(lifecycle.layer / "bin") == ["probe"]
    assert [process["type"] for process in lifecycle.toml("launch.toml")["processes"]] == ["probe"]


@pytest.mark.parametrize(
    "restored",
    [
        pytest.param("", id="nothing"),
        pytest.param("[metadata]\n", id="empty"),
        pytest.param('[metadata]\nformat = "0"\nassets = []\n', id="an older format"),
        pytest.param('[metadata]\nformat = "2"\nos = "linux"\narch = "amd64"\nassets = 7\n', id="another shape"),
        pytest.param('metadata = ["format"]\n', id="a list"),
        pytest.param("[metadata\n", id="no TOML"),
        pytest.param('[metadata]\nRelease = "v0.4.5"\n', id="the predecessor's"),
    ],
)
def test_invalid_metadata_counts_as_none(lifecycle: Lifecycle, restored: str) -> None:
    (lifecycle.layers / "github-assets.toml").write_text(restored)

    assert lifecycle.build(ASKED).status == 0
    assert lifecycle.toml("github-assets.toml") == LAYER_TOML


# the same inputs, the same bytes


def test_other_directories_and_another_time_give_the_same_bytes(
    lifecycle: Lifecycle, server: Server, tmp_path: Path
) -> None:
    other = Lifecycle(tmp_path / "elsewhere/deeper", {**lifecycle.process, "TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8"})
    lifecycle.build(ASKED)
    server.github.advance(86_400)
    other.build(ASKED, umask=0o077)

    here, there = lifecycle.files(), other.files()
    assert here.pop("launch.toml") != there.pop("launch.toml")  # it alone holds paths
    assert here == there


def test_no_timestamp_anywhere(lifecycle: Lifecycle) -> None:
    lifecycle.build(ASKED)

    texts = [content.decode() for name, content in lifecycle.files().items() if content and "/bin/" not in name]
    stamps = {stamp for text in texts for stamp in re.findall(r"\d{4}-\d\d-\d\d(?:T[\d:]+)?", text)}
    assert stamps == {"1980-01-01T00:00:01"}
