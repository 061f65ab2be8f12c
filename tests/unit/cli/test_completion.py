"""`github-assets completion`: what it completes in bash; tests/e2e/test_completion.py has zsh and fish."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from github_assets.__main__ import main
from github_assets.cli.commands.completion import SHELLS
from github_assets.cli.parser import COMMANDS


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The script for bash."""
    assert main(["completion", "bash"]) == 0
    path = tmp_path / "script"
    path.write_text(capsys.readouterr().out)
    return path


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert "\ufffd" not in out
    assert all(command in out for command in COMMANDS)


def test_bash_accepts_it(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=60)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ou"], ["outdated"]),
        (["lock", "--up"], ["--upgrade"]),
        (["probe", "--form", "ec"], ["ecs"]),
        (["fetch", "--extract", ""], ["executables", "all", "none"]),
        (["verify", "mir"], ["mirror"]),
        (["completion", "z"], ["zsh"]),
    ],
)
def test_what_bash_completes(words: list[str], expected: list[str], script: Path, tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    typed = ["github-assets", *words]
    asked = (
        f'source "{script}"; COMP_WORDS=("$@"); COMP_CWORD={len(words)}; '
        "$(complete -p github-assets | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    done = subprocess.run(
        ["bash", "-c", asked, "bash", *typed], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    assert sorted(done.stdout.split()) == sorted(expected)
