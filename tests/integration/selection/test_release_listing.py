"""`find_release` and `Api.pages` against the local GitHub."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from github_assets.config.patterns import parse_tag_pattern
from github_assets.config.request import Repository
from github_assets.config.versions import parse_version
from github_assets.errors.github import NoLatestRelease, ReleaseNotFound, RepositoryNotFound
from github_assets.errors.http import InvalidResponse, RedirectRefused, RequestRefused
from github_assets.errors.selection import NoMatchingRelease
from github_assets.github.api import Api
from github_assets.http.client import Client
from github_assets.http.credential import Credential
from github_assets.http.retry import RetryPolicy
from github_assets.http.trust import trust
from github_assets.http.urls import origin
from github_assets.log import Log
from github_assets.secrets import Secret
from github_assets.selection.release_choice import (
    NO_ASSETS,
    PAGES_AT_ONCE,
    TOO_YOUNG,
    UPLOADING,
    ChosenRelease,
    SkippedRelease,
    VersionRequest,
    find_release,
)
from testing.githubd import GitHub, Server, faults
from testing.githubd import Repository as Stored
from testing.githubd.exchange import Request, Response
from testing.githubd.site import Site

TOOL = Repository("octo", "tool")
PAGES = "/releases?per_page=100"
READER, WRITER = "github_pat_reader", "github_pat_writer"


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with Server(GitHub(tokens={READER})) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """A server with nothing on it: one start for all tests."""
    running.github = running.site.github = GitHub(tokens={READER})
    running.log.clear()
    yield running
    running.heal()


@pytest.fixture
def stored(server: Server) -> Stored:
    return server.github.repository("octo/tool")


def api(server: Server, token: str | None = None) -> Api:
    credential = Credential(Secret(token), origin(server.api_url)) if token else None
    log = Log(io.StringIO(), io.StringIO())
    client = Client(log, trust(server.ca_path), 20, retry_policy=RetryPolicy(backoff=0.01))
    return Api(client, server.api_url, credential)


def add(stored: Stored, *tags: str, **fields: bool) -> None:
    for tag in tags:
        stored.release(tag, **fields).asset("a", b"a")


def find(
    server: Server,
    version: str,
    *,
    now: float = 2e9,
    token: str | None = None,
    tag_pattern: str | None = None,
    **options: Any,
) -> ChosenRelease:
    """Return what is found, without the ETag, which depends on the request."""
    pattern = parse_tag_pattern(tag_pattern) if tag_pattern else None
    wanted = VersionRequest(parse_version(version), tag_pattern=pattern, **options)
    found = find_release(api(server, token), TOOL, wanted, now)
    return found._replace(release=found.release._replace(etag=None))


def asked(server: Server) -> list[str]:
    """What was asked of the API, without what all requests begin with."""
    return [
        record.path.partition("/releases")[2] + (f"?{record.query}" if record.query else "")
        for record in server.requests("api")
    ]


def test_latest_is_one_request(server: Server, stored: Stored) -> None:
    add(stored, "v1.0.0", "v1.1.0")
    add(stored, "v2.0.0-rc.1", prerelease=True)

    assert find(server, "latest").release.tag == "v1.1.0"
    assert asked(server) == ["/latest"]


@pytest.mark.parametrize(
    ("version", "requests"),
    [
        ("v1.2.3", ["/tags/v1.2.3"]),
        ("1.2.3", ["/tags/1.2.3", "/tags/v1.2.3"]),
        ("V1.2.3", ["/tags/V1.2.3", "/tags/1.2.3", "?per_page=100"]),
        ("1.2", ["/tags/1.2", "/tags/v1.2", "?per_page=100"]),
        ("v1", ["/tags/v1", "/tags/1", "?per_page=100"]),
        ("1.2.x", ["?per_page=100"]),
    ],
)
def test_a_tag_takes_precedence_over_a_range_of_the_same_number(
    server: Server, stored: Stored, version: str, requests: list[str]
) -> None:
    add(stored, "v1.2.2", "v1.2.3", "v2.0.0")

    assert find(server, version).release.tag == "v1.2.3"
    assert asked(server) == requests


def test_a_tag_wins_over_what_begins_with_its_numbers(server: Server, stored: Stored) -> None:
    add(stored, "v1.2", "v1.2.3")

    assert find(server, "1.2").release.tag == "v1.2"


def test_an_exact_tag_ignores_the_options(server: Server, stored: Stored) -> None:
    stored.release("v1.2.3-rc.1", prerelease=True)

    assert find(server, "1.2.3-rc.1", min_age=9e9) == ChosenRelease(find(server, "v1.2.3-rc.1").release)


@pytest.mark.parametrize(
    ("version", "requests"),
    [
        ("1.2.3", ["/tags/cli%2Fv1.2.3"]),
        ("v1.2.3", ["/tags/cli%2Fv1.2.3"]),
        ("cli/v1.2.3", ["/tags/cli%2Fv1.2.3"]),
        ("1.2", ["/tags/cli%2Fv1.2", "?per_page=100"]),
        ("latest", ["?per_page=100"]),
    ],
)
def test_monorepo(server: Server, stored: Stored, version: str, requests: list[str]) -> None:
    add(stored, "cli/v1.2.3", "cli/v1.2.2", "web/v1.2.3", "1.2.3", "v1.2.3")

    assert find(server, version, tag_pattern="cli/v*").release.tag == "cli/v1.2.3"
    assert asked(server) == requests


@pytest.mark.parametrize("version", ["1.2.3-rc.1", "1.2.3", "web/v1.2.3"])
def test_the_tag_of_another_product_is_never_chosen(server: Server, stored: Stored, version: str) -> None:
    add(stored, "v1.2.3-rc.1", "v1.2.3", "web/v1.2.3", "cli/v1.0.0")

    with pytest.raises(NoMatchingRelease) as caught:
        find(server, version, tag_pattern="cli/v*")

    assert caught.value.available == ["cli/v1.0.0"]


def test_the_best_of_3000_releases_on_30_pages(server: Server, stored: Stored) -> None:
    add(stored, *(f"v{major}.{minor}.{patch}" for patch in range(10) for minor in range(30) for major in range(10)))

    assert find(server, "^1.2").release.tag == "v1.29.9"
    assert [record.status for record in server.requests("api")] == [200] * 30
    assert asked(server)[0] == "?per_page=100"
    assert sorted(asked(server)[1:]) == sorted(f"?per_page=100&page={number}" for number in range(2, 31))
    assert len({record.connection for record in server.requests("api")}) <= PAGES_AT_ONCE


class Together(faults.Fault):
    """Waits for so many requests, and answers them all."""

    def __init__(self, count: int) -> None:
        self.met = False
        self._barrier = threading.Barrier(count)

    def apply(self, site: Site, request: Request, respond: faults.Respond) -> Response:
        with contextlib.suppress(threading.BrokenBarrierError):
            self._barrier.wait(5)
            self.met = True
        return respond(request)


def test_pages_are_fetched_side_by_side_where_all_are_needed(server: Server, stored: Stored) -> None:
    add(stored, *(f"v1.{number}" for number in range((PAGES_AT_ONCE + 1) * 100)))
    together = Together(PAGES_AT_ONCE)
    server.fail("api", together, match="&page=")

    assert find(server, "^1").release.tag == f"v1.{(PAGES_AT_ONCE + 1) * 100 - 1}"
    assert together.met


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_every_release_is_on_one_page(server: Server, stored: Stored, count: int) -> None:
    add(stored, *(f"v1.{number}" for number in range(count)))

    pages = list(api(server).pages(TOOL))

    assert [release.tag for page in pages for release in page] == [f"v1.{number}" for number in reversed(range(count))]
    assert len(pages) == max(1, -(-count // 100))


def test_pages_are_fetched_lazily(server: Server, stored: Stored) -> None:
    add(stored, *(f"v1.{number}" for number in range(150)))

    pages = api(server).pages(TOOL)
    next(pages)

    assert asked(server) == ["?per_page=100"]


def test_latest_of_a_monorepo_ends_with_the_page_that_has_one(server: Server, stored: Stored) -> None:
    add(stored, *(f"cli-v1.{number}" for number in range(60)), *(f"web-v1.{number}" for number in range(140)))
    add(stored, *(f"docs-v1.{number}" for number in range(20)))

    assert find(server, "latest", tag_pattern="cli-v*").release.tag == "cli-v1.59"
    assert asked(server) == ["?per_page=100", "?per_page=100&page=2"]


def test_the_number_of_pages_is_limited(server: Server, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    add(stored, "v9.0.0", *(f"v1.{number}" for number in range(300)))
    monkeypatch.setattr("github_assets.github.api.MOST_PAGES", 2)

    with pytest.raises(NoMatchingRelease) as caught:
        find(server, "^9")

    assert caught.value.looked_at == 200
    assert len(asked(server)) == 2


def test_githubs_limit_of_listed_releases(server: Server, stored: Stored) -> None:
    add(stored, *(f"v1.{number}.0" for number in range(300)))
    server.fail("api", faults.Status(422), match="page=3")

    assert find(server, "1.x").release.tag == "v1.299.0"
    assert len(asked(server)) == 3


def test_another_refusal_of_a_page_is_an_error(server: Server, stored: Stored) -> None:
    add(stored, *(f"v1.{number}.0" for number in range(300)))
    server.fail("api", faults.Status(422), times=1)
    server.fail("api", faults.Status(410), match="page=2")

    for status in (422, 410):
        with pytest.raises(RequestRefused) as caught:
            find(server, "1.x")
        assert caught.value.status == status


def test_an_interrupted_page_is_fetched_again(server: Server, stored: Stored) -> None:
    add(stored, *(f"v1.{number}.0" for number in range(150)))
    server.fail("api", faults.Truncate(after_bytes=1000), times=1, match="page=2")

    assert find(server, "~1.7").release.tag == "v1.7.0"
    assert asked(server) == ["?per_page=100", "?per_page=100&page=2", "?per_page=100&page=2"]


def test_a_next_page_elsewhere_is_not_fetched(server: Server, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    add(stored, *(f"v1.{number}.0" for number in range(150)))
    monkeypatch.setattr(server.site, "urls", {**server.site.urls, "api": server.other_url})

    with pytest.raises(RedirectRefused) as caught:
        find(server, "1.x", token=READER)

    assert caught.value.host == urlsplit(server.api_url).netloc
    assert server.requests("other") == []


def test_a_renamed_repository(server: Server, stored: Stored) -> None:
    add(stored, *(f"v1.{number}.0" for number in range(150)))
    stored.rename("octo/instrument")

    assert find(server, "~1.7", token=READER).release.tag == "v1.7.0"
    records = server.requests("api")
    assert [record.status for record in records] == [301, 200, 200]
    assert {record.headers["accept"] for record in records} == {"application/vnd.github+json"}
    assert {record.headers["authorization"] for record in records} == {f"Bearer {READER}"}


def test_a_draft_is_never_chosen(server: Server, stored: Stored) -> None:
    stored.writers.add(WRITER)
    add(stored, "v1.0.0")
    add(stored, "v1.1.0", "v1.2.0", draft=True)

    assert find(server, "1.x", token=WRITER, prerelease=True) == ChosenRelease(find(server, "v1.0.0").release)
    assert [[release.tag for release in page] for page in api(server, WRITER).pages(TOOL)] == [["v1.0.0"]]


def test_dates_and_states_are_read(server: Server, stored: Stored) -> None:
    published = datetime(2025, 6, 3, 12, 30, tzinfo=UTC)
    release = stored.release("v1.0.0", published_at=published)
    release.asset("a", b"a", state="starter")

    [[read]] = api(server).pages(TOOL)

    assert (read.published_at, read.uploading, read.has_assets) == (published.timestamp(), True, False)


@pytest.mark.parametrize(
    ("state", "reason"),
    [(None, NO_ASSETS), ("starter", UPLOADING), ("open", UPLOADING)],
)
def test_a_latest_without_assets_is_skipped(server: Server, stored: Stored, state: str | None, reason: str) -> None:
    add(stored, "v1.0.0", "v2.0.0", "v1.9.0")
    latest = stored.release("v2.0.1")
    if state:
        latest.asset("a", b"a", state=state)

    assert find(server, "latest") == ChosenRelease(find(server, "v2.0.0").release, (SkippedRelease("v2.0.1", reason),))
    assert asked(server)[:2] == ["/latest", "?per_page=100"]


def test_a_latest_that_is_too_young_is_skipped(server: Server, stored: Stored) -> None:
    add(stored, "v1.0.0", "v1.1.0")
    now = stored.releases[1].published_at.timestamp() + 3600  # type: ignore[union-attr]

    found = find(server, "latest", now=now, min_age=7200)

    assert (found.release.tag, found.skipped) == ("v1.0.0", (SkippedRelease("v1.1.0", TOO_YOUNG),))


def test_no_release_has_assets(server: Server, stored: Stored) -> None:
    stored.release("v1.0.0")

    with pytest.raises(NoMatchingRelease) as caught:
        find(server, "latest")

    assert caught.value.left_out == [SkippedRelease("v1.0.0", NO_ASSETS)]


def test_prereleases_count_for_latest(server: Server, stored: Stored) -> None:
    add(stored, "v1.0.0")
    add(stored, "v1.1.0-rc.1", prerelease=True)

    assert find(server, "latest", prerelease=True).release.tag == "v1.1.0-rc.1"
    del stored.releases[0]
    with pytest.raises(NoLatestRelease):
        find(server, "latest")


def test_an_unknown_number(server: Server, stored: Stored) -> None:
    add(stored, "v1.0.0", "v1.0.1")

    with pytest.raises(ReleaseNotFound) as caught:
        find(server, "1.1")

    assert caught.value.available == ["v1.0.1", "v1.0.0"]


@pytest.mark.parametrize("version", ["^1", "1.0", "v1.0.0-rc.1", "latest"])
def test_an_unknown_repository(server: Server, version: str) -> None:
    with pytest.raises(RepositoryNotFound):
        find(server, version)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"published_at": "soon"}, {"published_at": 1}, {"tag_name": None}, {"assets": None}, {"assets": [{}]}],
)
def test_a_page_that_is_not_as_described(server: Server, stored: Stored, wrong: dict[str, object]) -> None:
    right = {"tag_name": "v1", "draft": False, "prerelease": False, "published_at": None, "assets": []}
    server.fail("api", faults.WrongJson([{**right, **wrong} if wrong else wrong]))

    with pytest.raises(InvalidResponse):
        find(server, "^1")
    server.heal()
    server.fail("api", faults.WrongJson([right]))
    with pytest.raises(NoMatchingRelease):
        find(server, "^1")
