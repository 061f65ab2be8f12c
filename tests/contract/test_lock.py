"""`github-assets lock`, and builds that use the lock file."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import toml

from testing.githubd import Attestation, GitHub, Release, Repository, Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import HANGS, RUN, Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ARM_PROBE, ASKED, DIGEST, PROBE, TEMPLATE, TOKEN
from tests.integration.resolution.sigstore_instance import Instance
from tests.messages import parts

pytestmark = pytest.mark.usefixtures("release")

REPO = ASKED["REPO"]


@pytest.fixture(autouse=True)
def at_server(lifecycle: Lifecycle, server: Server) -> None:
    """Configure where release assets are: without that, the API has to confirm their URLs."""
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url


def lock_file(lifecycle: Lifecycle) -> Path:
    return lifecycle.app / "github-assets.lock"


def locked(lifecycle: Lifecycle) -> dict[str, Any]:
    return tomllib.loads(lock_file(lifecycle).read_text())


def api_paths(server: Server) -> list[str]:
    return [request.path for request in server.requests("api")]


# writing it


def test_the_file(command: Command, lifecycle: Lifecycle, server: Server, repository: Repository) -> None:
    run = command("lock")

    assert (run.status, run.out) == (0, "")
    assert run.err.endswith("  Wrote github-assets.lock\n")
    url = f"{server.web_url}/{REPO}/releases/download/v0.4.45/grpc_health_probe-linux-"
    assert locked(lifecycle) == {
        "format": 1,
        "platforms": ["linux/amd64", "linux/arm64"],
        "assets": [
            {
                "repository": REPO,
                "server": server.web_url,
                "version": "latest",
                "file": "grpc_health_probe-{os}-{arch}",
                "target": "grpc_health_probe",
                "platform": f"linux/{arch}",
                "repository_id": repository.id,
                "tag": "v0.4.45",
                "release_id": 4500,
                "immutable": False,
                "asset": f"grpc_health_probe-linux-{arch}",
                "id": number,
                "size": len(PROBE),
                "sha256": digest,
                "url": f"{url}{arch}",
                "verified_by": "GitHub's digest",
            }
            for arch, number, digest in (
                ("amd64", 4501, DIGEST),
                ("arm64", 4502, locked(lifecycle)["assets"][1]["sha256"]),
            )
        ],
    }
    assert api_paths(server) == [f"/repos/{REPO}/releases/latest", f"/repos/{REPO}"]
    assert server.requests("store") == []


def test_locking_again_changes_nothing_and_makes_no_request(
    command: Command, lifecycle: Lifecycle, server: Server
) -> None:
    command("lock")
    first = lock_file(lifecycle).read_bytes()
    server.log.clear()

    run = command("lock")

    assert (run.status, run.err) == (0, "  github-assets.lock is up to date\n")
    assert lock_file(lifecycle).read_bytes() == first
    assert server.requests() == []
    assert command("lock", "--upgrade").status == 0
    assert lock_file(lifecycle).read_bytes() == first


def test_upgrade_locks_a_newer_release(command: Command, lifecycle: Lifecycle, repository: Repository) -> None:
    command("lock")
    newer = repository.release("v0.4.46")
    newer.asset("grpc_health_probe-linux-amd64", b"newer")
    newer.asset("grpc_health_probe-linux-arm64", b"newer too")

    assert command("lock").status == 0
    assert {asset["tag"] for asset in locked(lifecycle)["assets"]} == {"v0.4.45"}
    assert command("lock", "--check").status == 0
    upgraded = command("lock", "--upgrade", REPO.upper())
    assert upgraded.status == 0
    assert f"Upgraded {REPO} from v0.4.45 to v0.4.46\n" in upgraded.err
    assert {asset["tag"] for asset in locked(lifecycle)["assets"]} == {"v0.4.46"}


def test_a_dry_run_writes_nothing(command: Command, lifecycle: Lifecycle, repository: Repository) -> None:
    first = command("lock", "--dry-run", "--platform", "linux/amd64")
    assert (first.status, first.out) == (0, f"Added {REPO} v0.4.45\n")
    assert first.err.endswith("  Would write github-assets.lock\n")
    assert list(lifecycle.app.iterdir()) == []

    command("lock", "--platform", "linux/amd64")
    before = lock_file(lifecycle).read_bytes()
    repository.release("v0.4.46").asset("grpc_health_probe-linux-amd64", b"newer")

    assert command("lock", "--dry-run").out == ""
    run = command("lock", "--upgrade", "--dry-run")
    assert (run.status, run.out) == (0, f"Upgraded {REPO} from v0.4.45 to v0.4.46\n")
    assert lock_file(lifecycle).read_bytes() == before


def test_json(command: Command, lifecycle: Lifecycle) -> None:
    run = command("lock", "--json", "--platform", "linux/amd64")
    again = command("lock", "--json")

    asset = locked(lifecycle)["assets"][0]
    printed = json.loads(run.out)
    assert printed == {
        "file": "github-assets.lock",
        "written": True,
        "changes": [f"Added {REPO} v0.4.45"],
        "assets": [
            {key: asset[key] for key in ("repository", "tag", "platform", "asset", "size", "url", "verified_by")}
            | {"digest": f"sha256:{asset['sha256']}"}
        ],
    }
    assert json.loads(again.out) == {**printed, "written": False, "changes": []}


def test_only_changed_requests_are_resolved_again(
    command: Command, lifecycle: Lifecycle, github: GitHub, server: Server
) -> None:
    github.repository("jqlang/jq").release("1.7").asset("jq-linux-amd64", PROBE)
    one = ("lock", "--platform", "linux/amd64")
    command(*one)
    server.log.clear()

    added = command(*one, settings={**TEMPLATE, "BP_GITHUB_ASSETS": "jqlang/jq:jq-linux-amd64>jq"})

    assert added.status == 0
    assert api_paths(server) == ["/repos/jqlang/jq/releases/latest", "/repos/jqlang/jq"]
    assert [asset["repository"] for asset in locked(lifecycle)["assets"]] == [REPO, "jqlang/jq"]
    removed = command("lock")
    assert "Dropped jqlang/jq latest: no longer configured" in removed.err
    assert [asset["repository"] for asset in locked(lifecycle)["assets"]] == [REPO]


def test_an_asset_without_checksum_is_downloaded_once(
    command: Command, lifecycle: Lifecycle, release: Release, server: Server
) -> None:
    release.assets[0].digest = None

    run = command("lock", settings=ASKED)

    assert run.status == 0
    warning = f"No checksum is published for {ASKED['FILE']}; locked the digest of the download, sha256:{DIGEST}"
    assert warning in run.err
    assert [(a["verified_by"], a["sha256"]) for a in locked(lifecycle)["assets"]] == [("downloaded here", DIGEST)] * 2
    assert [request.path for request in server.requests("web")] == [
        f"/{REPO}/releases/download/v0.4.45/checksums.txt",
        f"/{REPO}/releases/download/v0.4.45/{ASKED['FILE']}",
    ]


def test_a_checksum_file_makes_a_download_unnecessary(
    command: Command, lifecycle: Lifecycle, release: Release, server: Server
) -> None:
    release.assets[0].digest = None
    release.asset("SHA256SUMS", f"{DIGEST}  {ASKED['FILE']}\n".encode())

    assert command("lock", settings=ASKED).status == 0
    assert locked(lifecycle)["assets"][0]["verified_by"] == "SHA256SUMS of the release"
    assert not any(request.path.endswith(ASKED["FILE"]) for request in server.requests("web"))


def test_required_applies_when_locking(command: Command, lifecycle: Lifecycle, release: Release) -> None:
    release.assets[0].digest = None
    table = f'[[assets]]\nrepo = "{REPO}"\nfile = "{ASKED["FILE"]}"\n'
    (lifecycle.app / "github-assets.toml").write_text(f'{table}verify = "required"\n')

    run = command("lock", settings={})

    assert run.status == 1
    assert "Cannot verify grpc_health_probe-linux-amd64" in run.err
    assert not lock_file(lifecycle).exists()

    (lifecycle.app / "github-assets.toml").write_text(table)
    assert command("lock", settings={}).status == 0
    (lifecycle.app / "github-assets.toml").write_text(f'{table}verify = "required"\n')
    what, _ = refused(lifecycle.build({}), lifecycle)
    assert what.startswith("Cannot verify grpc_health_probe-linux-amd64")


def test_a_failure_keeps_the_previous_file(command: Command, lifecycle: Lifecycle) -> None:
    command("lock")
    first = lock_file(lifecycle).read_bytes()

    run = command("lock", settings={**TEMPLATE, "VERSION": "v9"})

    assert (run.status, run.err.count("ERROR")) == (1, 1)
    assert lock_file(lifecycle).read_bytes() == first
    assert [path.name for path in lifecycle.app.iterdir()] == ["github-assets.lock"]


def test_variables_of_project_toml_and_of_the_command_line(command: Command, lifecycle: Lifecycle) -> None:
    lines = [f'[[build.env]]\nname = "{name}"\nvalue = "{value}"\n' for name, value in TEMPLATE.items()]
    (lifecycle.app / "project.toml").write_text("".join(lines))

    assert command("lock", settings={}).status == 0
    assert locked(lifecycle)["assets"][0]["version"] == "latest"
    assert command("lock", "--env", "VERSION=0.4.45", settings={}).status == 0
    assert locked(lifecycle)["assets"][0]["version"] == "0.4.45"


def test_a_token_in_project_toml_causes_a_warning(command: Command, lifecycle: Lifecycle) -> None:
    (lifecycle.app / "project.toml").write_text(f'[[build.env]]\nname = "TOKEN"\nvalue = "{TOKEN}"\n')

    run = command("lock")

    assert (run.status, run.err.count("Warning: TOKEN is set in [[build.env]] of project.toml")) == (0, 1)
    assert TOKEN not in run.log


def test_nothing_to_lock(command: Command) -> None:
    run = command("lock", settings={})

    assert (run.status, run.out) == (1, "")
    assert run.err.startswith("ERROR: No assets are configured.")


def test_the_token_is_not_in_it(command: Command, lifecycle: Lifecycle, github: GitHub, server: Server) -> None:
    private = github.repository("octo/private", private=True, readers={TOKEN}).release("v1.0.0")
    private.asset(ASKED["FILE"], PROBE, digest=None)
    settings = {**ASKED, "REPO": "octo/private", "TOKEN": TOKEN}

    run = command("lock", settings=settings)

    assert run.status == 0, run.log
    for text in (run.log, lock_file(lifecycle).read_text()):
        assert TOKEN not in text
        assert "?" not in text
    server.log.clear()
    assert lifecycle.build(settings).status == 0
    assert [request.path for request in server.requests("api")] == [
        "/repos/octo/private/releases/tags/v1.0.0",
        f"/repos/octo/private/releases/assets/{locked(lifecycle)['assets'][0]['id']}",
    ]


# attestations


@pytest.fixture(scope="module")
def sigstore() -> Instance:
    return Instance("sigstore.dev", public=True)


def attest(repository: Repository, content: bytes, sigstore: Instance) -> str:
    """Attest the provenance of some content by the repository's workflow; return the signer."""
    signer = f"https://github.com/{REPO}/.github/workflows/release.yml@refs/tags/v0.4.45"
    digest = hashlib.sha256(content).hexdigest()
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "probe", "digest": {"sha256": digest}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": {}},
    }
    source = f"https://github.com/{REPO}"
    repository.attestations[f"sha256:{digest}"] = [Attestation(sigstore.bundle(statement, signer, source=source))]
    return signer


