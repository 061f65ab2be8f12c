"""Lock files written by somebody else: they can only pin what the configuration allows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import toml

from testing.githubd import GitHub, Release, Repository, Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, DIGEST, PROBE, TOKEN

REPO = ASKED["REPO"]
EVIL = b"#!/bin/sh\necho evil\n".ljust(len(PROBE), b"#")
EVIL_DIGEST = hashlib.sha256(EVIL).hexdigest()
ONE = ("lock", "--platform", "linux/amd64")

Tamper = Callable[..., None]


@pytest.fixture(autouse=True)
def at_server(lifecycle: Lifecycle, server: Server) -> None:
    """Configure where release assets are."""
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url


@pytest.fixture(params=["GITHUB_SERVER_URL", "GITHUB_API_URL alone"])
def known(request: pytest.FixtureRequest, lifecycle: Lifecycle) -> None:
    """An API's URL alone does not tell where release assets are."""
    if request.param == "GITHUB_API_URL alone":
        del lifecycle.process["GITHUB_SERVER_URL"]


@pytest.fixture
def command(command_here: Command) -> Command:
    """Run commands in this process."""
    return command_here


@pytest.fixture
def tamper(lifecycle: Lifecycle) -> Tamper:
    """Change values of every asset in the lock file."""
    path = lifecycle.app / "github-assets.lock"

    def change(**values: Any) -> None:
        document = toml.loads(path.read_text())
        for asset in document["assets"]:
            asset.update({key: value(asset[key]) if callable(value) else value for key, value in values.items()})
        path.write_text(toml.dumps(document))

    return change


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


def rejected(command: Command, lifecycle: Lifecycle, settings: dict[str, str]) -> str:
    """Return why a build rejects the lock file, after asserting that `lock --check` does so too."""
    checked = command("lock", "--check", settings=settings)
    assert (checked.status, checked.err.count("ERROR")) == (1, 1), checked.log
    return "\n".join(refused(lifecycle.build(settings), lifecycle))


@pytest.mark.parametrize(
    "version", ["v0.4.45", "0.4.45", "0.4", "^0.4", "~0.4.40", ">=0.4.45 <1"], ids=lambda version: f"VERSION={version}"
)
def test_a_tag_that_version_does_not_allow(
    version: str, command: Command, lifecycle: Lifecycle, repository: Repository, release: Release, tamper: Tamper
) -> None:
    old = repository.release("v0.1.0", id=100, created_at=release.created_at)
    old.asset(ASKED["FILE"], EVIL, id=101)
    settings = {**ASKED, "VERSION": version}
    assert command(*ONE, settings=settings).status == 0
    tamper(tag="v0.1.0", id=101, size=len(EVIL), sha256=EVIL_DIGEST, url=replaced("v0.4.45", "v0.1.0"), release_id=100)

    error_text = rejected(command, lifecycle, settings)

    assert f'the locked tag v0.1.0 does not match version "{version}"' in error_text
    assert command("lock", settings=settings).status == 0
    assert lifecycle.build(settings).status == 0
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE


@pytest.mark.parametrize(
    "table", ['tag_pattern = "v*"', 'tag_pattern = "/^v/"', 'version = "^0.4"\ntag_pattern = "v*"']
)
def test_a_tag_that_tag_pattern_does_not_allow(
    table: str, command: Command, lifecycle: Lifecycle, repository: Repository, release: Release, tamper: Tamper
) -> None:
    repository.release("api-9.0.0", id=100).asset(ASKED["FILE"], EVIL, id=101)
    (lifecycle.app / "github-assets.toml").write_text(
        f'[[assets]]\nrepo = "{REPO}"\nfile = "{ASKED["FILE"]}"\n{table}\n'
    )
    assert command(*ONE, settings={}).status == 0
    tamper(
        tag="api-9.0.0",
        id=101,
        size=len(EVIL),
        sha256=EVIL_DIGEST,
        url=replaced("v0.4.45", "api-9.0.0"),
        release_id=100,
    )

    assert "the locked tag api-9.0.0 does not match " in rejected(command, lifecycle, {})


@pytest.mark.parametrize(
    ("file", "evil"),
    [
        (ASKED["FILE"], "evil"),
        ("grpc_health_probe-{os}-{arch}", "evil-linux-amd64"),
        ("grpc_health_probe-{os}-{arch}", "grpc_health_probe-linux-arm64"),
        ("*probe-linux-amd64", "evil-linux-amd64"),
        ("/probe-linux-amd64$/", "evil-linux-amd64"),
        (None, "evil-darwin-amd64"),
        (None, "grpc_health_probe-linux-arm64"),
        (None, "evil.exe"),
    ],
)
def test_a_locked_asset_that_file_and_platform_exclude(
    file: str | None, evil: str, command: Command, lifecycle: Lifecycle, release: Release, tamper: Tamper
) -> None:
    if not release.asset_named(evil):
        release.asset(evil, EVIL, id=4599)
    settings = {"REPO": REPO, "TARGET": "probe", **({"FILE": file} if file else {})}
    assert command(*ONE, settings=settings).status == 0
    asset = release.asset_named(evil)
    assert asset
    tamper(asset=evil, id=asset.id, size=asset.size, sha256=asset.sha256(), url=replaced(ASKED["FILE"], evil))

    assert f"the locked asset {evil} does not match " in rejected(command, lifecycle, settings)


