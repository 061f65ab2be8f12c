"""Locks that notice: what changes behind a name stops an upgrade, until somebody accepts it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from testing.githubd import Attestation, GitHub, Release, Repository, Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle
from tests.contract.samples import ASKED, PROBE
from tests.integration.resolution.sigstore_instance import Instance
from tests.messages import parts

REPO = ASKED["REPO"]
WORKFLOW = f"https://github.com/{REPO}/.github/workflows/release.yml"
ONE = ("lock", "--platform", "linux/amd64")

Attest = Callable[..., None]


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    """Run commands in this process."""
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url
    return command_here


@pytest.fixture(scope="module")
def sigstore() -> Instance:
    return Instance("sigstore.dev", public=True)


@pytest.fixture
def root(sigstore: Instance, tmp_path: Path) -> tuple[str, str]:
    """The options that trust the authority made here."""
    path = tmp_path / "trusted_root.jsonl"
    path.write_text(json.dumps(sigstore.trusted_root()))
    return "--trusted-root", str(path)


@pytest.fixture
def attest(repository: Repository, sigstore: Instance) -> Attest:
    """Give bytes a provenance of a workflow, or none at all."""

    def give(content: bytes, signer: str | None = f"{WORKFLOW}@refs/tags/v0.4.45") -> None:
        digest = hashlib.sha256(content).hexdigest()
        statement = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "probe", "digest": {"sha256": digest}}],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {"buildDefinition": {}},
        }
        bundle = signer and sigstore.bundle(statement, signer, source=f"https://github.com/{REPO}")
        repository.attestations[f"sha256:{digest}"] = [Attestation(bundle)] if bundle else []

    return give


def locked(lifecycle: Lifecycle) -> dict[str, Any]:
    [asset] = tomllib.loads((lifecycle.app / "github-assets.lock").read_text())["assets"]
    return asset


def stopped(command: Command, lifecycle: Lifecycle, *arguments: str) -> str:
    """Return what stops an upgrade, after asserting that it leaves the file, and that it can be accepted."""
    path = lifecycle.app / "github-assets.lock"
    before = path.read_bytes()
    run = command("lock", "--upgrade", *arguments, settings=ASKED)
    assert run.status == 1, run.log
    assert run.err.count("ERROR") == 1
    assert parts(run.err).advice.endswith(f"github-assets lock --accept {REPO}")
    assert path.read_bytes() == before
    assert command("lock", "--accept", REPO, *arguments, settings=ASKED).status == 0
    assert path.read_bytes() != before
    again = arguments if "attestations" in path.read_text() else ()
    assert command("lock", "--upgrade", *again, settings=ASKED).status == 0
    return run.err


@pytest.mark.usefixtures("release")
def test_a_name_that_leads_to_another_repository(
    command: Command, lifecycle: Lifecycle, github: GitHub, repository: Repository
) -> None:
    command(*ONE, settings=ASKED)
    was = repository.id
    github.rename(repository, "somebody/else")
    del github._repositories[REPO]
    taken_over = github.repository(REPO)
    taken_over.release("v0.4.46").asset(ASKED["FILE"], PROBE)

    said = stopped(command, lifecycle)

    assert f"{REPO} is a different repository now: id {taken_over.id}, locked as {was}" in said
    assert locked(lifecycle)["repository_id"] == taken_over.id


@pytest.mark.usefixtures("release")
def test_a_repository_that_was_renamed(
    command: Command, lifecycle: Lifecycle, github: GitHub, repository: Repository, server: Server
) -> None:
    command(*ONE, settings=ASKED)
    url = locked(lifecycle)["url"]
    github.rename(repository, "grpc/probe")

    run = command("lock", "--upgrade", settings=ASKED)

    assert run.status == 0
    assert f"{REPO} was renamed to grpc/probe. Use the new name." in run.err
    assert locked(lifecycle)["url"] == url
    assert command("lock", "--check", settings=ASKED).status == 0
    assert lifecycle.build(ASKED).status == 0


def test_a_release_that_was_published_again(
    command: Command, lifecycle: Lifecycle, repository: Repository, release: Release
) -> None:
    command(*ONE, settings=ASKED)
    repository.releases.remove(release)
    repository.release("v0.4.45", id=4600).asset(ASKED["FILE"], PROBE, id=4601)

    said = stopped(command, lifecycle)

    assert f"{REPO} v0.4.45 was deleted and published again: release id 4600, locked as 4500" in said
    assert locked(lifecycle)["release_id"] == 4600


@pytest.mark.parametrize("content", [PROBE, b"#!/bin/sh\necho other\n"], ids=["the same bytes", "other bytes"])
def test_an_asset_that_was_uploaded_again(
    content: bytes, command: Command, lifecycle: Lifecycle, release: Release
) -> None:
    command(*ONE, settings=ASKED)
    release.assets.remove(release.assets[0])
    release.asset(ASKED["FILE"], content, id=4999)

    said = stopped(command, lifecycle)

    assert f"{REPO} v0.4.45: {ASKED['FILE']} was uploaded again: id 4999, locked as 4501" in said


def test_a_release_that_is_no_longer_immutable(command: Command, lifecycle: Lifecycle, release: Release) -> None:
    release.immutable = True
    command(*ONE, settings=ASKED)
    assert locked(lifecycle)["immutable"]
    release.immutable = False

    assert f"{REPO} v0.4.45 is no longer immutable" in stopped(command, lifecycle)


def test_what_stops_an_upgrade_stops_every_lock_that_takes_it(
    command: Command, lifecycle: Lifecycle, release: Release
) -> None:
    """The release is asked for again because another setting has changed."""
    command(*ONE, settings=ASKED)
    release.assets.remove(release.assets[0])
    release.asset(ASKED["FILE"], PROBE, id=4999)

    run = command("lock", settings={**ASKED, "VERSION": "v0.4.45"})

    assert run.status == 1
    assert "was uploaded again" in run.err


@pytest.mark.usefixtures("release")
def test_a_newer_release_of_the_same_signer(
    command: Command, lifecycle: Lifecycle, repository: Repository, attest: Attest, root: tuple[str, str]
) -> None:
    attest(PROBE)
    command(*ONE, "--attestations", *root, settings=ASKED)
    newer = repository.release("v0.4.46")
    newer.asset(ASKED["FILE"], b"newer")
    signer = f"{WORKFLOW}@refs/tags/v0.4.46"
    attest(b"newer", signer)

    assert command("lock", "--upgrade", *root, settings=ASKED).status == 0
    assert locked(lifecycle)["tag"] == "v0.4.46"
    assert [each["signer"] for each in locked(lifecycle)["attestations"]] == [signer]
    assert command("lock", "--check", *root, settings=ASKED).status == 0


@pytest.mark.usefixtures("release")
def test_an_attestation_that_is_missing(
    command: Command, lifecycle: Lifecycle, repository: Repository, attest: Attest, root: tuple[str, str]
) -> None:
    attest(PROBE)
    command(*ONE, "--attestations", *root, settings=ASKED)
    repository.release("v0.4.46").asset(ASKED["FILE"], b"newer")

    said = stopped(command, lifecycle, *root)

    assert f"{ASKED['FILE']} no longer has an attestation https://slsa.dev/provenance/v1 signed by {WORKFLOW}" in said
    assert "attestations" not in locked(lifecycle)


@pytest.mark.usefixtures("release")
def test_another_signer(
    command: Command, lifecycle: Lifecycle, repository: Repository, attest: Attest, root: tuple[str, str]
) -> None:
    attest(PROBE)
    command(*ONE, "--attestations", *root, settings=ASKED)
    repository.release("v0.4.46").asset(ASKED["FILE"], b"newer")
    other = f"https://github.com/{REPO}/.github/workflows/nightly.yml@refs/heads/main"
    attest(b"newer", other)

    said = stopped(command, lifecycle, *root)

    assert f"{ASKED['FILE']} is signed by {other}, locked as {WORKFLOW}@refs/tags/v0.4.45" in said


@pytest.mark.usefixtures("release")
def test_an_attestation_that_was_withdrawn(
    command: Command, lifecycle: Lifecycle, attest: Attest, root: tuple[str, str]
) -> None:
    attest(PROBE)
    command(*ONE, "--attestations", *root, settings=ASKED)
    assert command("lock", "--check", *root, settings=ASKED).status == 0
    attest(PROBE, None)

    run = command("lock", "--check", *root, settings=ASKED)

    assert run.status == 1
    assert f"{ASKED['FILE']} has no attestation https://slsa.dev/provenance/v1 signed by {WORKFLOW}" in run.err


@pytest.mark.usefixtures("release")
def test_an_attestation_that_is_not_locked(
    command: Command, lifecycle: Lifecycle, attest: Attest, root: tuple[str, str]
) -> None:
    command(*ONE, settings=ASKED)
    attest(PROBE)
    assert command("lock", "--check", settings=ASKED).status == 0

    run = command("lock", "--check", "--attestations", *root, settings=ASKED)

    assert run.status == 1
    assert parts(run.err).advice.endswith("Update it and commit it: github-assets lock --attestations")
    assert command("lock", "--attestations", *root, settings=ASKED).status == 0
    assert command("lock", "--check", "--attestations=required", *root, settings=ASKED).status == 0


# what is not a change


def test_another_platform_gets_the_locked_release(
    command: Command, lifecycle: Lifecycle, repository: Repository, release: Release
) -> None:
    settings = {**ASKED, "FILE": "grpc_health_probe-{os}-{arch}"}
    command(*ONE, settings=settings)
    newer = repository.release("v0.4.46")
    for arch in ("amd64", "arm64"):
        newer.asset(f"grpc_health_probe-linux-{arch}", PROBE)

    assert command("lock", "--platform", "linux/amd64", "--platform", "linux/arm64", settings=settings).status == 0

    assets = tomllib.loads((lifecycle.app / "github-assets.lock").read_text())["assets"]
    assert [(each["platform"], each["tag"]) for each in assets] == [
        ("linux/amd64", "v0.4.45"),
        ("linux/arm64", "v0.4.45"),
    ]
    assert release.tag == "v0.4.45"


def test_another_target_keeps_the_release_and_is_told(
    command: Command, lifecycle: Lifecycle, repository: Repository, release: Release
) -> None:
    settings = {**ASKED, "FILE": "grpc_health_probe-{os}-{arch}"}
    command(*ONE, settings=settings)
    repository.release("v0.4.46").asset(ASKED["FILE"], PROBE)

    run = command("lock", settings={**settings, "TARGET": "probe"})

    assert run.status == 0
    assert locked(lifecycle)["tag"] == release.tag
    assert f"Changed {REPO} latest: target is probe, locked as grpc_health_probe\n" in run.err
    assert "Dropped" not in run.err


def test_another_target_of_an_exact_file_is_nothing_to_lock(command: Command, release: Release) -> None:
    command(*ONE, settings=ASKED)

    assert command("lock", settings={**ASKED, "TARGET": "probe"}).err == "  github-assets.lock is up to date\n"
