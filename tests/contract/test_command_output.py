"""Where the output of `github-assets` goes, and what happens when it cannot go there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.contract.lifecycle import HANGS, SOURCE, Lifecycle
from tests.contract.samples import TEMPLATE
from tests.messages import parts

pytestmark = pytest.mark.usefixtures("release")

PRINTING = (["resolve", "--platform", "linux/amd64"], ["--help"], ["--version"], ["choose", "--arch", "amd64", "tool"])


def started(lifecycle: Lifecycle, command: str, arguments: list[str], **options: object) -> tuple[int, str]:
    """Run a shell command with `$@` for the command line; return the exit status and standard error."""
    environment: Mapping[str, str] = {**lifecycle.process, "PYTHONPATH": str(SOURCE / "lib"), **TEMPLATE}
    done = subprocess.run(
        ["bash", "-c", command, "bash", sys.executable, "-m", "github_assets", *arguments],
        cwd=lifecycle.app,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        timeout=HANGS,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_whoever_reads_it_has_read_enough(lifecycle: Lifecycle, arguments: list[str]) -> None:
    """As `| head`: nobody listens any more when the output comes."""
    status, err = started(lifecycle, '{ sleep 0.2; "$@"; echo "status $?" >&2; } | true', arguments)

    assert status == 0
    assert err.rstrip().endswith("status 141")
    for complaint in ("ERROR", "Traceback", "BrokenPipe", "Exception ignored"):
        assert complaint not in err


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_full_disk(lifecycle: Lifecycle, arguments: list[str]) -> None:
    status, err = started(lifecycle, '"$@" > /dev/full', arguments)

    assert status == 1
    said = parts(err[err.index("ERROR") :])
    assert said.headline == "Cannot write the output: No space left on device."
    assert said.advice == "Free some disk space, or send the output somewhere else."
    for complaint in ("Internal error", "Traceback", "Exception ignored"):
        assert complaint not in err


def test_no_standard_output(lifecycle: Lifecycle) -> None:
    status, err = started(lifecycle, '"$@" >&-', PRINTING[0])

    assert status == 1
    assert "ERROR: Cannot write the output: it is closed.\n" in err


def test_no_standard_error(lifecycle: Lifecycle, tmp_path: Path) -> None:
    out = tmp_path / "out"

    status, err = started(lifecycle, f'"$@" 2>&- > {out}', PRINTING[0])

    assert (status, err) == (0, "")
    assert len(out.read_text().splitlines()) == 1


def test_a_full_disk_for_standard_error(lifecycle: Lifecycle) -> None:
    status, _ = started(lifecycle, '"$@" 2> /dev/full', ["lock"])

    assert status == 1
    assert not (lifecycle.app / "github-assets.lock").exists()
