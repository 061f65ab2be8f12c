"""The documentation, and the blocks of code in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Yield the blocks of a language, each with a name: its document, and its number among those."""
    for document in DOCUMENTS:
        found = re.findall(rf"^```{language}\n(.*?)^```$", document.read_text("utf-8"), re.M | re.S)
        for number, block in enumerate(found, start=1):
            yield f"{document.relative_to(ROOT)}-{number}", block
