"""Common to all commands: help, usage, exit statuses, and which configuration they read."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from github_assets import __version__
from github_assets.__main__ import main
from github_assets.cli import options
from github_assets.cli.application import Application
from github_assets.cli.parser import COMMANDS, USAGE
from github_assets.errors.config import FileUnreadable
from github_assets.log import Log
from github_assets.platforms import Platform
from tests.messages import parts

LEGACY = """
[[metadata.githubassets]]
repo = "jqlang/jq"
asset = "jq-linux-amd64"
tag = "jq-1.7.1"
destination = "bin/jq"
"""


@pytest.fixture(autouse=True)
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty application, which is the current directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("REPO", "FILE", "TARGET", "VERSION", "TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert re.findall(r"^    (\w+)", err, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: github-assets {command} ")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert (ended.value.code, capsys.readouterr().out) == (0, f"github-assets {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["lock", "--platform", "linux"], "'linux' is not linux/amd64 or linux/arm64"),
        (["lock", "-e", "1=x"], "'1' is not NAME or NAME=VALUE"),
        (["lock", "--platform", "windows/amd64"], "'windows/amd64' is not linux/amd64 or linux/arm64"),
        (["resolve", "--platform", "linux/riscv64"], "'linux/riscv64' is not linux/amd64 or linux/arm64"),
        (["lock", "--directory", "missing"], "'missing' is not a directory"),
        (["migrate", "--directory", "/dev/null"], "'/dev/null' is not a directory"),
        (["lock", "--plan", "missing.toml"], "'missing.toml' is not a file"),
        (["mirror", "--plan", ".", "x"], "'.' is not a file"),
        (["lock", "--trusted-root", "missing.jsonl"], "'missing.jsonl' is not a file"),
        (["lock", "--upgrade", "probe"], "'probe' is not OWNER/NAME"),
        (["lock", "--accept"], "expected at least one argument"),
        (["lock", "--check", "--accept", "a/b"], "not allowed with argument --check"),
        (["verify", "--plan", "x", "."], "unrecognized arguments: --plan"),
        (["verify", "--env", "REPO=a/b", "."], "unrecognized arguments: --env"),
        (["migrate", "--plan", "x"], "unrecognized arguments: --plan"),
        (["lock", "--check", "--upgrade"], "not allowed with argument --check"),
        (["lock", "--check", "--dry-run"], "--dry-run: not allowed with argument --check"),
        (["add", "a/b", "--no-resolve", "--platform", "arm64"], "--platform: not with --no-resolve"),
        (["resolve", "a/b", "--plan", __file__], "--plan: not with ASSET"),
        (["outdated", "--platform", "arm64"], "unrecognized arguments: --platform"),
        (["doctor", "-q", "-v"], "not allowed with argument -q"),
        (["mirror"], "the following arguments are required: DIR"),
        (["add", "a/b", "--to", "x.json"], "unrecognized arguments: --to x.json"),
        (["fetch"], "the following arguments are required: ASSET"),
        (["fetch", "a/b:c", "--file", "d"], "--file: ASSET already says 'c'"),
    ],
)
def test_wrong_usage(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == USAGE
    assert expected in capsys.readouterr().err


def test_a_variable_that_the_shell_does_not_have(
    capsys: pytest.CaptureFixture[str], app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPO", raising=False)

    assert main(["resolve", "-e", "REPO"]) == 1
    assert "Warning: REPO is not set in the shell: --env REPO does nothing.\n" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["lock"], ["lock", "--check"], ["resolve"], ["mirror", "x"]])
def test_no_assets_configured(command: list[str], capsys: pytest.CaptureFixture[str], app: Path) -> None:
    assert main(command) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ERROR: No assets are configured.\n")
    assert list(app.iterdir()) == []


def test_verify_needs_a_lock_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "."]) == 1
    said = parts(capsys.readouterr().err)
    assert (said.headline, said.advice) == ("github-assets.lock not found.", "Create it: github-assets lock")


def test_migrate_prints_what_can_be_pasted(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (app / "project.toml").write_text(LEGACY)

    assert main(["migrate"]) == 0

    out, err = capsys.readouterr()
    assert "[[metadata.githubassets]] in project.toml uses the deprecated syntax of version 2.1" in err
    assert out == (
        '[[metadata.github-assets]]\nrepo = "jqlang/jq"\nversion = "jq-1.7.1"\nfile = "jq-linux-amd64"\n'
        'target = "jq"\nlayer = "jqlang_jq"\n'
    )
    (app / "project.toml").write_text(out)
    assert main(["migrate"]) == 0
    assert capsys.readouterr() == ("", "  Nothing to migrate\n")


@pytest.mark.parametrize("prefix", ["", "BP_GITHUB_ASSET_"])
def test_migrate_prints_the_variables_of_1_x(prefix: str, app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = {"REPO": "jqlang/jq", "FILE": "jq-linux-amd64", "TARGET": "jq", "VERSION": "jq-1.7", "TOKEN": "ghp_secret"}
    tables = (f'[[build.env]]\nname = "{prefix}{name}"\nvalue = "{value}"\n' for name, value in values.items())
    (app / "project.toml").write_text("".join(tables))

    assert main(["migrate"]) == 0

    out, err = capsys.readouterr()
    assert out == (
        '[[metadata.github-assets]]\nrepo = "jqlang/jq"\nversion = "jq-1.7"\nfile = "jq-linux-amd64"\n'
        f'target = "jq"\ntoken_env = "{prefix}TOKEN"\n'
    )
    names = ", ".join(f"{prefix}{name}" for name in ("REPO", "VERSION", "FILE", "TARGET"))
    assert f"{names} can stay." in err
    assert "ghp_secret" not in out + err


def test_migrated_variables_are_the_same_asset(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [word for name in ("REPO=octo/tool", "FILE=a*", "VERSION=^1") for word in ("-e", name)]
    variables = Application(application_options(*arguments), {}, Log()).requests

    assert main(["migrate", *arguments]) == 0
    (app / "github-assets.toml").write_text(capsys.readouterr().out)

    tables = Application(application_options(), {}, Log()).requests
    assert [each._replace(source=variables[0].source) for each in tables] == variables


def test_another_folder(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (app / "service").mkdir()
    (app / "service/project.toml").write_text(LEGACY)

    assert main(["migrate", "--directory", "service"]) == 0
    assert "jqlang/jq" in capsys.readouterr().out


@pytest.mark.parametrize("table", ["build.env", "io.buildpacks.build.env"])
def test_whose_variables_win(table: str, app: Path) -> None:
    (app / "project.toml").write_text(
        "".join(f'[[{table}]]\nname = "{name}"\nvalue = "project"\n' for name in ("FILE", "TARGET"))
    )
    options = application_options("--env", "TARGET=option=1")
    read = Application(options, {"FILE": "process", "TARGET": "process", "VERSION": "process"}, Log())

    values = [read.environment.get(name) for name in ("TARGET", "FILE", "VERSION")]
    assert values == ["option=1", "project", "process"]


def test_a_project_descriptor_outside_of_the_checkout_is_not_read(
    app: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secrets = tmp_path_factory.mktemp("home") / "secrets.toml"
    secrets.write_text('[[build.env]]\nname = "FILE"\nvalue = "secret"\n')
    (app / "project.toml").symlink_to(secrets)

    with pytest.raises(FileUnreadable):
        Application(application_options(), {}, Log()).environment  # noqa: B018


def test_a_variable_of_the_shell(app: Path) -> None:
    """As in pack build: without a value it is the shell's, empty if that has none."""
    (app / "project.toml").write_text(
        "".join(f'[[build.env]]\nname = "{name}"\nvalue = "project"\n' for name in ("FILE", "TARGET"))
    )
    read = Application(application_options("-e", "FILE", "-e", "TARGET"), {"FILE": "shell"}, Log())

    assert [read.environment.get(name) for name in ("FILE", "TARGET")] == ["shell", ""]


@pytest.mark.parametrize("text", ["build = 1", "[build]\nenv = 1", "[[build.env]]\nname = 1", "io = []"])
def test_a_project_descriptor_of_another_shape_has_no_variables(text: str, app: Path) -> None:
    (app / "project.toml").write_text(text)
    assert Application(application_options(), {"FILE": "process"}, Log()).environment.get("FILE") == "process"


def test_platforms() -> None:
    read = Application(application_options(), {"BP_GITHUB_ASSETS_LIBC": "musl"}, Log())

    amd64, arm64 = Platform("linux", "amd64", "musl"), Platform("linux", "arm64", "musl")
    assert read.platforms(None) == [amd64, arm64]
    read.options.platform = ["linux/arm64", "linux/arm64"]
    assert read.platforms(None) == [arm64]


def application_options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add_configuration(parser)
    options.add_platforms(parser)
    return parser.parse_args(arguments)
