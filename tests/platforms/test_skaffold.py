"""Skaffold: `skaffold build` of examples/skaffold, and the probe in its image.

Skaffold always pulls builder, base and lifecycle, so a registry has them. Its build containers get the engine's default
network, and our own engine has none: the asset comes from a directory, as docs/private-and-closed-networks.md says.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from release import index
from testing.toolchain import engine, golang, images, registry
from testing.toolchain.engine import Engine
from testing.toolchain.pack import pack_environment
from testing.toolchain.store import CHECKOUT
from tests.contract.proxy import Proxy
from tests.e2e.stage import PROBE, SEED, Stage, eventually
from tests.platforms.server import adapted

OURS = "cage1016/github-assets-cnb:3.0.0"
EXAMPLE = "skaffold/skaffold.yaml"
_SOCKET = Path("/var/run/docker.sock")


@pytest.fixture(scope="module")
def local_registry(docker: Engine, buildpack: Path) -> Iterator[str]:
    """A registry that has the base, builders without and with our buildpack, our image index, docker.io's lifecycle."""
    if not docker.own:
        pytest.skip("only our own engine can be told where docker.io's images are")
    with registry.running() as address, engine.hub_mirror(address):
        lifecycle = images.lifecycle_image(docker)
        names = {
            "base": images.base_image(docker),
            "builder": images.custom_builder(docker, buildpack),
            "language": images.go_builder(docker),
            lifecycle: lifecycle,
        }
        for name, image in names.items():
            docker.docker("tag", image, f"{address}/{name}")
            docker.docker("push", f"{address}/{name}")
        index.publish(f"{address}/{OURS}", golang.pack(), {})
        yield address
        for name in (*names, OURS):
            docker.docker("rmi", "--force", f"{address}/{name}", check=False)


@contextlib.contextmanager
def usual_socket(docker: Engine) -> Iterator[None]:
    """Have the engine where the lifecycle looks for it, as Skaffold runs that: no option says that it is elsewhere."""
    _SOCKET.symlink_to(docker.host.removeprefix("unix://"))
    try:
        yield
    finally:
        _SOCKET.unlink()


@pytest.fixture
def project(stage: Stage, tmp_path: Path) -> Path:
    """A directory that has the application, locked; a mirror of its asset; and a binding that names the mirror."""
    project = tmp_path / "project"
    shutil.copytree(stage.app, project / "app")
    binding = project / "binding"
    binding.mkdir()
    (binding / "type").write_text("dependency-mirror")
    (binding / "default").write_text("file:///mirror/{originalHost}")
    sites = stage.github.site.urls
    routes = {"api.github.com:443": urlsplit(sites["api"]).netloc, "github.com:443": urlsplit(sites["web"]).netloc}
    stage.github.site.urls = {**sites, "web": "https://github.com"}
    with Proxy(routes=routes) as proxy:
        environment = {
            **os.environ,
            **SEED,
            "PYTHONPATH": str(CHECKOUT / "lib"),
            "HTTPS_PROXY": f"http://{proxy.address}",
            "SSL_CERT_FILE": str(stage.github.ca_path),
        }
        for arguments in (["lock"], ["mirror", str(project / "mirror")]):
            command = [sys.executable, "-m", "github_assets", *arguments]
            subprocess.run(command, cwd=project / "app", env=environment, check=True)
    return project


def skaffold_build(
    stage: Stage, address: str, project: Path, replaced: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `skaffold build` with the example's file, in which names are replaced by those of this machine."""
    volumes = "".join(
        f"          - host: {project / name}\n            target: {target}\n"
        for name, target in {"mirror": "/mirror", "binding": "/platform/bindings/mirror"}.items()
    )
    here = {
        **replaced,
        "grpc-service": stage.image,
        "registry.example.com": address,
        "        trustBuilder:": f"        runImage: {address}/base\n        volumes:\n{volumes}        trustBuilder:",
    }
    file = adapted(EXAMPLE, here, project)
    options = ["--push=false", "--cache-artifacts=false", "--detect-minikube=false", "--tag=latest"]
    with usual_socket(stage.docker):
        return subprocess.run(
            [golang.skaffold(), "build", f"--filename={file}", *options],
            cwd=project,
            env={**os.environ, **pack_environment(stage.docker), "SKAFFOLD_UPDATE_CHECK": "false"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def test_image_and_probe(
    stage: Stage, local_registry: str, project: Path, record_property: Callable[[str, object], None]
) -> None:
    """`skaffold build` with a builder that has our buildpack; a mirror by a binding: the probe says SERVING."""
    done = skaffold_build(stage, local_registry, project, {})

    assert done.returncode == 0, done.stdout
    assert f"Installed {PROBE}" in done.stdout
    container, port = stage.run()
    assert eventually(lambda: stage.probe(container, port).returncode == 0)
    said = stage.probe(container, port).stdout.strip()
    assert said == "status: SERVING"
    record_property("evidence", said)


@pytest.mark.parametrize(
    "replaced",
    [
        {"/builder\n": f"/language\n        buildpacks: [test/go-binary, 'docker://ADDRESS/{OURS}']\n"},
        {"trustBuilder: true": "trustBuilder: false"},
    ],
    ids=["added", "untrusted"],
)
def test_where_skaffold_fails(
    stage: Stage,
    local_registry: str,
    project: Path,
    replaced: dict[str, str],
    record_property: Callable[[str, object], None],
) -> None:
    """Not with a builder that is not trusted, nor added to one by `buildpacks`: phases then run as different users."""
    here = {there: text.replace("ADDRESS", local_registry) for there, text in replaced.items()}

    done = skaffold_build(stage, local_registry, project, here)

    assert done.returncode == 1
    assert "cage1016/github-assets-cnb 3.0.0" in done.stdout
    (error,) = [line for line in done.stdout.splitlines() if "/layers/group.toml" in line]
    assert error.endswith("failed to write group file: open /layers/group.toml: permission denied")
    record_property("evidence", "open /layers/group.toml: permission denied")
