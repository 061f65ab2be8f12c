"""API responses that are not as documented, and URLs of APIs."""

from __future__ import annotations

import io
import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_assets.config.names import printable
from github_assets.config.request import Repository
from github_assets.config.settings import Environment
from github_assets.errors.config import SettingInvalid
from github_assets.errors.github import RepositoryNotFound
from github_assets.errors.http import InvalidResponse, RedirectRefused, ResponseTooLarge
from github_assets.github.api import Api
from github_assets.github.releases import Release
from github_assets.github.servers import api_url, read_servers
from github_assets.http.client import Client
from github_assets.http.retry import RetryPolicy
from github_assets.log import Log
from tests.integration.scripted_server import ScriptedServer, whole
from tests.properties import examples

TOOL = Repository("octo", "tool")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
ASSET: dict[str, Any] = {
    "id": 7,
    "name": "tool-linux",
    "state": "uploaded",
    "size": 4,
    "digest": f"sha256:{'0' * 64}",
    "browser_download_url": "https://github.com/octo/tool/releases/download/v1/tool-linux",
}
SECONDS = 3600
"""For all examples together."""
RELEASE: dict[str, Any] = {"tag_name": "v1", "draft": False, "prerelease": False, "assets": [ASSET]}


@pytest.fixture(scope="module")
def scripted_server() -> Iterator[ScriptedServer]:
    with closing(ScriptedServer(b"")) as server:
        yield server


@pytest.fixture(scope="module")
def api(scripted_server: ScriptedServer) -> Iterator[Api]:
    """An API client that retries invalid responses at once."""
    log = Log(io.StringIO(), io.StringIO())
    untrusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with closing(Client(log, untrusting, SECONDS, retry_policy=RetryPolicy(backoff=0))) as client:
        yield Api(client, f"http://{scripted_server.at}", None)


def answered(scripted_server: ScriptedServer, api: Api, body: Any) -> Release | InvalidResponse:
    """Return what becomes of an answer."""
    scripted_server.data = whole(200, {}, json.dumps(body).encode())
    try:
        release = api.release(TOOL, None)
    except InvalidResponse as error:
        return error
    for asset in release.assets:
        assert min(asset.id, asset.size) >= 0
        assert printable("".join([release.tag, asset.name, asset.state, asset.digest or "", asset.browser_url]))
    return release


def test_a_release(scripted_server: ScriptedServer, api: Api) -> None:
    release = answered(scripted_server, api, RELEASE)

    assert isinstance(release, Release)
    assert (release.tag, release.prerelease) == ("v1", False)
    [asset] = release.assets
    assert (asset.id, asset.name, asset.size) == (7, "tool-linux", 4)


@settings(max_examples=examples(200))
@given(key=st.sampled_from(["tag_name", "assets"]), value=JSON)
def test_any_release_is_parsed_or_an_invalid_response(
    scripted_server: ScriptedServer, api: Api, key: str, value: Any
) -> None:
    answered(scripted_server, api, {**RELEASE, key: value})


@settings(max_examples=examples(200))
@given(key=st.sampled_from(list(ASSET)), value=JSON | st.integers(-9, 9) | st.text(max_size=3))
def test_any_asset_is_parsed_or_an_invalid_response(
    scripted_server: ScriptedServer, api: Api, key: str, value: Any
) -> None:
    answered(scripted_server, api, {**RELEASE, "assets": [{**ASSET, key: value}]})


@pytest.mark.parametrize(
    "asset",
    [
        {"name": None},
        {"size": -1},
        {"size": "4"},
        {"size": 1 << 63},
        {"size": 10**400},
        {"id": None},
        {"digest": 7},
        {"browser_download_url": None},
        {"browser_download_url": "https://github.com/" + "a" * 9000},
        {"browser_download_url": "https://[x"},
        {"browser_download_url": "https://github.com:port/x"},
        {"state": "uploaded\n"},
    ],
    ids=lambda asset: str(asset)[:60],
)
def test_an_asset_with_an_impossible_name(scripted_server: ScriptedServer, api: Api, asset: dict[str, Any]) -> None:
    assert isinstance(answered(scripted_server, api, {**RELEASE, "assets": [{**ASSET, **asset}]}), InvalidResponse)


@pytest.mark.parametrize(
    "name", ["", "tool\n", "tool\x1b[31m", "tool\x7f", "tool\u2028", "tool\ud800", "t" * 256, "ü" * 128]
)
def test_an_asset_with_an_invalid_file_name_is_skipped(scripted_server: ScriptedServer, api: Api, name: str) -> None:
    release = answered(scripted_server, api, {**RELEASE, "assets": [{**ASSET, "name": name}, ASSET]})

    assert isinstance(release, Release)
    assert [asset.name for asset in release.assets] == ["tool-linux"]


