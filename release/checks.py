"""What must be true before anything is released."""

from __future__ import annotations

import subprocess
import tomllib

from github_assets import __version__
from release import CHECKOUT, ReleaseError


def version() -> str:
    """Return the version that every file of the project agrees on. Raises ReleaseError."""
    versions = {
        "buildpack.toml": tomllib.loads((CHECKOUT / "buildpack.toml").read_text())["buildpack"]["version"],
        "pyproject.toml": tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"],
        "lib/github_assets/__init__.py": __version__,
    }
    if len(set(versions.values())) > 1:
        told = ", ".join(f"{file} {number}" for file, number in versions.items())
        raise ReleaseError(f"The versions differ: {told}. Give all of them the same.")
    return __version__


def commit(version: str, *, dry_run: bool) -> str:
    """Return the commit that is released: tagged `v<version>`, with nothing changed. Raises ReleaseError."""
    head = _git("rev-parse", "HEAD")
    if dry_run:
        return head
    if changed := _git("status", "--porcelain"):
        raise ReleaseError(f"The work tree has changes; commit or remove them:\n{changed}")
    if f"v{version}" not in _git("tag", "--points-at", "HEAD").split():
        raise ReleaseError(f"The commit has no tag v{version}; set it: git tag --sign v{version}")
    return head


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()
