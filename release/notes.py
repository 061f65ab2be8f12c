"""Texts for people: what has changed, and the request for an entry in the buildpack registry."""

from __future__ import annotations

import re

from release import ReleaseError

ID = "cage1016/github-assets-cnb"


def changes(changelog: str, version: str) -> str:
    """Return the section of a version in CHANGELOG.md, without its heading. Raises ReleaseError."""
    found = re.search(rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## \[|\Z)", changelog, re.M | re.S)
    if not found or not found[1].strip():
        raise ReleaseError(f"CHANGELOG.md has no section [{version}]; move what is under [Unreleased] there.")
    return found[1].strip()


def registry_request(version: str, reference: str) -> str:
    """Return the text of the issue that asks for an entry (github.com/buildpacks/registry-index, "Add a buildpack")."""
    namespace, _, name = ID.partition("/")
    fields = (("id", f"{namespace}/{name}"), ("version", version), ("addr", reference))
    return f"ADD {ID}@{version}\n\n```toml\n" + "".join(f'{key} = "{value}"\n' for key, value in fields) + "```\n"
