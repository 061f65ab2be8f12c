"""What a release says of itself: notes, versions, checksums, SBOM; and what documents say of it."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import CHECKOUT, IMAGE, URL, ReleaseError, assets, checks
from release.notes import changes, registry_request, release_notes
from release.sbom import sbom
from runtime import debian

CHANGELOG = """# Changelog

## [Unreleased]

## [3.1.0] - 2026-12-01

### Added

- x that takes
  two lines

## [3.0.0]

- y

[3.0.0]: https://example.com
"""


def test_the_notes_are_the_versions_section() -> None:
    assert changes(CHANGELOG, "3.1.0") == "### Added\n\n- x that takes\n  two lines"
    assert changes(CHANGELOG, "3.0.0") == "- y"


@pytest.mark.parametrize("version", ["3.2.0", "3.1", "Unreleased", "3.1.0] - 2026", "3x0.0"])
def test_other_sections_are_not_its_notes(version: str) -> None:
    assert changes(CHANGELOG, version) == ""


def test_the_notes_have_no_line_breaks_of_the_changelog() -> None:
    notes = release_notes(
        "New.\nAll of it.\n\n### Added\n\n- x that takes\n  two lines\n- y", "3.1.0", "a/b", "sha256:00"
    )

    body, _, image = notes.partition("\n\n---\n\n")
    assert body == "New. All of it.\n\n### Added\n\n- x that takes two lines\n- y"
    assert f"{URL}/blob/v3.1.0/docs/install.md" in image
    assert "`a/b:3.1.0` (sha256:00)" in image


def test_a_release_has_notes_for_all_its_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checks, "CHECKOUT", tmp_path)
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    assert checks.changes("3.0.0", dry_run=False) == "- y"
    with pytest.raises(ReleaseError, match=r"no section \[3\.2\.0\]"):
        checks.changes("3.2.0", dry_run=True)
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG.replace("## [Unreleased]", "## [Unreleased]\n\n- z"))
    assert checks.changes("3.0.0", dry_run=True) == "- y"
    with pytest.raises(ReleaseError, match=r"under \[Unreleased\]"):
        checks.changes("3.0.0", dry_run=False)


def test_the_changelog_has_notes_for_this_version() -> None:
    assert checks.changes(checks.version(), dry_run=True)


def test_the_registry_entry_names_the_image_by_digest() -> None:
    request = registry_request("3.0.0", "ghcr.io/a/b@sha256:00")

    assert request.startswith("# ADD cage1016/github-assets-cnb@3.0.0\n")
    assert tomllib.loads(request) == {
        "id": "cage1016/github-assets-cnb",
        "version": "3.0.0",
        "addr": "ghcr.io/a/b@sha256:00",
    }


def test_an_untagged_or_changed_checkout_is_not_released(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        author = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *author, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "x", "--date=2026-01-01T00:00:00Z")
    monkeypatch.setattr(checks, "CHECKOUT", tmp_path)
    assert len(checks.commit("3.0.0", dry_run=True).id) == 40
    with pytest.raises(ReleaseError, match=r"no tag v3\.0\.0"):
        checks.commit("3.0.0", dry_run=False)
    git("tag", "v3.0.0")
    assert checks.commit("3.0.0", dry_run=False) == checks.commit("3.0.0", dry_run=True)
    (tmp_path / "new").touch()
    with pytest.raises(ReleaseError, match="changes"):
        checks.commit("3.0.0", dry_run=False)


def test_versions_that_differ_are_not_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "__version__", "2.1.0")
    with pytest.raises(ReleaseError, match=r"__init__\.py 2\.1\.0"):
        checks.version()


def test_sha256sum_checks_the_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    assets.write_checksums(tmp_path)
    check = ["sha256sum", "--check", "--strict", assets.CHECKSUMS]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "a").write_text("y")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_the_sbom_lists_every_package_with_its_licence() -> None:
    time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    document = sbom("3.0.0", time)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document) is None
    assert document == sbom("3.0.0", time)
    assert json.loads(document)["metadata"]["timestamp"] == "2026-01-02T03:04:05+00:00"
    components = json.loads(document)["components"]
    packaged = debian.read_lock(str(CHECKOUT / "dist" / "linux-amd64" / "runtime" / "licenses" / "debian.lock.toml"))
    debs = {(deb.package, deb.version, deb.sha256) for deb in packaged.debs}
    assert debs == {(it["name"], it["version"], it["hashes"][0]["content"]) for it in components if "hashes" in it}
    licences = {
        it["name"]: {licence.get("expression") or next(iter(licence["license"].values())) for licence in it["licenses"]}
        for it in components
    }
    assert licences["libpython3.13-stdlib"] == licences["python3.13-minimal"] == {"PSF-2.0"}
    assert licences["libgcc-s1"] == {"GPL-3.0-or-later WITH GCC-exception-3.1"}
    assert licences["libssl3t64"] == {"Apache-2.0", "Artistic-1.0-Perl", "GPL-1.0-or-later"}
    assert {"LGPL-2.1-or-later", "GPL-2.0-only"} < licences["libc6"]
    assert licences["pyyaml"] == licences["toml"] == {"MIT"}
    assert licences["semantic-version"] == {"BSD"}


def test_documents_name_what_the_release_publishes() -> None:
    version = checks.version()
    documents = [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"), CHECKOUT / "project.toml.example"]
    text = "".join(path.read_text("utf-8") for path in documents if path.name != "CHANGELOG.md")

    assert set(re.findall(rf"{re.escape(IMAGE)}:([\w.-]*\w)", text)) == {version}
    assert set(re.findall(r"github-assets-cnb-([\d.]+\d)-linux-", text)) == {version}