def test_who_signed_is_recorded_and_kept(
    command: Command, lifecycle: Lifecycle, repository: Repository, sigstore: Instance, tmp_path: Path
) -> None:
    signer = attest(repository, PROBE, sigstore)
    attest(repository, ARM_PROBE, sigstore)
    root = tmp_path / "trusted_root.jsonl"
    root.write_text(json.dumps(sigstore.trusted_root()))
    command("lock")

    run = command("lock", "--attestations=required", "--trusted-root", str(root))

    assert run.status == 0, run.err
    attestation = {"predicate": "https://slsa.dev/provenance/v1", "signer": signer}
    assert [asset["attestations"] for asset in locked(lifecycle)["assets"]] == [[attestation]] * 2
    assert command("lock").err == "  github-assets.lock is up to date\n"
    assert lifecycle.build(TEMPLATE).status == 0


def test_an_unsigned_asset(command: Command, lifecycle: Lifecycle) -> None:
    run = command("lock", "--attestations=required")

    assert run.status == 1
    assert "attestation" in run.err
    assert not lock_file(lifecycle).exists()
    assert command("lock", "--attestations").status == 0
    assert "attestations" not in lock_file(lifecycle).read_text()


# checking it


def test_check_lists_what_does_not_match(command: Command, lifecycle: Lifecycle, server: Server) -> None:
    missing = command("lock", "--check")
    assert missing.status == 1
    assert parts(missing.err)[:3] == ("github-assets.lock not found.", [], "Create it: github-assets lock")
    command("lock")
    fits = command("lock", "--check")
    assert (fits.status, fits.err) == (0, "  github-assets.lock matches the configuration and GitHub's releases\n")
    first = lock_file(lifecycle).read_bytes()
    server.log.clear()

    run = command("lock", "--check", settings={**TEMPLATE, "VERSION": "0.4.45", "TARGET": "probe"})

    assert run.status == 1
    said = parts(run.err)
    assert said.headline == "github-assets.lock does not match the configuration:"
    assert said.advice == (
        f"  {REPO} 0.4.45 (REPO in the environment): version is 0.4.45, locked as latest,"
        " target is probe, locked as grpc_health_probe\n"
        f"  {REPO} latest is locked, but not configured\n"
        "Update it and commit it: github-assets lock"
    )
    assert server.requests() == []
    assert lock_file(lifecycle).read_bytes() == first


