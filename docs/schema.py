"""Writes the JSON schemas of github-assets.toml, github-assets.yaml and project.toml next to itself."""

import json
from pathlib import Path
from typing import Any

from github_assets import __version__
from github_assets.config.files import LIST, TABLE
from github_assets.config.tables import KEYS

DRAFT = "http://json-schema.org/draft-07/schema#"
HOME = f"https://raw.githubusercontent.com/cage1016/github-assets-cnb/v{__version__}/docs"


def asset() -> dict[str, Any]:
    """Return the schema of one asset."""
    return {
        "type": "object",
        "required": ["repo"],
        "additionalProperties": False,
        "properties": {name: {"description": key.description, **key.schema} for name, key in KEYS.items()},
    }


def assets() -> dict[str, Any]:
    """Return the schema of a list of assets."""
    return {
        "description": "GitHub release assets to install.",
        "type": "array",
        "items": {"$ref": "#/definitions/asset"},
    }


def own_file() -> dict[str, Any]:
    """Return the schema of github-assets.toml and github-assets.yaml."""
    return {"title": "github-assets.toml", "additionalProperties": False, "properties": {LIST: assets()}}


def project_descriptor() -> dict[str, Any]:
    """Return the schema of what project.toml has for this buildpack; everything else in it is accepted."""
    metadata = {"type": "object", "properties": {TABLE: assets()}}
    later = {"type": "object", "properties": {"metadata": metadata}}
    return {"title": "project.toml", "properties": {"metadata": metadata, "_": later}}


def schemas() -> dict[Path, str]:
    """Return the files and their content."""
    documents = {"github-assets": own_file(), "project": project_descriptor()}
    contents = {}
    for name, document in documents.items():
        file = Path(__file__).with_name(f"{name}.schema.json")
        head = {"$schema": DRAFT, "$id": f"{HOME}/{file.name}", "type": "object"}
        contents[file] = json.dumps({**head, **document, "definitions": {"asset": asset()}}, indent=2) + "\n"
    return contents


if __name__ == "__main__":
    for file, content in schemas().items():
        file.write_text(content)
