"""An order group in which the buildpack is optional: what is configured is in the image, or there is no image."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from testing.toolchain import golang, images
from testing.toolchain.pack import image_files
from tests.e2e.stage import PROBE, SEED, Stage

WRONG: dict[str, Mapping[str, str]] = {
    "a repository": {**SEED, "REPO": "not a repo"},
    "a repository that is not there": {**SEED, "REPO": "grpc-ecosystem/nothing"},
    "a target": {**SEED, "TARGET": "a/b"},
    "a pattern": {**SEED, "FILE": "/(/"},
    "a version": {**SEED, "VERSION": ">>1"},
    "quotes": {**SEED, "TARGET": "'tool'"},
    "no repository": {"FILE": SEED["FILE"], "TARGET": SEED["TARGET"]},
    "our own name without a repository": {"BP_GITHUB_ASSET_FILE": "x"},
    "an unknown name": {"BP_GITHUB_ASSETS_REPO": SEED["REPO"]},
    "a short spec": {"BP_GITHUB_ASSETS": "jq"},
    "a switch": {"BP_GITHUB_ASSETS_ENABLED": "perhaps"},
    "a time limit": {**SEED, "BP_GITHUB_ASSETS_TIMEOUT": "soon"},
    "a file that is not there": {"GITHUB_ASSETS_PATH": "nowhere.toml"},
}
FILES = {
    "a table": ("github-assets.toml", '[[assets]]\nrepo = "octo/tool"\nverison = "1"\n'),
    "no TOML": ("github-assets.toml", "[[assets\n"),
    "no YAML": ("github-assets.yaml", "assets: [\n"),
    "a lock file": ("github-assets.lock", "<<<<<<< HEAD\n"),
}
BUILT = "Successfully built image"


@pytest.fixture
def optional(stage: Stage) -> str:
    """A builder whose one group is a language's buildpack and ours, optional."""
    return images.custom_builder(stage.docker, stage.buildpack)


@pytest.mark.parametrize("settings", WRONG.values(), ids=WRONG)
def test_a_wrong_setting_fails_the_build(stage: Stage, optional: str, settings: Mapping[str, str]) -> None:
    done = stage.build(settings, builder=optional, buildpacks=[], check=False)

    assert done.returncode != 0, done.stdout
    assert "ERROR: " in done.stdout
    assert BUILT not in done.stdout


@pytest.mark.parametrize(("name", "text"), FILES.values(), ids=FILES)
def test_a_wrong_file_fails_the_build(stage: Stage, optional: str, tmp_path: Path, name: str, text: str) -> None:
    app = tmp_path / "application"
    shutil.copytree(stage.app, app)
    (app / name).write_text(text)

    done = stage.build(SEED, builder=optional, buildpacks=[], app=app, check=False)

    assert done.returncode != 0, done.stdout
    assert name in done.stdout
    assert BUILT not in done.stdout


def test_what_is_right_is_in_the_image(stage: Stage, optional: str) -> None:
    stage.build(builder=optional, buildpacks=[])

    found = [file.content for file in image_files(stage.docker, stage.image) if file.path == PROBE]
    assert found == [golang.probe("amd64").read_bytes()]


@pytest.mark.parametrize(
    "settings",
    [{}, {"FILE": "x", "VERSION": "1"}, {**SEED, "REPO": "not a repo", "BP_GITHUB_ASSETS_ENABLED": "false"}],
    ids=["nothing", "names of another tool", "disabled"],
)
def test_an_application_without_assets_is_built_without_the_buildpack(
    stage: Stage, optional: str, settings: Mapping[str, str]
) -> None:
    done = stage.build(settings, builder=optional, buildpacks=[])

    assert BUILT in done.stdout
    assert "GitHub Assets Buildpack" not in done.stdout
