"""Requests to a real server: which responses are accepted, what is retried, and where the token is sent."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.errors import GithubAssetsError
from github_assets.errors.http import (
    AccessForbidden,
    DeadlineExceeded,
    RateLimited,
    RedirectRefused,
    ServerFailed,
    ServerUnreachable,
)
from github_assets.github.api import Api
from github_assets.github.releases import ReleaseAsset
from github_assets.http.client import Client
from github_assets.http.credential import Credential
from github_assets.http.retry import DEFAULT_RETRY_POLICY
from github_assets.http.statuses import MAX_RATE_LIMIT
from github_assets.http.trust import trust
from github_assets.http.urls import host_of, origin
from github_assets.log import Log
from github_assets.messages import message
from github_assets.secrets import Secret
from github_assets.transfer.download import download
from github_assets.transfer.source import Source
from testing.githubd import GitHub, Server, faults
from testing.githubd.exchange import Request, Response
from testing.githubd.faults import Fault
from testing.githubd.site import Site
from tests.properties import examples

SECONDS = 3600
"""For all tests together."""
HEADER_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["9" * 400, "9" * 5000, "-1", "1e999", "nan", "Infinity", "0x10", "١٢", "Fri, 31 Dec 9999 23:59:59 GMT"]
    ),
    st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    HEADER_VALUES,
).filter(str.isascii)


@dataclass(frozen=True)
class Responds(Fault):
    """An answer with any status and headers."""

    status: int
    headers: dict[str, str] = field(default_factory=dict, hash=False)

    def apply(self, site: Site, request: Request, respond: Callable[[Request], Response]) -> Response:
        return replace(Response(self.status, {"Content-Type": "application/json"}, (b"{}",)), headers=self.headers)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    github = GitHub()
    github.repository("octo/tool").release("v1").asset("tool", b"tool")
    with Server(github) as running:
        yield running


@pytest.fixture(autouse=True)
def healed(server: Server) -> Iterator[None]:
    server.log.clear()
    yield
    server.heal()


@pytest.fixture(scope="module")
def context(server: Server) -> ssl.SSLContext:
    return trust(server.ca_path)


@pytest.fixture(scope="module")
def client(context: ssl.SSLContext) -> Iterator[Client]:
    with closing(Client(Log(), context, SECONDS)) as one:
        yield one


def asked(server: Server, client: Client, role: str, fault: Fault, **options: Any) -> GithubAssetsError:
    """Return the error of one request that meets a fault."""
    server.fail(role, fault, times=1)  # type: ignore[arg-type]
    with pytest.raises(GithubAssetsError) as caught, client.get(server.site.urls[role], **options) as response:  # type: ignore[index]
        response.read(1 << 20)
    return caught.value


# what headers say


@settings(max_examples=examples(300))
@given(value=NUMBERS)
def test_any_retry_after_gives_a_sensible_delay(server: Server, client: Client, value: str) -> None:
    error = asked(server, client, "api", Responds(429, {"Retry-After": value}))

    assert isinstance(error, RateLimited)
    assert 0 <= error.wait <= MAX_RATE_LIMIT
    assert message(error).startswith("ERROR: ")


@settings(max_examples=examples(300))
@given(value=NUMBERS)
def test_any_rate_limit_reset_gives_a_sensible_delay(server: Server, client: Client, value: str) -> None:
    error = asked(server, client, "api", Responds(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": value}))

    assert isinstance(error, RateLimited)
    assert 0 <= error.wait <= MAX_RATE_LIMIT
    assert message(error).startswith("ERROR: ")


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "7"}, 7),
        (403, {"Retry-After": "7"}, 7),
        (403, {"Retry-After": "7", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "0"}, 7),
        (403, {"Retry-After": "soon"}, 60),
        (403, {"x-ratelimit-remaining": "0"}, 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 1),
        (429, {}, 0),
        (503, {"Retry-After": "9"}, 9),
        (503, {"Retry-After": "soon"}, 0),
        (500, {}, 0),
    ],
)
def test_how_long_a_server_asks_to_wait(
    server: Server, client: Client, status: int, headers: dict[str, str], wait: float
) -> None:
    error = asked(server, client, "api", Responds(status, headers))

    assert isinstance(error, RateLimited if status < 500 else ServerFailed)
    assert error.wait == wait


def test_a_403_that_mentions_a_limit_is_not_a_rate_limit(server: Server, client: Client) -> None:
    assert isinstance(asked(server, client, "api", Responds(403, {"x-ratelimit-remaining": "12"})), AccessForbidden)


@pytest.mark.parametrize(
    "location", ["https://[::1/x", "https://127.0.0.1:99999/", "https://127.0.0.1:port/", "https://[fe80::1%eth0/"]
)
def test_a_location_header_that_is_not_a_url(server: Server, client: Client, location: str) -> None:
    assert isinstance(asked(server, client, "api", Responds(302, {"Location": location})), RedirectRefused)


def test_the_host_that_failed_is_named(server: Server, client: Client) -> None:
    server.fail("other", faults.Truncate(), times=1)

    error = asked(server, client, "api", faults.Redirect(to="other"))

    assert isinstance(error, ServerUnreachable)
    assert error.host == host_of(server.other_url)


# tokens


def test_a_credential_is_only_sent_to_its_origin(server: Server, client: Client) -> None:
    credential = Credential(Secret("ghp_x"), origin(server.api_url))
    for url in (server.web_url, server.api_url):
        error = asked(server, client, "api" if url == server.api_url else "web", Responds(401), credential=credential)
        assert error.authenticated is (url == server.api_url)  # type: ignore[attr-defined]

    tokens = {role: [r.headers.get("authorization") for r in server.requests(role)] for role in ("web", "api")}
    assert tokens == {"web": [None], "api": ["Bearer ghp_x", None]}


# repetition


class Flaky:
    """An action that fails so many times."""

    def __init__(self, error: GithubAssetsError, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return "done"


def test_a_transient_error_is_survived(client: Client) -> None:
    assert client.with_retries(Flaky(ServerFailed(host="h", status=500), 1)) == "done"


def test_permanent_errors_are_not_retried(client: Client) -> None:
    action = Flaky(AccessForbidden(host="h", reason="other", message=""), 1)

    with pytest.raises(AccessForbidden) as caught:
        client.with_retries(action)
    assert (action.calls, caught.value.attempts) == (1, 1)


def test_the_pages_end(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    waits: list[float] = []
    monkeypatch.setattr("github_assets.http.connections.PoolManager.sleep", lambda _, seconds: waits.append(seconds))
    action = Flaky(ServerFailed(host="h", status=500), 100)

    with pytest.raises(ServerFailed) as caught:
        client.with_retries(action)
    attempts = DEFAULT_RETRY_POLICY.attempts
    assert (action.calls, caught.value.attempts, len(waits)) == (attempts, attempts, attempts - 1)
    assert action.error.attempts == 1
    assert sum(waits) < 10


@pytest.mark.parametrize(("wait", "timeout"), [(DEFAULT_RETRY_POLICY.max_wait + 1, 600), (5, 4)])
def test_a_delay_that_is_too_long_fails_at_once(context: ssl.SSLContext, wait: float, timeout: float) -> None:
    action = Flaky(RateLimited(host="h", authenticated=False, wait=wait), 1)

    with pytest.raises(RateLimited):
        Client(Log(), context, timeout).with_retries(action)
    assert action.calls == 1


def test_no_request_after_the_deadline(server: Server, context: ssl.SSLContext) -> None:
    with pytest.raises(DeadlineExceeded), Client(Log(), context, -1).get(server.api_url):
        pass
    assert server.requests() == []


@pytest.mark.parametrize(
    ("api", "browser", "refused"),
    [
        ("https://api.example", "http://example/tool", True),
        ("https://api.example", "file:///etc/passwd", True),
        ("https://api.example", "https://example/tool", False),
        ("http://api.example", "http://example/tool", False),
    ],
)
def test_an_asset_url_is_encrypted_like_the_api(client: Client, api: str, browser: str, refused: bool) -> None:
    asset = ReleaseAsset(1, "tool", "uploaded", 1, None, browser)

    if refused:
        with pytest.raises(RedirectRefused):
            Api(client, api, None).browser_url(asset)
    else:
        assert Api(client, api, None).browser_url(asset) == browser


def test_an_empty_asset(server: Server, client: Client, tmp_path: Path) -> None:
    server.github.repository("octo/empty").release("v1").asset("empty", b"")
    url = f"{server.web_url}/octo/empty/releases/download/v1/empty"

    done = download(client, ReleaseAsset(1, "empty", "uploaded", 0, None, url), Source(url), str(tmp_path / "file"))

    assert (done.size, (tmp_path / "file").read_bytes()) == (0, b"")
