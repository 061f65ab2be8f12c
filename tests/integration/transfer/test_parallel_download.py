"""Large assets over several connections, from servers that are slow or inconsistent."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from github_assets.errors import GithubAssetsError
from github_assets.github.releases import ReleaseAsset
from github_assets.http.client import Client
from github_assets.http.connections import MAX_CONNECTIONS, Timeouts
from github_assets.http.retry import RetryPolicy
from github_assets.http.trust import trust
from github_assets.log import Log
from github_assets.transfer.download import MIN_PARALLEL_SIZE, Download, download
from github_assets.transfer.partial_file import PartialFile, Span
from github_assets.transfer.source import ExpectedDigest, Source
from testing.githubd import Asset, GitHub, Server, faults
from testing.githubd.exchange import size
from testing.githubd.faults import Fault

CONTENT = os.urandom(MIN_PARALLEL_SIZE + 12345)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
RATE = 4e6


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    github = GitHub()
    github.repository("octo/tool").release("v1").asset("tool", CONTENT)
    with Server(github) as running:
        yield running


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    running.shape("store", bytes_per_second=RATE)
    running.log.clear()
    yield running
    running.heal()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    options = {"timeouts": Timeouts(read=2), "retry_policy": RetryPolicy(backoff=0.01)}
    with closing(Client(Log(), trust(server.ca_path), 30, **options)) as one:
        yield one


EXPECTED_DIGESTS = (ExpectedDigest(SHA256, "GitHub"),)


def fetch(
    client: Client, server: Server, path: Path, expected_digests: tuple[ExpectedDigest, ...] = EXPECTED_DIGESTS
) -> Download:
    asset = ReleaseAsset(1, "tool", "uploaded", len(CONTENT), None, "")
    url = f"{server.web_url}/octo/tool/releases/download/v1/tool"
    return download(client, asset, Source(url, expected_digests), str(path))


def test_a_slow_server_is_asked_over_several_connections(client: Client, server: Server, tmp_path: Path) -> None:
    assert fetch(client, server, tmp_path / "file").sha256 == SHA256

    assert (tmp_path / "file").read_bytes() == CONTENT
    first, *others = server.requests("store")
    assert (first.range, {each.headers.get("if-range") for each in others}) == (None, {server_etag(server)})
    assert len({each.connection for each in [first, *others]}) > 2
    assert len(server.requests("web")) == 1


def test_the_connections_of_an_asset_are_limited(
    client: Client, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("github_assets.transfer.download.CONNECTIONS_PER_ASSET", 2)

    fetch(client, server, tmp_path / "file")

    # The first one is given up where the piece of the second begins.
    assert len({each.connection for each in server.requests("store")}) == 3


def test_the_extra_connections_of_all_assets_are_limited_and_given_back(
    client: Client, server: Server, tmp_path: Path
) -> None:
    fetch(client, server, tmp_path / "several")
    assert all(client.extra_connections.acquire(blocking=False) for _ in range(MAX_CONNECTIONS))
    server.log.clear()

    fetch(client, server, tmp_path / "one")

    assert [request.range for request in server.requests("store")] == [None]


def server_etag(server: Server) -> str:
    asset: Asset = server.github._repositories["octo/tool"].releases[0].assets[0]
    return asset.etag


def test_a_busy_machine_stays_at_one_connection(
    client: Client, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("github_assets.transfer.download.MAX_CPU_SHARE", 0)

    fetch(client, server, tmp_path / "file")

    assert [request.range for request in server.requests("store")] == [None]


def test_a_server_without_ranges_is_asked_once(client: Client, server: Server, tmp_path: Path) -> None:
    class NoRanges(Fault):
        def apply(self, site: Any, request: Any, respond: Any) -> Any:
            return respond(request.without("range")).with_headers(Accept_Ranges="none")

    server.fail("store", NoRanges())

    fetch(client, server, tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == CONTENT
    assert len(server.requests("store")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.Reset(300_000),
        faults.Truncate(100_000),
        faults.Stall(100_000),
        faults.Status(403),
        faults.Status(503),
        faults.IgnoreRange(),
        faults.WrongRange(),
        faults.WrongRange(admitted=False),
        faults.ChangedETag(),
        faults.WrongDigest(),
        faults.HtmlPage(),
    ],
    ids=repr,
)
def test_errors_in_one_part(client: Client, server: Server, tmp_path: Path, fault: Fault) -> None:
    class OfARange(Fault):
        def apply(self, site: Any, request: Any, respond: Any) -> Any:
            return fault.apply(site, request, respond)

    server.fail("store", faults.Truncate(1 << 20), times=1)
    injection = server.fail("store", OfARange(), times=1)

    fetch(client, server, tmp_path / "file")

    assert injection.hits == 1
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_two_versions_are_not_mixed_without_a_digest(client: Client, server: Server, tmp_path: Path) -> None:
    """The server ignores If-Range and has replaced the asset by one of the same size; only the ETag differs."""

    class AnotherVersion(Fault):
        def apply(self, site: Any, request: Any, respond: Any) -> Any:
            right = respond(request.without("if-range"))
            assert right.status == 206
            return replace(right, body=(bytes(size(right.body)),)).with_headers(ETag='"another"')

    server.fail("store", faults.Truncate(1 << 20), times=1)
    injection = server.fail("store", AnotherVersion(), times=1)

    fetch(client, server, tmp_path / "file", expected_digests=())

    assert injection.hits == 1
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_every_attempt_at_a_part_gets_a_signed_url_of_its_own(client: Client, server: Server, tmp_path: Path) -> None:
    issued: list[str] = []
    served: list[str] = []

    class Issue(Fault):
        def apply(self, site: Any, request: Any, respond: Any) -> Any:
            issued.append(request.target)
            return respond(request)

    class ServeEachOnce(Fault):
        def apply(self, site: Any, request: Any, respond: Any) -> Any:
            if len(served) == len(issued):
                return faults.Status(403).apply(site, request, respond)
            served.append(request.target)
            return respond(request)

    server.fail("web", Issue())
    server.fail("store", ServeEachOnce())

    fetch(client, server, tmp_path / "file")

    assert 403 in [request.status for request in server.requests("store")]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_part_that_is_permanently_refused(client: Client, server: Server, tmp_path: Path) -> None:
    class RefusedRanges(Fault):
        def apply(self, site: Any, request: Any, respond: Any) -> Any:
            right = respond(request)
            return faults.Status(410).apply(site, request, respond) if right.status == 206 else right

    server.fail("store", RefusedRanges())

    with pytest.raises(GithubAssetsError):
        fetch(client, server, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_an_unexpected_error_in_a_part_ends_the_download_and_is_not_printed(
    client: Client,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    usual = PartialFile.write

    def write(self: PartialFile, span: Span, data: memoryview) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("https://store.example.com/a?sig=secretSignature")
        usual(self, span, data)

    monkeypatch.setattr(PartialFile, "write", write)

    with pytest.raises(RuntimeError):
        fetch(client, server, tmp_path / "file")

    assert list(tmp_path.iterdir()) == []
    assert "secretSignature" not in "".join(capfd.readouterr())
