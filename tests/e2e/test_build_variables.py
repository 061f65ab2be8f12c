"""Whose variables reach the buildpack, and how: by a real lifecycle's phases, without containers."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from testing.githubd import GitHub, Server
from testing.toolchain import images, phases
from tests.contract.proxy import Proxy
from tests.contract.samples import ASKED, PROBE, TOKEN

INSTALLED = "layers/cage1016_github-assets-cnb/github-assets/bin/grpc_health_probe"
Build = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def github() -> Iterator[Server]:
    state = GitHub(tokens={TOKEN})
    state.repository(ASKED["REPO"]).release("v1").asset(ASKED["FILE"], PROBE)
    with Server(state) as server:
        yield server


@pytest.fixture
def work() -> Iterator[Path]:
    with phases.workspace() as folder:
        yield folder


@pytest.fixture
def build(work: Path, tmp_path: Path, buildpack: Path, github: Server) -> Build:
    """Build with these build variables, and those of the operator, who says which certificates are trusted."""
    shutil.copy(github.ca_path, work / "ca.pem")
    trusted = {"SSL_CERT_FILE": f"{work}/ca.pem"}

    def run(env: Mapping[str, str], *before: Path, **operator: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        operator = {**operator, "builder_env": {**trusted, **operator.get("builder_env", {})}}
        return phases.run_phases(work, tmp_path, [*before, buildpack], env={**ASKED, **env}, **operator)

    return run


def test_a_library_that_build_variables_preload_is_not_loaded(build: Build, work: Path, github: Server) -> None:
    """The loader complains about one that is not there; about the other buildpack's, whose variables are merged."""
    env = {"LD_PRELOAD": "/nonexistent/evil.so", "GITHUB_API_URL": github.api_url}

    ours = build(env)
    assert ours.returncode == 0, ours.stdout
    assert "evil.so" not in ours.stdout
    assert (work / INSTALLED).read_bytes() == PROBE
    assert "evil.so" in build(env, images.NOOP).stdout


def test_a_path_in_build_variables_is_not_searched(build: Build, work: Path, github: Server) -> None:
    run = build({"PATH": "/nonexistent", "LD_LIBRARY_PATH": "/nonexistent", "GITHUB_API_URL": github.api_url})

    assert run.returncode == 0, run.stdout
    assert (work / INSTALLED).read_bytes() == PROBE


@pytest.mark.parametrize("place", ["env", "builder_env", "process"])
def test_a_proxy_from_every_place(build: Build, github: Server, place: str) -> None:
    with Proxy() as proxy:
        settings = {"HTTPS_PROXY": f"http://{proxy.address}", "NO_PROXY": urlsplit(github.store_url).hostname or ""}
        env = {"GITHUB_API_URL": github.api_url, **(settings if place == "env" else {})}
        run = build(env, **({} if place == "env" else {place: settings}))

    assert run.returncode == 0, run.stdout
    assert set(proxy.asked) == {urlsplit(url).netloc for url in (github.api_url, github.web_url)}


@pytest.mark.parametrize("place", ["env", "builder_env"])
def test_the_operators_token_follows_the_operators_host_alone(build: Build, github: Server, place: str) -> None:
    """The lifecycle does not merge build variables into the process, where the operator's are."""
    host = {"GITHUB_API_URL": github.api_url}
    operator = {"TOKEN": TOKEN, **(host if place == "builder_env" else {})}

    run = build(host if place == "env" else {}, builder_env=operator)

    assert run.returncode == 0, run.stdout
    sent = [request for request in github.requests() if "authorization" in request.headers]
    assert bool(sent) is (place == "builder_env")


def test_build_variables_decide_what_is_installed(build: Build, work: Path, github: Server) -> None:
    shutil.copy(github.ca_path, work / "user.pem")
    wins = {"SSL_CERT_FILE": f"{work}/user.pem", "TARGET": "probe", "BP_GITHUB_ASSET_TARGET": "health"}

    run = build({**wins, "GITHUB_API_URL": github.api_url}, builder_env={"SSL_CERT_FILE": "/nonexistent"})

    assert run.returncode == 0, run.stdout
    layers = work / "layers/cage1016_github-assets-cnb"
    metadata = tomllib.loads((layers / "github-assets.toml").read_text())["metadata"]
    assert [asset["target"] for asset in metadata["assets"]] == ["health"]
    assert [path.name for path in (layers / "github-assets/bin").iterdir()] == ["health"]