def test_check_lists_what_github_no_longer_has(
    command: Command, lifecycle: Lifecycle, release: Release, repository: Repository
) -> None:
    command("lock")
    release.assets.remove(release.assets[0])
    replaced = release.assets[0]
    release.assets.remove(replaced)
    release.asset(replaced.name, b"other bytes", id=4999)

    run = command("lock", "--check")

    assert run.status == 1
    name = f"{REPO} v0.4.45"
    assert run.err.splitlines()[:4] == [
        "ERROR: GitHub's releases no longer match github-assets.lock:",
        f"  {name}: grpc_health_probe-linux-amd64 is gone",
        f"  {name}: grpc_health_probe-linux-arm64 has id 4999, locked as 4502",
        f"  {name}: grpc_health_probe-linux-arm64 has size 11, locked as {len(ARM_PROBE)}",
    ]
    assert parts(run.err).advice.endswith(f"To accept the current assets: github-assets lock --accept {REPO}")
    repository.releases.remove(release)
    gone = command("lock", "--check")
    assert f"{name}: the release is gone" in gone.err


# building with it


def test_a_build_only_requests_the_asset(
    command: Command, lifecycle: Lifecycle, repository: Repository, server: Server, plain: Callable[[str], str]
) -> None:
    command("lock")
    repository.release("v0.4.46").asset("grpc_health_probe-linux-amd64", b"newer")
    server.log.clear()

    run = lifecycle.build(TEMPLATE)

    assert (run.status, run.err) == (0, "")
    assert "  grpc-ecosystem/grpc-health-probe latest (REPO in the environment): v0.4.45, " in run.out
    assert f"Verified sha256:{DIGEST} (github-assets.lock: GitHub's digest)\n" in run.out
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert server.requests("api") == []
    assert [request.path for request in server.requests("web")] == [
        f"/{REPO}/releases/download/v0.4.45/{ASKED['FILE']}"
    ]
    first = lifecycle.files()
    lifecycle.restore()
    server.log.clear()
    assert "Reusing layer github-assets: github-assets.lock and the settings are the same" in lifecycle.build().out
    assert server.requests() == []
    kept = {name: content for name, content in first.items() if name.partition("/")[0] != "github-assets"}
    assert lifecycle.files() == kept


