"""Downloads from a real server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from github_assets.errors import CannotWrite
from github_assets.errors.http import NotFound
from github_assets.errors.transfer import DigestMismatch, PageInsteadOfAsset, SizeMismatch
from github_assets.github.releases import ReleaseAsset
from github_assets.http.client import Client
from github_assets.http.retry import RetryPolicy
from github_assets.http.trust import trust
from github_assets.log import Log
from github_assets.transfer.download import BUFFER_SIZE, DIGEST_ATTEMPTS, download
from github_assets.transfer.source import ExpectedDigest, Source
from testing.githubd import GitHub, Server, faults

CONTENT = bytes(range(256)) * 4096
"""More than one chunk."""
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ASSET = ReleaseAsset(1, "tool", "uploaded", len(CONTENT), None, "")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    github = GitHub(direct=True)
    github.repository("octo/tool").release("v1").asset("tool", CONTENT)
    with Server(github) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with closing(Client(Log(), trust(server.ca_path), 20, retry_policy=RetryPolicy(backoff=0.01))) as one:
        yield one
    server.heal()


@pytest.fixture
def url(server: Server) -> str:
    return f"{server.web_url}/octo/tool/releases/download/v1/tool"


def test_a_download_and_its_facts(client: Client, url: str, tmp_path: Path) -> None:
    assert len(CONTENT) > BUFFER_SIZE
    path = tmp_path / "file"

    done = download(client, ASSET, Source(url, (ExpectedDigest(SHA256, "its friend"),)), str(path))

    assert path.read_bytes() == CONTENT
    assert (done.size, done.sha256, done.verified_by) == (len(CONTENT), SHA256, "its friend")


def test_no_digest_is_known(client: Client, url: str, tmp_path: Path) -> None:
    assert download(client, ASSET, Source(url), str(tmp_path / "file")).verified_by is None


def test_all_digests_must_match(client: Client, url: str, tmp_path: Path) -> None:
    expected_digests = (ExpectedDigest(SHA256, "one"), ExpectedDigest("0" * 64, "the other"))

    with pytest.raises(DigestMismatch) as caught:
        download(client, ASSET, Source(url, expected_digests), str(tmp_path / "file"))
    assert (caught.value.verified_by, caught.value.received) == ("the other", f"sha256:{SHA256}")
    assert caught.value.attempts == DIGEST_ATTEMPTS
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 1, len(CONTENT) - 1, len(CONTENT) + 1])
def test_another_size(client: Client, url: str, tmp_path: Path, size: int) -> None:
    with pytest.raises(SizeMismatch) as caught:
        download(client, ASSET._replace(size=size), Source(url), str(tmp_path / "file"))
    assert caught.value.expected == size
    assert list(tmp_path.iterdir()) == []


def test_an_endless_body_is_not_read_completely(client: Client, url: str, server: Server, tmp_path: Path) -> None:
    server.fail("web", faults.TooLong(extra=64 << 20), times=1)

    download(client, ASSET, Source(url), str(tmp_path / "file"))

    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.requests("web")[-2].sent < 64 << 20


def test_a_page(client: Client, url: str, server: Server, tmp_path: Path) -> None:
    server.fail("web", faults.HtmlPage())

    with pytest.raises(PageInsteadOfAsset):
        download(client, ASSET, Source(url), str(tmp_path / "file"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8"])
def test_bytes_that_a_server_calls_a_page(client: Client, url: str, server: Server, tmp_path: Path, kind: str) -> None:
    """With a digest, the bytes tell what they are, whatever a mirror's Content-Type says."""
    server.fail("web", faults.CalledPage(kind))

    download(client, ASSET, Source(url, (ExpectedDigest(SHA256, "GitHub"),)), str(tmp_path / "file"))

    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_page_of_another_size_than_the_asset(client: Client, url: str, server: Server, tmp_path: Path) -> None:
    server.fail("web", faults.HtmlPage())

    with pytest.raises(PageInsteadOfAsset):
        download(client, ASSET, Source(url, (ExpectedDigest(SHA256, "GitHub"),)), str(tmp_path / "file"))


def test_a_second_attempt_starts_over(client: Client, url: str, server: Server, tmp_path: Path) -> None:
    server.fail("web", faults.Truncate(len(CONTENT) // 2), times=1)

    download(client, ASSET, Source(url, (ExpectedDigest(SHA256, "GitHub"),)), str(tmp_path / "file"))

    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_file_that_is_there_is_never_written_to(client: Client, url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"former")

    with pytest.raises(CannotWrite) as caught:
        download(client, ASSET, Source(url), str(tmp_path / "file"))
    assert caught.value.reason == "File exists"
    assert (tmp_path / "file").read_bytes() == b"former"


def test_a_failure_leaves_no_file(client: Client, url: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        download(client, ASSET, Source(f"{url}-none"), str(tmp_path / "file"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing(client: Client, url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite) as caught:
        download(client, ASSET, Source(url), str(tmp_path / "none/file"))
    assert caught.value.reason == "No such file or directory"
