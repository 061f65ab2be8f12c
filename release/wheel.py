"""The command line as a wheel, for those who want it without the buildpack."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from release import CHECKOUT
from runtime.files import TIME, settle
from testing.toolchain.store import run


def build_wheel(folder: Path) -> Path:
    """Write the wheel into the directory and return it: the same bytes for the same sources. Raises ToolchainError."""
    with tempfile.TemporaryDirectory() as scratch:
        # setuptools writes into the source tree, and takes what an earlier build has left there.
        source = Path(scratch) / "source"
        shutil.copytree(CHECKOUT / "lib", source / "lib", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        for file in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(CHECKOUT / file, source)
        settle(str(source))
        build = "import os; from setuptools import build_meta; os.umask(0o022); build_meta.build_wheel('..')"
        run(
            [sys.executable, "-c", build],
            cwd=source,
            env={"SOURCE_DATE_EPOCH": str(TIME)},
            advice="install requirements-dev.txt",
        )
        (wheel,) = Path(scratch).glob("*.whl")
        return Path(shutil.copy(wheel, folder))
