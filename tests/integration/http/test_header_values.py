"""Any response headers give the right bytes or one of our errors, and no request to another server."""

from __future__ import annotations

import io
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from github_assets.config.request import Repository
from github_assets.errors import GithubAssetsError
from github_assets.errors.http import AccessForbidden, RateLimited
from github_assets.errors.transfer import PageInsteadOfAsset
from github_assets.github.api import Api
from github_assets.github.releases import ReleaseAsset
from github_assets.http.client import Client
from github_assets.http.connections import DEFAULT_TIMEOUTS, PoolManager, ProtocolError
from github_assets.http.credential import Credential
from github_assets.http.proxies import NO_PROXIES, Proxies, Proxy
from github_assets.http.retry import RetryPolicy
from github_assets.http.statuses import MAX_RATE_LIMIT
from github_assets.http.urls import origin
from github_assets.log import Log
from github_assets.messages import message
from github_assets.secrets import Secret
from github_assets.transfer.download import download
from github_assets.transfer.source import ExpectedDigest, Source
from tests.integration.scripted_server import ScriptedServer, response, whole
from tests.properties import examples

API = "http://api.example"
CREDENTIAL = Credential(Secret("s3cr3t"), origin(API))
TOOL = Repository("octo", "tool")
SECONDS = 3600
"""For all examples together."""

VALUES = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n"), max_size=40)
"""What can stand in a line."""
MARKS = st.sampled_from(
    ["", "@", "\\", "\\@", ":", ":80", ":99999", ":x@", "/", "?", "#", "[", "]", " ", "\t", "\0", "%00", "\xe9"]
)
HOSTS = st.sampled_from(["", "api.example", "other.example", "[::1]", "127.0.0.1"])
URLS = VALUES | st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["http://", "HTTP://", "https://", "//", "http:", "/", "", "ftp://", "file:///", "javascript:"]),
    *(HOSTS, MARKS, MARKS) * 2,
    st.sampled_from(["", "/x", "/../..", "?x=y", "%0d%0aX: y"]),
)
INFORMATIONAL = st.just(b"") | st.builds(
    lambda status, value: f"HTTP/1.1 {status} So far\r\nLink: {value}\r\n\r\n".encode("latin-1"),
    st.sampled_from([100, 102, 103, 199]),
    VALUES,
)
"""What proxies send before a response."""
LENGTHS = VALUES | st.integers(-1, 12).map(str) | st.lists(st.sampled_from("+-0123 ,x_\xb2"), max_size=4).map("".join)


@pytest.fixture(scope="module")
def scripted_server() -> Iterator[ScriptedServer]:
    with closing(ScriptedServer(b"")) as server:
        yield server


@pytest.fixture(autouse=True)
def fresh(scripted_server: ScriptedServer) -> None:
    scripted_server.hang = True


@pytest.fixture(scope="module")
def pools() -> Iterator[PoolManager]:
    made = PoolManager(
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), time.monotonic() + SECONDS, DEFAULT_TIMEOUTS, NO_PROXIES
    )
    yield made
    made.close()


def client(proxies: Proxies = NO_PROXIES) -> Client:
    log = Log(io.StringIO(), io.StringIO())
    return Client(log, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), SECONDS, proxies, retry_policy=RetryPolicy(backoff=0))


@pytest.fixture(scope="module")
def direct() -> Iterator[Client]:
    with closing(client()) as one:
        yield one


@pytest.fixture(scope="module")
def proxied(scripted_server: ScriptedServer) -> Iterator[Client]:
    """Requests to any host arrive at the one server, which is their proxy."""
    host, _, port = scripted_server.at.partition(":")
    proxy = Proxy(host, int(port))
    with closing(client(Proxies(https=proxy, http=proxy))) as one:
        yield one


def after_the_first(first: bytes, others: bytes) -> Callable[[bytes], bytes]:
    """Return what answers one request so, and all others so, and lets no tunnel be made."""
    responses = iter([first])

    def respond(head: bytes) -> bytes:
        return whole(403, {}) if head.startswith(b"CONNECT ") else next(responses, others)

    return respond


def asked(head: bytes) -> tuple[str, str | None, bool]:
    """Return the scheme and the host of a request to a proxy, and whether it holds the credential."""
    line, *headers = head.split(b"\r\n")
    method, target, version = line.split(b" ")
    assert version in (b"HTTP/1.0", b"HTTP/1.1")
    assert target.decode("ascii").isprintable()
    authorized = any(header.lower().startswith(b"authorization:") for header in headers)
    assert authorized or b"s3cr3t" not in head
    if method == b"CONNECT":
        return "https", target.rpartition(b":")[0].decode(), authorized
    parts = urlsplit(target.decode())
    return parts.scheme, parts.netloc, authorized


# where a header leads to


