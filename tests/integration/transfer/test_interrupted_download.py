"""A long download from a CDN on a bad day: connections cut, signed URLs expired, bursts of 502, a wrong range."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from testing.githubd import GitHub, Server, faults
from testing.githubd.exchange import part, size
from testing.githubd.faults import Fault

SIZE = 16 << 20
RATE = 1 << 20
"""Bytes per second of each connection."""
CUT = RATE // 2
"""Bytes after which a connection is cut, which is after half a second."""
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


class BadDay(Fault):
    """Every body is cut and its signed URL expires then; after a cut come some 502; one range is not the one asked for.

    What happens does not depend on the time, so that a slow machine sees the same.
    """

    def __init__(self, ending: Literal["close", "reset"], bad_gateways: int) -> None:
        self.ending, self.bad_gateways = ending, bad_gateways
        self.seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._expired: set[str] = set()
        self._burst = 0

    def apply(self, site: Any, request: Any, respond: Any) -> Any:
        with self._lock:
            fault, name = self._next(request)
            self.seen[name] += 1
        if fault:
            return fault.apply(site, request, respond)
        right = respond(request)
        length = size(right.body)
        if length <= CUT:
            return right
        return replace(right, body=part(right.body, 0, CUT), declared=length, ending=self.ending)

    def _next(self, request: Any) -> tuple[Fault | None, str]:
        if self._burst:
            self._burst -= 1
            return faults.Status(502), "502"
        if request.query in self._expired:
            return faults.Status(403), "expired"
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if wanted and not self.seen["wrong range"]:
            return faults.WrongRange(), "wrong range"
        start, end = (int(wanted[1]), int(wanted[2])) if wanted else (0, SIZE)
        if end - start < CUT:
            return None, "whole"
        self._expired.add(request.query)
        self._burst = self.bad_gateways
        return None, "cut"


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("bad_gateways", [0, 3])
def test_a_download_survives_a_bad_day(tmp_path: Path, ending: Literal["close", "reset"], bad_gateways: int) -> None:
    content, path = os.urandom(SIZE), tmp_path / "file"
    github = GitHub()
    github.repository("octo/tool").release("v1").asset("tool", content)
    day = BadDay(ending, bad_gateways)
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
    assert bool(day.seen["502"]) is bool(bad_gateways)
    assert sent <= SIZE * 1.01
    assert int(run.stdout.split()[-1]) <= MEGABYTES
