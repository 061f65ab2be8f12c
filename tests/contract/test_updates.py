"""What docs/updates.md offers: the Renovate preset, the GitHub action, the pre-commit hook.

`make robots` runs them with the real Renovate and the real pre-commit.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from testing.githubd import Release, Server
from tests.contract.lifecycle import SOURCE, Lifecycle
from tests.contract.samples import TEMPLATE
from tests.documents import ROOT, blocks
from tests.schemas import validate

_LIMIT = sys.getrecursionlimit()
from jsonata import Jsonata  # noqa: E402

sys.setrecursionlimit(_LIMIT)  # the import raises it for all tests of the process


PRESET = json.loads((ROOT / "updates" / "renovate.json").read_text())
ACTION = yaml.safe_load((ROOT / "updates" / "lock" / "action.yml").read_text())
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
PROBE = "grpc-ecosystem/grpc-health-probe"


def matches(pattern: str, file: str) -> bool:
    """Return whether one of Renovate's `/regular expressions/` selects a file."""
    assert pattern[0] == pattern[-1] == "/"
    return re.search(pattern[1:-1], file) is not None


def found(file: str, text: str) -> list[tuple[str, str, str | None]]:
    """Return the dependencies in a file: repository, version, and server if it is not github.com."""
    managers = [it for it in PRESET["customManagers"] if any(matches(each, file) for each in it["managerFilePatterns"])]
    dependencies: list[tuple[str, str, str | None]] = []
    for manager in managers:
        document: Any = tomllib.loads(text) if manager["fileFormat"] == "toml" else list(yaml.safe_load_all(text))
        for query in manager["matchStrings"]:
            result = Jsonata(query).evaluate(document) or []
            for each in [result] if isinstance(result, dict) else result:
                dependencies.append((each["depName"], each["currentValue"], each["registryUrl"]))
    return dependencies


TABLES = """
[[{header}]]
repo = "jqlang/jq"
version = "jq-1.7.1"

[[{header}]]
version = "v1.2.3"
layer = "x"
repo = "https://ghe.example.com/team/tools.git"

[[{header}]]
repo = "https://github.com/a/b/"
version = "0.4.45"
"""
IN_TABLES = [
    ("jqlang/jq", "jq-1.7.1", None),
    ("team/tools", "v1.2.3", "https://ghe.example.com"),
    ("a/b", "0.4.45", None),
]
SPECS = "jqlang/jq@jq-1.7.1>jq,a/latest https://ghe.example.com/team/tools@v1.2.3:tool-{os}>tool  a/range@^1.2"
IN_SPECS = IN_TABLES[:2]


@pytest.mark.parametrize(
    ("file", "header"),
    [
        ("github-assets.toml", "assets"),
        ("services/a/github-assets.toml", "assets"),
        ("project.toml", "metadata.github-assets"),
        ("project.toml", "_.metadata.github-assets"),
    ],
)
def test_renovate_finds_versions_in_tables(file: str, header: str) -> None:
    assert found(file, TABLES.format(header=header)) == IN_TABLES
    assert found("other.toml", TABLES.format(header=header)) == []


def test_renovate_finds_versions_in_yaml() -> None:
    document = {"assets": tomllib.loads(TABLES.format(header="assets"))["assets"]}
    assert found("github-assets.yaml", yaml.safe_dump(document)) == IN_TABLES


@pytest.mark.parametrize("prefix", ["", "BP_GITHUB_ASSET_"])
@pytest.mark.parametrize("header", ["build.env", "io.buildpacks.build.env"])
def test_renovate_finds_variables_in_project_toml(header: str, prefix: str) -> None:
    values = {f"{prefix}VERSION": "v0.4.45", f"{prefix}REPO": PROBE, "BP_GITHUB_ASSETS": SPECS}
    text = "".join(f'[[{header}]]\nname = "{name}"\nvalue = "{value}"\n' for name, value in values.items())

    assert found("project.toml", text) == [(PROBE, "v0.4.45", None), *IN_SPECS]


