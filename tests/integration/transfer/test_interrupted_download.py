"""A long download from a bad CDN: broken connections, expired signed URLs, bursts of 502, a wrong range."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from testing.githubd import GitHub, Server, faults

SIZE = 16 << 20
RATE = 1 << 20
"""Bytes per second of each connection."""
URL_BYTES = RATE // 2
"""Bytes that a signed URL is good for: half a second."""
MEGABYTES = 64
PROGRAM = """
import sys
from github_assets.github.releases import ReleaseAsset
from github_assets.http.client import Client
from github_assets.http.retry import RetryPolicy
from github_assets.http.trust import trust
from github_assets.log import Log
from github_assets.transfer.download import download
from github_assets.transfer.source import ExpectedDigest, Source

url, ca, size, sha256, path = sys.argv[1:]
client = Client(Log(), trust(ca), 60, retry_policy=RetryPolicy(backoff=0.01))
source = Source(url, (ExpectedDigest(sha256, "GitHub"),))
download(client, ReleaseAsset(1, "tool", "uploaded", int(size), None, url), source, path)
client.close()
[peak] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak) // 1024)
"""


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("bad_gateways", [0, 3])
def test_a_download_survives_many_interruptions(
    tmp_path: Path, ending: Literal["close", "reset"], bad_gateways: int
) -> None:
    content, path = os.urandom(SIZE), tmp_path / "file"
    github = GitHub()
    github.repository("octo/tool").release("v1").asset("tool", content)
    day = faults.BadDay(URL_BYTES, bad_gateways, ending)
    with Server(github) as server:
        server.shape("store", bytes_per_second=RATE)
        server.fail("store", day)
        url = f"{server.web_url}/octo/tool/releases/download/v1/tool"
        arguments = [url, server.ca_path, str(SIZE), hashlib.sha256(content).hexdigest(), path]
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            env={"PYTHONPATH": "lib"},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        sent = sum(record.sent for record in server.requests("store") if record.status in (200, 206))

    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    assert path.read_bytes() == content
    assert day.seen["cut"] > 8
    assert day.seen["wrong range"] == 1
    assert bool(day.seen["bad gateway"]) is bool(bad_gateways)
    assert sent <= SIZE * 1.01
    assert int(run.stdout.split()[-1]) <= MEGABYTES
