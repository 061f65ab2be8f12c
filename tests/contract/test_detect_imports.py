"""What bin/detect imports, which is most of what it takes besides starting the interpreter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.contract.lifecycle import RUN

ALL = {"REPO": "grpc-ecosystem/grpc-health-probe", "FILE": "probe-linux-amd64", "VERSION": "v0.4.45", "TARGET": "probe"}
DOWNLOADS = ("http", "resolution", "github", "transfer", "install", "cli", "messages")


def imported(folder: Path, *arguments: str, environment: Mapping[str, str]) -> tuple[int, set[str]]:
    """Return the exit status of a Python, and the modules that it imported."""
    command = [sys.executable, "-I", "-S", "-X", "importtime", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()[1:]}


@pytest.mark.parametrize(("settings", "status"), [({}, 100), ({"REPO": "a/b"}, 0), (ALL, 0)])
def test_detect_imports_only_what_it_needs(tmp_path: Path, settings: dict[str, str], status: int) -> None:
    environment = {**settings, "CNB_PLATFORM_DIR": "/nonexistent", "CNB_BUILD_PLAN_PATH": str(tmp_path / "plan")}
    _, start = imported(tmp_path, "-c", "import os", environment=environment)
    ended, modules = imported(tmp_path, "-c", RUN, "detect", environment=environment)

    own = {name for name in modules if name.partition(".")[0] == "github_assets"}

    assert ended == status
    assert modules - start - own == {"__future__"}
    assert "github_assets.buildpack.detect" in own
    assert not {name.split(".")[1] for name in own if "." in name} & set(DOWNLOADS)
