from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from testing.githubd import Asset, GitHub, Release, Server
from testing.githubd.exchange import Body, FileRange, part, read, size

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def release(github: GitHub) -> Release:
    return github.repository("octo/tool").release("cli/v1+2")


@pytest.fixture(params=["memory", "file"])
def asset(release: Release, tmp_path: Path, request: pytest.FixtureRequest) -> Asset:
    if request.param == "memory":
        return release.asset("tool", CONTENT)
    path = tmp_path / "tool"
    path.write_bytes(CONTENT)
    return release.asset("tool", os.fspath(path))


@pytest.fixture
def signed(server: Server, release: Release, asset: Asset) -> str:
    return server.site.asset_url(release.repository, asset)


class TestWeb:
    def test_download_redirects_to_another_host(self, client: requests.Session, server: Server, asset: Asset) -> None:
        response = client.get(f"{server.web_url}/octo/tool/releases/download/cli/v1%2B2/tool")
        assert response.content == CONTENT
        assert [one.status_code for one in response.history] == [302]
        hosts = {urlsplit(url).hostname for url in (server.api_url, server.web_url, server.store_url, server.other_url)}
        assert len(hosts) == 4
        assert urlsplit(response.url).hostname == urlsplit(server.store_url).hostname

    def test_the_api_names_that_url(self, client: requests.Session, server: Server, asset: Asset) -> None:
        described = client.get(f"{server.api_url}/repos/octo/tool/releases/latest").json()["assets"][0]
        assert described["browser_download_url"] == f"{server.web_url}/octo/tool/releases/download/cli/v1%2B2/tool"

    def test_an_encoded_slash_is_not_found(self, client: requests.Session, server: Server, asset: Asset) -> None:
        assert client.get(f"{server.web_url}/octo/tool/releases/download/cli%2Fv1%2B2/tool").status_code == 404

    def test_latest_goes_by_the_tag(self, client: requests.Session, server: Server, asset: Asset) -> None:
        response = client.get(f"{server.web_url}/octo/tool/releases/latest/download/tool")
        assert response.content == CONTENT
        assert response.history[0].headers["Location"].endswith("/octo/tool/releases/download/cli/v1%2B2/tool")
        latest = client.get(f"{server.web_url}/octo/tool/releases/latest", allow_redirects=False)
        assert latest.headers["Location"] == f"{server.web_url}/octo/tool/releases/tag/cli/v1%2B2"

    def test_renamed(self, client: requests.Session, server: Server, release: Release, asset: Asset) -> None:
        release.repository.rename("octo/tool2")
        response = client.get(f"{server.web_url}/octo/tool/releases/download/cli/v1%2B2/tool")
        assert (response.history[0].status_code, response.content) == (301, CONTENT)
        assert "/octo/tool2/" in response.history[0].headers["Location"]

    @pytest.mark.parametrize(
        "path", ["octo/none/releases/download/v1/tool", "octo/tool/releases/download/cli/v1%2B2/none", "octo"]
    )
    def test_missing_assets(self, client: requests.Session, server: Server, asset: Asset, path: str) -> None:
        response = client.get(f"{server.web_url}/{path}")
        assert (response.status_code, response.text) == (404, "Not Found")

    def test_private_does_not_exist_even_with_a_token(
        self, client: requests.Session, server: Server, release: Release, asset: Asset
    ) -> None:
        release.repository.private = True
        release.repository.readers.add("reader")
        url = f"{server.web_url}/octo/tool/releases/download/cli/v1%2B2/tool"
        assert client.get(url, headers={"Authorization": "Bearer reader"}).status_code == 404

    def test_an_asset_that_is_still_uploading_is_not_found(
        self, client: requests.Session, server: Server, release: Release
    ) -> None:
        release.asset("late", b"", state="starter")
        assert client.get(f"{server.web_url}/octo/tool/releases/download/cli/v1%2B2/late").status_code == 404


