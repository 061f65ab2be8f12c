"""docs/assets.md lists all keys, docs/settings.md and buildpack.toml all variables."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from github_assets.config.settings import ASSETS_PATH, FILE, OWN_VARIABLES, REPO, TARGET, TOKEN, VERSION
from github_assets.config.tables import KEYS

ROOT = Path(__file__).parents[3]
VARIABLES = {*OWN_VARIABLES, REPO, FILE, TARGET, VERSION, TOKEN, ASSETS_PATH}


def test_the_keys_in_the_documentation() -> None:
    _, section = (ROOT / "docs/assets.md").read_text().split("## Keys\n", 1)
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section.split("\n## ", 1)[0], re.M)

    assert dict(rows) == {name: key.description for name, key in KEYS.items()}


def test_the_variables_in_the_documentation() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/settings.md").read_text().split("\n## ", 1)[0], re.M)

    assert set(re.findall(r"`(\w+)`", " ".join(rows))) >= VARIABLES


def test_the_variables_in_the_buildpacks_metadata() -> None:
    configurations = tomllib.loads((ROOT / "buildpack.toml").read_text())["metadata"]["configurations"]

    assert {each["name"] for each in configurations} == VARIABLES
    assert all(each["build"] and each["description"] for each in configurations)
