"""Consul: an agent that has examples/consul asks the example's server for its health."""

from __future__ import annotations

import contextlib
import json
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from examples.seed_case import free_port
from testing.toolchain import golang
from tests.e2e.stage import eventually
from tests.platforms import server
from tests.platforms.server import Server


class Agent(NamedTuple):
    """An agent, and the port of its API."""

    process: subprocess.Popen[bytes]
    port: int

    def ask(self, path: str) -> Any:
        """Return what the API answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v1/{path}") as response:
            return json.load(response)

    def check(self) -> tuple[str, str]:
        """Return the status of the example's check, and its last output."""
        check = self.ask("agent/checks")["grpc-service-health"]
        return check["Status"], check["Output"]

    def found(self) -> list[int]:
        """Return the ports that clients find who look for healthy instances."""
        return [each["Service"]["Port"] for each in self.ask("health/service/grpc-service?passing")]

    def in_catalog(self) -> bool:
        """Return whether the agent has a leader, which knows of the service."""
        assert self.process.poll() is None
        with contextlib.suppress(OSError):
            return bool(self.ask("health/service/grpc-service"))
        return False


@pytest.fixture
def agent(grpc_service: Server, tmp_path: Path) -> Iterator[Agent]:
    """An agent in dev mode, on free ports, with the example's file."""
    config = server.adapted("consul/grpc-service.json", {"10021": grpc_service.port}, tmp_path)
    port = free_port()
    ports = {"http": port, "server": free_port(), "serf-lan": free_port(), "serf-wan": free_port()}
    off = ("dns", "grpc", "grpc-tls")
    command: list[str | Path] = [
        *(golang.consul(), "agent", "-dev", f"-config-file={config}", "-hcl=disable_update_check = true"),
        *(f"-{name}-port={number}" for name, number in ports.items()),
        *(f"-{name}-port=-1" for name in off),
    ]
    log = tmp_path / "consul.log"
    with server.program(command, log) as process:
        started = Agent(process, port)
        assert eventually(started.in_catalog), log.read_text()
        yield started


def test_check(agent: Agent, grpc_service: Server, record_property: Callable[[str, object], None]) -> None:
    """A `grpc` check of one service: `passing` while SERVING, else `critical`; clients find it only while it passes."""
    assert eventually(lambda: "NOT_SERVING" in agent.check()[1]), agent.check()
    seen = [agent.check()[0]]
    assert agent.found() == []

    grpc_service.report(serving=True)
    assert eventually(lambda: agent.found() == [grpc_service.port]), agent.check()
    seen.append(agent.check()[0])

    grpc_service.report(serving=False)
    assert eventually(lambda: agent.found() == []), agent.check()
    assert "NOT_SERVING" in agent.check()[1]
    seen.append(agent.check()[0])
    assert seen == ["critical", "passing", "critical"]
    record_property("evidence", ", ".join(seen))


def test_gone(agent: Agent, grpc_service: Server) -> None:
    """A server that is gone is `critical` too."""
    grpc_service.report(serving=True)
    assert eventually(lambda: agent.check()[0] == "passing"), agent.check()

    grpc_service.stop()

    assert eventually(lambda: agent.check()[0] == "critical"), agent.check()
    assert "connection refused" in agent.check()[1]
