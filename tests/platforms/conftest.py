"""What the end-to-end tests have, and the table of what was proven."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from testing.toolchain import golang
from tests import statements
from tests.e2e.conftest import app, buildpack, docker, github, stage
from tests.platforms import server

__all__ = ["app", "buildpack", "docker", "github", "stage"]

# `make e2e-platforms` runs these, once a week: what they build takes half an hour of processor time.
collect_ignore_glob = [] if "E2E_PLATFORMS" in os.environ else ["test_*.py"]


@pytest.fixture(autouse=True)
def statement(request: pytest.FixtureRequest) -> None:
    """What a test's docstring says is what it proves."""
    statements.state(request)


@pytest.fixture
def grpc_service() -> Iterator[server.Server]:
    """The example's server, which reports NOT_SERVING at first."""
    with server.running() as started:
        yield started


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table that docs/platforms.md has."""
    statements.write(terminalreporter, f"pack {golang.PACK_VERSION}, lifecycle {golang.LIFECYCLE_VERSION}")
