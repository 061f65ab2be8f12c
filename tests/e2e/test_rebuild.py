"""Rebuilds: what has not changed is neither downloaded nor stored again."""

from __future__ import annotations

from testing.toolchain import golang
from testing.toolchain.pack import image_config, image_files
from tests.e2e.stage import PROBE, REPOSITORY, SEED, Stage, publish


def installed(stage: Stage) -> bytes:
    return [file.content for file in image_files(stage.docker, stage.image) if file.path == PROBE][-1]


def bytes_fetched(stage: Stage) -> int:
    return sum(record.sent for record in stage.github.requests("store"))


def test_an_unchanged_asset_is_not_requested(stage: Stage) -> None:
    stage.build()
    first = image_config(stage.docker, stage.image)["RootFS"]["Layers"]
    before = len(stage.github.requests())

    output = stage.build().stdout

    later = stage.github.requests()[before:]
    assert [record.role for record in later] == ["api"]
    assert "Reusing layer github-assets: " in output
    assert "Reusing layer 'cage1016/github-assets-cnb:github-assets'" in output
    assert installed(stage) == golang.probe("amd64").read_bytes()
    assert image_config(stage.docker, stage.image)["RootFS"]["Layers"] == first


def test_a_new_release_under_latest_replaces_it(stage: Stage) -> None:
    stage.build()
    repository = stage.github.github.find(REPOSITORY)
    assert repository
    publish(repository, "v0.4.46", suffix=b"\0new")

    output = stage.build().stdout

    assert "the release of grpc_health_probe changed from v0.4.45 to v0.4.46" in output
    assert installed(stage) == golang.probe("amd64").read_bytes() + b"\0new"


def test_another_target_replaces_it(stage: Stage) -> None:
    stage.build()

    output = stage.build({**SEED, "TARGET": "probe"}).stdout

    assert "grpc_health_probe is no longer configured" in output
    assert {"probe"} == {
        file.path.rpartition("/")[2]
        for file in image_files(stage.docker, stage.image)
        if file.path.startswith(PROBE.rpartition("/")[0] + "/")
    }


def test_the_same_inputs_give_the_same_layers(stage: Stage) -> None:
    stage.build()
    first = image_config(stage.docker, stage.image)["RootFS"]["Layers"]

    stage.build(extra=["--clear-cache"])

    assert image_config(stage.docker, stage.image)["RootFS"]["Layers"] == first
