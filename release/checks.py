"""What must be true before anything is released."""

from __future__ import annotations

import subprocess
import tomllib
from datetime import UTC, datetime
from typing import NamedTuple

from github_assets import __version__
from release import CHECKOUT, ReleaseError, notes


class Commit(NamedTuple):
    """The commit that is released: its id, and when it was made."""

    id: str
    time: datetime


def version() -> str:
    """Return the version that every file of the project agrees on. Raises ReleaseError."""
    versions = {
        "buildpack.toml": tomllib.loads((CHECKOUT / "buildpack.toml").read_text())["buildpack"]["version"],
        "pyproject.toml": tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"],
        "lib/github_assets/__init__.py": __version__,
    }
    if len(set(versions.values())) > 1:
        found = ", ".join(f"{file} {number}" for file, number in versions.items())
        raise ReleaseError(f"The versions differ: {found}. Give all of them the same.")
    return __version__


def commit(version: str, *, dry_run: bool) -> Commit:
    """Return the commit, which has the tag `v<version>` and no uncommitted changes. Raises ReleaseError."""
    if not dry_run:
        if changed := _git("status", "--porcelain"):
            raise ReleaseError(f"The work tree has changes; commit or remove them:\n{changed}")
        if f"v{version}" not in _git("tag", "--points-at", "HEAD").split():
            raise ReleaseError(f"The commit has no tag v{version}; set it: git tag --sign v{version}")
    found, seconds = _git("log", "-1", "--format=%H %ct").split()
    return Commit(found, datetime.fromtimestamp(int(seconds), UTC))


def changes(version: str, *, dry_run: bool) -> str:
    """Return what CHANGELOG.md says of the version. Raises ReleaseError where that is nothing, or not everything."""
    changelog = (CHECKOUT / "CHANGELOG.md").read_text("utf-8")
    if not dry_run and notes.changes(changelog, "Unreleased"):
        raise ReleaseError(f"CHANGELOG.md has changes under [Unreleased]; move them to [{version}].")
    if not (found := notes.changes(changelog, version)):
        raise ReleaseError(f"CHANGELOG.md has no section [{version}]; add one that says what has changed.")
    return found


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()