def test_locking_what_is_already_built_changes_no_layer(command: Command, lifecycle: Lifecycle) -> None:
    lifecycle.build(TEMPLATE)
    lifecycle.restore()
    command("lock")

    assert "Reusing layer github-assets: github-assets.lock and the settings are the same" in lifecycle.build().out


def test_a_download_that_differs_from_the_locked_digest(
    command: Command, lifecycle: Lifecycle, release: Release
) -> None:
    command("lock")
    release.assets[0].content = PROBE.replace(b"a probe", b"a trick")
    release.assets[0].digest = None

    what, _ = refused(lifecycle.build(TEMPLATE), lifecycle)

    assert what.endswith(" (github-assets.lock: GitHub's digest). (after 2 attempts)")


def test_an_asset_that_is_not_locked_fails_with_the_command_to_run(
    command: Command, lifecycle: Lifecycle, server: Server
) -> None:
    command("lock", "--platform", "linux/arm64", settings=ASKED)
    server.log.clear()

    what, advice = refused(lifecycle.build({**ASKED, "BP_GITHUB_ASSETS": "jqlang/jq@1.7"}), lifecycle)
    assert what == "github-assets.lock does not match the configuration:"
    assert advice.splitlines() == [
        f"  {REPO} latest (REPO in the environment) is not locked for linux/amd64, only for linux/arm64",
        "  jqlang/jq 1.7 (BP_GITHUB_ASSETS item 1) is not locked",
        "Update it and commit it: github-assets lock --platform linux/amd64 --platform linux/arm64",
    ]
    assert server.requests() == []

    run = command(*advice.rpartition("github-assets ")[2].split(), settings=ASKED)
    assert run.status == 0
    assert lifecycle.build(ASKED).status == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [("version", "v0.4.45"), ("file", "*-linux-amd64"), ("prerelease", True), ("tag_pattern", "v*"), ("min_age", "1d")],
)
def test_a_configuration_that_differs_from_the_lock(
    command: Command, lifecycle: Lifecycle, key: str, value: object
) -> None:
    table = {"repo": REPO, "file": ASKED["FILE"]}
    path = lifecycle.app / "github-assets.toml"
    path.write_text(toml.dumps({"assets": [table]}))
    command("lock", settings={})
    path.write_text(toml.dumps({"assets": [{**table, key: value}]}))

    what, advice = refused(lifecycle.build({}), lifecycle)

    assert what == "github-assets.lock does not match the configuration:"
    assert f"{key} is " in advice


