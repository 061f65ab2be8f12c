"""The real parts: the packaged buildpack, pack and its lifecycle, a Docker Engine, a GitHub on loopback with TLS."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.githubd import GitHub, Server
from testing.toolchain import engine, golang
from testing.toolchain.engine import Engine
from tests.e2e.stage import LATEST, REPOSITORY, Stage, publish


@pytest.fixture(scope="session")
def docker() -> Iterator[Engine]:
    with engine.running() as found:
        yield found


@pytest.fixture(scope="session")
def buildpack() -> Path:
    """The packaged buildpack's directory, as `make package` writes it."""
    return Path(__file__).parents[2] / "dist" / "linux-amd64"


@pytest.fixture
def github() -> Iterator[Server]:
    """A GitHub whose grpc-health-probe has one release, with assets for both architectures."""
    state = GitHub()
    publish(state.repository(REPOSITORY), LATEST)
    with Server(state) as server:
        yield server


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    shutil.copy(golang.service(), folder)
    return folder


@pytest.fixture
def stage(docker: Engine, buildpack: Path, github: Server, app: Path, tmp_path: Path) -> Iterator[Stage]:
    with Stage(docker, buildpack, github, app, tmp_path) as each:
        yield each
