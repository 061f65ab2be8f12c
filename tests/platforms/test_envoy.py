"""Envoy: with examples/envoy before the example's server, it says over HTTP what the server says over gRPC."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from examples.seed_case import free_port
from testing.toolchain import envoy, golang
from tests.e2e.stage import eventually
from tests.platforms import server
from tests.platforms.server import Server


class Front(NamedTuple):
    """An Envoy, and the port that it listens on."""

    process: subprocess.Popen[bytes]
    port: int

    def health(self) -> int:
        """Return the status with which /healthz is answered; 0 while Envoy does not listen."""
        assert self.process.poll() is None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz") as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def call(self) -> subprocess.CompletedProcess[str]:
        """Call the server through Envoy: the probe is a client of gRPC."""
        command: list[str | Path] = [golang.probe("amd64"), f"-addr=127.0.0.1:{self.port}"]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture
def front(grpc_service: Server, tmp_path: Path) -> Iterator[Front]:
    """An Envoy that has the example's file, on a free port."""
    port = free_port()
    ports = {"0.0.0.0": "127.0.0.1", "8080": port, "10021": grpc_service.port}
    config = server.adapted("envoy/envoy.yaml", ports, tmp_path)
    log = tmp_path / "envoy.log"
    command: list[str | Path] = [envoy.envoy(), "--config-path", config, "--use-dynamic-base-id", "--concurrency", "1"]
    with server.program(command, log) as process:
        started = Front(process, port)
        assert eventually(lambda: started.health() != 0), log.read_text()
        yield started


def test_health(front: Front, grpc_service: Server, record_property: Callable[[str, object], None]) -> None:
    """`GET /healthz`: 200 while the service is SERVING, else 503; calls pass through."""
    assert front.health() == 503

    grpc_service.report(serving=True)
    assert eventually(lambda: front.health() == 200)
    called = front.call()
    assert (called.returncode, called.stdout.strip()) == (0, "status: SERVING")

    grpc_service.report(serving=False)
    assert eventually(lambda: front.health() == 503)
    assert "NOT_SERVING" in front.call().stdout
    record_property("evidence", "503, 200, 503")


def test_gone(front: Front, grpc_service: Server) -> None:
    """`GET /healthz`: 503 too when the server is gone."""
    grpc_service.report(serving=True)
    assert eventually(lambda: front.health() == 200)

    grpc_service.stop()

    assert eventually(lambda: front.health() == 503)