def test_a_digest_in_the_configuration_that_is_not_the_locked_one(command: Command, lifecycle: Lifecycle) -> None:
    path = lifecycle.app / "github-assets.toml"
    path.write_text(f'[[assets]]\nrepo = "{REPO}"\nfile = "{ASKED["FILE"]}"\n')
    command("lock", settings={})
    path.write_text(path.read_text() + f'sha256 = "{"0" * 64}"\n')

    _, advice = refused(lifecycle.build({}), lifecycle)

    assert f"sha256 is {'0' * 64}, locked as {DIGEST}" in advice


def test_a_configured_digest_verifies_a_locked_asset(command: Command, lifecycle: Lifecycle) -> None:
    (lifecycle.app / "github-assets.toml").write_text(
        f'[[assets]]\nrepo = "{REPO}"\nfile = "{ASKED["FILE"]}"\nsha256 = "{DIGEST}"\n'
    )
    command("lock", settings={})

    assert f"Verified sha256:{DIGEST} (the configuration)\n" in lifecycle.build({}).out


def test_a_damaged_file_is_one_message(command: Command, lifecycle: Lifecycle) -> None:
    command("lock")
    good = lock_file(lifecycle).read_text()
    lock_file(lifecycle).write_text(good.replace("id = 4501", 'id = "4501"'))

    what, advice = refused(lifecycle.build(TEMPLATE), lifecycle)
    assert what == "id of [[assets]] number 1 in github-assets.lock is not an asset's number."
    assert advice.endswith("regenerate it: github-assets lock --upgrade")

    assert command("lock").status == 1
    assert command("lock", "--upgrade").status == 0
    assert lock_file(lifecycle).read_text() == good