def test_renovate_finds_each_image_and_task_in_manifests() -> None:
    env = [{"name": "REPO", "value": "o/one"}, {"name": "X"}, {"name": "VERSION", "value": "v1.0.0"}]
    image = {"apiVersion": "kpack.io/v1alpha2", "kind": "Image", "spec": {"build": {"env": env}}}
    other = {"kind": "Image", "spec": {"build": {"env": [{"name": "BP_GITHUB_ASSETS", "value": SPECS}]}}}
    params = [{"name": "CNB_ENV_VARS", "value": ["VERSION=v2.0.0", "REPO=o/two", "A=b=c", "EMPTY"]}]
    more = [{"name": "CNB_ENV_VARS", "value": [f"BP_GITHUB_ASSETS={SPECS}"]}]
    tasks = [{"name": "a", "params": params}, {"name": "b", "params": more}]
    run = {"apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "spec": {"pipelineSpec": {"tasks": tasks}}}
    container = {"env": [{"name": "REPO", "value": "o/three"}, {"name": "VERSION", "value": "v3.0.0"}]}
    foreign = {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}
    text = yaml.safe_dump_all([image, other, None, run, foreign])

    expected = [("o/one", "v1.0.0", None), *IN_SPECS, ("o/two", "v2.0.0", None), *IN_SPECS]
    assert found("deploy/all.yml", text) == expected


@pytest.mark.parametrize("version", ["latest", "^1.2", "~0.4", ">=1 <2", "1.x", "v1", "1.2", "=1.2.3", "1.2.*"])
def test_renovate_leaves_ranges_alone(version: str) -> None:
    text = f'[[assets]]\nrepo = "a/b"\nversion = "{version}"\n[[assets]]\nrepo = "c/d"\n'
    assert found("github-assets.toml", text) == []


def test_renovate_finds_what_the_documentation_shows() -> None:
    example = (ROOT / "project.toml.example").read_text()
    assert found("project.toml", example) == [(PROBE, "v0.4.45", None)]
    shown = [found("x.yaml", block) for name, block in blocks("yaml") if name.startswith("docs/updates.md")]
    assert [each for each in shown if each] == [[(PROBE, "v0.4.45", None)]] * 2


@pytest.mark.parametrize(
    ("tag", "prefix", "numbers"),
    [
        ("v0.4.45", "", ("0", "4", "45", None)),
        ("0.4.45", "", ("0", "4", "45", None)),
        ("jq-1.7.1", "jq-", ("1", "7", "1", None)),
        ("jq-1.7", "jq-", ("1", "7", None, None)),
        ("cli-v1.2.3", "cli-", ("1", "2", "3", None)),
        ("release/v1.2.3-rc.1", "release/", ("1", "2", "3", "rc.1")),
        ("v1.30.0+k3s1", "", ("1", "30", "0", None)),
        ("v1.2.3-4", "", ("1", "2", "3", "4")),
    ],
)
def test_renovate_only_compares_tags_that_begin_alike(tag: str, prefix: str, numbers: tuple[str | None, ...]) -> None:
    (versioning,) = {manager["versioningTemplate"] for manager in PRESET["customManagers"]}
    expression = versioning.removeprefix("regex:")
    assert not re.search(r"\(\?[=!]|\(\?<[=!]|\\[1-9]", expression), "RE2 has neither lookarounds nor back-references"
    match = re.search(expression.replace("(?<", "(?P<"), tag)
    assert match
    assert match["compatibility"] == prefix
    assert match.group("major", "minor", "patch", "prerelease") == numbers


def test_the_formats_are_read_by_one_query() -> None:
    assert len({query for manager in PRESET["customManagers"] for query in manager["matchStrings"]}) == 1


def test_the_files_are_valid() -> None:
    validate(PRESET, "renovate")
    validate(ACTION, "github-actions")
    documented = [yaml.safe_load(block) for name, block in blocks("yaml") if name.startswith("docs/updates.md")]
    (workflow,) = (each for each in documented if "jobs" in each)
    workflow["on"] = workflow.pop(True)  # PyYAML reads YAML 1.1
    validate(workflow, "github-workflows")
    for name, block in blocks("json"):
        if name.startswith("docs/updates.md"):
            validate(json.loads(block), "renovate")
    broken = {**ACTION, "runs": {"using": "composite"}}
    with pytest.raises(jsonschema.ValidationError):
        validate(broken, "github-actions")


def test_what_the_documentation_names_exists() -> None:
    text = (ROOT / "docs" / "updates.md").read_text()
    assert "github>cage1016/github-assets-cnb//updates/renovate#v3.0.0" in text
    assert "cage1016/github-assets-cnb/updates/lock@v3.0.0" in text
    assert f"- id: {HOOK['id']}" in text
    for name, each in ACTION["inputs"].items():
        assert f"| `{name}` | " in text
        assert each["description"]


# the action and the hook, run in a repository


@pytest.fixture
def application(lifecycle: Lifecycle, release: Release) -> Path:
    """A repository whose lock file is missing."""
    lines = (f'{key.lower()} = "{value}"' for key, value in TEMPLATE.items())
    (lifecycle.app / "github-assets.toml").write_text("\n".join(["[[assets]]", *lines]))
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=lifecycle.app, check=True)
    return lifecycle.app


