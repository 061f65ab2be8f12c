"""The seed's case for linux/arm64: lifecycle, buildpack, service and probe, all run by qemu-user."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from release import index
from testing.toolchain import golang, images, registry
from testing.toolchain.engine import Engine
from testing.toolchain.pack import image_config, image_files
from tests.e2e.stage import PROBE, SEED, Stage, eventually
from tests.runtime import roots

ARM64 = {**SEED, "FILE": "grpc_health_probe-linux-arm64"}
CHOSEN = {name: value for name, value in SEED.items() if name != "FILE"}


@pytest.fixture(scope="module")
def builder(docker: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A builder for linux/arm64, as long as the kernel runs its programs."""
    shell = roots.busybox(tmp_path_factory.mktemp("root"), "arm64") / "bin" / "sh"
    base = images.static_base_image(docker, shell, "arm64")
    with roots.arm64_programs():
        lifecycle = images.Lifecycle(arch="arm64")
        yield images.builder(docker, "test-builder-arm64", base, [[images.Member(images.NOOP)]], lifecycle)


@pytest.fixture(scope="module")
def published(docker: Engine) -> Iterator[str]:
    """Our image index, in a registry on loopback."""
    with registry.running() as address:
        name = f"{address}/buildpacks/github-assets:3.0.0"
        index.publish(name, golang.pack(), {})
        yield f"docker://{name}"
        docker.docker("rmi", "--force", name, check=False)


def build_and_probe(stage: Stage, builder: str, buildpack: str | Path, env: dict[str, str], folder: Path) -> str:
    """Return what the probe says in the image of the service."""
    app = folder / "app"
    app.mkdir()
    shutil.copy(golang.service("arm64"), app)

    stage.build(
        env,
        builder=builder,
        buildpacks=[images.GO_BINARY, buildpack],
        app=app,
        extra=["--platform", "linux/arm64", "--pull-policy", "if-not-present"],
    )

    assert image_config(stage.docker, stage.image)["Architecture"] == "arm64"
    installed = {file.path: file for file in image_files(stage.docker, stage.image)}[PROBE]
    assert installed.content == golang.probe("arm64").read_bytes()
    container, port = stage.run(options=["--platform=linux/arm64"])
    assert eventually(lambda: stage.probe(container, port).returncode == 0)
    serving = stage.probe(container, port).stdout
    stage.docker.docker("kill", "--signal=USR1", container)
    assert eventually(lambda: "NOT_SERVING" in stage.probe(container, port).stdout)
    return serving.strip()


def test_package(stage: Stage, builder: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The seed's case with the arm64 package: built, exported, and the probe run in the image."""
    said = build_and_probe(stage, builder, stage.buildpack.with_name("linux-arm64"), ARM64, tmp_path)

    assert said == "status: SERVING"
    record_property("evidence", said)


def test_index(
    stage: Stage, builder: str, published: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Without FILE, and with the entry for arm64 that pack takes from our image index in a registry."""
    said = build_and_probe(stage, builder, published, CHOSEN, tmp_path)

    assert said == "status: SERVING"
    record_property("evidence", said)
