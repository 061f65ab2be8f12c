"""Spring Boot's plugin for Maven: `mvn spring-boot:build-image` of examples/spring-boot, and the probe in its image."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from release import index
from testing.toolchain import golang, images, java, registry
from testing.toolchain.engine import Engine
from testing.toolchain.store import CHECKOUT, ToolchainError
from tests.e2e.stage import PROBE, Stage, eventually

EXAMPLE = CHECKOUT / "examples" / "spring-boot"
OURS = "docker://ghcr.io/cage1016/github-assets-cnb:3.0.0"


@pytest.fixture(scope="module")
def published(docker: Engine) -> Iterator[str]:
    """Our image index, in a registry on loopback."""
    with registry.running() as address:
        name = f"{address}/cage1016/github-assets-cnb:3.0.0"
        index.publish(name, golang.pack(), {})
        yield f"docker://{name}"
        docker.docker("rmi", "--force", name, check=False)


def build_image(stage: Stage, buildpack: str, policy: str) -> str:
    """Run the plugin over the example, with this machine's builder, network and GitHub; return what it printed."""
    project = stage.folder / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("target"))
    pom = (project / "pom.xml").read_text()
    for there, here in {
        "<name>spring-grpc-service</name>": f"<name>{stage.image}</name><network>host</network>"
        f"<pullPolicy>{policy}</pullPolicy>"
        f"<bindings><binding>{stage.binding}:/platform/bindings/ca</binding></bindings>",
        "paketobuildpacks/builder-noble-java-tiny": images.java_builder(stage.docker),
        "paketo-buildpacks/java": "test/java",
        OURS: buildpack,
        "<env>": f"<env><GITHUB_API_URL>{stage.github.api_url}</GITHUB_API_URL>",
        # A socket that is not the usual one.
        "<image>": "<docker><bindHostToBuilder>true</bindHostToBuilder></docker><image>",
    }.items():
        assert there in pom, there
        pom = pom.replace(there, here)
    (project / "pom.xml").write_text(pom)
    return java.maven(project, "spring-boot:build-image", env={"DOCKER_HOST": stage.docker.host})


def test_image_and_probe(stage: Stage, published: str, record_property: Callable[[str, object], None]) -> None:
    """`mvn spring-boot:build-image` with our index by `docker://`: the probe reports the service as SERVING."""
    output = build_image(stage, published, "IF_NOT_PRESENT")

    assert f"Installed {PROBE}" in output
    container, port = stage.run()
    serves = eventually(lambda: stage.probe(container, port).returncode == 0, 60)
    assert serves, stage.docker.docker("logs", container).stdout
    said = stage.probe(container, port).stdout.strip()
    assert said == "status: SERVING"
    record_property("evidence", said)


def test_directory(stage: Stage) -> None:
    """Our buildpack by `file://`, as a directory, with the pull policy NEVER."""
    output = build_image(stage, stage.buildpack.as_uri(), "NEVER")

    assert f"Installed {PROBE}" in output
    version = stage.docker.docker("run", "--rm", "--network=host", "--entrypoint", PROBE, stage.image, "-version")
    assert version.stdout.startswith(golang.PROBE_VERSION)


def test_archive(stage: Stage, tmp_path: Path) -> None:
    """Not as a .tgz of that directory: the plugin refuses names of more than 100 bytes."""
    path = tmp_path / "buildpack.tgz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for child in stage.buildpack.iterdir():  # the plugin does not find ./buildpack.toml
            archive.add(child, child.name)

    with pytest.raises(ToolchainError, match=r"file name '\S+' is too long \( > 100 bytes\)"):
        build_image(stage, path.as_uri(), "NEVER")
