"""Fetching attestations from GitHub: which requests are made, with which headers, and how responses are handled."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import cramjam
import pytest
from sigstore.errors import TUFError
from sigstore.models import ClientTrustConfig

from github_assets.cli import attestation_options, options
from github_assets.cli.application import Application
from github_assets.cli.attestation_options import Attestations
from github_assets.config.request import AssetRequest, Repository
from github_assets.errors.http import InvalidResponse, RateLimited, ServerUnreachable
from github_assets.errors.resolution import AttestationMissing, AttestationRefused
from github_assets.github.api import Api
from github_assets.http.client import Client
from github_assets.http.credential import Credential
from github_assets.http.retry import RetryPolicy
from github_assets.http.trust import trust
from github_assets.http.urls import origin
from github_assets.log import Log
from github_assets.platforms import Platform
from github_assets.resolution.attestations import AttestationVerifier, Subject, unpacked
from github_assets.resolution.lock import Attestation, LockedAsset, lock_key
from github_assets.resolution.locking import Pin
from github_assets.secrets import Secret
from testing.githubd import Attestation as HostedAttestation
from testing.githubd import GitHub, Server, faults
from tests.integration.resolution.test_attestation_bundles import (
    GITHUB,
    GOOD,
    OWN,
    PUBLIC,
    SOURCE,
    WORKFLOW,
    provenance,
)
from tests.messages import parts_of

DIGEST = "ab" * 32
SUBJECT = Subject(Repository("octo", "tool"), "v1", "tool-linux", DIGEST)
TOKEN = "ghp_neverAtTheStore"


@pytest.fixture
def github() -> GitHub:
    github = GitHub(tokens={TOKEN})
    github.repository("octo/tool").release("v1").asset("tool-linux", b"tool")
    return github


@pytest.fixture
def server(github: GitHub) -> Iterator[Server]:
    with Server(github) as running:
        yield running


@pytest.fixture
def trusted_root(tmp_path: Path) -> str:
    path = tmp_path / "trusted_root.jsonl"
    path.write_text("".join(f"{json.dumps(each.trusted_root())}\n" for each in (PUBLIC, OWN)))
    return str(path)


def attested(github: GitHub, *bundles: dict[str, Any]) -> None:
    repository = github.find("octo/tool")
    assert repository
    repository.attestations[f"sha256:{DIGEST}"] = [HostedAttestation(each) for each in bundles]


def verified(server: Server, trusted_root: str) -> tuple[Attestation, ...]:
    with closing(Client(Log(), trust(server.ca_path), 20, retry_policy=RetryPolicy(backoff=0.01))) as client:
        credential = Credential(Secret(TOKEN), origin(server.api_url))
        verifier = AttestationVerifier(client, trusted_root)
        return verifier.verify(Api(client, server.api_url, credential), SUBJECT)


def test_all_valid_attestations(github: GitHub, server: Server, trusted_root: str) -> None:
    attested(github, GOOD["public"], GOOD["release"], GOOD["private"])

    evidence = verified(server, trusted_root)

    assert [each.signer for each in evidence] == [GITHUB, WORKFLOW]
    assert "authorization" in server.requests("api")[0].headers
    assert len(server.requests("store")) == 3
    assert not [request for request in server.requests("store") if "authorization" in request.headers]


def test_there_are_no_attestations(server: Server, trusted_root: str) -> None:
    assert verified(server, trusted_root) == ()


def test_other_kinds_are_ignored(github: GitHub, server: Server, trusted_root: str) -> None:
    sbom = PUBLIC.bundle(provenance(predicateType="https://spdx.dev/Document/v2.3"), WORKFLOW, source=SOURCE)
    attested(github, sbom, {"not": "a bundle"})

    assert verified(server, trusted_root) == ()


def test_a_good_one_among_bad_ones(github: GitHub, server: Server, trusted_root: str) -> None:
    bad = PUBLIC.bundle(provenance(), WORKFLOW.replace("octo", "evil"), source="https://github.com/evil/tool")
    attested(github, bad, GOOD["public"])

    assert [each.signer for each in verified(server, trusted_root)] == [WORKFLOW]


def test_only_bad_ones(github: GitHub, server: Server, trusted_root: str) -> None:
    attested(github, PUBLIC.bundle(provenance(subject=[{"digest": {"sha256": "0" * 64}}]), WORKFLOW, source=SOURCE))

    with pytest.raises(AttestationRefused) as caught:
        verified(server, trusted_root)
    assert (caught.value.name, caught.value.reason) == ("tool-linux", "it is for a different file")


def test_an_uncompressed_bundle(github: GitHub, server: Server, trusted_root: str) -> None:
    attested(github, GOOD["private"])
    server.fail("store", faults.WrongJson(GOOD["public"]))

    assert [each.signer for each in verified(server, trusted_root)] == [WORKFLOW]


@pytest.mark.parametrize("fault", [faults.HtmlPage(), faults.GiantJson(17 << 20)], ids=["page", "giant"])
def test_invalid_bundles(github: GitHub, server: Server, trusted_root: str, fault: faults.Fault) -> None:
    attested(github, GOOD["public"])
    server.fail("store", fault)

    with pytest.raises(InvalidResponse) as caught:
        verified(server, trusted_root)
    assert caught.value.host == server.store_url.removeprefix("https://")


@pytest.mark.parametrize("length", [b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff\xff\xff", b""])
def test_the_length_in_snappy_data_is_not_trusted(length: bytes) -> None:
    with pytest.raises((ValueError, cramjam.DecompressionError)):
        unpacked(length + b"\0" * 100)


def test_a_rate_limit_is_not_mistaken_for_no_attestations(github: GitHub, server: Server, trusted_root: str) -> None:
    attested(github, GOOD["public"])
    server.fail("api", faults.RateLimited(reset_in=3600))

    with pytest.raises(RateLimited):
        verified(server, trusted_root)


def test_the_public_root_when_there_is_no_network(
    github: GitHub, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> ClientTrustConfig:
        raise TUFError("no network")

    monkeypatch.setattr(ClientTrustConfig, "production", unreachable)
    attested(github, GOOD["public"])

    with pytest.raises(ServerUnreachable) as caught, closing(Client(Log(), trust(server.ca_path), 20)) as client:
        AttestationVerifier(client).verify(Api(client, server.api_url, None), SUBJECT)
    assert "--trusted-root" in caught.value.reason


# the option


def recorded(server: Server, arguments: list[str], out: io.StringIO) -> tuple[Attestation, ...]:
    """What `lock` with these arguments records for the asset."""
    parser = argparse.ArgumentParser()
    attestation_options.add_arguments(parser)
    options.add_configuration(parser)
    options.add_platforms(parser)
    variables = {"GITHUB_API_URL": server.api_url, "SSL_CERT_FILE": server.ca_path, "BP_GITHUB_ASSETS_TIMEOUT": "20"}
    app = Application(parser.parse_args(arguments), variables, Log(out))
    request = AssetRequest(SUBJECT.repository, "REPO")
    locked = LockedAsset(
        lock_key(request, app.servers),
        Platform("linux", "amd64"),
        repository_id=1,
        release_id=1,
        immutable=False,
        tag=SUBJECT.tag,
        asset=SUBJECT.name,
        id=1,
        size=1,
        sha256=SUBJECT.sha256,
        url="https://github.com/octo/tool/releases/download/v1/tool-linux",
        verified_by="GitHub's digest",
    )
    with closing(app.session.client):
        pin = Pin(request, locked.platform)
        return Attestations(app).verify({pin: locked})[pin]


@pytest.mark.parametrize("option", ["--attestations", "--attestations=required"])
def test_attestations_are_sorted(github: GitHub, server: Server, trusted_root: str, option: str) -> None:
    attested(github, GOOD["public"], GOOD["release"])

    assert recorded(server, [option, "--trusted-root", trusted_root], io.StringIO()) == (
        ("https://in-toto.io/attestation/release/v0.2", GITHUB),
        ("https://slsa.dev/provenance/v1", WORKFLOW),
    )


def test_the_signer_option_allows_other_signers(github: GitHub, server: Server, trusted_root: str) -> None:
    reusable = "https://github.com/acme/ci/.github/workflows/release.yml@refs/heads/main"
    attested(github, PUBLIC.bundle(provenance(), reusable, source=SOURCE))
    arguments = ["--attestations", "--trusted-root", trusted_root]

    with pytest.raises(AttestationRefused) as caught:
        recorded(server, arguments, io.StringIO())
    assert parts_of(caught.value).advice.endswith("allow it with --signer.")
    evidence = recorded(server, [*arguments, "--signer", "octo/ci", "--signer", "acme/ci"], io.StringIO())
    assert evidence == (("https://slsa.dev/provenance/v1", reusable),)


@pytest.mark.parametrize("name", ["acme", "acme/ci/x", "https://acme.example.com/acme/ci", "acme/", "/ci", "acme/.."])
def test_an_invalid_signer_option(server: Server, name: str) -> None:
    with pytest.raises(SystemExit):
        recorded(server, ["--attestations", "--signer", name], io.StringIO())


def test_no_attestation_where_one_is_required(server: Server, trusted_root: str) -> None:
    with pytest.raises(AttestationMissing):
        recorded(server, ["--attestations=required", "--trusted-root", trusted_root], io.StringIO())


def test_no_attestation_causes_a_warning(server: Server, trusted_root: str) -> None:
    out = io.StringIO()

    assert recorded(server, ["--attestations", "--trusted-root", trusted_root], out) == ()
    assert "Warning: tool-linux of octo/tool v1 has no attestation." in out.getvalue()


def test_without_the_extra() -> None:
    """A Python that has no sigstore says how to get it."""
    program = (
        "import sys; sys.modules['sigstore'] = None\n"
        "from github_assets.errors import GithubAssetsError\n"
        "from github_assets.messages import message\n"
        "try:\n    import github_assets.resolution.attestations\n"
        "except GithubAssetsError as error:\n    print(message(error))"
    )
    run = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": "lib"}, capture_output=True, text=True)
    assert run.stdout.splitlines() == [
        "ERROR: The packages of the extra attestations are not installed.",
        'Install them: pip install "github-assets-cnb[attestations] @ git+https://github.com/cage1016/github-assets-cnb"',
        "GHA714: https://github.com/cage1016/github-assets-cnb/blob/main/docs/errors.md#gha714",
    ], run.stderr