@pytest.mark.parametrize(
    "tag", ["", "v1\n", "v1\x1b[31m", "v1\x85", "v1\u2028", "v1\u202e", "v1\ud800", "v1 2", "v" * 256]
)
def test_a_tag_that_git_does_not_allow(scripted_server: ScriptedServer, api: Api, tag: str) -> None:
    assert isinstance(answered(scripted_server, api, {**RELEASE, "tag_name": tag}), InvalidResponse)

    scripted_server.data = whole(200, {}, json.dumps([{**RELEASE, "tag_name": tag}, RELEASE]).encode())
    assert [[release.tag for release in page] for page in api.pages(TOOL)] == [["v1"]]


@pytest.mark.parametrize("tag", ["v1.0\u200b", "v0.9\u00a0beta", "\U0001fae9-1.0", "v1.0-\U0001f468\u200d\U0001f4bb"])
def test_an_odd_tag_is_a_tag(scripted_server: ScriptedServer, api: Api, tag: str) -> None:
    scripted_server.data = whole(200, {}, json.dumps([{**RELEASE, "tag_name": tag}, RELEASE]).encode())

    assert [[release.tag for release in page] for page in api.pages(TOOL)] == [[tag, "v1"]]


# bounds


def test_an_object_without_end_is_refused_at_once(scripted_server: ScriptedServer, api: Api) -> None:
    scripted_server.heads.clear()
    scripted_server.data = whole(200, {}, b'{"assets": [' + b"[]," * 200_000 + b"1]}")

    with pytest.raises(ResponseTooLarge):
        api.release(TOOL, None)
    assert len(scripted_server.heads) == 1


@pytest.mark.parametrize("at_once", [1, 4])
@pytest.mark.parametrize("page", [1, 2])
def test_a_page_that_is_too_large_is_split(
    scripted_server: ScriptedServer, api: Api, monkeypatch: pytest.MonkeyPatch, page: int, at_once: int
) -> None:
    """240 releases; those of one page of 100 are larger than all others."""
    monkeypatch.setattr("github_assets.github.api.LARGEST_PAGE", 50_000)
    asked = []

    def served(head: bytes) -> bytes:
        query = dict(parse_qsl(urlsplit(head.split()[1].decode()).query))
        size, number = int(query["per_page"]), int(query.get("page", 1))
        asked.append((size, number))
        padding = "x" * (1000 if (size, number) == (100, page) else 10)
        found = range(240)[(number - 1) * size : number * size]
        body = json.dumps([{**RELEASE, "tag_name": f"v{each}", "body": padding} for each in found]).encode()
        url = f"http://{scripted_server.at}/repositories/7/releases?per_page={size}&page="
        links = f'<{url}{number + 1}>; rel="next", <{url}{-(-240 // size)}>; rel="last"'
        return whole(200, {"Link": links} if number * size < 240 else {}, body)

    scripted_server.data = served

    assert [release.tag for each in api.pages(TOOL, at_once) for release in each] == [f"v{each}" for each in range(240)]
    large = [(100, each) for each in range(1, page + 1)]
    beside = [(100, 3)] if (page, at_once) == (2, 4) else []
    assert sorted(asked) == sorted([*large, *beside, *((10, each) for each in range((page - 1) * 10 + 1, 25))])
    if at_once == 1:
        assert asked == sorted(asked, key=lambda each: (-each[0], each[1]))


def test_pages_that_change_under_way(scripted_server: ScriptedServer, api: Api) -> None:
    """The third page says that the next one is the fifth: what was fetched beside it is not used."""

    def served(head: bytes) -> bytes:
        query = dict(parse_qsl(urlsplit(head.split()[1].decode()).query))
        number = int(query.get("page", 1))
        url = f"http://{scripted_server.at}/repositories/7/releases?per_page=100&page="
        links = f'<{url}{number + 1 + (number == 3)}>; rel="next", <{url}6>; rel="last"'
        body = json.dumps([{**RELEASE, "tag_name": f"v{number}"}]).encode()
        return whole(200, {"Link": links} if number < 6 else {}, body)

    scripted_server.data = served

    assert [release.tag for each in api.pages(TOOL, 4) for release in each] == ["v1", "v2", "v3", "v5", "v6"]


