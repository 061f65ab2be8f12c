"""`requests` as the command line uses it: which certificates it trusts, what it sends, follows and raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import trustme

from github_assets.errors.http import RequestRefused, ServerFailed, ServerUnreachable
from github_assets.http.client import Client
from github_assets.http.connections import Timeouts
from github_assets.http.fetch import fetch
from github_assets.http.proxies import NO_PROXIES, Proxies, read_proxies
from github_assets.http.trust import trust
from github_assets.log import Log
from testing.githubd import GitHub, Server, faults
from testing.githubd.faults import Fault
from tests.contract.proxy import Proxy

CONTENT = bytes(range(256)) * 1000


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    github = GitHub(direct=True)
    github.repository("octo/tool").release("v1").asset("tool", CONTENT)
    with Server(github) as running:
        yield running


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    running.log.clear()
    yield running
    running.heal()


def get(server: Server, limit: int = 1 << 20, *, ca: str = "", proxies: Proxies = NO_PROXIES) -> bytes:
    url = f"{server.web_url}/octo/tool/releases/download/v1/tool"
    timeouts = Timeouts(connect=5, read=1)
    with closing(Client(Log(), trust(ca or server.ca_path), 20, proxies, timeouts=timeouts)) as client:
        return fetch(url, limit, client)


def test_the_body(server: Server) -> None:
    assert get(server) == CONTENT
    assert get(server, len(CONTENT)) == CONTENT
    assert get(server, 1000) == CONTENT[:1000]


def test_nothing_is_added_to_a_request(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.9:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none"))

    get(server)

    [record] = server.requests()
    assert set(record.headers) == {"host", "user-agent", "accept-encoding"}


def test_only_the_authorities_of_the_context_are_trusted(server: Server, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))

    with pytest.raises(ServerUnreachable) as caught:
        get(server, ca=str(other))
    assert caught.value.reason == "SSLError"
    assert server.requests() == []


def test_a_proxy(server: Server) -> None:
    with Proxy(user="me:p@ss") as proxy:
        url = f"http://me:p%40ss@{proxy.address}"
        assert get(server, proxies=read_proxies({"HTTPS_PROXY": url}.get)) == CONTENT
        assert len(proxy.asked) == 1
        get(server, proxies=read_proxies({"HTTPS_PROXY": url, "NO_PROXY": "*"}.get))
        assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.Status(404), RequestRefused),
        (faults.Status(401), RequestRefused),
        (faults.Status(502), ServerFailed),
        (faults.Status(429), ServerFailed),
        (faults.Reset(1000), ServerUnreachable),
        (faults.Truncate(1000), ServerUnreachable),
        (faults.Stall(), ServerUnreachable),
        (faults.Redirect(302, "other"), RequestRefused),
    ],
    ids=repr,
)
def test_download_errors(server: Server, fault: Fault, error: type[Exception]) -> None:
    server.fail("web", fault)

    with pytest.raises(error):
        get(server)
    assert len(server.requests()) == 1


def test_unencrypted_urls_are_not_fetched(server: Server) -> None:
    with pytest.raises(ServerUnreachable) as caught, closing(Client(Log(), trust(server.ca_path), 20)) as client:
        fetch(server.plain_url, 9, client)
    assert caught.value.reason == "InvalidSchema"
    assert server.requests() == []
