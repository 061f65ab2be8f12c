"""The completion scripts in the real zsh and fish; tests/unit/cli/test_completion.py has bash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from testing.toolchain import debian


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def script(shell: str, path: Path) -> Path:
    """The script for a shell."""
    done = run(sys.executable, "-m", "github_assets", "completion", shell, PYTHONPATH="lib")
    path.write_text(done.stdout)
    return path


@pytest.fixture(scope="module")
def fish() -> tuple[Path, str]:
    """The shell, and where its library is."""
    (library,) = debian.unpacked("libpcre2-32-0").rglob("libpcre2-32.so.0")
    return debian.program("fish", "fish"), str(library.parent)


def test_zsh_accepts_the_script(tmp_path: Path) -> None:
    zsh = debian.program("zsh", "zsh")
    done = run(zsh, "-n", script("zsh", tmp_path / "script"))
    broken = tmp_path / "broken"
    broken.write_text("if true\n")

    assert (done.returncode, done.stderr) == (0, "")
    assert run(zsh, "-n", broken).returncode


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("ou", ["outdated"]), ("probe --form ec", ["ecs"]), ("completion z", ["zsh"])],
)
def test_what_fish_completes(tmp_path: Path, fish: tuple[Path, str], typed: str, expected: list[str]) -> None:
    program, library = fish
    path = script("fish", tmp_path / "script")
    asked = f"source {path}; complete --do-complete 'github-assets {typed}'"
    done = run(program, "--no-config", "-c", asked, LD_LIBRARY_PATH=library, HOME=str(tmp_path))

    assert done.stderr == ""
    assert [line.partition("\t")[0] for line in done.stdout.splitlines()] == expected