def test_more_assets_than_github_has_on_a_page(scripted_server: ScriptedServer, api: Api) -> None:
    """Short ones, which take little of the response and much memory."""
    page = json.dumps([{**RELEASE, "assets": [ASSET] * 2_010}] * 10).encode()
    scripted_server.data = whole(200, {}, page)

    with pytest.raises(ResponseTooLarge):
        next(api.pages(TOOL))


def test_more_releases_than_github_has_on_a_page(scripted_server: ScriptedServer, api: Api) -> None:
    scripted_server.data = whole(200, {}, json.dumps([RELEASE] * 101).encode())

    with pytest.raises(ResponseTooLarge):
        list(api.pages(TOOL))


def test_a_small_page_that_is_too_large_is_an_error(
    scripted_server: ScriptedServer, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("github_assets.github.api.LARGEST_PAGE", 100)
    scripted_server.data = whole(200, {}, json.dumps([RELEASE]).encode())

    with pytest.raises(ResponseTooLarge):
        list(api.pages(TOOL))


# where the API is


@pytest.mark.parametrize(
    ("server_url", "expected"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://octo.ghe.com", "https://api.octo.ghe.com"),
        ("https://ghe.example.com", "https://ghe.example.com/api/v3"),
        ("https://ghe.example.com:8443", "https://ghe.example.com:8443/api/v3"),
        ("https://notghe.com", "https://notghe.com/api/v3"),
    ],
)
def test_api_url(server_url: str, expected: str) -> None:
    assert api_url(server_url) == expected


@pytest.mark.parametrize(
    ("variables", "repository", "expected"),
    [
        ({}, TOOL, "https://api.github.com"),
        ({"GITHUB_SERVER_URL": "https://ghe.example.com"}, TOOL, "https://ghe.example.com/api/v3"),
        ({"GITHUB_API_URL": "https://proxy.example.com/"}, TOOL, "https://proxy.example.com"),
        ({"GITHUB_API_URL": "https://proxy.example.com"}, TOOL._replace(server="https://github.com"), "https://proxy.example.com"),
        ({"GITHUB_API_URL": "https://proxy.example.com"}, TOOL._replace(server="https://ghe.example.com"), "https://ghe.example.com/api/v3"),
        ({"GITHUB_SERVER_URL": "https://ghe.example.com"}, TOOL._replace(server="https://github.com"), "https://api.github.com"),
    ],
)  # fmt: skip
def test_the_api_of_a_repository(variables: dict[str, str], repository: Repository, expected: str) -> None:
    assert read_servers(Environment(None, variables)).api_of(repository) == expected


def test_an_invalid_server() -> None:
    with pytest.raises(SettingInvalid):
        read_servers(Environment(None, {"GITHUB_API_URL": "ftp://ghe.example.com"}))


# repositories and attestations


def test_the_identity_of_a_repository(scripted_server: ScriptedServer, api: Api) -> None:
    scripted_server.data = whole(
        200, {}, json.dumps({"id": 7, "full_name": "octo/renamed", "owner": {"id": 1}}).encode()
    )

    assert api.identity(TOOL) == (7, "octo/renamed")


def test_a_repository_that_does_not_exist(scripted_server: ScriptedServer, api: Api) -> None:
    scripted_server.data = whole(404, {}, b"{}")

    with pytest.raises(RepositoryNotFound):
        api.identity(TOOL)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/x", "gopher://h/", "//h/x", ""])
def test_an_attestation_in_an_unreachable_store(scripted_server: ScriptedServer, api: Api, url: str) -> None:
    scripted_server.data = whole(200, {}, json.dumps({"attestations": [{"bundle_url": url}]}).encode())

    with pytest.raises(RedirectRefused):
        api.attestations(TOOL, "0" * 64)


def test_an_unencrypted_attestation_url_from_an_encrypted_api(api: Api) -> None:
    encrypted = Api(api._client, "https://api.example.com", None)
    assert encrypted.safe("https://store.example.com/x") == "https://store.example.com/x"
    with pytest.raises(RedirectRefused):
        encrypted.safe("http://169.254.169.254/latest/meta-data")


def test_endless_pages_of_attestations(scripted_server: ScriptedServer, api: Api) -> None:
    link = {"Link": f'<http://{scripted_server.at}/next>; rel="next"'}
    scripted_server.data = whole(200, link, b'{"attestations": []}')
    before = len(scripted_server.heads)

    assert api.attestations(TOOL, "0" * 64) == []
    assert len(scripted_server.heads) - before <= 10
