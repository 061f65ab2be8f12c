from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import requests
from requests.auth import HTTPBasicAuth
from urllib3.util import SKIP_HEADER

from testing.githubd import Attestation, GitHub, Repository, Server
from testing.githubd.exchange import Role
from testing.githubd.server import ADDRESSES

API_VERSION = "X-GitHub-Api-Version"
BINARY = {"Accept": "application/octet-stream"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def repository(github: GitHub) -> Repository:
    return github.repository("octo/tool")


@pytest.fixture
def url(server: Server) -> str:
    return f"{server.api_url}/repos/octo/tool"


def day(number: int) -> datetime:
    return datetime(2024, 5, number, tzinfo=UTC)


class TestLatest:
    def latest(self, client: requests.Session, url: str) -> str:
        response = client.get(f"{url}/releases/latest")
        response.raise_for_status()
        return str(response.json()["tag_name"])

    def test_is_the_newest_commit_not_the_newest_publication(
        self, client: requests.Session, repository: Repository, url: str
    ) -> None:
        repository.release("v2", created_at=day(9), published_at=day(9))
        repository.release("v1.1", created_at=day(3), published_at=day(20))
        assert self.latest(client, url) == "v2"

    def test_is_never_a_draft_a_prerelease_or_a_refused_one(
        self, client: requests.Session, repository: Repository, url: str
    ) -> None:
        repository.release("v1")
        repository.release("v2", draft=True)
        repository.release("v3", prerelease=True)
        repository.release("v4", make_latest="false")
        assert self.latest(client, url) == "v1"

    def test_is_what_the_owner_pinned(self, client: requests.Session, repository: Repository, url: str) -> None:
        repository.release("v1", make_latest="true")
        repository.release("v2")
        assert self.latest(client, url) == "v1"

    def test_is_404_where_nothing_is_released(self, client: requests.Session, repository: Repository, url: str) -> None:
        repository.release("v1", draft=True)
        response = client.get(f"{url}/releases/latest")
        assert (response.status_code, response.json()["message"]) == (404, "Not Found")


class TestTag:
    def test_with_a_slash_is_percent_encoded(self, client: requests.Session, repository: Repository, url: str) -> None:
        repository.release("cli/v1.2.3")
        assert client.get(f"{url}/releases/tags/cli%2Fv1.2.3").json()["tag_name"] == "cli/v1.2.3"
        assert client.get(f"{url}/releases/tags/cli/v1.2.3").status_code == 404

    def test_serves_no_draft(self, client: requests.Session, repository: Repository, url: str) -> None:
        repository.writers.add("writer")
        repository.release("v1", draft=True)
        assert client.get(f"{url}/releases/tags/v1", headers=bearer("writer")).status_code == 404

    def test_with_a_trailing_slash_is_404(self, client: requests.Session, repository: Repository, url: str) -> None:
        repository.release("v1")
        assert client.get(f"{url}/releases/tags/v1/").status_code == 404


class TestLists:
    def test_pages_of_30_linked_through_the_repositorys_id(
        self, client: requests.Session, repository: Repository, url: str
    ) -> None:
        for number in range(65):
            repository.release(f"v{number}")
        pages = [client.get(f"{url}/releases")]
        while "next" in pages[-1].links:
            pages.append(client.get(pages[-1].links["next"]["url"]))
        assert [len(page.json()) for page in pages] == [30, 30, 5]
        assert [one["tag_name"] for page in pages for one in page.json()] == [f"v{n}" for n in range(64, -1, -1)]
        assert f"/repositories/{repository.id}/releases?page=2" in pages[0].headers["Link"]
        assert set(pages[1].links) == {"prev", "next", "last", "first"}

    def test_at_most_100_a_page(self, client: requests.Session, repository: Repository, url: str) -> None:
        for number in range(101):
            repository.release(f"v{number}")
        assert len(client.get(f"{url}/releases", params={"per_page": 1000}).json()) == 100

    def test_drafts_only_with_push_access(self, client: requests.Session, repository: Repository, url: str) -> None:
        repository.readers.add("reader")
        repository.writers.add("writer")
        draft = repository.release("v1", draft=True)
        for token, shown in (("reader", []), ("writer", ["v1"])):
            tags = [one["tag_name"] for one in client.get(f"{url}/releases", headers=bearer(token)).json()]
            assert tags == shown
        assert client.get(f"{url}/releases/{draft.id}").status_code == 404
        assert client.get(f"{url}/releases/{draft.id}", headers=bearer("writer")).json()["published_at"] is None

    def test_assets_page_too(self, client: requests.Session, repository: Repository, url: str) -> None:
        release = repository.release("v1")
        for number in range(32):
            release.asset(f"tool-{number}", b"")
        first = client.get(f"{url}/releases/{release.id}/assets")
        rest = client.get(first.links["next"]["url"])
        assert [one["name"] for one in first.json() + rest.json()] == [f"tool-{n}" for n in range(32)]


class TestAsset:
    def test_is_json_or_a_redirect_to_the_store(
        self, client: requests.Session, repository: Repository, server: Server, url: str
    ) -> None:
        asset = repository.release("v1").asset("tool", b"bytes")
        described = client.get(f"{url}/releases/assets/{asset.id}").json()
        assert (described["name"], described["size"], described["state"]) == ("tool", 5, "uploaded")
        assert described["digest"] == "sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"
        assert asset.id > 10**8
        redirect = client.get(described["url"], headers=BINARY, allow_redirects=False)
        assert redirect.status_code == 302
        assert redirect.headers["Location"].startswith(f"{server.store_url}/")
        assert client.get(redirect.headers["Location"]).content == b"bytes"

    def test_may_be_served_by_the_api_itself(
        self, client: requests.Session, github: GitHub, repository: Repository, url: str
    ) -> None:
        asset = repository.release("v1").asset("tool", b"bytes")
        github.direct = True
        response = client.get(f"{url}/releases/assets/{asset.id}", headers=BINARY, allow_redirects=False)
        assert (response.status_code, response.content) == (200, b"bytes")

    def test_of_a_failed_upload_has_no_bytes(self, client: requests.Session, repository: Repository, url: str) -> None:
        asset = repository.release("v1").asset("tool", b"", state="starter", digest=None)
        response = client.get(f"{url}/releases/assets/{asset.id}")
        assert (response.json()["state"], response.json()["digest"]) == ("starter", None)
        assert client.get(f"{url}/releases/assets/{asset.id}", headers=BINARY).status_code == 404


class TestAccess:
    @pytest.fixture
    def private(self, repository: Repository) -> Repository:
        repository.private = True
        repository.readers.add("reader")
        repository.release("v1")
        return repository

    def test_private_does_not_exist_for_others(self, client: requests.Session, private: Repository, url: str) -> None:
        for headers in ({}, bearer("user")):
            response = client.get(f"{url}/releases/latest", headers=headers)
            assert (response.status_code, response.json()["message"]) == (404, "Not Found")

    def test_every_form_of_token(self, client: requests.Session, private: Repository, url: str) -> None:
        for headers in (bearer("reader"), {"Authorization": "token reader"}):
            assert client.get(f"{url}/releases/latest", headers=headers).status_code == 200
        basic = HTTPBasicAuth("octocat", "reader")
        assert client.get(f"{url}/releases/latest", auth=basic).status_code == 200

    def test_an_unknown_token_is_refused_even_for_public_data(
        self, client: requests.Session, repository: Repository, url: str
    ) -> None:
        response = client.get(url, headers=bearer("expired"))
        assert (response.status_code, response.json()["message"]) == (401, "Bad credentials")


class TestRename:
    def test_redirects_to_the_id_and_keeps_the_rest(
        self, client: requests.Session, repository: Repository, server: Server, url: str
    ) -> None:
        repository.release("a/b")
        repository.rename("octo-org/tool2")
        moved = client.get(f"{url}/releases/tags/a%2Fb?x=1", allow_redirects=False)
        target = f"{server.api_url}/repositories/{repository.id}/releases/tags/a%2Fb?x=1"
        assert (moved.status_code, moved.headers["Location"], moved.json()["url"]) == (301, target, target)
        assert "/octo-org/tool2/" in client.get(target).json()["url"]

    def test_of_a_private_repository_is_not_told(
        self, client: requests.Session, repository: Repository, url: str
    ) -> None:
        repository.private = True
        repository.rename("octo-org/tool2")
        assert client.get(url, allow_redirects=False).status_code == 404

    def test_case_does_not_make_another_name(
        self, client: requests.Session, repository: Repository, server: Server
    ) -> None:
        response = client.get(f"{server.api_url}/repos/Octo/TOOL", allow_redirects=False)
        assert (response.status_code, response.json()["full_name"]) == (200, "octo/tool")


class TestHeaders:
    def test_user_agent_is_mandatory(self, client: requests.Session, repository: Repository, url: str) -> None:
        response = client.get(url, headers={"User-Agent": SKIP_HEADER})
        assert (response.status_code, "User-Agent" in response.text) == (403, True)

    def test_an_unknown_version_is_refused(self, client: requests.Session, repository: Repository, url: str) -> None:
        assert client.get(url, headers={API_VERSION: "2020-01-01"}).status_code == 400
        for version in ("2022-11-28", "2026-03-10"):
            response = client.get(url, headers={API_VERSION: version})
            assert response.headers["x-github-api-version-selected"] == version
        assert client.get(url).headers["x-github-api-version-selected"] == "2022-11-28"

    def test_etag_saves_the_body(self, client: requests.Session, repository: Repository, url: str) -> None:
        first = client.get(f"{url}/releases")
        condition = {"If-None-Match": first.headers["ETag"]}
        assert client.get(f"{url}/releases", headers=condition).status_code == 304
        repository.release("v1")
        assert client.get(f"{url}/releases", headers=condition).status_code == 200

    def test_request_ids_differ(self, client: requests.Session, repository: Repository, url: str) -> None:
        assert len({client.get(url).headers["x-github-request-id"] for _ in range(3)}) == 3

    def test_json_is_compressed_for_those_who_take_it(
        self, client: requests.Session, repository: Repository, url: str
    ) -> None:
        assert client.get(url).headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in client.get(url, headers={"Accept-Encoding": "identity"}).headers


class TestRateLimit:
    def test_counts_down_and_refuses(
        self, client: requests.Session, github: GitHub, repository: Repository, url: str
    ) -> None:
        seen = [client.get(url) for _ in range(61)]
        assert [int(one.headers["x-ratelimit-remaining"]) for one in seen] == [*range(59, -1, -1), 0]
        assert [one.status_code for one in seen] == [200] * 60 + [403]
        assert "rate limit exceeded" in seen[-1].json()["message"]
        assert client.get(url, headers=bearer("user")).headers["x-ratelimit-remaining"] == "4999"
        github.advance(3601)
        assert client.get(url).status_code == 200

    def test_its_own_endpoint_is_free(self, client: requests.Session, server: Server) -> None:
        for _ in range(2):
            response = client.get(f"{server.api_url}/rate_limit").json()
            assert response["resources"]["core"]["remaining"] == response["rate"]["remaining"] == 60
        newer = client.get(f"{server.api_url}/rate_limit", headers={API_VERSION: "2026-03-10"})
        assert set(newer.json()) == {"resources"}

    @pytest.mark.parametrize(("token", "cost"), [("user", 0), (None, 1)])
    def test_304_is_free_for_a_token_only(
        self, client: requests.Session, repository: Repository, url: str, token: str | None, cost: int
    ) -> None:
        headers = bearer(token) if token else {}
        first = client.get(url, headers=headers)
        again = client.get(url, headers={**headers, "If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        used = [int(one.headers["x-ratelimit-used"]) for one in (first, again)]
        assert used[1] - used[0] == cost


class TestAttestations:
    DIGEST = "sha256:" + "a" * 64
    RELEASE = "https://in-toto.io/attestation/release/v0.2"

    @pytest.fixture
    def attested(self, repository: Repository) -> Repository:
        repository.attestations[self.DIGEST] = [
            Attestation({"bundle": "provenance" * 9000}),
            Attestation({"bundle": "release"}, self.RELEASE),
        ]
        return repository

    def test_bundles_are_in_the_store_in_snappy(
        self, client: requests.Session, attested: Repository, server: Server, url: str
    ) -> None:
        found = client.get(f"{url}/attestations/{self.DIGEST}").json()["attestations"]
        assert [one["bundle"] for one in found] == [None, None]
        assert found[0]["bundle_url"].startswith(server.store_url)
        responses = [client.get(one["bundle_url"]) for one in found]
        assert {one.headers["Content-Type"] for one in responses} == {"application/x-snappy"}
        bundles = [json.loads(unsnap(one.content)) for one in responses]
        assert bundles == [one.bundle for one in attested.attestations[self.DIGEST]]
        assert client.get(found[0]["bundle_url"], headers=bearer("user")).status_code == 400

    def test_filter_by_predicate_type(self, client: requests.Session, attested: Repository, url: str) -> None:
        response = client.get(f"{url}/attestations/{self.DIGEST}", params={"predicate_type": self.RELEASE})
        (found,) = response.json()["attestations"]
        assert json.loads(unsnap(client.get(found["bundle_url"]).content)) == {"bundle": "release"}

    def test_none_is_404(self, client: requests.Session, attested: Repository, url: str) -> None:
        assert client.get(f"{url}/attestations/sha256:{'b' * 64}").status_code == 404

    def test_newer_versions_have_no_bundle_key(self, client: requests.Session, attested: Repository, url: str) -> None:
        response = client.get(f"{url}/attestations/{self.DIGEST}", headers={API_VERSION: "2026-03-10"})
        assert all("bundle" not in one for one in response.json()["attestations"])


def test_enterprise_urls_stay_under_their_prefix(
    client: requests.Session, repository: Repository, server: Server
) -> None:
    asset = repository.release("v1").asset("tool", b"bytes")
    for host in (server.api_url, server.web_url):
        base = f"{host}/api/v3"
        release = client.get(f"{base}/repos/octo/tool/releases/latest").json()
        assert release["assets"][0]["url"] == f"{base}/repos/octo/tool/releases/assets/{asset.id}"
        assert release["assets"][0]["browser_download_url"].startswith(server.web_url)


def unsnap(data: bytes) -> bytes:
    """Decode raw snappy (format_description.txt), literals only: other elements fail."""
    length = shift = at = 0
    while True:
        byte = data[at]
        length |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    decoded = bytearray()
    while at < len(data):
        assert data[at] & 3 == 0, "not a literal"
        size, at = data[at] >> 2, at + 1
        if size >= 60:
            extra = size - 59
            size, at = int.from_bytes(data[at : at + extra], "little"), at + extra
        decoded += data[at : at + size + 1]
        at += size + 1
    assert len(decoded) == length
    return bytes(decoded)


def test_hosts_can_have_names_and_addresses(github: GitHub) -> None:
    github.repository("octo/tool").release("v1").asset("tool", b"content")
    names: dict[Role, str] = {"api": "api.github.com", "web": "github.com"}
    with Server(github, names=names, addresses={**ADDRESSES, "api": "127.0.0.9"}) as server:
        port = urlsplit(server.api_url).port
        assert server.api_url == f"https://api.github.com:{port}"
        found = requests.get(
            f"https://127.0.0.9:{port}/repos/octo/tool/releases/latest", verify=server.ca_path, timeout=10
        ).json()
        assert found["url"].startswith(server.api_url)
        assert found["assets"][0]["browser_download_url"].startswith(f"{server.web_url}/octo/tool/")
