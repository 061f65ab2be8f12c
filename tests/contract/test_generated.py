"""The client against a GitHub that is generated from GitHub's own OpenAPI descriptions: github.com and Enterprise."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from github_assets.config.names import valid_tag
from github_assets.config.request import Repository
from github_assets.errors import GithubAssetsError
from github_assets.errors.github import NoLatestRelease, ReleaseNotFound, RepositoryNotFound
from github_assets.errors.http import InvalidResponse, RedirectRefused, RequestRefused
from github_assets.github.api import Api
from github_assets.github.releases import Release, ReleaseAsset
from github_assets.http.client import Client
from github_assets.http.retry import RetryPolicy
from github_assets.http.trust import trust
from github_assets.log import Log
from github_assets.transfer.download import download
from github_assets.transfer.source import Source
from testing.githubd import openapi
from tests.contract.generated import ASSET, ATTESTATIONS, HOME, LATEST, LIST, TAG, Generated
from tests.contract.lifecycle import HANGS, SOURCE, Lifecycle, Run

NAMES: list[openapi.Name] = ["api.github.com", "ghes-3.19"]
REPOSITORY = Repository("octocat", "Hello-World")
PUBLISHED = datetime(2013, 2, 27, 19, 35, 32, tzinfo=UTC)
EXAMPLE = "sha256:2151b604e3429bff440b9fbc03eb3617bc2603cda96c95b9bb05277f9ddba255"
"""The digest of the content that replaces the description's asset, whose real content is not available."""
SIZE = 1024
"""Bytes of the description's asset."""
ANSWERS = 5
"""How many generated responses a test looks at."""


def archive(size: int) -> bytes:
    """Return a zip file of so many bytes, with a program in it."""
    file = zipfile.ZipInfo("hello")
    file.external_attr = 0o755 << 16

    def pack(program: bytes) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(file, program)
        return packed.getvalue()

    program = b"#!/bin/sh\necho hello\n"
    return pack(program.ljust(size - len(pack(program)) + len(program), b"\n"))


BYTES = archive(SIZE)
DIGEST = f"sha256:{hashlib.sha256(BYTES).hexdigest()}"
ANSWERED = Release(
    REPOSITORY,
    "v1.0.0",
    False,
    (
        ReleaseAsset(
            id=1,
            name="example.zip",
            state="uploaded",
            size=SIZE,
            digest=DIGEST,
            browser_url="https://github.com/octocat/Hello-World/releases/download/v1.0.0/example.zip",
        ),
    ),
    PUBLISHED.timestamp(),
    id=1,
)
"""The release that the description has as an example."""


@pytest.fixture(scope="module", params=NAMES)
def running(request: pytest.FixtureRequest) -> Iterator[Generated]:
    with Generated(request.param, {EXAMPLE: DIGEST}) as generated:
        yield generated


@pytest.fixture
def generated(running: Generated) -> Iterator[Generated]:
    """The generated GitHub, which must find nothing wrong with any request."""
    running.reset()
    yield running
    assert running.exchanges
    assert [exchange for exchange in running.exchanges if exchange.wrong] == []


@pytest.fixture
def client() -> Iterator[Client]:
    with closing(Client(Log(), trust(None), 30, retry_policy=RetryPolicy(backoff=0.001))) as client:
        yield client


@pytest.fixture
def api(generated: Generated, client: Client) -> Api:
    return Api(client, generated.url, None)


def operations(generated: Generated) -> list[str | None]:
    return [exchange.operation for exchange in generated.exchanges]


# what is asked for, and understood


def test_the_latest_release(api: Api, generated: Generated) -> None:
    assert api.release(REPOSITORY, None) == ANSWERED
    assert operations(generated) == [LATEST]


@pytest.mark.parametrize("tag", ["v1.0.0", "cli/v1.0.0", "1.0+build?#%", "größer"])
def test_the_release_of_a_tag(api: Api, generated: Generated, tag: str) -> None:
    assert api.release(REPOSITORY, tag) == api.tagged(REPOSITORY, tag) == ANSWERED
    assert operations(generated) == [TAG, TAG]