def test_an_asset_for_the_platform_that_is_another_tool(
    command: Command, lifecycle: Lifecycle, release: Release, tamper: Tamper
) -> None:
    """Only `lock --check`, which sees all assets of a release, can tell which one is meant."""
    release.asset("evil-linux-amd64", EVIL, id=4599)
    settings = {"REPO": REPO}
    assert command(*ONE, settings=settings).status == 0
    tamper(
        asset="evil-linux-amd64",
        id=4599,
        size=len(EVIL),
        sha256=EVIL_DIGEST,
        url=replaced(ASKED["FILE"], "evil-linux-amd64"),
    )

    run = command("lock", "--check", settings=settings)

    assert run.status == 1
    assert f"evil-linux-amd64: the configuration selects {ASKED['FILE']}" in run.err


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("digest", [True, False], ids=["GitHub's digest", "no digest"])
@pytest.mark.parametrize(
    "where",
    ["another repository", "another host", "another tag", "another name", "another path", "the store"],
)
def test_a_url_of_another_asset(
    where: str, digest: bool, command: Command, lifecycle: Lifecycle, github: GitHub, server: Server, tamper: Tamper
) -> None:
    found = {} if digest else {"digest": None}
    old = github.repository("old/tool")
    old.release("v0").asset("tool", EVIL, **found)
    release = old.release("v1")
    release.asset("tool", PROBE, id=77, **found)
    release.asset("evil", EVIL, id=78, **found)
    github.repository("attacker/x").release("v1").asset("tool", EVIL, **found)
    settings = {"REPO": "old/tool", "FILE": "tool", "TARGET": "tool"}
    assert command(*ONE, settings=settings).status == 0
    url = {
        "another repository": f"{server.web_url}/attacker/x/releases/download/v1/tool",
        "another host": f"{server.other_url}/old/tool/releases/download/v1/tool",
        "another tag": f"{server.web_url}/old/tool/releases/download/v0/tool",
        "another name": f"{server.web_url}/old/tool/releases/download/v1/evil",
        "another path": f"{server.web_url}/old/tool/releases/download/x/../v1/tool",
        "the store": f"{server.store_url}/attacker/x/releases/download/v1/tool",
    }[where]
    tamper(url=url, sha256=EVIL_DIGEST, size=len(EVIL))

    rejected(command, lifecycle, settings)

    tamper(sha256=DIGEST)
    rejected(command, lifecycle, settings)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize("digest", [True, False], ids=["GitHub's digest", "no digest"])
def test_the_id_of_another_asset(
    private: bool, digest: bool, command: Command, lifecycle: Lifecycle, github: GitHub, tamper: Tamper
) -> None:
    """A private asset is downloaded by its id."""
    found = {} if digest else {"digest": None}
    release = github.repository("octo/tool", private=private, readers={TOKEN}).release("v1")
    release.asset("tool", PROBE, id=77, **found)
    release.asset("evil", EVIL, id=78, **found)
    settings = {"REPO": "octo/tool", "FILE": "tool", "TOKEN": TOKEN}
    assert command(*ONE, settings=settings).status == 0
    tamper(id=78, sha256=EVIL_DIGEST)

    rejected(command, lifecycle, settings)


def test_the_id_of_another_asset_with_a_token_for_all_repositories(
    command: Command, lifecycle: Lifecycle, github: GitHub, server: Server, tamper: Tamper
) -> None:
    release = github.repository("octo/tool", private=True, readers={TOKEN}).release("v1")
    release.asset("tool", PROBE, id=77)
    release.asset("evil", EVIL, id=78)
    settings = {"REPO": "octo/tool", "FILE": "tool", "SERVICE_BINDING_ROOT": str(lifecycle.platform / "bindings")}
    binding = lifecycle.platform / "bindings/github"
    binding.mkdir(parents=True)
    for name, text in (("type", "github"), ("token", TOKEN), ("host", server.api_url)):
        (binding / name).write_text(text)
    lifecycle.process |= settings
    assert command(*ONE, settings=settings).status == 0
    tamper(id=78, sha256=EVIL_DIGEST)

    rejected(command, lifecycle, settings)


@pytest.mark.parametrize(
    "verified_by", ["trust me", "GitHub", "evil", "the configuration, trust me", "../x of the release"]
)
def test_a_locked_verifier_that_does_not_exist(
    verified_by: str, command: Command, lifecycle: Lifecycle, release: Release, tamper: Tamper
) -> None:
    assert command(*ONE, settings=ASKED).status == 0
    tamper(verified_by=verified_by)

    error_text = rejected(command, lifecycle, ASKED)

    assert error_text.startswith("verified_by of [[assets]] number 1 in github-assets.lock is not ")


