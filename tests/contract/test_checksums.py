"""Checksum files of a release, which are only downloaded if GitHub has no digest."""

from __future__ import annotations

import hashlib

import pytest

from testing.githubd import Asset, GitHub, Release, Repository, Server, faults
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ARM_PROBE, ASKED, DIGEST, PROBE, TOKEN

NAME = ASKED["FILE"]
SHA512 = hashlib.sha512(PROBE).hexdigest()
OTHER = hashlib.sha256(ARM_PROBE).hexdigest()
REQUIRED = """
[[assets]]
repo = "grpc-ecosystem/grpc-health-probe"
file = "grpc_health_probe-linux-amd64"
target = "grpc_health_probe"
verify = "required"
"""


@pytest.fixture(autouse=True)
def old(release: Release) -> None:
    """Make the release one from before GitHub's digests."""
    for asset in release.assets:
        asset.digest = None


@pytest.fixture
def checksums(release: Release) -> Asset:
    """The release's list, which does not list the asset yet."""
    return next(asset for asset in release.assets if asset.name == "checksums.txt")


def fetched(server: Server) -> list[str]:
    """Return the names of the files that were requested from the web host, in order."""
    return [request.path.rpartition("/")[2] for request in server.requests("web")]


def verified_by(lifecycle: Lifecycle) -> str:
    [asset] = lifecycle.toml("github-assets.toml")["metadata"]["assets"]
    return str(asset["verified_by"])


def test_a_list_of_checksums_verifies_an_asset(lifecycle: Lifecycle, server: Server, checksums: Asset) -> None:
    checksums.content = f"{OTHER}  grpc_health_probe-linux-arm64\r\n{DIGEST}  ./dist/{NAME}\r\n".encode()

    run = lifecycle.build(ASKED)

    assert (run.status, run.err) == (0, "")
    assert f"    Verified sha256:{DIGEST} (checksums.txt of the release)\n" in run.out
    assert fetched(server) == ["checksums.txt", NAME]
    assert verified_by(lifecycle) == "checksums.txt of the release"
    assert '"checksums.txt of the release"' in lifecycle.toml("launch.toml")["labels"][0]["value"]
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE


def test_the_assets_own_strongest_file_comes_first(
    lifecycle: Lifecycle, server: Server, release: Release, checksums: Asset
) -> None:
    checksums.content = f"{DIGEST}  {NAME}\n".encode()
    release.asset(f"{NAME}.sha512", SHA512.encode(), digest=None)

    assert lifecycle.build(ASKED).status == 0
    assert fetched(server) == [f"{NAME}.sha512", NAME]
    assert verified_by(lifecycle) == f"{NAME}.sha512 of the release"


def test_an_unchanged_rebuild_fetches_no_checksum_file(lifecycle: Lifecycle, server: Server, checksums: Asset) -> None:
    checksums.content = f"{DIGEST}  {NAME}\n".encode()
    lifecycle.build(ASKED)
    lifecycle.restore()
    server.log.clear()

    run = lifecycle.build()

    assert "Reusing layer" in run.out
    assert (server.requests("web"), server.requests("store")) == ([], [])
    assert verified_by(lifecycle) == "checksums.txt of the release"


def test_no_checksum_file_is_downloaded_if_github_has_a_digest(
    lifecycle: Lifecycle, server: Server, release: Release, checksums: Asset
) -> None:
    release.assets[0].digest = f"sha256:{DIGEST}"
    checksums.content = f"{OTHER}  {NAME}\n".encode()

    assert lifecycle.build(ASKED).status == 0
    assert fetched(server) == [NAME]


