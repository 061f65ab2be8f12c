"""Three ways in: `-b` with `-e`, project.toml alone, and a builder's order group."""

from __future__ import annotations

import shutil

import pytest

from testing.toolchain import golang, images
from testing.toolchain.pack import image_config, image_files
from tests.e2e.stage import PROBE, SEED, Stage


def test_with_b_and_e(stage: Stage) -> None:
    output = stage.build().stdout

    installed = [file for file in image_files(stage.docker, stage.image) if file.path == PROBE]
    assert [(file.mode, file.content) for file in installed] == [(0o755, golang.probe("amd64").read_bytes())]
    assert f"Installed {PROBE}" in output
    assert "Setting default process type 'web'" in output


@pytest.mark.parametrize("schema", ["0.1", "0.2"])
def test_with_project_toml_alone(stage: Stage, schema: str, tmp_path: object) -> None:
    app = stage.folder / "app"
    shutil.copytree(stage.app, app)
    env = {**SEED, "GITHUB_API_URL": stage.github.api_url}
    tables = {"0.1": ("build.buildpacks", "build.env"), "0.2": ("io.buildpacks.group", "io.buildpacks.build.env")}
    buildpacks, variables = tables[schema]
    lines = ['[_]\nschema-version = "0.2"'] if schema == "0.2" else []
    lines += [f'[[{buildpacks}]]\nuri = "{folder}"' for folder in (images.GO_BINARY, stage.buildpack)]
    lines += [f'[[{variables}]]\nname = "{name}"\nvalue = "{value}"' for name, value in env.items()]
    (app / "project.toml").write_text("\n".join(lines))

    stage.build(env={}, buildpacks=[], app=app)

    assert PROBE in {file.path for file in image_files(stage.docker, stage.image)}


def test_in_a_builders_order_group(stage: Stage) -> None:
    builder = images.custom_builder(stage.docker, stage.buildpack)

    without = stage.build(env={}, buildpacks=[], builder=builder).stdout
    assert "cage1016/github-assets-cnb" not in without
    assert PROBE not in {file.path for file in image_files(stage.docker, stage.image)}
    assert stage.github.requests() == []

    built = stage.build(buildpacks=[], builder=builder).stdout
    assert "cage1016/github-assets-cnb 3.0.0" in built
    assert PROBE in {file.path for file in image_files(stage.docker, stage.image)}


def test_required_and_not_configured_says_why(stage: Stage) -> None:
    failed = stage.build(env={}, check=False)

    assert failed.returncode != 0
    assert "neither REPO (or BP_GITHUB_ASSET_REPO) nor BP_GITHUB_ASSETS is set" in failed.stdout


def test_the_label_lists_the_assets(stage: Stage) -> None:
    stage.build()

    labels = image_config(stage.docker, stage.image)["Config"]["Labels"]
    assert '"tag":"v0.4.45"' in labels["io.github.cage1016.github-assets"]
    assert stage.github.api_url not in labels["io.buildpacks.lifecycle.metadata"]
