from __future__ import annotations

import os
import subprocess
import sys

import pytest

import github_assets

NAMES = ["tool-linux-amd64", "tool-linux-arm64", "tool-linux-arm64-musl", "tool-darwin-arm64", "checksums.txt"]


def choose(*arguments: str, names: str = "") -> subprocess.CompletedProcess[str]:
    lib = os.path.dirname(os.path.dirname(github_assets.__file__))
    return subprocess.run(
        [sys.executable, "-m", "github_assets", "choose", *arguments],
        input=names,
        cwd=lib,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_only_the_choice_is_printed() -> None:
    done = choose("--platform", "linux/arm64", "--libc", "musl", "--repo", "o/tool", "--tag", "v1", *NAMES)
    assert (done.returncode, done.stdout, done.stderr) == (0, "tool-linux-arm64-musl\n", "")


def test_names_from_standard_input() -> None:
    done = choose("--platform", "amd64", names="\n".join(NAMES))
    assert (done.returncode, done.stdout) == (0, "tool-linux-amd64\n")


def test_no_names() -> None:
    done = choose("--platform", "amd64", names="\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no asset names, neither as arguments nor on standard input" in done.stderr


def test_candidates_on_standard_error() -> None:
    done = choose("--platform", "amd64", "a-linux-x64", "b-linux-x64")
    assert (done.returncode, done.stdout) == (3, "")
    assert "--file a-linux-x64" in done.stderr
    assert "--file b-linux-x64" in done.stderr


def test_file_and_target() -> None:
    assert choose("--platform", "amd64", "--target", "b", "a-linux-x64", "b-linux-x64").stdout == "b-linux-x64\n"
    assert choose("--platform", "amd64", "--file", "a*", "a-linux-x64", "b-linux-x64").stdout == "a-linux-x64\n"
    refused = choose("--platform", "amd64", "--file", "c*", "a-linux-x64")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "a-linux-x64" in refused.stderr


def test_a_wrong_pattern_is_one_message() -> None:
    done = choose("--platform", "amd64", "--file", "/(/", "a-linux-x64")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--file" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_halves_of_a_platform() -> None:
    assert choose("--os", "darwin", "--arch", "aarch64", *NAMES).stdout == "tool-darwin-arm64\n"


@pytest.mark.parametrize("platform", ["linux/", "/amd64", "a/b/c", ""])
def test_a_wrong_platform(platform: str) -> None:
    done = choose("--platform", platform, "a-linux-x64")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not OS/ARCH" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "headline"),
    [
        (["tool-linux-arm64"], "ERROR: No asset matches linux/amd64."),
        (["a-linux-x64", "b-linux-x64"], "ERROR: Several assets match linux/amd64 equally well."),
        (["--file", "c", "a-linux-x64"], 'ERROR: No asset is called "c".'),
        (["--tag", "v1", "--repo", "o/r", "tool-linux-arm64"], "ERROR: No asset of o/r v1 matches linux/amd64."),
    ],
)
def test_names_are_those_of_a_release_that_is_named(arguments: list[str], headline: str) -> None:
    assert choose("--platform", "amd64", *arguments).stderr.splitlines()[0] == headline


@pytest.mark.parametrize("name", ["tool-linux-amd64.tar.Z", "checksums.txt", "tool_amd64.deb", "tool.jar"])
def test_assets_that_are_never_chosen_are_listed_where_there_are_no_others(name: str) -> None:
    told = choose("--platform", "amd64", name)
    assert f"--file {name}" in told.stderr or told.stdout == f"{name}\n"
    assert "has no assets" not in told.stderr
