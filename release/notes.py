"""Texts for people: the release notes, and the request for an entry in the buildpack registry."""

from __future__ import annotations

import re

from release import ID, URL


def changes(changelog: str, version: str) -> str:
    """Return a section of CHANGELOG.md without its heading: empty where there is none."""
    found = re.search(rf"^## \[{re.escape(version)}\].*\n([^\0]*?)(?=^## \[|^\[|\Z)", changelog, re.M)
    return found[1].strip() if found else ""


def release_notes(changes: str, version: str, image: str, digest: str) -> str:
    """Return the text of the release on GitHub, where a line break would be one: each paragraph is a single line."""
    unwrapped = re.sub(r"(?<!\n)\n *(?=[^\s#*-])", " ", changes)
    guide = f"{URL}/blob/v{version}/docs/install.md"
    return f"{unwrapped}\n\n---\n\n[Install]({guide}) `{image}:{version}` ({digest})\n"


def registry_request(version: str, image: str) -> str:
    """Return the issue that asks for an entry in the registry, as `pack buildpack register` writes it.

    Its title is in the first line.
    """
    fields = {"id": ID, "version": version, "addr": image}
    return f"# ADD {ID}@{version}\n" + "".join(f'{key} = "{value}"\n' for key, value in fields.items())
