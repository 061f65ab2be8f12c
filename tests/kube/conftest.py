"""A cluster, a GitHub and an application for all tests, and the table of what they proved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.seed_case import REPOSITORY, VERSION
from testing.githubd import GitHub, Server
from testing.kube import FOLDER, GITHUB, GITHUB_NAMES, REGISTRY, RUN, registry
from testing.kube.cluster import Cluster
from testing.toolchain import golang, tar
from testing.toolchain.store import CHECKOUT
from tests import statements
from tests.e2e.stage import publish
from tests.kube.stage import GO_BINARY, Stage

# Everywhere else there is nothing to test on: `make e2e-kube` runs these.
collect_ignore_glob = [] if RUN in os.environ else ["test_*.py"]


@pytest.fixture(scope="session")
def github() -> Iterator[Server]:
    """github.com, as far as the cluster knows."""
    state = GitHub()
    publish(state.repository(REPOSITORY), VERSION)
    ports = {**dict.fromkeys(GITHUB, 443), "plain": 80}
    folder = FOLDER / "github"
    folder.mkdir()
    with Server(state, addresses=GITHUB, names=GITHUB_NAMES, ports=ports, directory=str(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with Cluster(
        [registry.base_images(), *(registry.PLATFORMS[name]() for name in filter(None, os.environ[RUN].split(",")))]
    ) as running:
        yield running


@pytest.fixture(scope="session")
def stage(cluster: Cluster, github: Server, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The registry has this buildpack and a language-like one; `base` trusts the local GitHub, `bare` does not."""
    scratch = tmp_path_factory.mktemp("images")
    (ours,) = (CHECKOUT / "dist").glob("*-linux-amd64.cnb")
    registry.push_buildpack(ours, f"{REGISTRY}/buildpacks/github-assets:3.0.0", scratch)
    registry.push_buildpack(registry.packaged(GO_BINARY, scratch), f"{REGISTRY}/buildpacks/go", scratch)
    registry.crane("copy", f"{REGISTRY}/base:1", f"{REGISTRY}/bare:1")
    bundle = Path("/etc/ssl/certs/ca-certificates.crt").read_bytes() + Path(github.ca_path).read_bytes()
    layer = scratch / "trust.tar"
    with layer.open("wb") as file:
        tar.write(file, [tar.file("etc/ssl/certs/ca-certificates.crt", bundle)])
    registry.crane("append", "--base", f"{REGISTRY}/bare:1", "--new_layer", layer, "--new_tag", f"{REGISTRY}/base:1")
    return Stage(cluster, github)


@pytest.fixture(autouse=True)
def statement(request: pytest.FixtureRequest) -> None:
    """What a test's docstring says is what it proves."""
    statements.state(request)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table that docs/platforms.md has."""
    versions = f"Kubernetes {golang.KUBERNETES_VERSION}, kpack {golang.KPACK_VERSION}, Tekton {golang.TEKTON_VERSION}"
    statements.write(terminalreporter, f"{versions}, lifecycle {golang.LIFECYCLE_VERSION}")
