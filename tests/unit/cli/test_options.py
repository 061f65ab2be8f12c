"""The types of options."""

from __future__ import annotations

import argparse

import pytest

from github_assets.cli import options
from github_assets.config.request import Repository
from github_assets.config.tables import KEYS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("x86_64", "linux/amd64"),
        ("x86-64", "linux/amd64"),
        ("X64", "linux/amd64"),
        ("aarch64", "linux/arm64"),
        ("linux/aarch64", "linux/arm64"),
        ("arm64", "linux/arm64"),
    ],
)
def test_platforms(text: str, expected: str) -> None:
    assert options.platform(text) == expected


@pytest.mark.parametrize("text", ["", "linux", "x86", "darwin/arm64", "linux/riscv64", "linux/amd64/v2", "linux amd64"])
def test_no_platform_of_images(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        options.platform(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("x86_64", "amd64"), ("i686", "386"), ("armv7", "arm"), ("riscv64", "riscv64"), ("x86", "x86"), ("odd", "odd")],
)
def test_architectures(text: str, expected: str) -> None:
    assert options.architecture(text) == expected


@pytest.mark.parametrize(
    ("machine", "expected"), [("x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("s390x", "linux/amd64")]
)
def test_the_platform_of_this_machine(machine: str, expected: str) -> None:
    assert options.default_platform(machine) == expected


@pytest.mark.parametrize("text", ["a/b", "https://github.com/a/b", "github.com/a/b/releases/tag/v1"])
def test_repositories(text: str) -> None:
    assert options.repository(text)._replace(server=None) == Repository("a", "b")


def test_every_key_can_be_an_option() -> None:
    parser = argparse.ArgumentParser()
    options.add_keys(parser, *options.OPTIONAL)

    arguments = ["--no-executable", "--prerelease", "--no-process", "--path", "a", "--path", "b"]
    read = parser.parse_args([*arguments, "--strip-components", "2"])

    given = {key: value for key in read.keys if (value := getattr(read, key)) is not None}
    assert set(read.keys) == KEYS.keys() - {"repo", "version", "env"}
    assert given == {"executable": False, "prerelease": True, "process": False, "path": ["a", "b"]} | {
        "strip_components": 2
    }
