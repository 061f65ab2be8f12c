from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from testing.githubd import GitHub, Release, Repository, Server
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ARM_PROBE, PROBE, TOKEN


@pytest.fixture
def github() -> GitHub:
    return GitHub(tokens={TOKEN})


@pytest.fixture
def server(github: GitHub) -> Iterator[Server]:
    with Server(github) as running:
        yield running


@pytest.fixture
def repository(github: GitHub) -> Repository:
    return github.repository("grpc-ecosystem/grpc-health-probe")


@pytest.fixture
def release(repository: Repository) -> Release:
    """The latest release, with an asset for the settings of `ASKED`."""
    release = repository.release("v0.4.45", id=4500)
    release.asset("grpc_health_probe-linux-amd64", PROBE, id=4501)
    release.asset("grpc_health_probe-linux-arm64", ARM_PROBE, id=4502)
    release.asset("checksums.txt", b"none\n", id=4503)
    return release


@pytest.fixture
def lifecycle(tmp_path: Path, server: Server) -> Lifecycle:
    """An image that has not been built yet, and whose builds reach the local GitHub."""
    return Lifecycle(
        tmp_path / "image",
        {"SSL_CERT_FILE": server.ca_path, "GITHUB_API_URL": server.api_url, "BP_GITHUB_ASSETS_TIMEOUT": "20"},
    )


@pytest.fixture
def plain(server: Server, lifecycle: Lifecycle) -> Callable[[str], str]:
    """Text without what differs from run to run: a host's role for its port, `LAYERS` for the layers directory."""

    def replace(text: str) -> str:
        for role, url in server.site.urls.items():
            text = text.replace(urlsplit(url).netloc, role)
        return text.replace(str(lifecycle.layers), "LAYERS")

    return replace
