"""Layers directories that cannot be written, and builds that receive a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from testing.githubd import Release, Server, faults
from testing.githubd.faults import Fault
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED

DISK = "Give the build more disk space, or check the directory's permissions."
PAGE = 4096
PAGES = 256
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_disk(lifecycle: Lifecycle) -> Iterator[None]:
    with mounted(lifecycle.layers, "-t", "tmpfs", "-o", f"size={PAGES * PAGE}", "tmpfs"):
        yield


@root_only
@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("on_rebuild", [False, True], ids=["first build", "rebuild"])
def test_a_disk_too_small_for_the_asset(lifecycle: Lifecycle, release: Release, on_rebuild: bool) -> None:
    if on_rebuild:
        assert lifecycle.build(ASKED).status == 0
        lifecycle.restore()
    before = lifecycle.files()
    release.assets[0].content = os.urandom(PAGES * PAGE + 1)
    release.assets[0].digest = f"sha256:{release.assets[0].sha256()}"

    what, advice = refused(lifecycle.build(ASKED), lifecycle, before=before)

    assert what.startswith(f"Cannot write to {lifecycle.layers}")
    assert what.endswith(": No space left on device.")
    assert advice == DISK


@root_only
@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("pages", range(5))
def test_a_disk_too_small_for_what_comes_after_the_asset(lifecycle: Lifecycle, release: Release, pages: int) -> None:
    """The layer's three SBOM files, its TOML and launch.toml take a page each; some of the five find none."""
    release.assets[0].content = b"#!/bin/sh\n".ljust((PAGES - pages) * PAGE, b"#")
    release.assets[0].digest = f"sha256:{release.assets[0].sha256()}"

    what, advice = refused(lifecycle.build(ASKED), lifecycle)

    assert what.startswith(f"Cannot write to {lifecycle.layers}")
    assert what.endswith(": No space left on device.")
    assert advice == DISK


@root_only
def test_a_full_disk_on_a_rebuild_that_changes_nothing(lifecycle: Lifecycle, release: Release) -> None:
    lifecycle.build(ASKED)
    lifecycle.restore()
    restored = lifecycle.files()
    with mounted(lifecycle.layers, "-t", "tmpfs", "-o", f"size={len(restored) * PAGE}", "tmpfs"):
        for name, content in restored.items():
            (lifecycle.layers / name).write_bytes(content or b"")
        del restored["github-assets.toml"]

        what, _ = refused(lifecycle.build(ASKED), lifecycle, before=restored)

    assert what == f"Cannot write to {lifecycle.layers}/github-assets.toml: No space left on device."


@root_only
def test_a_layers_directory_that_is_read_only(lifecycle: Lifecycle, server: Server, release: Release) -> None:
    layers = lifecycle.layers
    with mounted(layers, "--bind", str(layers)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(layers)], check=True)
        what, advice = refused(lifecycle.build(ASKED), lifecycle)

    assert what == f"Cannot write to {layers}/.github-assets.partial: Read-only file system."
    assert advice == DISK
    assert server.requests("web") == []


def test_no_layers_directory(lifecycle: Lifecycle, release: Release) -> None:
    lifecycle.layers.rmdir()

    what, advice = refused(lifecycle.build(ASKED), lifecycle)

    assert what == f"Cannot write to {lifecycle.layers}/.github-assets.partial: No such file or directory."
    assert advice == DISK


def test_a_layers_directory_that_is_a_file(lifecycle: Lifecycle, release: Release) -> None:
    lifecycle.layers.rmdir()
    lifecycle.layers.touch()

    what, _ = refused(lifecycle.build(ASKED), lifecycle)

    assert what == f"Cannot write to {lifecycle.layers}/.github-assets.partial: Not a directory."


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("role", "fault"),
    [
        pytest.param("api", faults.Stall(), id="waiting for the API"),
        pytest.param("api", faults.SecondaryLimit(retry_after=15), id="waiting for a limit to end"),
        pytest.param("store", faults.Stall(5000), id="in the middle of the asset"),
    ],
)
def test_a_build_that_receives_a_signal(
    lifecycle: Lifecycle, server: Server, release: Release, role: str, fault: Fault, number: signal.Signals
) -> None:
    injection = server.fail(role, fault)  # type: ignore[arg-type]
    process = lifecycle.start("build", ASKED)
    while not injection.hits:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)

    what, _ = refused(lifecycle.finish(process), lifecycle, status=128 + number)
    assert what == f"Stopped by signal {number}. Nothing was installed."
