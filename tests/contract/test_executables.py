"""After the download the file itself is looked at: for which platform it is, and what starting it takes."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from testing.githubd import GitHub, Repository
from tests.contract.lifecycle import Lifecycle

DYNAMIC = Path("/bin/sh").read_bytes()
"""A program of this machine, which needs glibc's loader."""


@pytest.fixture
def tool(github: GitHub) -> Repository:
    repository = github.repository("acme/tool")
    release = repository.release("v1.0.0")
    release.asset("tool-linux-amd64", DYNAMIC)
    release.asset("tool-linux-amd64-musl", b"\x7fELF")
    release.asset("tool-linux-arm64", DYNAMIC)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("tool/tool")
        member.size, member.mode = len(DYNAMIC), 0o755
        tar.addfile(member, io.BytesIO(DYNAMIC))
    release.asset("tool-linux-arm64.tar.gz", archive.getvalue())
    return repository


@pytest.mark.usefixtures("tool")
def test_a_dynamic_program_for_an_image_without_its_loader_draws_a_warning(lifecycle: Lifecycle) -> None:
    lifecycle.process |= {"CNB_TARGET_DISTRO_NAME": "alpine", "CNB_TARGET_DISTRO_VERSION": "3.20"}

    run = lifecycle.build({"REPO": "acme/tool", "FILE": "tool-linux-amd64", "TARGET": "tool"})

    assert run.status == 0
    assert "Warning: bin/tool needs the loader /lib64/ld-linux-x86-64.so.2, which alpine 3.20 may not have." in run.out
    assert "Warning: The release also has tool-linux-amd64-musl: set FILE=tool-linux-amd64-musl" in run.out


@pytest.mark.usefixtures("tool")
def test_a_glibc_that_is_too_old_draws_a_warning(lifecycle: Lifecycle) -> None:
    lifecycle.process |= {"CNB_TARGET_DISTRO_NAME": "ubuntu", "CNB_TARGET_DISTRO_VERSION": "18.04"}

    run = lifecycle.build({"REPO": "acme/tool", "FILE": "tool-linux-amd64", "TARGET": "tool"})

    assert run.status == 0
    assert "Warning: bin/tool needs glibc 2." in run.out
    assert "; ubuntu 18.04 has 2.27." in run.out


@pytest.mark.usefixtures("tool")
def test_a_dynamic_program_that_the_image_can_start_draws_none(lifecycle: Lifecycle) -> None:
    lifecycle.process |= {"CNB_TARGET_DISTRO_NAME": "debian", "CNB_TARGET_DISTRO_VERSION": "13"}

    run = lifecycle.build({"REPO": "acme/tool", "FILE": "tool-linux-amd64", "TARGET": "tool"})

    assert run.status == 0
    assert "Warning" not in run.log


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize("file", ["tool-linux-arm64", "tool-linux-arm64.tar.gz"])
def test_a_name_that_lies_about_the_architecture_is_found_out(lifecycle: Lifecycle, file: str) -> None:
    lifecycle.process["CNB_TARGET_ARCH"] = "arm64"

    run = lifecycle.build({"REPO": "acme/tool", "FILE": file, "TARGET": "tool"})

    assert run.status == 1
    assert "is an executable for linux/amd64, but the image is for linux/arm64." in run.err
    assert not lifecycle.layer.exists()
