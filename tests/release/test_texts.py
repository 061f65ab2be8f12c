"""What a release says of itself: notes, versions, checksums, SBOM and provenance."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import CHECKOUT, ReleaseError, checks, files
from release.notes import changes, registry_request
from release.provenance import provenance
from release.sbom import sbom
from runtime import debian

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [3.1.0] - 2026-12-01\n\n### Added\n\n- x\n\n## [3.0.0]\n\n- y\n"


def test_the_notes_are_the_versions_section() -> None:
    assert changes(CHANGELOG, "3.1.0") == "### Added\n\n- x"
    assert changes(CHANGELOG, "3.0.0") == "- y"


@pytest.mark.parametrize("version", ["3.2.0", "3.1", "Unreleased", "3.1.0] - 2026"])
def test_a_version_without_notes_is_not_released(version: str) -> None:
    with pytest.raises(ReleaseError, match="CHANGELOG"):
        changes(CHANGELOG, version)


def test_the_changelog_has_notes_for_this_version() -> None:
    assert changes((CHECKOUT / "CHANGELOG.md").read_text("utf-8"), checks.version())


def test_the_registry_entry_names_the_image_by_digest() -> None:
    request = registry_request("3.0.0", "ghcr.io/a/b@sha256:00")

    assert 'addr = "ghcr.io/a/b@sha256:00"' in request
    assert request.startswith("ADD cage1016/github-assets-cnb@3.0.0\n")


def test_an_untagged_or_changed_checkout_is_not_released(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *author, "commit", "-q", "--allow-empty", "-m", "x"], cwd=tmp_path, check=True)
    monkeypatch.setattr(checks, "CHECKOUT", tmp_path)
    assert len(checks.commit("3.0.0", dry_run=True)) == 40
    with pytest.raises(ReleaseError, match=r"no tag v3\.0\.0"):
        checks.commit("3.0.0", dry_run=False)
    subprocess.run(["git", "tag", "v3.0.0"], cwd=tmp_path, check=True)
    assert checks.commit("3.0.0", dry_run=False) == checks.commit("3.0.0", dry_run=True)
    (tmp_path / "new").touch()
    with pytest.raises(ReleaseError, match="changes"):
        checks.commit("3.0.0", dry_run=False)


def test_a_release_is_complete_or_not_there(tmp_path: Path) -> None:
    output = tmp_path / "release"
    with files.fresh(output) as folder:
        (folder / "a").write_text("first")

    def break_off() -> None:
        with files.fresh(output) as folder:
            (folder / "b").write_text("second")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert [path.name for path in tmp_path.rglob("*")] == ["release", "a"]


def test_sha256sum_checks_the_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    files.write_checksums(tmp_path)
    subprocess.run(["sha256sum", "--check", "--strict", files.CHECKSUMS], cwd=tmp_path, check=True, capture_output=True)


def test_the_sbom_lists_every_pinned_package_with_its_licence() -> None:
    document = sbom("3.0.0")

    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(document) is None
    components = json.loads(document)["components"]
    assert all(component["licenses"] for component in components)
    pinned = {(deb.package, deb.version, deb.sha256) for deb in debian.read_lock().debs}
    assert pinned == {(it["name"], it["version"], it["hashes"][0]["content"]) for it in components if "hashes" in it}
    wheels = {it["name"] for it in components if it["purl"].startswith("pkg:pypi/")}
    assert {"toml", "pyyaml", "semantic-version"} <= wheels


def test_the_provenance_names_what_was_made_and_of_what() -> None:
    statement = json.loads(provenance({"a.cnb": "11"}, "ghcr.io/a/b@sha256:22", "c0ffee"))

    assert [(it["name"], it["digest"]["sha256"]) for it in statement["subject"]] == [
        ("a.cnb", "11"),
        ("ghcr.io/a/b", "22"),
    ]
    source, *locks = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert source["digest"] == {"gitCommit": "c0ffee"}
    assert {lock["uri"].rpartition("#")[2] for lock in locks} == {
        "runtime/debian.lock.toml",
        "runtime/requirements.txt",
    }
