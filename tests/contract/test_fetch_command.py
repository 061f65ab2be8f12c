"""`github-assets fetch`: one asset, as a build would install it."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from testing.githubd import GitHub, Release, Server, faults
from tests.contract.conftest import Command
from tests.contract.lifecycle import HANGS, SOURCE, Lifecycle
from tests.contract.samples import ARM_PROBE, DIGEST, PROBE
from tests.unit.install.archive_files import Member, tar

REPO = "grpc-ecosystem/grpc-health-probe"
ON_AMD64 = ("--platform", "x86_64")

pytestmark = pytest.mark.usefixtures("release")


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url

    def run(*arguments: str) -> object:
        return command_here(*arguments, settings={})

    return run  # type: ignore[return-value]


def test_an_executable_in_this_directory(command: Command, lifecycle: Lifecycle) -> None:
    old = os.umask(0o077)
    try:
        run = command("fetch", REPO, *ON_AMD64)
    finally:
        os.umask(old)

    assert (run.status, run.out) == (0, "grpc_health_probe\n")
    assert run.err == (
        f"  {REPO} v0.4.45: grpc_health_probe-linux-amd64, 60.0 kB\n    Verified sha256:{DIGEST} (GitHub's digest)\n"
    )
    assert [path.name for path in lifecycle.app.iterdir()] == ["grpc_health_probe"]
    probe = lifecycle.app / "grpc_health_probe"
    assert probe.read_bytes() == PROBE
    assert probe.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", ["GITHUB_SERVER_URL", "GITHUB_API_URL", "BP_DEPENDENCY_MIRROR"])
def test_the_project_toml_of_a_hostile_checkout_does_not_count(
    command: Command, lifecycle: Lifecycle, name: str
) -> None:
    """The user names the asset, and runs it: nobody else says where it comes from."""
    (lifecycle.app / "project.toml").write_text(f'[[build.env]]\nname = "{name}"\nvalue = "https://127.0.0.1:9"\n')

    run = command("fetch", REPO, *ON_AMD64)

    assert (run.status, run.out) == (0, "grpc_health_probe\n")
    assert (lifecycle.app / "grpc_health_probe").read_bytes() == PROBE


def test_a_directory_a_name_and_a_platform(command: Command, lifecycle: Lifecycle) -> None:
    run = command("fetch", f"{REPO}@0.4.45", "-o", "a/b", "--target", "probe", "--platform", "aarch64", "-q")

    assert (run.status, run.out, run.err) == (0, "a/b/probe\n", "")
    assert (lifecycle.app / "a/b/probe").read_bytes() == ARM_PROBE


def test_the_url_of_an_asset(command: Command, lifecycle: Lifecycle, server: Server) -> None:
    url = f"{server.web_url}/{REPO}/releases/download/v0.4.45/grpc_health_probe-linux-amd64"

    run = command("fetch", url, "--json")

    assert run.status == 0
    assert json.loads(run.out) == {
        "repository": f"{server.web_url}/{REPO}",
        "tag": "v0.4.45",
        "platform": json.loads(run.out)["platform"],
        "asset": "grpc_health_probe-linux-amd64",
        "target": "grpc_health_probe-linux-amd64",
        "size": len(PROBE),
        "digest": f"sha256:{DIGEST}",
        "url": url,
        "sha256": DIGEST,
        "verified_by": "GitHub's digest",
        "files": ["grpc_health_probe-linux-amd64"],
    }
    assert (lifecycle.app / "grpc_health_probe-linux-amd64").read_bytes() == PROBE


def test_an_archive(command: Command, lifecycle: Lifecycle, github: GitHub) -> None:
    programs = (Member(f"tool-1/{name}", PROBE, mode=0o755) for name in ("tool", "helper"))
    archive = tar(Member("tool-1/README", b"read me"), *programs)
    github.repository("octo/tool").release("v1").asset("tool-linux-amd64.tar", archive)

    assert command("fetch", "octo/tool", "-o", "programs", *ON_AMD64).out == "programs/helper\nprograms/tool\n"
    assert command("fetch", "octo/tool", "-o", "one", "--target", "tool", *ON_AMD64).out == "one/tool\n"
    assert command("fetch", "octo/tool", "-o", "kept", "--extract", "none", *ON_AMD64).status == 0
    tree = command("fetch", "octo/tool", "-o", "tree", "--extract", "all", "--strip-components", "1", *ON_AMD64)

    assert tree.status == 0
    assert (lifecycle.app / "tree/README").read_bytes() == b"read me"
    assert (lifecycle.app / "kept/tool-linux-amd64.tar").read_bytes() == archive


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_an_archive_replaces_no_file_that_nobody_named(
    there: str, command: Command, lifecycle: Lifecycle, github: GitHub, tmp_path: Path
) -> None:
    archive = tar(*(Member(name, PROBE, mode=0o755) for name in ("tool", "git")))
    github.repository("octo/tool").release("v1").asset("tool-linux-amd64.tar", archive)
    (lifecycle.app / "tool").write_text("older")
    git = lifecycle.app / "git"
    git.mkdir() if there == "folder" else git.symlink_to(tmp_path) if there == "link" else git.write_text("mine")

    refused = command("fetch", "octo/tool", *ON_AMD64)
    tree = command("fetch", "octo/tool", "--extract", "all", *ON_AMD64)

    for run in (refused, tree):
        assert (run.status, run.out) == (1, "")
        assert '"git": there is one already' in run.err
    assert {path.name for path in lifecycle.app.iterdir()} == {"git", "tool"}
    assert (lifecycle.app / "tool").read_text() == "older"
    assert command("fetch", "octo/tool", "--target", "tool", *ON_AMD64).status == 0
    assert (lifecycle.app / "tool").read_bytes() == PROBE


def test_an_archive_gives_no_hidden_file(command: Command, lifecycle: Lifecycle, github: GitHub) -> None:
    """Such as .bash_profile, in somebody's home."""
    archive = tar(Member("tool", PROBE, mode=0o755), Member(".bash_profile", PROBE, mode=0o755))
    github.repository("octo/tool").release("v1").asset("tool-linux-amd64.tar", archive)

    run = command("fetch", "octo/tool", *ON_AMD64)

    assert (run.status, run.out) == (1, "")
    assert '".bash_profile": it is hidden' in run.err
    assert list(lifecycle.app.iterdir()) == []
    assert command("fetch", "octo/tool", "--target", ".bash_profile", *ON_AMD64).status == 0