@pytest.mark.parametrize(
    ("file", "expected", "received"),
    [
        ("checksums.txt", f"sha256:{OTHER}", f"sha256:{DIGEST}"),
        (f"{NAME}.sha512", f"sha512:{'0' * 128}", f"sha512:{SHA512}"),
    ],
)
def test_other_bytes(
    lifecycle: Lifecycle, server: Server, release: Release, file: str, expected: str, received: str
) -> None:
    release.assets = [asset for asset in release.assets if asset.name != file]
    release.asset(file, f"{expected[7:]}  {NAME}\n".encode(), digest=None)

    what, advice = refused(lifecycle.build(ASKED), lifecycle)

    store = server.store_url.removeprefix("https://")
    assert what == f"Digest mismatch for {NAME} from {store} ({file} of the release). (after 2 attempts)"
    assert advice.startswith(f"  expected:   {expected}\n  received:   {received}")


def test_a_checksum_file_without_the_asset_is_ignored(lifecycle: Lifecycle, checksums: Asset) -> None:
    checksums.content = f"{DIGEST}  grpc_health_probe-linux-arm64\n".encode()

    run = lifecycle.build(ASKED)

    assert f"  Ignored checksums.txt: it does not list {NAME}\n" in run.out
    assert f"Warning: {NAME} is not verified: no checksum is published for it." in run.out
    assert f'sha256 = "{DIGEST}"' in run.out
    assert verified_by(lifecycle) == "size only"


def test_md5_is_ignored(lifecycle: Lifecycle, release: Release) -> None:
    release.asset(f"{NAME}.md5", hashlib.md5(PROBE).hexdigest().encode(), digest=None)

    run = lifecycle.build(ASKED)

    assert f"  Ignored {NAME}.md5: MD5 and SHA-1 are broken\n" in run.out
    assert verified_by(lifecycle) == "size only"


def test_a_checksum_file_that_fails_to_download_is_an_error(
    lifecycle: Lifecycle, server: Server, checksums: Asset
) -> None:
    server.fail("web", faults.Status(410), match="checksums.txt")
    server.fail("api", faults.Status(410), match="/assets/")

    what, _ = refused(lifecycle.build(ASKED), lifecycle)

    assert what == f"{server.web_url.removeprefix('https://')} returned status 410."
    assert fetched(server) == ["checksums.txt"]


def test_a_checksum_file_is_verified_by_githubs_digest(lifecycle: Lifecycle, checksums: Asset) -> None:
    checksums.content = f"{DIGEST}  {NAME}\n".encode()
    checksums.digest = f"sha256:{OTHER}"

    what, _ = refused(lifecycle.build(ASKED), lifecycle)

    assert what.startswith("Digest mismatch for checksums.txt from ")
    assert what.endswith(" (GitHub's digest). (after 2 attempts)")


def test_a_checksum_file_is_downloaded_once_per_release(lifecycle: Lifecycle, server: Server, checksums: Asset) -> None:
    arm = "grpc_health_probe-linux-arm64"
    checksums.content = f"{DIGEST}  {NAME}\n{OTHER}  {arm}\n".encode()
    (lifecycle.app / "github-assets.toml").write_text(
        "\n".join(
            f'[[assets]]\nrepo = "{ASKED["REPO"]}"\nfile = "{file}"\nlayer = "{layer}"'
            for file, layer in ((NAME, "one"), (arm, "two"))
        )
    )

    assert lifecycle.build({}).status == 0
    assert fetched(server)[0] == "checksums.txt"
    assert sorted(fetched(server)) == ["checksums.txt", NAME, arm]


# sha256 in the configuration


def pinned(lifecycle: Lifecycle, sha256: str) -> None:
    (lifecycle.app / "github-assets.toml").write_text(REQUIRED.replace("verify", f'sha256 = "{sha256}"\n# verify'))


