from __future__ import annotations

import json
import select
import socket
import ssl
from urllib.parse import urlsplit

import pytest
import requests

from testing.githubd import GitHub, Server, faults
from testing.githubd.exchange import Role

CONTENT = bytes(range(256)) * 400
SIZE = len(CONTENT)
BINARY = {"Accept": "application/octet-stream"}


@pytest.fixture(autouse=True)
def release(github: GitHub) -> None:
    github.repository("octo/tool", id=123456789, readers={"reader"}).release("v1").asset("tool", CONTENT)


@pytest.fixture(params=["api", "web", "store"])
def role(request: pytest.FixtureRequest) -> Role:
    role: Role = request.param
    return role


def target(server: Server, role: Role) -> str:
    """Where a host serves the asset's bytes, or redirects to them."""
    (_, asset), *_ = (repository := server.github.find("octo/tool")).assets()  # type: ignore[union-attr]
    if role == "api":
        return f"{server.api_url}/repos/octo/tool/releases/assets/{asset.id}"
    if role == "web":
        return f"{server.web_url}/octo/tool/releases/download/v1/tool"
    assert repository is not None
    return server.site.asset_url(repository, asset)


def raw(server: Server, role: Role) -> socket.socket:
    """A plain connection after the request was sent: what it yields is what is on the wire."""
    url = urlsplit(target(server, role))
    connection = socket.create_connection((str(url.hostname), url.port or 0))
    if url.scheme == "https":
        context = ssl.create_default_context(cafile=server.ca_path)
        connection = context.wrap_socket(connection, server_hostname=url.hostname, suppress_ragged_eofs=False)
    accept = "Accept: application/octet-stream\r\nUser-Agent: test\r\n"
    connection.sendall(f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: x\r\n{accept}\r\n".encode())
    return connection


def received(connection: socket.socket) -> tuple[bytes, bool]:
    """What comes until the end, and whether the end was in order."""
    data = b""
    with connection:
        while True:
            try:
                chunk = connection.recv(65536)
            except OSError:
                return data, False
            if not chunk:
                return data, True
            data += chunk


def body(response: bytes) -> bytes:
    return response.partition(b"\r\n\r\n")[2]


class TestConnections:
    @pytest.fixture
    def github_without_tls(self, github: GitHub) -> Server:
        return Server(github, tls=False)

    def test_reset(self, github_without_tls: Server, role: Role) -> None:
        with github_without_tls as server:
            server.fail(role, faults.Reset(), times=1)
            assert received(raw(server, role)) == (b"", False)
            assert server.requests(role)[0].status is None

    def test_reset_after_bytes(self, github_without_tls: Server, role: Role) -> None:
        with github_without_tls as server:
            server.fail(role, faults.Reset(after_bytes=1000), times=1)
            data, in_order = received(raw(server, role))
            assert (body(data), in_order) == (CONTENT[:1000], False)
            assert f"Content-Length: {SIZE}".encode() in data

    def test_reset_under_tls(self, server: Server, role: Role) -> None:
        server.fail(role, faults.Reset(after_bytes=1000), times=1)
        data, in_order = received(raw(server, role))
        assert (body(data), in_order) == (CONTENT[:1000], False)

    def test_truncate(self, github_without_tls: Server, role: Role) -> None:
        with github_without_tls as server:
            server.fail(role, faults.Truncate(after_bytes=SIZE - 1), times=1)
            data, in_order = received(raw(server, role))
            assert (body(data), in_order) == (CONTENT[:-1], True)
            assert f"Content-Length: {SIZE}".encode() in data

    def test_stall(self, github: GitHub, role: Role) -> None:
        with Server(github) as server:
            server.fail(role, faults.Stall(after_bytes=1000), times=1)
            connection = raw(server, role)
            data = b""
            while len(body(data)) < 1000:
                data += connection.recv(65536)
            assert body(data) == CONTENT[:1000]
            assert not select.select([connection], [], [], 0)[0]
        assert received(connection) == (b"", False)  # it lasts until the server closes

    def test_stall_before_the_answer(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.Stall(), times=1)
        with pytest.raises(requests.ReadTimeout):
            client.get(target(server, role), headers=BINARY, timeout=(60, 0.1))
        assert client.get(target(server, role), headers=BINARY).content == CONTENT

    def test_slow_drip(self, server: Server, role: Role) -> None:
        server.fail(role, faults.SlowDrip(bytes_per_second=200), times=1)
        with raw(server, role) as connection:
            data = b""
            while len(body(data)) < 8:
                data += connection.recv(65536)
        assert body(data) == CONTENT[: len(body(data))]
        assert len(body(data)) < SIZE

    @pytest.mark.parametrize("times", [1, 3])
    def test_refused_some_times(self, server: Server, client: requests.Session, role: Role, times: int) -> None:
        url = target(server, role)
        assert client.get(url, headers=BINARY).content == CONTENT
        injection = server.fail(role, faults.Refused(), times=times)
        for _ in range(times):
            assert refused(url)
        while not injection.spent:
            select.select([], [], [], 0.01)
        assert client.get(url, headers=BINARY).content == CONTENT

    def test_refused_for_ever(self, server: Server, client: requests.Session, role: Role) -> None:
        url = target(server, role)
        server.fail(role, faults.Refused())
        assert all(refused(url) for _ in range(3))
        server.heal(role)
        assert client.get(url, headers=BINARY).content == CONTENT

    def test_refused_closes_what_is_open(self, server: Server, client: requests.Session, role: Role) -> None:
        url = target(server, role)
        client.get(url, headers=BINARY)
        server.fail(role, faults.Refused())
        with pytest.raises(requests.ConnectionError):
            client.get(url, headers=BINARY)


def refused(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((str(address.hostname), address.port or 0)).close()
    except ConnectionRefusedError:
        return True
    return False


class TestBodies:
    def get(self, server: Server, client: requests.Session, role: Role, **headers: str) -> requests.Response:
        return client.get(target(server, role), headers={**BINARY, **headers})

    def test_too_long_as_declared(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.TooLong(extra=10))
        assert self.get(server, client, role).content == CONTENT + b"\0" * 10

    def test_too_long_beyond_what_is_declared(self, server: Server, role: Role) -> None:
        server.fail(role, faults.TooLong(extra=10, declared=False))
        data, _ = received(raw(server, role))
        assert body(data) == CONTENT + b"\0" * 10
        assert f"Content-Length: {SIZE}".encode() in data

    def test_wrong_digest(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.WrongDigest())
        got = self.get(server, client, role).content
        assert [i for i, (a, b) in enumerate(zip(got, CONTENT, strict=True)) if a != b] == [SIZE // 2]

    def test_wrong_digest_in_json(self, server: Server, client: requests.Session) -> None:
        server.fail("api", faults.WrongDigest())
        release = client.get(f"{server.api_url}/repos/octo/tool/releases/latest").json()
        assert release["assets"][0]["digest"] == f"sha256:{'0' * 64}"

    def test_ignored_range(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.IgnoreRange())
        response = self.get(server, client, role, Range="bytes=5-9")
        assert (response.status_code, response.content) == (200, CONTENT)

    def test_wrong_range_that_admits_it(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.WrongRange())
        response = self.get(server, client, role, Range="bytes=55-64")
        assert (response.status_code, response.content) == (206, CONTENT[:10])
        assert response.headers["Content-Range"] == f"bytes 0-9/{SIZE}"

    def test_wrong_range_that_denies_it(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.WrongRange(admitted=False))
        response = self.get(server, client, role, Range="bytes=55-64")
        assert (response.status_code, response.content) == (206, CONTENT[:10])
        assert response.headers["Content-Range"] == f"bytes 55-64/{SIZE}"

    def test_unasked_range(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.WrongRange())
        response = self.get(server, client, role)
        assert (response.status_code, response.content) == (206, CONTENT[SIZE // 2 :])

    def test_changed_etag(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.ChangedETag())
        first = self.get(server, client, role, Range="bytes=5-9")
        etag = first.headers["ETag"]
        second = self.get(server, client, role, **{"Range": "bytes=10-", "If-Range": etag})
        assert (first.status_code, second.status_code, second.content) == (206, 200, CONTENT)
        assert second.headers["ETag"] != etag

    def test_garbled_gzip(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.GarbledGzip())
        with pytest.raises(requests.exceptions.ContentDecodingError):
            self.get(server, client, role)

    def test_html_page(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.HtmlPage())
        response = self.get(server, client, role)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert response.text.startswith("<!DOCTYPE html>")


class TestJson:
    def get(self, server: Server, client: requests.Session) -> requests.Response:
        return client.get(f"{server.api_url}/repos/octo/tool/releases/latest")

    def test_invalid(self, server: Server, client: requests.Session) -> None:
        server.fail("api", faults.InvalidJson())
        with pytest.raises(requests.exceptions.JSONDecodeError):
            self.get(server, client).json()

    @pytest.mark.parametrize("value", [[], None, {"assets": 3}])
    def test_wrong_shape(self, server: Server, client: requests.Session, value: object) -> None:
        server.fail("api", faults.WrongJson(value))
        assert self.get(server, client).json() == value

    def test_giant(self, server: Server, client: requests.Session) -> None:
        server.fail("api", faults.GiantJson(size=3_000_000))
        assert json.loads(self.get(server, client).content) == {"body": "x" * 3_000_000}

    def test_giant_headers(self, server: Server, client: requests.Session) -> None:
        server.fail("api", faults.GiantHeaders(lines=50, size=1000))
        assert sum(map(len, self.get(server, client).headers.values())) > 50_000
        server.heal()
        server.fail("api", faults.GiantHeaders())
        with pytest.raises(requests.ConnectionError, match="more than 100 headers"):
            self.get(server, client)

    @pytest.mark.parametrize(("status", "seen"), [(100, 200), (103, 103)])
    def test_informational_responses(self, server: Server, client: requests.Session, status: int, seen: int) -> None:
        """requests skips 100 alone, so that it shows the others."""
        server.fail("api", faults.Informational(status, 2), times=1)
        assert self.get(server, client).status_code == seen


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    @pytest.mark.parametrize("to", ["api", "web", "store", "other", "plain"])
    def test_to_each_host(self, server: Server, client: requests.Session, role: Role, status: int, to: str) -> None:
        server.fail(role, faults.Redirect(status, to))
        url = target(server, role)
        response = client.get(url, headers=BINARY, allow_redirects=False)
        base = server.site.urls[to]  # type: ignore[index]
        assert (response.status_code, response.headers["Location"]) == (
            status,
            url.replace(server.site.urls[role], base),
        )

    def test_other_hosts_answer_like_the_real_one_and_remember_who_asked(
        self, server: Server, client: requests.Session, role: Role
    ) -> None:
        for to in ("other", "plain"):
            server.fail(role, faults.Redirect(307, to), times=1)
            response = client.get(target(server, role), headers={**BINARY, "Cookie": "secret"})
            assert response.content == CONTENT
            (record,) = server.requests(to)
            assert record.headers["accept"] == "application/octet-stream"

    def test_loop(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.Redirect(302, role))
        with pytest.raises(requests.TooManyRedirects):
            client.get(target(server, role), headers=BINARY)

    def test_to_a_url(self, server: Server, client: requests.Session, role: Role) -> None:
        server.fail(role, faults.Redirect(302, "ftp://octo.example/x"))
        response = client.get(target(server, role), headers=BINARY, allow_redirects=False)
        assert response.headers["Location"] == "ftp://octo.example/x"

    def test_to_nowhere_is_a_mistake(self, server: Server) -> None:
        with pytest.raises(ValueError, match="nowhere"):
            faults.Redirect(302, "nowhere").apply(server.site, None, None)  # type: ignore[arg-type]


class TestRefusals:
    @pytest.mark.parametrize("status", [401, 403, 404, 408, 410, 429, 500, 502, 503])
    @pytest.mark.parametrize("retry_after", [None, 3])
    def test_status(
        self, server: Server, client: requests.Session, role: Role, status: int, retry_after: int | None
    ) -> None:
        server.fail(role, faults.Status(status, retry_after=retry_after))
        response = client.get(target(server, role), headers=BINARY)
        assert response.status_code == status
        assert response.headers.get("Retry-After") == (retry_after and str(retry_after))
        kinds = {"api": "application/json", "web": "text/html", "store": "application/xml"}
        assert response.headers["Content-Type"].startswith(kinds[role])

    @pytest.mark.parametrize("status", [403, 429])
    def test_primary_limit(self, server: Server, client: requests.Session, status: int) -> None:
        server.fail("api", faults.RateLimited(reset_in=30, status=status))
        response = client.get(server.api_url)
        assert (response.status_code, response.headers["x-ratelimit-remaining"]) == (status, "0")
        assert 0 < int(response.headers["x-ratelimit-reset"]) - server.github.now() <= 30
        assert "rate limit exceeded" in response.json()["message"]

    @pytest.mark.parametrize("retry_after", [None, 7])
    def test_secondary_limit(self, server: Server, client: requests.Session, retry_after: int | None) -> None:
        server.fail("api", faults.SecondaryLimit(retry_after))
        response = client.get(server.api_url)
        assert (response.status_code, response.headers.get("Retry-After")) == (403, retry_after and str(retry_after))
        assert response.headers["x-ratelimit-remaining"] != "0"
        assert "secondary rate limit" in response.json()["message"]

    @pytest.mark.parametrize(
        ("fault", "message", "header"),
        [
            (faults.SamlRequired(), "SAML", "X-GitHub-SSO"),
            (faults.IpNotAllowed(), "IP allow list", None),
            (faults.Forbidden(), "not accessible", "X-Accepted-GitHub-Permissions"),
        ],
    )
    def test_403_that_is_not_a_rate_limit(
        self, server: Server, client: requests.Session, fault: faults.Fault, message: str, header: str | None
    ) -> None:
        server.fail("api", fault)
        response = client.get(server.api_url)
        assert (response.status_code, response.headers["x-ratelimit-remaining"]) == (403, "4321")
        assert message in response.json()["message"]
        assert header is None or header in response.headers


class TestAiming:
    def status(self, server: Server, client: requests.Session, path: str, token: str | None = None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return client.get(f"{server.api_url}/repos/octo/tool{path}", headers=headers).status_code

    def test_faults_queue_up(self, server: Server, client: requests.Session) -> None:
        server.fail("api", faults.Status(500), times=1)
        server.fail("api", faults.Status(503), times=2)
        assert [self.status(server, client, "") for _ in range(4)] == [500, 503, 503, 200]

    def test_match(self, server: Server, client: requests.Session) -> None:
        injection = server.fail("api", faults.Status(500), match=r"/releases/(latest|tags)")
        paths = ("", "/releases/latest", "/releases", "/releases/tags/v1")
        assert [self.status(server, client, path) for path in paths] == [200, 500, 200, 500]
        assert injection.hits == 2

    def test_only_with_a_token(self, server: Server, client: requests.Session) -> None:
        server.fail("api", faults.SamlRequired(), authorized=True)
        assert [self.status(server, client, "", token) for token in ("reader", None)] == [403, 200]

    def test_heal(self, server: Server, client: requests.Session) -> None:
        server.fail("api", faults.Status(500))
        server.fail("web", faults.Status(500))
        server.heal("api")
        assert self.status(server, client, "") == 200
        assert client.get(server.web_url).status_code == 500

    def test_mistakes(self, server: Server) -> None:
        with pytest.raises(ValueError, match="no host 'shop'"):
            server.fail("shop", faults.Reset())  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="no request to match"):
            server.fail("web", faults.Refused(), match="x")


def test_shape(server: Server, client: requests.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr("testing.githubd.server.time", clock)
    server.shape("store", first_byte_ms=250, bytes_per_second=SIZE / 2)
    assert client.get(target(server, "store")).content == CONTENT
    assert clock.now == pytest.approx(2.25)


def test_ports_may_be_given(server: Server) -> None:
    port = urlsplit(server.api_url).port or 0
    server.close()
    with Server(server.github, ports={"api": port}) as again:
        assert again.api_url == server.api_url


def test_log(server: Server, client: requests.Session) -> None:
    server.fail("store", faults.Reset(after_bytes=1000), times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get(target(server, "web"))
    client.get(target(server, "web"), headers={"Range": "bytes=1000-"})
    shown = [(r.number, r.role, r.connection, r.status, r.sent, r.range, r.fault) for r in server.requests()]
    assert shown == [
        (1, "web", 1, 302, 0, None, None),
        (2, "store", 1, 200, 1000, None, "Reset"),
        (3, "web", 1, 302, 0, "bytes=1000-", None),
        (4, "store", 2, 206, SIZE - 1000, "bytes=1000-", None),
    ]
    assert server.requests("store") == [server.requests()[1], server.requests()[3]]
    assert "sig=" in server.requests("store")[0].query
    server.log.clear()
    assert server.requests() == []