def test_what_is_there_is_replaced_whole_or_not_at_all(
    command: Command, lifecycle: Lifecycle, release: Release, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (lifecycle.app / "grpc_health_probe").symlink_to(victim)

    refused = command("fetch", REPO, "--sha256", "ab" * 32, *ON_AMD64)
    assert (refused.status, refused.out) == (1, "")
    assert "--sha256 does not match" in refused.err
    assert (lifecycle.app / "grpc_health_probe").is_symlink()

    assert command("fetch", REPO, "--sha256", DIGEST, *ON_AMD64).status == 0
    assert not (lifecycle.app / "grpc_health_probe").is_symlink()
    assert victim.read_text() == "mine"
    assert [path.name for path in lifecycle.app.iterdir()] == ["grpc_health_probe"]


def test_wrong_bytes_leave_nothing(command: Command, lifecycle: Lifecycle, server: Server) -> None:
    server.fail("store", faults.WrongDigest(), times=None)

    run = command("fetch", REPO, "-o", "out", *ON_AMD64)

    assert (run.status, run.out) == (1, "")
    assert list((lifecycle.app / "out").iterdir()) == []


def test_an_executable_for_another_platform_is_refused(command: Command, lifecycle: Lifecycle, github: GitHub) -> None:
    release = github.repository("octo/tool").release("v1")
    release.asset("tool-linux-amd64", (Path("/bin/true")).read_bytes())

    run = command("fetch", "octo/tool", "--file", "tool-linux-amd64", "--platform", "arm64")

    assert run.status == 1
    assert list(lifecycle.app.iterdir()) == []


def test_several_candidates_are_listed_as_options(command: Command, github: GitHub) -> None:
    release = github.repository("octo/tool").release("v1")
    for name in ("a-linux-amd64", "b-linux-amd64"):
        release.asset(name, PROBE)

    run = command("fetch", "octo/tool", *ON_AMD64)

    assert run.status == 1
    assert "  --file a-linux-amd64\n  --file b-linux-amd64\n" in run.err


def test_nothing_vouches_for_it(command: Command, github: GitHub) -> None:
    github.repository("octo/tool").release("v1").asset("tool-linux-amd64", PROBE, digest=None)

    run = command("fetch", "octo/tool", "-q", *ON_AMD64)

    assert run.status == 0
    assert "Warning: Not verified: no checksum is published" in run.err
    assert f"--sha256 {DIGEST}" in run.err


@pytest.mark.parametrize("quiet", [False, True])
def test_progress_is_for_terminals(lifecycle: Lifecycle, server: Server, quiet: bool) -> None:
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url
    ours, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    done = subprocess.run(
        [sys.executable, "-m", "github_assets", "fetch", REPO, *ON_AMD64, *(["--quiet"] if quiet else [])],
        cwd=lifecycle.app,
        env={**lifecycle.process, "PYTHONPATH": str(SOURCE / "lib"), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=terminal,
        timeout=HANGS,
        check=True,
    )
    os.close(terminal)
    shown = b""
    try:
        while part := os.read(ours, 1 << 16):
            shown += part
    except OSError:  # nobody else has the terminal any more
        pass
    os.close(ours)

    assert done.stdout == b"grpc_health_probe\n"
    assert (b"grpc_health_probe-linux-amd64 \x1b[" in shown) is not quiet
