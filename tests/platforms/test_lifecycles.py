"""The lifecycles that builders in use have, from 0.17 to the newest, and each Platform API from 0.9 that they speak."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from testing.toolchain import golang, images, phases
from testing.toolchain.pack import image_files
from tests.e2e.stage import PROBE, SEED, Stage, eventually

LIFECYCLES = {version: images.Lifecycle(version) for version in golang.LIFECYCLES}
NEWEST = max(LIFECYCLES, key=lambda version: [int(number) for number in version.split(".")])
Evidence = Callable[[str, object], None]


@pytest.mark.parametrize("version", LIFECYCLES)
def test_builder(stage: Stage, version: str, record_property: Evidence) -> None:
    """A builder with this lifecycle: built, probed, built again; the layer is reused then, without an asset byte."""
    base, order = images.base_image(stage.docker), [[images.Member(images.NOOP)]]
    builder = images.builder(stage.docker, "test-builder-lifecycle", base, order, LIFECYCLES[version])

    stage.build(builder=builder)

    installed = [file.content for file in image_files(stage.docker, stage.image) if file.path == PROBE]
    assert installed == [golang.probe("amd64").read_bytes()]
    container, port = stage.run()
    assert eventually(lambda: stage.probe(container, port).returncode == 0)
    record_property("evidence", f"lifecycle {version}: {stage.probe(container, port).stdout.strip()}")

    before = len(stage.github.requests())
    again = stage.build(builder=builder).stdout

    assert "Reusing layer 'cage1016/github-assets-cnb:github-assets'" in again
    assert [one.role for one in stage.github.requests()[before:]] == ["api"]


@pytest.mark.parametrize("version", LIFECYCLES)
def test_platform_apis(stage: Stage, version: str, record_property: Evidence) -> None:
    """Detected and built by this lifecycle, asked by each Platform API from 0.9 that it speaks."""
    apis = [api for api in LIFECYCLES[version].platform_apis if api not in ("0.7", "0.8")]
    for api in apis:
        assert_built(stage, version, {"CNB_PLATFORM_API": api})
    record_property("evidence", f"lifecycle {version}: Platform API {apis[0]} to {apis[-1]}")


@pytest.mark.parametrize("name", ["production", "test", "development"])
def test_execution_environment(stage: Stage, name: str, record_property: Evidence) -> None:
    """The newest lifecycle's execution environments: the same asset in each."""
    api = LIFECYCLES[NEWEST].platform_apis[-1]
    assert_built(stage, NEWEST, {"CNB_PLATFORM_API": api, "CNB_EXEC_ENV": name})
    record_property("evidence", f"CNB_EXEC_ENV={name}")


def assert_built(stage: Stage, version: str, process: dict[str, str]) -> None:
    """Detect and build with *process* as the lifecycle's own environment."""
    settings = {**SEED, "GITHUB_API_URL": stage.github.api_url}
    buildpacks = [images.GO_BINARY, stage.buildpack]
    with phases.workspace() as work:
        shutil.copytree(stage.binding, work / "platform/bindings/ca")
        done = phases.run_phases(work, stage.app, buildpacks, env=settings, process=process, lifecycle=version)

        assert done.returncode == 0, (process, done.stdout)
        assert (work / PROBE.lstrip("/")).read_bytes() == golang.probe("amd64").read_bytes()
