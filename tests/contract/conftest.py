from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from github_assets.__main__ import main
from testing.githubd import GitHub, Release, Repository, Server
from tests.contract.lifecycle import HANGS, SOURCE, Lifecycle, Run
from tests.contract.samples import ARM_PROBE, PROBE, TEMPLATE, TOKEN

Command = Callable[..., Run]


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
    """Text without what differs between runs: a role for a host, LAYERS for the layers directory, TIME for seconds."""

    def replace(text: str) -> str:
        for role, url in server.site.urls.items():
            text = text.replace(urlsplit(url).netloc, role)
        return re.sub(r"\bin \d+\.\d+ s\b", "in TIME", text.replace(str(lifecycle.layers), "LAYERS"))

    return replace


@pytest.fixture
def command(lifecycle: Lifecycle) -> Command:
    """Run `github-assets` in the application, with settings in its environment."""

    def run(*arguments: str, settings: Mapping[str, str] = TEMPLATE) -> Run:
        done = subprocess.run(
            [sys.executable, "-m", "github_assets", *arguments],
            cwd=lifecycle.app,
            env={**lifecycle.process, "PYTHONPATH": str(SOURCE / "lib"), **settings},
            capture_output=True,
            text=True,
            timeout=HANGS,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Run(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def command_here(lifecycle: Lifecycle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The same without a process of its own, for tests of what a command does rather than of how it ends."""

    def run(*arguments: str, settings: Mapping[str, str] = TEMPLATE) -> Run:
        with monkeypatch.context() as patched:
            patched.chdir(lifecycle.app)
            patched.setattr(os, "environ", {**lifecycle.process, **settings})
            capsys.readouterr()
            try:
                status = main(arguments)
            except SystemExit as usage:
                status = int(usage.code or 0)
        return Run(status, *capsys.readouterr())

    return run
