"""A previous image that somebody else wrote: its metadata is input, and nothing of it is believed that can be known."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import toml

from testing.githubd import Release, Repository
from tests.contract.lifecycle import Lifecycle, Run
from tests.contract.samples import ASKED, DIGEST, PROBE, TOKEN

Rebuild = Callable[..., Run]


@pytest.fixture
def rebuild(lifecycle: Lifecycle, release: Release) -> Rebuild:
    """Build, change the restored metadata of the only asset, and build again."""

    def run(change: Callable[[str], str] = str, /, **values: str) -> Run:
        assert lifecycle.build(ASKED).status == 0
        lifecycle.restore()
        path = lifecycle.layers / "github-assets.toml"
        document = toml.loads(path.read_text())
        document["metadata"]["assets"][0].update(values)
        path.write_text(change(toml.dumps(document)))
        return lifecycle.build()

    return run


def commands(lifecycle: Lifecycle) -> list[list[str]]:
    return [process["command"] for process in lifecycle.toml("launch.toml")["processes"]]


def assert_replaced(run: Run, lifecycle: Lifecycle) -> None:
    """What a first build leaves is there."""
    assert run.status == 0, run.log
    assert "Reusing" not in run.out
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert commands(lifecycle) == [[f"{lifecycle.layer}/bin/grpc_health_probe"]]
    [asset] = lifecycle.toml("github-assets.toml")["metadata"]["assets"]
    assert (asset["sha256"], asset["verified_by"]) == (DIGEST, "GitHub's digest")


def test_honest_metadata_is_reused(rebuild: Rebuild, lifecycle: Lifecycle) -> None:
    run = rebuild()

    assert "Reusing layer github-assets" in run.out
    assert not lifecycle.layer.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"executables": "/bin/sh"},
        {"executables": "bin/grpc_health_probe\n/workspace/evil"},
        {"executables": "../../../../usr/bin/env"},
        {"executables": "bin/../../other/bin/grpc_health_probe"},
        {"executables": "lib/grpc_health_probe"},
        {"executables": "bin/other"},
        {"executables": ""},
        {"sha256": "0" * 64},
        {"sha256": DIGEST.upper()},
        {"sha256": ""},
    ],
    ids=repr,
)
def test_implausible_metadata_replaces_the_layer(
    rebuild: Rebuild, lifecycle: Lifecycle, values: dict[str, str]
) -> None:
    assert_replaced(rebuild(**values), lifecycle)


@pytest.mark.parametrize(
    "verified_by", ["the Pope", "", "GitHub's digest, the Pope", "SHA256SUMS of the release", "size only"]
)
def test_the_recorded_verifier_must_be_plausible(rebuild: Rebuild, lifecycle: Lifecycle, verified_by: str) -> None:
    run = rebuild(verified_by=verified_by)

    assert "Reusing layer github-assets" in run.out
    [label] = lifecycle.toml("launch.toml")["labels"]
    [asset] = json.loads(label["value"])
    assert (asset["sha256"], asset["verified_by"]) == (DIGEST, "GitHub's digest")


@pytest.mark.parametrize("verified_by", ["the Pope", "GitHub's digest", "other.txt of the release", ""])
def test_without_a_digest_only_the_releases_checksum_files_verify(
    rebuild: Rebuild, lifecycle: Lifecycle, release: Release, verified_by: str
) -> None:
    for asset in release.assets:
        asset.digest = None

    run = rebuild(verified_by=verified_by)

    assert "Reusing" not in run.out
    assert "metadata of grpc_health_probe is invalid" in run.out, run.log
    [asset] = lifecycle.toml("github-assets.toml")["metadata"]["assets"]
    assert (asset["sha256"], asset["verified_by"]) == (DIGEST, "size only")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('target = "grpc_health_probe"', 'target = "x\\n::error title=forged::you\\u001b[2J"'),
        lambda text: text.replace("GitHub's digest", "\\u007f"),
        lambda _: f"[metadata]\nx = {'[' * 5000}{']' * 5000}\n",
        lambda _: "[metadata]\nx = 1" + "0" * 5000,
        lambda _: "metadata = 3\n",
        lambda _: "[metadata]\nx" + ".a" * 500_000 + " = 1\n",
        lambda text: text + "#" * (3 << 20),
    ],
    ids=["escape sequences", "DEL", "deep", "a long number", "no table", "dots", "large"],
)
def test_metadata_not_written_by_a_build(rebuild: Rebuild, lifecycle: Lifecycle, change: Callable[[str], str]) -> None:
    run = rebuild(change)

    assert_replaced(run, lifecycle)
    assert "::error" not in run.out
    assert "\x1b" not in run.log


def test_not_modified_only_counts_for_metadata_sealed_with_the_token(
    lifecycle: Lifecycle, repository: Repository, release: Release
) -> None:
    """The ETag is genuine, and so is the digest of the request; only release and digests are another one's."""
    repository.private = True
    repository.readers.add(TOKEN)
    older = repository.release("v0.1.0", id=100)
    older.asset(ASKED["FILE"], b"#!/bin/sh\n# old\n", id=101)
    lifecycle.process["TOKEN"] = TOKEN
    assert lifecycle.build({**ASKED, "VERSION": "v0.1.0"}).status == 0
    [old] = lifecycle.toml("github-assets.toml")["metadata"]["assets"]
    assert lifecycle.build({**ASKED, "VERSION": "v0.4.45"}).status == 0
    lifecycle.restore()
    path = lifecycle.layers / "github-assets.toml"
    document = toml.loads(path.read_text())
    asset = document["metadata"]["assets"][0]
    document["metadata"]["assets"][0] = {**old, "seal": asset["seal"]}
    path.write_text(toml.dumps(document))

    assert_replaced(lifecycle.build(), lifecycle)