@settings(max_examples=examples(300))
@given(status=st.sampled_from([301, 302, 303, 307, 308]), location=URLS)
@example(302, "http://other.example\\@api.example/x")
@example(302, "http://api.example\\@other.example/x")
@example(302, "http://%7B/")
def test_location(scripted_server: ScriptedServer, proxied: Client, status: int, location: str) -> None:
    scripted_server.heads.clear()
    scripted_server.data = after_the_first(whole(status, {"Location": location}), whole(200, {}))

    with suppress(GithubAssetsError), proxied.get(f"{API}/x", credential=CREDENTIAL):
        pass

    first, *others = map(asked, scripted_server.heads)
    assert first == ("http", "api.example", True)
    assert len(others) <= 1
    for scheme, host, authorized in others:
        assert scheme in ("http", "https")
        assert authorized is (scheme == "http" and host in ("api.example", "api.example:80"))


@settings(max_examples=examples(300))
@given(value=URLS.map(lambda url: f'<{url}>; rel="next"') | VALUES)
@example('<a://[>; rel="next"')
@example('<http://other.example\\@api.example/x>; rel="next"')
def test_link(scripted_server: ScriptedServer, proxied: Client, value: str) -> None:
    scripted_server.heads.clear()
    scripted_server.data = after_the_first(whole(200, {"Link": value}, b"[]"), whole(200, {}, b"[]"))

    with suppress(GithubAssetsError):
        list(Api(proxied, API, CREDENTIAL).pages(TOOL))

    assert len(scripted_server.heads) <= 2
    for head in scripted_server.heads:
        scheme, host, _ = asked(head)
        assert (scheme, host.removesuffix(":80")) == ("http", "api.example")


# how much there is


@settings(max_examples=examples(300))
@given(early=INFORMATIONAL, head=st.binary(max_size=200), rest=st.binary(max_size=50), status=st.booleans())
def test_any_bytes_are_a_response_or_a_protocol_error(
    scripted_server: ScriptedServer, pools: PoolManager, early: bytes, head: bytes, rest: bytes, status: bool
) -> None:
    scripted_server.hang = False
    scripted_server.data = early + (b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + rest if status else head + rest)

    with suppress(ProtocolError, OSError), closing(pools.get(scripted_server.url, {})) as given:
        assert given.read(1000) in scripted_server.data


@settings(max_examples=examples(300))
@given(value=LENGTHS, body=st.binary(max_size=9))
@example("0,0", b"x")
def test_content_length(scripted_server: ScriptedServer, pools: PoolManager, value: str, body: bytes) -> None:
    scripted_server.hang = False
    scripted_server.data = response(200, {"Connection": "close", "Content-Length": value}, body)
    length = int(value) if re.fullmatch(r"[0-9]+", value.strip(" \t")) else None

    try:
        with closing(pools.get(scripted_server.url, {})) as given:
            received = given.read(100)
    except (ProtocolError, OSError):
        assert length is None or length > len(body)
    else:
        assert received == body[: len(received) if length is None else length]
        assert given.content_length == length or length is None


# which bytes they are


class Step(NamedTuple):
    """An answer of a server that says what it sends, but sends what it likes."""

    second: bool
    """Another version than before."""
    part: tuple[int, int] | None
    """What it sends instead of the requested range; None: that range."""
    whole: bool
    """It knows no ranges."""
    if_range: bool
    """It heeds the condition."""
    tag: str | None
    length: bool
    total: bool
    cut: int


PARTS = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: (min(pair), max(pair)))
STEPS = st.lists(
    st.builds(
        Step,
        second=st.booleans(),
        part=st.sampled_from([False, False, True]).flatmap(lambda other: PARTS if other else st.none()),
        whole=st.sampled_from([False, False, True]),
        if_range=st.sampled_from([False, False, True]),
        tag=st.sampled_from(['"{}"', '"{}"', 'W/"same"', "same", None]),
        length=st.booleans(),
        total=st.booleans(),
        cut=st.integers(0, 9) | st.just(99),
    ),
    max_size=4,
)


def sends(step: Step, versions: tuple[bytes, bytes], head: bytes) -> bytes:
    content = versions[step.second]
    headers = {} if step.tag is None else {"ETag": step.tag.format(sha256(content).hexdigest()[:8])}
    wanted = re.search(rb"\r\nrange: *bytes=(\d+)-(\d+)\r\n", head, re.I)
    condition = re.search(rb"\r\nif-range: *(.*?)\r\n", head, re.I)
    changed = condition is not None and condition[1].decode() != headers.get("ETag")
    body, status = content, 200
    if wanted and not step.whole and not (changed and step.if_range):
        start, end = step.part or (int(wanted[1]), int(wanted[2]))
        body, status = content[start : end + 1], 206
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content) if step.total else '*'}"
    if step.length:
        headers["Content-Length"] = str(len(body))
    return response(status, headers, body[: step.cut])


