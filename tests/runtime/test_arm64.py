"""The arm64 package, run by qemu-user in a root with only a shell: detect, build, and the asset's bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testing.githubd import GitHub, Server
from testing.toolchain import golang
from tests.runtime import roots
from tests.runtime.roots import Root

REPOSITORY = "grpc-ecosystem/grpc-health-probe"
LAYERS = "layers/cage1016_github-assets-cnb"


@pytest.fixture
def server() -> Iterator[Server]:
    state = GitHub()
    release = state.repository(REPOSITORY).release("v0.4.45")
    for arch in ("amd64", "arm64"):
        program = golang.probe(arch)
        release.asset(program.name, program.read_bytes())
    with Server(state) as running:
        yield running


@pytest.fixture
def root(furnish: Callable[..., Root], tmp_path: Path) -> Iterator[Root]:
    with roots.arm64_programs():
        yield furnish(roots.busybox(tmp_path, "arm64"), "arm64")


@pytest.mark.parametrize("file", [None, "grpc_health_probe-linux-arm64"], ids=["by platform", "by name"])
def test_detect_and_build_yield_the_arm64_asset(root: Root, server: Server, file: str | None) -> None:
    for folder in (LAYERS, "platform/env", "workspace"):
        (root.path / folder).mkdir(parents=True)
    shutil.copy(server.ca_path, root.path / "ca.pem")
    settings = {"REPO": REPOSITORY, "TARGET": "grpc_health_probe", "GITHUB_API_URL": server.api_url}
    for name, value in {**settings, **({"FILE": file} if file else {})}.items():
        (root.path / "platform/env" / name).write_text(value)
    environment = {
        "CNB_PLATFORM_DIR": "/platform",
        "CNB_LAYERS_DIR": f"/{LAYERS}",
        "CNB_BUILD_PLAN_PATH": "/plan.toml",
        "SSL_CERT_FILE": "/ca.pem",
    }

    for phase in ("detect", "build"):
        run = f"cd /workspace && exec /bin/sh {root.buildpack}/bin/{phase}"
        done = root.run("/bin/sh", "-c", run, environment=environment)
        assert done.returncode == 0, done.stdout + done.stderr

    installed = root.path / LAYERS / "github-assets" / "bin" / "grpc_health_probe"
    assert installed.read_bytes() == golang.probe("arm64").read_bytes()
    assert installed.stat().st_mode & 0o777 == 0o755
