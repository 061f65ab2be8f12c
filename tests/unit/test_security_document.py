"""docs/security.md names a test for each of its claims."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_named_tests_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text("utf-8")))
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)
    }

    assert len(named) > 15
    assert named - defined == set()


def test_every_line_names_a_test() -> None:
    _, *sections = (ROOT / "docs/security.md").read_text("utf-8").split("\n## ")
    lines = [line for section in sections if " cannot\n" in section for line in re.findall(r"^\| .+\|$", section, re.M)]

    assert len(lines) > 40
    assert [line for line in lines if "`test_" not in line and line != "| | test |"] == []