@settings(max_examples=examples(300))
@given(size=st.integers(1, 10), change=st.sampled_from([0, 0, 0, 1, -1]), steps=STEPS, verified=st.booleans())
def test_a_file_never_mixes_versions(
    scripted_server: ScriptedServer,
    direct: Client,
    tmp_path_factory: pytest.TempPathFactory,
    size: int,
    change: int,
    steps: list[Step],
    verified: bool,
) -> None:
    """ETag, Content-Range, Content-Length and Range that is not heeded, of a server that changes its mind."""
    content, other = b"0123456789"[:size], b"abcdefghijk"[: size + change]
    ahead = iter(steps)
    last = Step(False, None, True, True, '"{}"', True, True, 99)
    scripted_server.hang = False
    scripted_server.data = lambda head: sends(next(ahead, last), (content, other), head)
    path = tmp_path_factory.getbasetemp() / "version"
    path.unlink(missing_ok=True)
    asset = ReleaseAsset(1, "tool", "uploaded", len(content), None, scripted_server.url)
    expected_digests = (ExpectedDigest(sha256(content).hexdigest(), "test"),) if verified else ()

    try:
        done = download(direct, asset, Source(scripted_server.url, expected_digests), str(path))
    except GithubAssetsError:
        assert not path.exists()
        return
    received = path.read_bytes()
    # The end of one that has no length may be a connection that broke off.
    assert received == content or (received == other[: len(content)] and not verified)
    assert (done.size, done.sha256) == (len(received), sha256(received).hexdigest())
    assert len(received) == len(content)


HONEST_RANGE = st.builds(lambda start, end, total: f"bytes {start}-{end}/{total}", *[st.integers(-1, 9)] * 3)
CUTS_AND_RANGES = st.integers(1, 7).flatmap(
    lambda cut: st.tuples(
        st.just(cut), VALUES | HONEST_RANGE | st.sampled_from([f"bytes {cut}-7/8", f"bytes {cut}-7/*"])
    )
)


@settings(max_examples=examples(300))
@given(cut_and_range=CUTS_AND_RANGES, status=st.sampled_from([200, 206]))
def test_content_range(
    scripted_server: ScriptedServer,
    direct: Client,
    tmp_path_factory: pytest.TempPathFactory,
    cut_and_range: tuple[int, str],
    status: int,
) -> None:
    """The rest of a file is taken for it only where the header says that it is."""
    cut, value = cut_and_range
    path = tmp_path_factory.getbasetemp() / "range"
    path.unlink(missing_ok=True)
    content, tag = b"12345678", {"ETag": '"x"'}
    responses = iter([response(200, {**tag, "Content-Length": "8"}, content[:cut])])
    scripted_server.hang = False
    scripted_server.data = lambda _: next(responses, whole(status, {**tag, "Content-Range": value}, b"x" * (8 - cut)))
    asset = ReleaseAsset(1, "tool", "uploaded", 8, None, scripted_server.url)
    right = status == 206 and value.strip() in (f"bytes {cut}-7/8", f"bytes {cut}-7/*")

    try:
        download(direct, asset, Source(scripted_server.url), str(path))
    except GithubAssetsError:
        assert not right
    else:
        assert right
        assert path.read_bytes() == content[:cut] + b"x" * (8 - cut)


# what it is


@settings(max_examples=examples(300))
@given(value=VALUES | st.sampled_from(["text/html", "Text/HTML; charset=utf-8", "text/html5", "text/plain", "html"]))
def test_content_type(
    scripted_server: ScriptedServer, direct: Client, tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    scripted_server.data = whole(200, {"Content-Type": value}, b"tool")
    path = tmp_path_factory.getbasetemp() / "typed"
    path.unlink(missing_ok=True)
    asset = ReleaseAsset(1, "tool", "uploaded", 4, None, scripted_server.url)

    try:
        download(direct, asset, Source(scripted_server.url), str(path))
    except PageInsteadOfAsset:
        assert "text/html" in value.lower()
    else:
        assert not value.strip(" \t").lower().startswith("text/html")
        assert path.read_bytes() == b"tool"


MESSAGES = (
    st.binary(max_size=30)
    | st.sampled_from([b"{}", b"[]", b"1", b"[" * 9999])
    | st.text(max_size=400).map(lambda text: f'{{"message": "{text}"}}'.encode())
)


@settings(max_examples=examples(300))
@given(
    early=INFORMATIONAL,
    headers=st.dictionaries(st.sampled_from(["X-GitHub-SSO", "X-RateLimit-Remaining", "Retry-After"]), VALUES),
    body=MESSAGES,
)
def test_a_refusal(
    scripted_server: ScriptedServer, direct: Client, early: bytes, headers: dict[str, str], body: bytes
) -> None:
    scripted_server.data = early + whole(403, headers, body)

    with pytest.raises((AccessForbidden, RateLimited)) as refused, direct.get(scripted_server.url):
        pass
    assert message(refused.value).replace("\n", "").isprintable()
    assert 0 <= refused.value.wait <= MAX_RATE_LIMIT
