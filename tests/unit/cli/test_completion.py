"""`github-assets completion`: scripts that shells accept, and what they complete."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from github_assets.__main__ import main
from github_assets.cli.commands.completion import SHELLS
from github_assets.cli.parser import COMMANDS


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Path:
    """The script for a shell, `bash` unless the test says otherwise."""
    assert main(["completion", getattr(request, "param", "bash")]) == 0
    path = tmp_path / "script"
    path.write_text(capsys.readouterr().out)
    return path


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert "\ufffd" not in out
    assert all(command in out for command in COMMANDS)


@pytest.mark.parametrize(
    ("script", "shell"), [(shell, shell) for shell in ("bash", "zsh", "fish")], indirect=["script"]
)
def test_the_shell_accepts_it(script: Path, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} on this machine")
    subprocess.run([shell, "-n", str(script)], check=True, timeout=60)


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash on this machine")
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