def test_all_releases(api: Api, generated: Generated) -> None:
    """The example's list has no end, and leads on in the Link header."""
    generated.own_links = True

    assert list(islice(api.pages(REPOSITORY), 3)) == [[ANSWERED]] * 3
    assert operations(generated) == [LIST] * 3
    queries = [exchange.target.partition("?")[2] for exchange in generated.exchanges]
    assert queries == ["per_page=100", "page=2", "page=2"]


def test_a_list_that_continues_on_another_host(api: Api, generated: Generated) -> None:
    """The example's Link header points to github.com, which must not get this server's credentials."""
    pages = api.pages(REPOSITORY)

    assert next(pages) == [ANSWERED]
    with pytest.raises(RedirectRefused):
        next(pages)
    assert operations(generated) == [LIST]


def test_attestations(running: Generated, client: Client) -> None:
    """An Enterprise Server's description does not have them."""
    running.reset()
    api = Api(client, running.url, None)
    has_them = ATTESTATIONS in running.operations
    for response in ("code=200", "dynamic=true"):
        running.prefer[ATTESTATIONS] = response

        try:
            urls = api.attestations(REPOSITORY, DIGEST.removeprefix("sha256:"))
        except RedirectRefused:  # what Prism makes up is no https:// URL
            urls = None
            assert response == "dynamic=true"

        exchange = running.exchanges[-1]
        assert exchange.target.endswith(f"/repos/octocat/Hello-World/attestations/{DIGEST}?per_page=30")
        assert (exchange.status, exchange.wrong is None) == ((200, True) if has_them else (404, False))
        named = [each["bundle_url"] for each in json.loads(exchange.body)["attestations"]] if has_them else []
        assert urls == (named if all(url.startswith("https://") for url in named) else None)


def test_the_bytes_of_an_asset(api: Api, generated: Generated, client: Client, tmp_path: Path) -> None:
    """The description has an example of only one of the two responses, the redirect, and without a location."""
    generated.prefer[ASSET] = "code=302"
    asset = ANSWERED.assets[0]

    with pytest.raises(RequestRefused) as caught:
        download(client, asset, Source(api.asset_url(REPOSITORY, asset)), str(tmp_path / "asset"))

    assert caught.value.status == 302
    (exchange,) = generated.exchanges
    assert (exchange.operation, exchange.accept, exchange.status) == (ASSET, "application/octet-stream", 302)
    assert list(tmp_path.iterdir()) == []


# errors


@pytest.mark.parametrize(
    ("missing", "ask", "error"),
    [
        ([LATEST, LIST], None, RepositoryNotFound),
        ([LATEST], None, NoLatestRelease),
        ([TAG, LIST], "v2", RepositoryNotFound),
        ([TAG], "v2", ReleaseNotFound),
    ],
)
def test_missing_releases(
    api: Api, generated: Generated, missing: list[str], ask: str | None, error: type[GithubAssetsError]
) -> None:
    generated.prefer = dict.fromkeys(missing, "code=404")

    with pytest.raises(error) as caught:
        api.release(REPOSITORY, ask)

    assert operations(generated) == {None: [LATEST, LIST], "v2": [TAG, TAG, LIST]}[ask]
    named = getattr(caught.value, "available", getattr(caught.value, "prereleases", None))
    assert named == (None if LIST in missing else ["v1.0.0"])


def test_no_releases_of_a_repository_that_is_missing(api: Api, generated: Generated) -> None:
    generated.prefer[LIST] = "code=404"

    with pytest.raises(RepositoryNotFound):
        next(api.pages(REPOSITORY))


# answers that Prism makes up


def test_any_release(api: Api, generated: Generated) -> None:
    generated.prefer[LATEST] = "dynamic=true"
    for _ in range(ANSWERS):
        found = attempt(lambda: api.release(REPOSITORY, "latest"))

        assert found == release(json.loads(generated.exchanges[-1].body))


def test_any_releases(api: Api, generated: Generated) -> None:
    generated.prefer[LIST] = "dynamic=true"
    for _ in range(ANSWERS):
        found = attempt(lambda: next(api.pages(REPOSITORY)))

        releases = [release(each) for each in json.loads(generated.exchanges[-1].body) if not each["draft"]]
        assert found == [each for each in releases if each and valid_tag(each.tag)]


def attempt(ask: Callable[[], Any]) -> Any:
    """Return what is found, or None if it is rejected as invalid."""
    try:
        return ask()
    except InvalidResponse:
        return None