@pytest.mark.parametrize("damage", [b"\xff", b"= 1\n", b'"'], ids=["not UTF-8", "no TOML", "half a string"])
def test_a_file_that_cannot_be_read_is_not_to_be_removed(damage: bytes, command: Command, lifecycle: Lifecycle) -> None:
    """Without the file, a build would take the newest release."""
    command("lock")
    damaged = lock_file(lifecycle).read_bytes() + damage
    lock_file(lifecycle).write_bytes(damaged)

    what, advice = refused(lifecycle.build(TEMPLATE), lifecycle)
    assert what.startswith("github-assets.lock cannot be read: ")
    assert advice.startswith("Restore the file from version control, ")
    assert command("lock").status == 1
    assert lock_file(lifecycle).read_bytes() == damaged


def test_a_merge_conflict_is_resolved_by_either_side_and_lock(
    command: Command, lifecycle: Lifecycle, github: GitHub
) -> None:
    for name in ("jq", "yq"):
        github.repository(f"octo/{name}").release("1.7").asset(f"{name}-linux-amd64", PROBE)
    sides = []
    for name in ("jq", "yq"):
        lock_file(lifecycle).unlink(missing_ok=True)
        command("lock", "--platform", "linux/amd64", settings={"BP_GITHUB_ASSETS": f"octo/{name}"})
        sides.append(lock_file(lifecycle).read_text())
    both = {"BP_GITHUB_ASSETS": "octo/jq octo/yq"}
    conflict = "<<<<<<< HEAD\n{}=======\n{}>>>>>>> branch\n".format(*sides)
    lock_file(lifecycle).write_text(conflict)

    _, advice = refused(lifecycle.build(both), lifecycle)
    assert advice == "Keep either side, then run github-assets lock, which adds what is missing."
    for arguments in (("lock",), ("lock", "--upgrade"), ("lock", "--check"), ("mirror", "mirror")):
        assert command(*arguments, settings=both).status == 1
    assert lock_file(lifecycle).read_text() == conflict

    for side in sides:
        lock_file(lifecycle).write_text(side)
        assert command("lock", settings=both).status == 0
        assert lifecycle.build(both).status == 0


def test_an_unchanged_layer_imports_no_http_module(command: Command, lifecycle: Lifecycle) -> None:
    command("lock")
    lifecycle.build(TEMPLATE)
    lifecycle.restore()

    done = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", "-c", RUN, "build"],
        cwd=lifecycle.app,
        env={
            **lifecycle.process,
            "CNB_PLATFORM_DIR": str(lifecycle.platform),
            "CNB_LAYERS_DIR": str(lifecycle.layers),
            "CNB_BP_PLAN_PATH": str(lifecycle.plan),
        },
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )

    assert done.returncode == 0
    assert "Reusing layer github-assets: github-assets.lock and the settings are the same" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "github_assets.resolution.lock" in imported
    assert not imported & {
        *("ssl", "socket", "http.client", "urllib.request", "requests", "urllib3", "argparse", "hashlib"),
        *(
            "github_assets.http.client",
            "github_assets.http.connections",
            "github_assets.http.trust",
            "github_assets.transfer.download",
        ),
        *("github_assets.install.asset", "github_assets.cli.parser", "github_assets.github.api"),
    }


