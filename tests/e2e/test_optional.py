"""An order group in which the buildpack is optional: what is configured is in the image, or there is no image."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from testing.toolchain import golang, images, phases
from testing.toolchain.pack import image_files
from tests.e2e.stage import PROBE, SEED, Stage

WRONG: dict[str, Mapping[str, str]] = {
    "a repository": {**SEED, "REPO": "not a repo"},
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
    "an option of the asset": {**SEED, "BP_GITHUB_ASSET_EXECUTABLE": "off"},
    "a C library": {**SEED, "BP_GITHUB_ASSETS_LIBC": "glibc"},
    "a mirror": {**SEED, "BP_DEPENDENCY_MIRROR": "ftp://mirror.example"},
    "a proxy": {**SEED, "HTTPS_PROXY": "socks5://proxy.example"},
    "a file that is not there": {"GITHUB_ASSETS_PATH": "nowhere.toml"},
}
FILES = {
    "a table": ("github-assets.toml", '[[assets]]\nrepo = "octo/tool"\nverison = "1"\n'),
    "no TOML": ("github-assets.toml", "[[assets\n"),
    "no YAML": ("github-assets.yaml", "assets: [\n"),
    "a lock file": ("github-assets.lock", "<<<<<<< HEAD\n"),
}
BUILT = "Successfully built image"
BUILDPACK_FAILED = 51
"""The builder's exit status for a buildpack whose build fails."""


@pytest.fixture
def optional(stage: Stage) -> str:
    """A builder whose one group is a language's buildpack and ours, optional."""
    return images.custom_builder(stage.docker, stage.buildpack)


def build(buildpack: Path, settings: Mapping[str, str], files: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the lifecycle's detector and builder."""
    with phases.workspace() as work:
        (work / "source").mkdir()
        for name, text in files.items():
            (work / "source" / name).write_text(text)
        return phases.run_phases(work, work / "source", [images.NOOP, buildpack], env=settings, optional=[buildpack])


@pytest.mark.parametrize("settings", WRONG.values(), ids=WRONG)
def test_a_wrong_setting_fails_the_build(buildpack: Path, settings: Mapping[str, str]) -> None:
    done = build(buildpack, settings, {})

    assert done.returncode == BUILDPACK_FAILED, done.stdout
    assert "ERROR: " in done.stdout


@pytest.mark.parametrize(("name", "text"), FILES.values(), ids=FILES)
def test_a_wrong_file_fails_the_build(buildpack: Path, name: str, text: str) -> None:
    done = build(buildpack, SEED, {name: text})

    assert done.returncode == BUILDPACK_FAILED, done.stdout
    assert name in done.stdout


def test_there_is_no_image_of_a_wrong_setting(stage: Stage, optional: str) -> None:
    done = stage.build({**SEED, "REPO": "not a repo"}, builder=optional, buildpacks=[], check=False)

    assert done.returncode != 0
    assert 'ERROR: REPO is invalid: "not a repo".' in done.stdout
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


@pytest.mark.parametrize("takes_part", [True, False], ids=["configured", "not configured"])
def test_the_last_of_a_group_with_other_optional_ones(stage: Stage, tmp_path: Path, takes_part: bool) -> None:
    """A builder's group as clouds have it: what may take part around the language's buildpack, and ours at the end."""
    others = [tmp_path / "first", tmp_path / "label"]
    for folder in others:
        shutil.copytree(images.NOOP, folder)
        about = folder / "buildpack.toml"
        about.write_text(about.read_text().replace("test/noop", f"test/{folder.name}"))
    (others[1] / "bin/detect").write_text("#!/bin/sh\nexit 100\n")
    group = [others[0], images.GO_BINARY, others[1], stage.buildpack]
    settings = {**SEED, "GITHUB_API_URL": stage.github.api_url} if takes_part else {}
    with phases.workspace() as work:
        shutil.copytree(stage.binding, work / "platform/bindings/ca")
        optional = [others[0], others[1], stage.buildpack]
        done = phases.run_phases(work, stage.app, group, env=settings, optional=optional)
        installed = work / PROBE.lstrip("/")
        assert (done.returncode, installed.exists()) == (0, takes_part), done.stdout
    assert "test/first" in done.stdout
    assert "GitHub Assets Buildpack" in done.stdout or not takes_part
