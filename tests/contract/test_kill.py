"""Builds that are killed at any moment, or run out of disk: the next one succeeds, and the layer is never wrong."""

from __future__ import annotations

import os
import random
import re
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from testing.githubd import Release, Server, faults
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, PROBE

SEED = random.randrange(1 << 32)
MOMENTS = 20
FILE = "bin/grpc_health_probe"
MEBIBYTE = 1 << 20
DISKS = [1, 2, 3, 4, 5]
"""MiB, all too small for LARGE."""
LARGE = PROBE + os.urandom(5 * MEBIBYTE)


def make_large(release: Release) -> None:
    release.assets[0].content = LARGE
    release.assets[0].digest = f"sha256:{release.assets[0].sha256()}"


def test_a_build_that_is_killed_at_any_moment(lifecycle: Lifecycle, server: Server, release: Release) -> None:
    """What a killed build leaves behind stays where the next one finds it: that is the worst that can happen."""
    chance = random.Random(SEED)
    make_large(release)
    server.shape("store", bytes_per_second=20e6)
    began = time.monotonic()
    assert lifecycle.build(ASKED).status == 0
    whole = time.monotonic() - began
    ended = 0
    for number in range(MOMENTS):
        forget_metadata(lifecycle)
        process = lifecycle.start("build", ASKED)
        time.sleep(whole * (number + chance.random()) / MOMENTS)
        process.kill()
        lifecycle.finish(process)
        if (lifecycle.layers / "github-assets.toml").exists():
            ended += 1
            assert (lifecycle.layer / FILE).read_bytes() == LARGE, SEED
        forget_metadata(lifecycle)

        run = lifecycle.build(ASKED)

        assert (run.status, run.err) == (0, ""), SEED
        assert (lifecycle.layer / FILE).read_bytes() == LARGE, SEED
        assert not [name for name in lifecycle.files() if "partial" in name or "download" in name], SEED
    assert ended < MOMENTS, "no build was killed before its end"


def forget_metadata(lifecycle: Lifecycle) -> None:
    """Do what the restorer does where no image was made: there is no metadata, whatever else is left."""
    for path in lifecycle.layers.glob("*.toml"):
        path.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
@pytest.mark.parametrize("size", DISKS)
def test_a_disk_that_fills_up(lifecycle: Lifecycle, release: Release, size: int) -> None:
    make_large(release)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size * MEBIBYTE}", "tmpfs", str(lifecycle.layers)], check=True
    )
    try:
        what, _ = refused(lifecycle.build(ASKED), lifecycle)
        assert what.startswith("Cannot write to ")
        assert what.endswith(": No space left on device.")
        subprocess.run(["mount", "-o", f"remount,size={20 * MEBIBYTE}", str(lifecycle.layers)], check=True)

        assert lifecycle.build(ASKED).status == 0
        assert (lifecycle.layer / FILE).read_bytes() == LARGE
    finally:
        subprocess.run(["umount", str(lifecycle.layers)], check=True)


def start_stalled(lifecycle: Lifecycle, server: Server, release: Release) -> subprocess.Popen[str]:
    """Start a build of four assets, and return once the server lets all of their downloads wait."""
    for one in range(4):
        release.asset(f"tool{one}-linux-amd64", LARGE)
    specs = ",".join(f"{ASKED['REPO']}:tool{one}-linux-amd64" for one in range(4))
    injection = server.fail("store", faults.Stall(MEBIBYTE))
    process = lifecycle.start("build", {"BP_GITHUB_ASSETS": specs})
    while injection.hits < 4:
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("number", [2, 15])
def test_a_signal_during_several_downloads(
    lifecycle: Lifecycle, server: Server, release: Release, number: int, tmp_path: Path
) -> None:
    process = start_stalled(lifecycle, server, release)
    process.send_signal(number)
    began = time.monotonic()

    run = lifecycle.finish(process)
    what, _ = refused(run, lifecycle, status=128 + number)

    assert what == f"Stopped by signal {number}. Nothing was installed."
    assert "failed: stopped" not in run.log
    assert time.monotonic() - began < 10  # a stalled connection counts as broken after 15


def test_no_other_thread_takes_a_signal_from_the_main_thread(
    lifecycle: Lifecycle, server: Server, release: Release
) -> None:
    """The kernel gives it to any that takes it, and nothing wakes the main thread then, which waits for the others."""
    process = start_stalled(lifecycle, server, release)
    blocked = {}
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            status = (task / "status").read_text()
            blocked[int(task.name)] = int(re.findall(r"^SigBlk:\s*(\w+)$", status, re.M)[0], 16)
    process.send_signal(15)
    lifecycle.finish(process)

    of_main = blocked.pop(process.pid)
    assert len(blocked) >= 4
    for signal in (2, 15):
        assert of_main >> (signal - 1) & 1 == 0
        assert [mask for mask in blocked.values() if mask >> (signal - 1) & 1 == 0] == []


def test_several_assets_that_fail_are_in_one_report(lifecycle: Lifecycle, server: Server, release: Release) -> None:
    for name in ("one", "two"):
        release.asset(f"{name}-linux-amd64", PROBE)
    server.fail("store", faults.Status(404))

    specs = ",".join(f"{ASKED['REPO']}:{name}-linux-amd64" for name in ("one", "two"))
    what, advice = refused(lifecycle.build({"BP_GITHUB_ASSETS": specs}), lifecycle)

    assert what == "2 assets failed:"
    assert "one-linux-amd64" in advice
    assert "two-linux-amd64" in advice
