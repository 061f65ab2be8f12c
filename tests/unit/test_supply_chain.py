"""What the project itself is built and tested with is pinned, and what runs it cannot write."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"), key=lambda path: path.name)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
IMAGE = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")
REQUIREMENTS = ["requirements-dev.txt", "requirements-run.txt", "requirements-bench.txt"]


def jobs(workflow: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(workflow.read_text())["jobs"]
    return found


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_and_images_by_digest(workflow: Path) -> None:
    used = re.findall(r"uses: (.+)", workflow.read_text())
    images = [container["image"] for job in jobs(workflow).values() if (container := job.get("container"))]

    assert used
    assert [each for each in used if not PINNED.fullmatch(each)] == []
    assert [each for each in images if not IMAGE.fullmatch(each)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_no_checkout_keeps_its_token(workflow: Path) -> None:
    steps = [step for job in jobs(workflow).values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]

    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read(workflow: Path) -> None:
    """A job that writes says so itself."""
    assert yaml.safe_load(workflow.read_text())["permissions"] in ({}, {"contents": "read"})


def test_the_tests_of_new_packages_run_without_the_token_that_writes() -> None:
    relock = jobs(ROOT / ".github/workflows/relock.yml")
    writing = [job for job in relock.values() if "write" in job["permissions"].values()]
    running = [job for job in relock.values() if any(".ci/run" in step.get("run", "") for step in job["steps"])]

    assert [job["permissions"] for job in running] == [{"contents": "read"}]
    [propose] = writing
    commands = {line.split()[0] for step in propose["steps"] for line in step.get("run", "").splitlines()}
    assert commands == {"git", "gh"}


@pytest.mark.parametrize("file", REQUIREMENTS)
def test_development_packages_have_hashes(file: str) -> None:
    """pip checks them; names of registries and private indexes have no place there."""
    text = (ROOT / file).read_text()
    packages = re.findall(r"^[^ #].*\n.*", text, re.M)

    assert len(packages) > 3
    assert all(re.match(r"[a-z0-9-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}\b", package) for package in packages)
    assert "://" not in text
    assert "--require-hashes" in (ROOT / "Makefile").read_text()


def test_every_development_package_is_pinned() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    wanted = {re.split(r"[\[>=<]", each)[0] for group in groups.values() for each in group if isinstance(each, str)}
    text = "".join((ROOT / file).read_text() for file in REQUIREMENTS)
    pinned = set(re.findall(r"^([a-z0-9-]+)==", text, re.M))

    assert {re.sub(r"[-_.]+", "-", each).lower() for each in wanted} - pinned == set()


@pytest.mark.parametrize("file", ["examples/ci/github-actions.yml", "docs/updates.md"])
def test_actions_are_pinned_in_what_readers_copy(file: str) -> None:
    """Except for our own, which has no hash before its release."""
    used = re.findall(r"uses: (.+)", (ROOT / file).read_text())

    assert used
    assert [each for each in used if not (PINNED.fullmatch(each) or each.startswith("cage1016/"))] == []
