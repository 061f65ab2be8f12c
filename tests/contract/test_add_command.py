"""`github-assets add`: an asset in the right file."""

from __future__ import annotations

import json
import tomllib

import pytest

from testing.githubd import GitHub, Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ASKED, PROBE
from tests.messages import parts

REPO = ASKED["REPO"]
OURS = '# ours\n[[assets]]\nrepo = "a/b"\nfile = "x"\n'
DESCRIPTOR = '[_]\nschema-version = "0.2"  # the new one\n'

pytestmark = pytest.mark.usefixtures("release")


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url

    def run(*arguments: str, **settings: str) -> object:
        return command_here(*arguments, settings=settings)

    return run  # type: ignore[return-value]


def test_a_new_file_that_builds_read(command: Command, lifecycle: Lifecycle) -> None:
    run = command("add", f"{REPO}@^0.4", "--target", "probe", "--min-age", "1d", "--no-process")

    assert (run.status, run.out) == (0, "github-assets.toml\n")
    assert (lifecycle.app / "github-assets.toml").read_text() == (
        f'[[assets]]\nrepo = "{REPO}"\nversion = "^0.4"\ntarget = "probe"\nmin_age = "1d"\nprocess = false\n'
    )
    assert f"Added {REPO} to github-assets.toml\n" in run.err
    assert f" {REPO} v0.4.45 " in f" {command('resolve', '--platform', 'amd64').out}"


@pytest.mark.parametrize(
    ("files", "changed", "keys"),
    [
        ({"github-assets.toml": OURS, "project.toml": DESCRIPTOR}, "github-assets.toml", "assets"),
        ({"project.toml": DESCRIPTOR}, "project.toml", "_.metadata.github-assets"),
        ({"project.toml": '[project]\nid = "x"\n'}, "project.toml", "metadata.github-assets"),
        (
            {"project.toml": DESCRIPTOR + '[[metadata.github-assets]]\nrepo = "a/b"\nfile = "x"\n'},
            *("project.toml", "metadata.github-assets"),
        ),
        (
            {"github-assets.toml": "# empty\n", "project.toml": '[[metadata.github-assets]]\nrepo = "a/b"\n'},
            *("project.toml", "metadata.github-assets"),
        ),
    ],
)
def test_the_right_file(files: dict[str, str], changed: str, keys: str, command: Command, lifecycle: Lifecycle) -> None:
    for name, text in files.items():
        (lifecycle.app / name).write_text(text)

    run = command("add", f"https://github.com/{REPO}", "--no-resolve", "--json")

    assert run.status == 0
    assert json.loads(run.out) == {"file": changed, "asset": {"repo": REPO}}
    text = (lifecycle.app / changed).read_text()
    assert text == f'{files[changed]}\n[[{keys}]]\nrepo = "{REPO}"\n'
    assert {path.name for path in lifecycle.app.iterdir()} == set(files)


def test_a_yaml_file(command: Command, lifecycle: Lifecycle) -> None:
    (lifecycle.app / "github-assets.yaml").write_text("# ours\nassets:\n  - repo: a/b\n    file: x\n")

    assert command("add", REPO, "--no-resolve").out == "github-assets.yaml\n"
    assert (lifecycle.app / "github-assets.yaml").read_text() == (
        f'# ours\nassets:\n  - repo: a/b\n    file: x\n  - repo: "{REPO}"\n'
    )


def test_the_file_of_the_variable(command: Command, lifecycle: Lifecycle) -> None:
    (lifecycle.app / "deploy").mkdir()
    (lifecycle.app / "deploy/assets.toml").write_text(OURS)

    run = command("add", REPO, "--no-resolve", GITHUB_ASSETS_PATH="deploy/assets.toml")

    assert (run.status, run.out) == (0, "deploy/assets.toml\n")
    assert len(tomllib.loads((lifecycle.app / "deploy/assets.toml").read_text())["assets"]) == 2


def test_the_lock_file_is_to_be_updated(command: Command, lifecycle: Lifecycle, github: GitHub) -> None:
    github.repository("octo/tool").release("v1").asset("tool-linux-amd64", PROBE)
    command("add", REPO)
    command("lock", "--platform", "amd64")

    run = command("add", "octo/tool")

    assert run.err.endswith("  Update github-assets.lock: github-assets lock\n")
    assert command("lock").status == 0
    assert "octo/tool" in (lifecycle.app / "github-assets.lock").read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("a/b:x", "--no-resolve"), "[[assets]] number 1 in github-assets.toml and the command line would both write"),
        (("c/d:x", "--no-resolve"), "[[assets]] number 1 in github-assets.toml and the command line would both write"),
        (("octo/missing",), "octo/missing"),
        ((REPO, "--file", "nothing-*"), "has no asset"),
        ((REPO, "--layer", "a.b", "--no-resolve"), "--layer is invalid"),
    ],
)
def test_nothing_is_written_if_anything_is_wrong(
    arguments: tuple[str, ...], expected: str, command: Command, lifecycle: Lifecycle
) -> None:
    (lifecycle.app / "github-assets.toml").write_text(OURS)

    run = command("add", *arguments)

    assert (run.status, run.out) == (1, "")
    assert expected in run.err
    assert (lifecycle.app / "github-assets.toml").read_text() == OURS


def test_what_cannot_be_added_is_printed(command: Command, lifecycle: Lifecycle) -> None:
    (lifecycle.app / "github-assets.toml").write_text('assets = [{ repo = "a/b" }]\n')

    run = command("add", REPO, "--no-resolve")

    assert run.status == 1
    said = parts(run.err)
    assert said.headline == "Cannot add to github-assets.toml without rewriting it."
    assert said.advice == f'Add this to its list of assets:\n  [[assets]]\n  repo = "{REPO}"'
