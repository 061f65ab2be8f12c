"""The examples of the commands, in their help and in docs/command-line.md, run by a shell; and what --json prints."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from docs.command_line import SCHEMA
from github_assets.cli.parser import COMMANDS
from testing.githubd import GitHub, Server
from tests.contract.lifecycle import HANGS, SOURCE
from tests.contract.proxy import Proxy
from tests.contract.samples import PROBE
from tests.contract.test_verify_image import PROGRAM, docker_archive, layer

COMMAND = f'#!/bin/sh\nexec "{sys.executable}" -m github_assets "$@"\n'
EXAMPLES = [(command, line) for command, module in COMMANDS.items() for line, _ in module.EXAMPLES]

MAY_SAY_NO = ("doctor", "outdated")
"""Whose answer is no in the tests' internet: it has no proxy.example.com."""
RELEASES = {
    "grpc-ecosystem/grpc-health-probe": ("v0.4.45", "grpc_health_probe-linux-{}"),
    "jqlang/jq": ("jq-1.7", "jq-linux-{}"),
    "BurntSushi/ripgrep": ("15.1.0", "ripgrep-15.1.0-{}-unknown-linux-musl"),
}


class Internet:
    """github.com, and an application with a lock file whose assets are in ~/mirror."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.app, self.home = folder / "app", folder / "home"
        for path in (self.app, self.home / ".zfunc", self.home / ".config/fish/completions", folder / "bin"):
            path.mkdir(parents=True)
        (folder / "bin/github-assets").write_text(COMMAND)
        (folder / "bin/github-assets").chmod(0o755)
        (self.app / "github-assets.toml").write_text('[[assets]]\nrepo = "grpc-ecosystem/grpc-health-probe"\n')
        path = f"{folder / 'bin'}:{os.environ['PATH']}"
        self.variables = {**variables, "PATH": path, "PYTHONPATH": str(SOURCE / "lib"), "HOME": str(self.home)}

    def run(self, line: str, app: Path) -> subprocess.CompletedProcess[str]:
        """Run a line of a shell in a copy of the application."""
        if app != self.app:
            shutil.copytree(self.app, app)
        return subprocess.run(
            ["bash", "-euc", line], cwd=app, env=self.variables, capture_output=True, text=True, timeout=HANGS
        )


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    github = GitHub()
    for name, (tag, asset) in RELEASES.items():
        release = github.repository(name).release(tag)
        for arch in ("amd64", "arm64"):
            spelled = {"amd64": "x86_64", "arm64": "aarch64"}[arch] if "unknown" in asset else arch
            release.asset(asset.format(spelled), PROBE)
    with Server(github) as server:
        hosts = {"api.github.com": server.api_url, "github.com": server.web_url}
        routes = {f"{host}:443": urlsplit(url).netloc for host, url in hosts.items()}
        server.site.urls = {**server.site.urls, "web": "https://github.com"}
        with Proxy(routes=routes) as proxy:
            variables = {"HTTPS_PROXY": f"http://{proxy.address}", "SSL_CERT_FILE": server.ca_path}
            internet = Internet(tmp_path_factory.mktemp("internet"), variables)
            internet.run("github-assets lock && github-assets mirror ~/mirror", internet.app).check_returncode()
            sha256 = hashlib.sha256(PROBE).hexdigest()
            names = {"tag": "v0.4.45", "asset": "grpc_health_probe-linux-amd64", "sha256": sha256}
            asset = {"repository": "grpc-ecosystem/grpc-health-probe", **names, "executables": "bin/grpc_health_probe"}
            docker_archive(internet.app / "image.tar", [asset], layer({PROGRAM: PROBE}))
            yield internet


@pytest.mark.parametrize(("command", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_the_example_runs(command: str, line: str, internet: Internet, tmp_path: Path) -> None:
    done = internet.run(line, tmp_path / "app")

    assert done.returncode in ((0, 3) if command in MAY_SAY_NO else (0,)), done.stderr
    assert "Traceback" not in done.stderr


JSON = [
    *("fetch jqlang/jq -o bin", "resolve", "resolve jqlang/jq", "explain jqlang/jq", "add jqlang/jq", "outdated"),
    *(
        "lock",
        "lock --dry-run --upgrade",
        "mirror ~/mirror",
        "verify ~/mirror",
        "verify image.tar",
        "doctor",
        "probe --port 1",
    ),
    *("probe --port 1 --form compose", "probe --port 1 --form ecs", "choose --arch amd64 tool-linux-amd64"),
]


@pytest.mark.parametrize("line", JSON)
def test_json_is_as_described(line: str, internet: Internet, tmp_path: Path) -> None:
    done = internet.run(f"github-assets {line} --json", tmp_path / "app")

    assert done.returncode in (0, 3), done.stderr
    schema = json.loads(SCHEMA.read_text())
    described = {"$ref": f"#/$defs/{line.split()[0]}", "$defs": schema["$defs"]}
    jsonschema.validate(json.loads(done.stdout), described, jsonschema.Draft202012Validator)


def test_every_described_command_is_tried() -> None:
    described = json.loads(SCHEMA.read_text())["$defs"].keys() & COMMANDS.keys()
    assert {line.split()[0] for line in JSON} == described
