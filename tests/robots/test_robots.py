"""The real Renovate, pre-commit and actionlint, and the whole action, in a repository whose releases are on loopback.

`make robots` runs them; installing Renovate takes minutes. tests/contract/test_updates.py has the quick tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from testing.githubd import GitHub, Server
from testing.toolchain import golang, nodejs
from testing.toolchain.store import CHECKOUT
from tests.contract.samples import ARM_PROBE, PROBE
from tests.documents import blocks

REPOSITORY = "grpc-ecosystem/grpc-health-probe"
ASSETS = f'[[assets]]\nrepo = "{REPOSITORY}"\nversion = "v0.4.45"\nfile = "grpc_health_probe-{{os}}-{{arch}}"\n'
COMMIT = ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "all"]
HOOKS = {"repos": [{"repo": str(CHECKOUT), "rev": "HEAD", "hooks": [{"id": "github-assets-lock"}]}]}


def run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(done.stdout)
    return done


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Variables with which the probe's release is found on loopback."""
    state = GitHub()
    release = state.repository(REPOSITORY).release("v0.4.45")
    release.asset("grpc_health_probe-linux-amd64", PROBE)
    release.asset("grpc_health_probe-linux-arm64", ARM_PROBE)
    with Server(state) as server:
        variables = {"GITHUB_API_URL": server.api_url, "SSL_CERT_FILE": server.ca_path, "HOME": str(tmp_path)}
        yield {**os.environ, **variables}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a configuration, and without a lock file."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "github-assets.toml").write_text(ASSETS)
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", ".", cwd=folder)
    run("git", *COMMIT, cwd=folder)
    return folder


def test_renovate(repository: Path, tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "updates" / "renovate.json", repository)
    shutil.copy(CHECKOUT / "project.toml.example", repository / "project.toml")
    manifests = [
        block for name, block in blocks("yaml") if name.startswith("docs/updates.md") and "apiVersion" in block
    ]
    for number, manifest in enumerate(manifests):
        (repository / f"{number}.yaml").write_text(manifest)
    run("git", "add", ".", cwd=repository)
    report = tmp_path / "report.json"
    options = ["--platform=local", "--dry-run=extract", "--report-type=file", f"--report-path={report}"]

    done = run(*nodejs.renovate(), *options, cwd=repository, env={**os.environ, "HOME": str(tmp_path)})

    assert done.returncode == 0
    packages = json.loads(report.read_text())["repositories"]["local"]["packageFiles"]["jsonata"]
    found = {
        package["packageFile"]: [(it["depName"], it["currentValue"], it["datasource"]) for it in package["deps"]]
        for package in packages
    }
    files = ["github-assets.toml", "project.toml", "0.yaml", "1.yaml"]
    assert found == {file: [(REPOSITORY, "v0.4.45", "github-releases")] for file in files}


def test_pre_commit(repository: Path, environment: dict[str, str], tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    pre_commit = tmp_path / "venv" / "bin" / "pre-commit"
    installed = run(tmp_path / "venv/bin/pip", "install", "--quiet", "pre-commit==4.7.0", cwd=tmp_path)
    assert installed.returncode == 0
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(HOOKS))
    valid = run(pre_commit, "validate-manifest", CHECKOUT / ".pre-commit-hooks.yaml", cwd=repository)
    assert valid.returncode == 0

    def commits() -> subprocess.CompletedProcess[str]:
        run("git", "add", ".", cwd=repository)
        return run(pre_commit, "run", "--all-files", cwd=repository, env=environment)

    created = commits()
    (repository / "github-assets.toml").write_text(f'{ASSETS}target = "probe"\n')
    modified, unchanged = commits(), commits()

    assert [each.returncode for each in (created, modified, unchanged)] == [0, 1, 0]
    assert "files were modified by this hook" in modified.stdout
    assert 'target = "probe"' in (repository / "github-assets.lock").read_text()


def test_the_action(repository: Path, environment: dict[str, str], tmp_path: Path) -> None:
    action = CHECKOUT / "updates" / "lock"
    outputs = tmp_path / "outputs"
    variables = {"GITHUB_ACTION_PATH": str(action), "GITHUB_OUTPUT": str(outputs), "RUNNER_TEMP": str(tmp_path)}
    values = {**environment, **variables, "DIRECTORY": ".", "OPTIONS": ""}
    for step in yaml.safe_load((action / "action.yml").read_text())["runs"]["steps"]:
        done = run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=repository, env=values)
        assert done.returncode == 0

    assert outputs.read_text() == "changed=true\n"
    assert REPOSITORY in (repository / "github-assets.lock").read_text()


def test_actionlint_finds_nothing_in_the_workflows(tmp_path: Path) -> None:
    workflows = [*(CHECKOUT / ".github/workflows").glob("*.yml"), CHECKOUT / "examples/ci/github-actions.yml"]
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.x }}\n"
    )

    assert run(golang.actionlint(), *workflows, cwd=CHECKOUT).returncode == 0
    assert run(golang.actionlint(), wrong, cwd=CHECKOUT).returncode == 1