@pytest.mark.parametrize(
    "verified_by", ["GitHub's digest", "SHA256SUMS of the release", "checksums.txt of the release"]
)
def test_a_locked_verifier_that_does_not_apply(
    verified_by: str, command: Command, lifecycle: Lifecycle, release: Release, tamper: Tamper
) -> None:
    release.assets[0].digest = None
    assert command(*ONE, settings=ASKED).status == 0
    tamper(verified_by=verified_by)

    run = command("lock", "--check", settings=ASKED)

    assert run.status == 1
    assert f"{ASKED['FILE']} is verified by nothing, locked as verified by {verified_by}" in run.err


def test_the_configuration_as_verifier_without_a_digest(
    command: Command, lifecycle: Lifecycle, release: Release, tamper: Tamper
) -> None:
    release.assets[0].digest = None
    table = lifecycle.app / "github-assets.toml"
    table.write_text(f'[[assets]]\nrepo = "{REPO}"\nfile = "{ASKED["FILE"]}"\n')
    assert command(*ONE, settings={}).status == 0
    tamper(verified_by="the configuration")
    table.write_text(f'{table.read_text()}verify = "required"\n')

    assert "a sha256 that is no longer in the configuration" in rejected(command, lifecycle, {})


def test_an_unverified_download_of_the_same_size(
    command: Command, lifecycle: Lifecycle, release: Release, tamper: Tamper
) -> None:
    release.assets[0].digest = None
    assert command(*ONE, settings=ASKED).status == 0
    assert command("lock", "--check", settings=ASKED).status == 0
    tamper(sha256=EVIL_DIGEST)

    run = command("lock", "--check", settings=ASKED)

    assert run.status == 1
    assert f"{ASKED['FILE']} has sha256 {DIGEST}, locked as {EVIL_DIGEST}" in run.err
    refused(lifecycle.build(ASKED), lifecycle)


@pytest.mark.parametrize(
    "attestations",
    [
        ["https://slsa.dev/provenance/v1 signed by https://github.com/grpc-ecosystem/grpc-health-probe/…"],
        [{"predicate": "trust me", "signer": "https://github.com/o/r/.github/workflows/x.yml@refs/tags/v1"}],
        [{"predicate": "https://slsa.dev/provenance/v1", "signer": "me"}],
        [{"predicate": "https://slsa.dev/provenance/v1"}],
        "all of them",
    ],
)
def test_invalid_attestations(
    attestations: object, command: Command, lifecycle: Lifecycle, release: Release, tamper: Tamper
) -> None:
    assert command(*ONE, settings=ASKED).status == 0
    tamper(attestations=attestations)

    error_text = rejected(command, lifecycle, ASKED)

    assert "attestations" in error_text


SIGNED = [
    {
        "predicate": "https://slsa.dev/provenance/v1",
        "signer": f"https://github.com/{REPO}/.github/workflows/release.yml@refs/tags/v0.4.45",
    }
]


@pytest.mark.parametrize(
    "arguments",
    [("lock", "--attestations=required"), ("lock", "--check"), ("lock", "--check", "--attestations=required")],
    ids=" ".join,
)
def test_a_missing_attestation(
    arguments: tuple[str, ...], command: Command, lifecycle: Lifecycle, server: Server, release: Release, tamper: Tamper
) -> None:
    assert command(*ONE, settings=ASKED).status == 0
    tamper(attestations=SIGNED)
    server.log.clear()

    run = command(*arguments, settings=ASKED)

    assert run.status == 1
    assert "attestation" in run.err
    assert any("attestations" in request.path for request in server.requests("api"))


def test_check_with_required_attestations(command: Command, lifecycle: Lifecycle, release: Release) -> None:
    assert command(*ONE, settings=ASKED).status == 0
    assert command("lock", "--check", "--attestations", settings=ASKED).status == 0

    run = command("lock", "--check", "--attestations=required", settings=ASKED)

    assert run.status == 1
    assert "has no attestation" in run.err


@pytest.mark.parametrize(("key", "value"), [("release_id", 1), ("repository_id", 1), ("immutable", True), ("size", 1)])
def test_a_lock_that_differs_from_github(
    key: str, value: object, command: Command, lifecycle: Lifecycle, release: Release, tamper: Tamper
) -> None:
    assert command(*ONE, settings=ASKED).status == 0
    tamper(**{key: value})

    assert command("lock", "--check", settings=ASKED).status == 1


def test_assets_that_were_locked_are_accepted(command: Command, lifecycle: Lifecycle, release: Release) -> None:
    """The way there: the file as it was written passes."""
    assert command(*ONE, settings=ASKED).status == 0
    assert command("lock", "--check", settings=ASKED).status == 0
    assert lifecycle.build(ASKED).status == 0
    assert Path(lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