@pytest.fixture
def environment(lifecycle: Lifecycle, server: Server, tmp_path: Path) -> dict[str, str]:
    """Variables for a script that runs `github-assets`."""
    program = tmp_path / "github-assets" / "bin" / "github-assets"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m github_assets "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    return {
        **lifecycle.process,
        "PYTHONPATH": str(SOURCE / "lib"),
        "PATH": path,
        "HOME": str(tmp_path),
        "RUNNER_TEMP": str(tmp_path),
    }


def refresh(application: Path, environment: dict[str, str], options: str = "") -> tuple[int, str]:
    """Run the action's last step as a runner does, and return its status and its outputs."""
    outputs = application.parent / "outputs"
    outputs.write_text("")
    step = ACTION["runs"]["steps"][-1]
    values = {"DIRECTORY": ".", "OPTIONS": options, "GH_TOKEN": "", "GITHUB_OUTPUT": str(outputs)}
    assert set(step["env"]) <= set(values)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=application,
        env={**environment, **values},
        check=False,
    )
    return done.returncode, outputs.read_text()


def test_the_action_tells_whether_the_file_has_changed(application: Path, environment: dict[str, str]) -> None:
    assert refresh(application, environment) == (0, "changed=true\n")
    assert PROBE in (application / "github-assets.lock").read_text()
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "lock"]
    subprocess.run(["git", "add", "."], cwd=application, check=True)
    subprocess.run(commit, cwd=application, check=True)

    assert refresh(application, environment) == (0, "changed=false\n")
    assert refresh(application, environment, "--check") == (0, "changed=false\n")


def test_the_action_fails_if_the_command_does(application: Path, environment: dict[str, str]) -> None:
    status, outputs = refresh(application, environment, "--check --platform linux/amd64")
    assert (status != 0, outputs) == (True, "")


def test_the_hook_refreshes_the_file(application: Path, environment: dict[str, str]) -> None:
    files = ["github-assets.toml", "github-assets.yaml", "github-assets.lock", "project.toml"]
    assert all(re.search(HOOK["files"], file) for file in files)
    assert not any(
        re.search(HOOK["files"], file) for file in ["x/project.toml", "pyproject.toml", "github-assets-toml"]
    )

    subprocess.run(HOOK["entry"].split(), cwd=application, env=environment, check=True)

    assert PROBE in (application / "github-assets.lock").read_text()
