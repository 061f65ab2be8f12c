from __future__ import annotations

import os
from pathlib import Path

from release.wheel import build_wheel


def test_the_wheel_is_the_same_for_everybody(tmp_path: Path) -> None:
    made = []
    for umask in (0o022, 0o077):
        folder = tmp_path / f"{umask:o}"
        folder.mkdir()
        before = os.umask(umask)
        try:
            made.append(build_wheel(folder).read_bytes())
        finally:
            os.umask(before)

    assert made[0] == made[1]
