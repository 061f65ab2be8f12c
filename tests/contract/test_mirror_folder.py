"""`github-assets mirror` and `verify`, in a checkout that somebody else has filled."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from testing.githubd import GitHub, Release, Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ARM_PROBE, ASKED, PROBE, TEMPLATE

REPO = ASKED["REPO"]
ONE = ("--platform", "linux/amd64")


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    """Run commands in this process."""
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url
    return command_here


@pytest.fixture
def host(server: Server) -> str:
    return urlsplit(server.web_url).hostname or ""


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("link", ["mirror", "mirror/{host}", "mirror/{host}/grpc-ecosystem"])
def test_mirror_does_not_follow_a_link_of_the_checkout(
    link: str, command: Command, lifecycle: Lifecycle, tmp_path: Path, host: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    path = lifecycle.app / link.format(host=host)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(outside)

    run = command("mirror", "mirror", *ONE)

    assert (run.status, run.out) == (1, "")
    assert "it is a symbolic link" in run.err
    assert list(outside.iterdir()) == []


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("ending", ["", ".partial"])
def test_mirror_replaces_a_link_and_leaves_what_it_leads_to(
    ending: str, command: Command, lifecycle: Lifecycle, tmp_path: Path, host: str
) -> None:
    victim = tmp_path / "authorized_keys"
    victim.write_text("mine")
    folder = lifecycle.app / f"mirror/{host}/{REPO}/releases/download/v0.4.45"
    folder.mkdir(parents=True)
    (folder / f"{ASKED['FILE']}{ending}").symlink_to(victim)

    assert command("mirror", "mirror", *ONE).status == 0

    assert victim.read_text() == "mine"
    assert (folder / ASKED["FILE"]).read_bytes() == PROBE
    assert not (folder / ASKED["FILE"]).is_symlink()


@pytest.mark.parametrize("name", ["github-assets.lock.partial", ".github-assets.lock.partial"])
def test_lock_replaces_a_link_and_leaves_what_it_leads_to(
    name: str, command: Command, lifecycle: Lifecycle, tmp_path: Path, release: Release
) -> None:
    home = tmp_path / "bashrc"
    home.write_text("# mine\n")
    home.chmod(0o600)
    (lifecycle.app / name).symlink_to(home)

    assert command("lock", *ONE).status == 0

    assert home.read_text() == "# mine\n"
    assert home.stat().st_mode & 0o777 == 0o600
    assert release.tag in (lifecycle.app / "github-assets.lock").read_text()


def test_an_asset_that_is_named_like_anothers_temporary_file(
    command: Command, lifecycle: Lifecycle, github: GitHub, host: str
) -> None:
    release = github.repository("evil/own").release("v1")
    good, bad = b"#!/bin/sh\ngood\n" * 200_000, b"#!/bin/sh\nbad\n" * 20_000
    contents = {"tool": good, "tool.partial": bad, "0": bad, "1": bad}
    for name, content in contents.items():
        release.asset(name, content)
    tables = "".join(f'[[assets]]\nrepo = "evil/own"\nfile = "{name}"\ntarget = "x{name}"\n' for name in contents)
    (lifecycle.app / "github-assets.toml").write_text(tables)

    assert command("mirror", "mirror", *ONE, settings={}).status == 0

    folder = lifecycle.app / f"mirror/{host}/evil/own/releases/download/v1"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == contents
    assert [path.name for path in (lifecycle.app / "mirror").iterdir()] == [host]


@pytest.mark.usefixtures("release")
def test_mirror_needs_nobody_for_what_is_there(command: Command, server: Server, tmp_path: Path) -> None:
    command("lock")
    command("mirror", str(tmp_path / "mirror"))
    server.log.clear()

    assert command("mirror", str(tmp_path / "mirror")).status == 0
    assert server.requests() == []


# verify


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("libc", ["gnu", "musl"])
def test_verify_looks_at_what_is_locked_for_a_c_library(libc: str, command: Command, tmp_path: Path) -> None:
    settings = {**ASKED, "BP_GITHUB_ASSETS_LIBC": libc}
    assert command("lock", *ONE, settings=settings).status == 0

    missing = command("verify", str(tmp_path / "empty"), settings=ASKED)
    assert (missing.status, missing.out) == (1, "")
    assert "is missing" in missing.err

    assert command("mirror", str(tmp_path / "mirror"), settings=settings).status == 0
    run = command("verify", str(tmp_path / "mirror"), settings=ASKED)
    assert run.status == 0
    assert len(run.out.splitlines()) == 1
    assert run.err.endswith("Verified 1 files for linux/amd64\n")


@pytest.mark.usefixtures("release")
def test_verify_that_would_look_at_nothing(command: Command, lifecycle: Lifecycle, tmp_path: Path) -> None:
    assert command("lock", *ONE).status == 0

    run = command("verify", str(tmp_path), "--platform", "linux/arm64")

    assert (run.status, run.out) == (1, "")
    assert "Nothing was verified: github-assets.lock has no assets for linux/arm64." in run.err
    (lifecycle.app / "github-assets.lock").write_text("format = 1\nplatforms = []\n")
    assert command("verify", str(tmp_path)).status == 1


@pytest.mark.usefixtures("release")
def test_verify_lists_what_is_not_locked(command: Command, tmp_path: Path, host: str) -> None:
    folder = tmp_path / "mirror"
    command("lock")
    command("mirror", str(folder))
    for name in ("stranger", f"{host}/{REPO}/releases/download/v0.4.45/evil"):
        (folder / name).write_bytes(b"x")

    run = command("verify", str(folder), *ONE)

    assert run.status == 0
    warned = [line for line in run.err.splitlines() if "Warning" in line]
    assert len(warned) == 2
    assert "stranger is not in github-assets.lock" in run.err
    assert "/evil is not in github-assets.lock" in run.err


@pytest.mark.usefixtures("release")
def test_verify_takes_no_link_for_a_file(command: Command, tmp_path: Path, host: str) -> None:
    folder, elsewhere = tmp_path / "mirror", tmp_path / "elsewhere"
    command("lock", *ONE)
    command("mirror", str(folder))
    (folder / host).rename(elsewhere)
    (folder / host).symlink_to(elsewhere)

    run = command("verify", str(folder))

    assert run.status == 1
    assert "is missing" in run.err


# tools that are not there for every platform


def test_a_tool_for_one_of_the_default_platforms(command: Command, lifecycle: Lifecycle, github: GitHub) -> None:
    for name in ("one", "two"):
        release = github.repository(f"octo/{name}").release("v1")
        release.asset(f"{name}-linux-amd64", PROBE)
        release.asset(f"{name}-darwin-arm64", ARM_PROBE)
    both = github.repository("octo/both").release("v2")
    for arch in ("amd64", "arm64"):
        both.asset(f"both-linux-{arch}", PROBE)
    settings = {"BP_GITHUB_ASSETS": "octo/one octo/two octo/both"}

    for arguments in (("resolve",), ("mirror", "mirror"), ("lock",)):
        run = command(*arguments, settings=settings)
        assert run.status == 0, run.log
        [warning] = [line for line in run.err.splitlines() if "Warning" in line]
        assert warning.strip() == (
            "Warning: Skipped linux/arm64: octo/one v1, octo/two v1 have no asset for it."
            " Pass --platform linux/amd64 to skip it always."
        )

    lock = (lifecycle.app / "github-assets.lock").read_text()
    assert 'platforms = [ "linux/amd64",]' in lock
    assert "arm64" not in lock
    again = command("lock", settings=settings)
    assert (again.status, again.err) == (0, "  github-assets.lock is up to date\n")


def test_a_platform_that_is_named_needs_every_tool(command: Command, lifecycle: Lifecycle, github: GitHub) -> None:
    github.repository("octo/one").release("v1").asset("one-linux-amd64", PROBE)

    run = command("lock", "--platform", "linux/arm64", settings={"REPO": "octo/one"})

    assert run.status == 1
    assert "octo/one v1" in run.err
    assert not (lifecycle.app / "github-assets.lock").exists()


def test_a_tool_for_none_of_the_default_platforms(command: Command, github: GitHub) -> None:
    github.repository("octo/one").release("v1").asset("one-windows-amd64.exe", PROBE)

    run = command("lock", settings={"REPO": "octo/one"})

    assert run.status == 1
    assert "octo/one v1" in run.err


@pytest.mark.usefixtures("release")
def test_resolve_takes_the_platforms_of_the_lock_file(command: Command) -> None:
    command("lock", "--platform", "linux/arm64")

    lines = command("resolve", settings=TEMPLATE).out.splitlines()

    assert [line.split()[2] for line in lines] == ["linux/arm64"]
