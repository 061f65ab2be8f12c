"""docs/assets.md lists all keys, as in the code."""

from __future__ import annotations

import re
from pathlib import Path

from github_assets.config.tables import KEYS

DOCUMENT = Path(__file__).parents[3] / "docs" / "assets.md"


def test_the_keys_in_the_documentation() -> None:
    _, section = DOCUMENT.read_text().split("## Keys\n", 1)
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section.split("\n## ", 1)[0], re.M)

    assert dict(rows) == {name: key.description for name, key in KEYS.items()}
