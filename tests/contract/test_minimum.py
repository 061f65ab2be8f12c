"""`minimum`: which level of verification is enough, and where an image says how far its assets are verified."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from testing.githubd import Attestation, Release, Repository, Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, DIGEST, PROBE
from tests.integration.resolution.sigstore_instance import Instance

REPO = ASKED["REPO"]
SIGNER = f"https://github.com/{REPO}/.github/workflows/release.yml@refs/tags/v0.4.45"
ONE = ("lock", "--platform", "linux/amd64")


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    """Run commands in this process."""
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url
    return command_here


@pytest.fixture
def root(repository: Repository, tmp_path: Path) -> tuple[str, str]:
    """Give the probe an attestation, and return the options that trust who signed it."""
    sigstore = Instance("sigstore.dev", public=True)
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "probe", "digest": {"sha256": DIGEST}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": {}},
    }
    bundle = sigstore.bundle(statement, SIGNER, source=f"https://github.com/{REPO}")
    repository.attestations[f"sha256:{hashlib.sha256(PROBE).hexdigest()}"] = [Attestation(bundle)]
    path = tmp_path / "trusted_root.jsonl"
    path.write_text(json.dumps(sigstore.trusted_root()))
    return "--trusted-root", str(path)


def configure(lifecycle: Lifecycle, minimum: str | None = None) -> None:
    line = f'minimum = "{minimum}"\n' if minimum else ""
    (lifecycle.app / "github-assets.toml").write_text(
        f'[[assets]]\nrepo = "{REPO}"\nfile = "{ASKED["FILE"]}"\ntarget = "probe"\n{line}'
    )


def levels(lifecycle: Lifecycle) -> set[str]:
    """What label, SBOMs and layer metadata say."""
    [label] = lifecycle.toml("launch.toml")["labels"]
    [asset] = json.loads(label["value"])
    metadata = lifecycle.toml("github-assets.toml")["metadata"]["assets"][0]
    cyclonedx, spdx = (
        json.loads((lifecycle.layers / f"github-assets.sbom.{ending}").read_text())
        for ending in ("cdx.json", "spdx.json")
    )
    properties: dict[str, Any] = {it["name"]: it["value"] for it in cyclonedx["components"][0]["properties"]}
    comment = spdx["packages"][0]["comment"].removeprefix("Verification: ")
    return {asset["level"], metadata["level"], properties["github-assets-cnb:verification"], comment}


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize("minimum", [None, "digest"])
def test_a_published_digest(minimum: str | None, lifecycle: Lifecycle) -> None:
    configure(lifecycle, minimum)

    run = lifecycle.build({})

    assert (run.status, run.err) == (0, "")
    assert f"Verified sha256:{DIGEST} (GitHub's digest)\n" in run.out
    assert levels(lifecycle) == {"digest"}
    lifecycle.restore()
    assert "Reusing layer" in lifecycle.build().out
    assert json.loads(lifecycle.toml("launch.toml")["labels"][0]["value"])[0]["level"] == "digest"


def test_no_digest(lifecycle: Lifecycle, release: Release) -> None:
    release.assets[0].digest = None
    configure(lifecycle)
    assert lifecycle.build({}).status == 0
    assert levels(lifecycle) == {"unverified"}
    lifecycle.restore()
    assert "Reusing layer" in lifecycle.build().out

    lifecycle.restore()
    configure(lifecycle, "digest")
    run = lifecycle.build()
    assert run.status == 1
    assert f"Cannot verify {ASKED['FILE']} of {REPO} v0.4.45: no checksum is published." in run.err


def test_a_digest_that_is_locked_and_published_by_nobody(
    command: Command, lifecycle: Lifecycle, release: Release
) -> None:
    release.assets[0].digest = None
    configure(lifecycle)
    command(*ONE, settings={})

    run = lifecycle.build({})

    assert run.status == 0
    assert "is only verified by the digest of its first download in github-assets.lock." in run.out
    assert f'sha256 = "{DIGEST}"' in run.out
    assert levels(lifecycle) == {"unverified"}

    lifecycle.restore()
    configure(lifecycle, "digest")
    assert lifecycle.build().status == 1
    assert command(*ONE, settings={}).status == 1


@pytest.mark.usefixtures("release")
def test_an_attestation_is_required_and_recorded(command: Command, lifecycle: Lifecycle, root: tuple[str, str]) -> None:
    configure(lifecycle, "attested")
    what, advice = refused(lifecycle.build({}), lifecycle)
    assert what == (
        f"minimum of [[assets]] number 1 in github-assets.toml requires an attestation of {REPO},"
        " and github-assets.lock has none."
    )
    assert advice == "Verify and record it: github-assets lock"

    assert command(*ONE, *root, settings={}).status == 0
    run = lifecycle.build({})

    assert (run.status, run.err) == (0, "")
    assert f"Attested: https://slsa.dev/provenance/v1 signed by {SIGNER}\n" in run.out
    assert levels(lifecycle) == {"attested"}
    assert command("lock", "--check", *root, settings={}).status == 0


@pytest.mark.usefixtures("release")
def test_an_asset_that_is_locked_without_the_attestation_it_needs(
    command: Command, lifecycle: Lifecycle, repository: Repository, root: tuple[str, str]
) -> None:
    configure(lifecycle)
    command(*ONE, settings={})
    configure(lifecycle, "attested")

    refused(lifecycle.build({}), lifecycle)
    checked = command("lock", "--check", *root, settings={})
    assert (checked.status, checked.err.splitlines()[-2]) == (1, "Update it and commit it: github-assets lock")
    assert command("lock", *root, settings={}).status == 0
    assert lifecycle.build({}).status == 0

    repository.attestations.clear()
    missing = command("lock", "--check", *root, settings={})
    assert missing.status == 1
    assert "Drop minimum of [[assets]] number 1 in github-assets.toml, or ask" in missing.err


@pytest.mark.parametrize("options", [("--signer", "octo/ci"), ("--trusted-root", "{root}")], ids=lambda it: it[0])
@pytest.mark.parametrize("arguments", [("lock",), ("lock", "--upgrade"), ("lock", "--check")], ids=" ".join)
def test_options_for_attestations_where_none_is_verified(
    arguments: tuple[str, ...],
    options: tuple[str, str],
    command: Command,
    lifecycle: Lifecycle,
    release: Release,
    root: tuple[str, str],
) -> None:
    configure(lifecycle)
    command(*ONE, settings={})
    before = (lifecycle.app / "github-assets.lock").read_bytes()

    run = command(*arguments, options[0], options[1].format(root=root[1]), settings={})

    assert run.status == 2
    assert f"{options[0]}: no attestation is verified without --attestations" in run.err
    assert (lifecycle.app / "github-assets.lock").read_bytes() == before
    assert release.tag