def release(body: Mapping[str, Any]) -> Release | None:
    """Return the expected release, or None for an impossible one, with a file of negative size."""
    assets = tuple(
        ReleaseAsset(
            each["id"],
            each["name"],
            each["state"],
            each["size"],
            each["digest"] and each["digest"].lower(),
            each["browser_download_url"],
        )
        for each in body["assets"]
    )
    if body["id"] < 0 or any(asset.id < 0 or asset.size < 0 for asset in assets):
        return None
    published = body["published_at"] and datetime.fromisoformat(body["published_at"]).timestamp()
    return Release(
        REPOSITORY,
        body["tag_name"],
        body["prerelease"],
        assets,
        published,
        id=body["id"],
        immutable=body.get("immutable", False),
    )


# that it is found out what is wrong with a request


@pytest.mark.parametrize(
    ("target", "accept", "status"),
    [
        ("/repos/octocat/Hello-World/releases?per_page=many", "application/vnd.github+json", 422),
        ("/repos/octocat/Hello-World/releases?perpage=100", "application/vnd.github+json", 200),
        ("/repos/octocat/Hello-World/releases/latest", "text/html", 406),
        ("/repos/octocat/Hello-World/release/latest", "application/vnd.github+json", 404),
    ],
)
def test_wrong_requests(running: Generated, target: str, accept: str, status: int) -> None:
    running.reset()
    with closing(HTTPConnection(urlsplit(running.origin).netloc)) as connection:
        connection.request("GET", urlsplit(running.url).path + target, headers={"Accept": accept})
        assert connection.getresponse().status == status
    assert running.exchanges[0].wrong is not None


# from the command line, and in a build


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """Where the asset's bytes are: the examples' addresses are of real hosts."""
    file = tmp_path / "mirror/github.com/octocat/Hello-World/releases/download/v1.0.0/example.zip"
    file.parent.mkdir(parents=True)
    file.write_bytes(BYTES)
    return file


@pytest.fixture
def lifecycle(tmp_path: Path, generated: Generated, mirror: Path) -> Lifecycle:
    variables = {"BP_DEPENDENCY_MIRROR": f"file://{tmp_path}/mirror/{{originalHost}}", "FILE": "example.zip"}
    if generated.url == generated.origin:
        variables |= {"REPO": "octocat/Hello-World", "GITHUB_API_URL": generated.url}
    else:
        variables |= {"REPO": f"{generated.origin}/octocat/Hello-World"}
    return Lifecycle(tmp_path / "image", variables)


def command(lifecycle: Lifecycle, *arguments: str) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "github_assets", *arguments],
        cwd=lifecycle.app,
        env={**lifecycle.process, "PYTHONPATH": str(SOURCE / "lib")},
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def test_resolve(lifecycle: Lifecycle, generated: Generated) -> None:
    run = command(lifecycle, "resolve", "--platform", "linux/amd64")

    line = f"{lifecycle.process['REPO']} v1.0.0 linux/amd64 example.zip 1.0 kB {DIGEST}\n"
    assert (run.status, run.out) == (0, line), run.err
    assert operations(generated) == [LATEST]


def test_lock(lifecycle: Lifecycle, generated: Generated) -> None:
    run = command(lifecycle, "lock", "--platform", "linux/amd64")

    assert run.status == 0, run.err
    (asset,) = tomllib.loads((lifecycle.app / "github-assets.lock").read_text())["assets"]
    expected = {"tag": "v1.0.0", "asset": "example.zip", "id": 1, "size": SIZE, "url": ANSWERED.assets[0].browser_url}
    assert {name: asset[name] for name in expected} == expected
    assert f"sha256:{asset['sha256']}" == DIGEST
    assert command(lifecycle, "lock", "--check").status == 0
    assert operations(generated) == [LATEST, HOME, TAG, HOME]


@pytest.mark.parametrize("version", ["latest", "1.0.0"])
def test_build(lifecycle: Lifecycle, generated: Generated, version: str) -> None:
    run = lifecycle.build({"VERSION": version})

    assert run.status == 0, run.log
    assert (lifecycle.layer / "bin/hello").read_bytes().rstrip() == b"#!/bin/sh\necho hello"
    assert operations(generated) == [LATEST if version == "latest" else TAG]