class TestStore:
    def test_headers(self, client: requests.Session, signed: str, asset: Asset) -> None:
        response = client.get(signed)
        assert response.content == CONTENT
        assert response.headers["Content-Disposition"] == "attachment; filename=tool"
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["Last-Modified"] == "Mon, 01 Jan 2024 00:00:00 GMT"
        assert response.headers["ETag"] == asset.etag

    def test_head_has_the_length_alone(self, client: requests.Session, signed: str) -> None:
        response = client.head(signed)
        assert (response.headers["Content-Length"], response.content) == (str(len(CONTENT)), b"")

    def test_invalid_credentials_are_rejected(self, client: requests.Session, signed: str) -> None:
        response = client.get(signed, headers={"Authorization": "Bearer user"})
        assert (response.status_code, "Only one auth mechanism allowed" in response.text) == (400, True)

    def test_the_signature_holds_for_an_hour(self, client: requests.Session, github: GitHub, signed: str) -> None:
        github.advance(3590)
        assert client.get(signed).status_code == 200
        github.advance(20)
        assert client.get(signed).status_code == 403

    def test_the_signature_holds_for_one_asset(
        self, client: requests.Session, server: Server, release: Release, asset: Asset, signed: str
    ) -> None:
        other = release.asset("other", b"other")
        assert client.get(signed.replace(str(asset.id), str(other.id))).status_code == 403
        assert client.get(signed.replace("filename%3Dtool", "filename%3Dx")).status_code == 403
        assert client.get(signed.split("?")[0]).status_code == 403

    @pytest.mark.parametrize(
        ("header", "start", "stop"),
        [
            ("bytes=0-0", 0, 1),
            ("bytes=1000-1999", 1000, 2000),
            ("bytes=255000-", 255_000, 256_000),
            ("bytes=-5", 255_995, 256_000),
            ("bytes=-999999", 0, 256_000),
            ("bytes=255999-999999", 255_999, 256_000),
        ],
    )
    def test_range(self, client: requests.Session, signed: str, header: str, start: int, stop: int) -> None:
        response = client.get(signed, headers={"Range": header})
        assert (response.status_code, response.content) == (206, CONTENT[start:stop])
        assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/256000"

    @pytest.mark.parametrize("header", ["bytes=5-2", "bytes=x-y", "lines=1-2", "bytes=0-1,4-5", "bytes=-"])
    def test_an_invalid_range_is_ignored(self, client: requests.Session, signed: str, header: str) -> None:
        response = client.get(signed, headers={"Range": header})
        assert (response.status_code, response.content) == (200, CONTENT)

    def test_a_range_beyond_the_end(self, client: requests.Session, signed: str) -> None:
        response = client.get(signed, headers={"Range": "bytes=256000-"})
        assert (response.status_code, response.headers["Content-Range"]) == (416, "bytes */256000")

    def test_if_range(self, client: requests.Session, signed: str, asset: Asset) -> None:
        headers = {"Range": "bytes=10-19", "If-Range": asset.etag}
        assert client.get(signed, headers=headers).content == CONTENT[10:20]
        asset.content = b"replaced" * 5
        response = client.get(signed, headers=headers)
        assert (response.status_code, response.content) == (200, b"replaced" * 5)

    def test_if_none_match(self, client: requests.Session, signed: str, asset: Asset) -> None:
        assert client.get(signed, headers={"If-None-Match": asset.etag}).status_code == 304


def test_without_tls_files_are_sent_whole(github: GitHub, release: Release, asset: Asset) -> None:
    with Server(github, tls=False) as server, requests.Session() as client:
        client.trust_env = False
        url = f"{server.web_url}/octo/tool/releases/download/cli/v1%2B2/tool"
        assert client.get(url).content == CONTENT
        assert client.get(url, headers={"Range": "bytes=7-70000"}).content == CONTENT[7:70001]
        assert [record.sent for record in server.requests("store")] == [len(CONTENT), 69994]


@given(st.lists(st.binary(max_size=9)), st.integers(0, 60), st.integers(0, 60), st.data())
def test_a_part_of_a_body_is_a_slice(pieces: list[bytes], start: int, stop: int, data: st.DataObject) -> None:
    whole = b"".join(pieces)
    body: Body = tuple(pieces)
    assert read(part(body, start, stop)) == whole[start:stop]
    low = data.draw(st.integers(0, 90))
    files: Body = (FileRange(__file__, low, low + 40), *pieces)
    text = Path(__file__).read_bytes()[low : low + 40] + whole
    assert read(part(files, start, stop)) == text[start:stop]
    assert size(part(files, start, stop)) == len(text[start:stop])