@pytest.mark.parametrize("digest", [None, f"sha256:{DIGEST}"])
def test_the_configured_digest_takes_precedence(
    lifecycle: Lifecycle, server: Server, release: Release, checksums: Asset, digest: str | None
) -> None:
    release.assets[0].digest = digest
    checksums.content = f"{OTHER}  {NAME}\n".encode()
    pinned(lifecycle, DIGEST)

    run = lifecycle.build({})

    assert (run.status, run.err) == (0, "")
    assert f"    Verified sha256:{DIGEST} (the configuration)\n" in run.out
    assert verified_by(lifecycle) == "the configuration"
    assert fetched(server) == [NAME]


def test_a_download_that_differs_from_the_configured_digest(lifecycle: Lifecycle, server: Server) -> None:
    pinned(lifecycle, OTHER)

    what, advice = refused(lifecycle.build({}), lifecycle)

    store = server.store_url.removeprefix("https://")
    assert what == f"Digest mismatch for {NAME} from {store} (the configuration). (after 2 attempts)"
    assert advice.startswith(f"  expected:   sha256:{OTHER}\n  received:   sha256:{DIGEST}")


def test_the_configuration_and_github_disagree(lifecycle: Lifecycle, server: Server, release: Release) -> None:
    release.assets[0].digest = f"sha256:{DIGEST}"
    pinned(lifecycle, OTHER)

    what, advice = refused(lifecycle.build({}), lifecycle)

    assert what.startswith(f"sha256 of [[assets]] number 1 in github-assets.toml does not match {NAME} of ")
    assert OTHER in advice
    assert DIGEST in advice
    assert server.requests("web") == server.requests("store") == []


# verify = "required"


def test_a_checksum_file_satisfies_required(lifecycle: Lifecycle, checksums: Asset) -> None:
    checksums.content = f"{DIGEST}  {NAME}\n".encode()
    (lifecycle.app / "github-assets.toml").write_text(REQUIRED)

    assert lifecycle.build({}).status == 0
    assert verified_by(lifecycle) == "checksums.txt of the release"


def test_required_without_any_checksum(lifecycle: Lifecycle, server: Server) -> None:
    (lifecycle.app / "github-assets.toml").write_text(REQUIRED)

    what, advice = refused(lifecycle.build({}), lifecycle)

    assert what == f"Cannot verify {NAME} of grpc-ecosystem/grpc-health-probe v0.4.45: no checksum is published."
    assert advice.startswith(
        "Check the asset and set sha256 of [[assets]] number 1 in github-assets.toml, or remove verify"
    )
    assert fetched(server) == ["checksums.txt"]


def test_required_compares_all_digests(lifecycle: Lifecycle, release: Release, checksums: Asset) -> None:
    (lifecycle.app / "github-assets.toml").write_text(REQUIRED)
    release.assets[0].digest = f"sha256:{DIGEST}"
    checksums.content = f"{DIGEST}  {NAME}\n".encode()

    assert lifecycle.build({}).status == 0
    assert verified_by(lifecycle) == "GitHub's digest, checksums.txt of the release"

    checksums.content = f"{OTHER}  {NAME}\n".encode()
    lifecycle.restore()
    (lifecycle.layers / "github-assets.toml").unlink()
    before = lifecycle.files()
    what, _ = refused(lifecycle.build({}), lifecycle, before=before)
    assert what.startswith(f"Digest mismatch for {NAME} from ")
    assert what.endswith(" (checksums.txt of the release). (after 2 attempts)")


# private


def test_the_checksum_file_of_a_private_repository_comes_through_the_api(
    lifecycle: Lifecycle, server: Server, github: GitHub
) -> None:
    repository: Repository = github.repository("octo/secret", private=True, readers={TOKEN})
    release = repository.release("v1")
    release.asset("tool", PROBE, digest=None)
    release.asset("SHA256SUMS", f"{DIGEST}  tool\n".encode(), digest=None)

    assert lifecycle.build({"REPO": "octo/secret", "FILE": "tool", "TOKEN": TOKEN}).status == 0
    assert verified_by(lifecycle) == "SHA256SUMS of the release"
    assert not [request for request in server.requests("store") if "authorization" in request.headers]