# fetching and verifying


def test_mirror_fills_a_mirror_for_a_build_without_a_network(
    command: Command, lifecycle: Lifecycle, server: Server, tmp_path: Path
) -> None:
    command("lock")
    server.log.clear()
    folder = tmp_path / "mirror"

    run = command("mirror", str(folder))

    assert run.status == 0, run.err
    host = urlsplit(server.web_url).hostname
    release = folder / f"{host}/{REPO}/releases/download/v0.4.45"
    paths = [release / f"grpc_health_probe-linux-{arch}" for arch in ("amd64", "arm64")]
    assert run.out == "".join(f"{path}\n" for path in paths)
    assert [path.read_bytes() for path in paths] == [PROBE, ARM_PROBE]
    assert server.requests("api") == []
    verified = command("verify", str(folder))
    assert (verified.status, verified.err) == (0, "  Verified 2 files for linux/amd64, linux/arm64\n")
    assert len(verified.out.splitlines()) == 2

    server.log.clear()
    assert command("mirror", str(folder)).status == 0
    assert server.requests() == []
    built = lifecycle.build({**TEMPLATE, "BP_DEPENDENCY_MIRROR": f"file://{folder}/{{originalHost}}"})
    assert (built.status, built.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert server.requests() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can cut the network off")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # Python 3.12 on, for preexec_fn
def test_a_build_without_any_network(command: Command, lifecycle: Lifecycle, tmp_path: Path) -> None:
    """Not even a loopback address: with nothing but lock file and directory, a build and its rebuild succeed."""
    command("lock")
    command("mirror", str(tmp_path / "mirror"))
    settings = {**TEMPLATE, "BP_DEPENDENCY_MIRROR": f"file://{tmp_path}/mirror/{{originalHost}}"}

    refused(lifecycle.build({**TEMPLATE, "BP_GITHUB_ASSETS_TIMEOUT": "2"}, preexec_fn=cut_off), lifecycle)
    built = lifecycle.build(settings, preexec_fn=cut_off)

    assert (built.status, built.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    lifecycle.restore()
    assert (
        "Reusing layer github-assets: github-assets.lock and the settings are the same"
        in lifecycle.build(preexec_fn=cut_off).out
    )


def cut_off() -> None:
    """Give a process that is about to start a network with no address at all (unshare(2), CLONE_NEWNET)."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def test_verify_lists_what_is_missing_or_changed(command: Command, tmp_path: Path) -> None:
    command("lock")
    folder = tmp_path / "mirror"
    command("mirror", str(folder))
    amd64, arm64 = sorted(folder.rglob("grpc_*"))
    amd64.write_bytes(b"changed")
    arm64.unlink()

    run = command("verify", str(folder))

    assert (run.status, run.out) == (1, "")
    assert f"{amd64.relative_to(folder)} has sha256:" in run.err
    assert f"{arm64.relative_to(folder)} is missing" in run.err
    assert parts(run.err).advice.endswith(f"Fetch the assets again: github-assets mirror {folder}")
    assert command("mirror", str(folder)).status == 0
    assert command("verify", str(folder)).status == 0


def test_mirror_without_a_lock_file(command: Command, server: Server, tmp_path: Path) -> None:
    run = command("mirror", str(tmp_path), "--platform", "linux/amd64")

    assert run.status == 0, run.err
    assert Path(run.out.strip()).read_bytes() == PROBE
    assert api_paths(server) == [f"/repos/{REPO}/releases/latest"]


def test_resolve(command: Command, lifecycle: Lifecycle, repository: Repository) -> None:
    command("lock")
    repository.release("v0.4.46").asset("grpc_health_probe-linux-amd64", PROBE)

    run = command("resolve", "--platform", "linux/amd64")

    assert run.status == 0
    assert run.out == f"{REPO} v0.4.46 linux/amd64 grpc_health_probe-linux-amd64 60.0 kB sha256:{DIGEST}\n"


# tokens that are not needed


@pytest.fixture
def private(github: GitHub, lifecycle: Lifecycle) -> dict[str, str]:
    """A private asset whose table names the variable of its token; the settings that have it."""
    github.repository("octo/private", private=True, readers={TOKEN}).release("v1").asset(ASKED["FILE"], PROBE)
    (lifecycle.app / "github-assets.toml").write_text(
        f'[[assets]]\nrepo = "octo/private"\nfile = "{ASKED["FILE"]}"\ntoken_env = "BP_GITHUB_ASSET_TOKEN_OCTO"\n'
    )
    return {"BP_GITHUB_ASSET_TOKEN_OCTO": TOKEN}


def test_a_locked_build_from_a_mirror_needs_no_token(
    command: Command, lifecycle: Lifecycle, server: Server, tmp_path: Path, private: dict[str, str]
) -> None:
    assert command("lock", "--platform", "linux/amd64", settings=private).status == 0
    assert command("mirror", str(tmp_path / "mirror"), settings=private).status == 0
    assert command("mirror", str(tmp_path / "mirror"), settings={}).status == 0
    assert command("verify", str(tmp_path / "mirror"), settings={}).status == 0
    server.log.clear()

    run = lifecycle.build({"BP_DEPENDENCY_MIRROR": f"file://{tmp_path}/mirror/{{originalHost}}"})

    assert (run.status, run.err) == (0, "")
    assert server.requests() == []


def test_a_locked_build_that_changes_nothing_needs_no_token(
    command: Command, lifecycle: Lifecycle, private: dict[str, str]
) -> None:
    assert command("lock", "--platform", "linux/amd64", settings=private).status == 0
    assert lifecycle.build(private).status == 0
    lifecycle.restore()

    run = lifecycle.build({})

    assert (run.status, run.err) == (0, "")
    assert "Reusing layer" in run.out


@pytest.mark.parametrize("is_locked", [False, True], ids=["no lock file", "lock file"])
def test_a_build_that_needs_the_token_says_so(
    is_locked: bool, command: Command, lifecycle: Lifecycle, private: dict[str, str]
) -> None:
    if is_locked:
        command("lock", "--platform", "linux/amd64", settings=private)

    what, advice = refused(lifecycle.build({}), lifecycle)

    assert what.startswith("BP_GITHUB_ASSET_TOKEN_OCTO is not set, but token_env of [[assets]] number 1 in ")
    assert "--env BP_GITHUB_ASSET_TOKEN_OCTO" in advice


# a digest in the configuration that is wrong


@pytest.mark.parametrize("digest", [True, False], ids=["GitHub's digest", "no digest"])
def test_a_wrong_digest_is_the_configurations_fault(
    digest: bool, command: Command, lifecycle: Lifecycle, release: Release, server: Server
) -> None:
    if not digest:
        release.assets[0].digest = None
    (lifecycle.app / "github-assets.toml").write_text(
        f'[[assets]]\nrepo = "{REPO}"\nfile = "{ASKED["FILE"]}"\nsha256 = "{"0" * 64}"\n'
    )

    what, advice = refused(lifecycle.build({}), lifecycle)

    if digest:
        assert what == (
            f"sha256 of [[assets]] number 1 in github-assets.toml does not match {ASKED['FILE']} of {REPO} v0.4.45."
        )
        assert "Nothing was downloaded." in advice
        assert DIGEST in advice
        assert server.requests("web") == server.requests("store") == []
        assert command("lock", settings={}).status == command("resolve", settings={}).status == 1
    assert "api.github.com" not in what + advice
