"""The image index: one name for the packages of all architectures, from which pack and kpack take theirs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from release import CHECKOUT
from runtime.recipe import ARCHITECTURES
from testing.toolchain import golang
from testing.toolchain.store import run


def publish(name: str, pack: Path, labels: Mapping[str, str]) -> str:
    """Publish the directories in dist/ as an image index with these labels; return its digest, `sha256:<hex>`.

    Raises ToolchainError.
    """
    command: list[str | Path] = [pack, "buildpack", "package", name, "--config", "package.toml", "--publish"]
    with tempfile.TemporaryDirectory(dir=CHECKOUT / "dist") as folder:
        for file in ("buildpack.toml", "package.toml"):
            shutil.copy(CHECKOUT / file, folder)
        for architecture in ARCHITECTURES:
            # For a target, pack takes what is in <os>/<arch> beside buildpack.toml.
            shutil.copytree(CHECKOUT / "dist" / f"linux-{architecture}", Path(folder) / "linux" / architecture)
            command += ["--target", f"linux/{architecture}"]
        for label, value in labels.items():
            command += ["--label", f"{label}={value}"]
        advice = "log in to the registry, or name another one with --image"
        run(command, cwd=Path(folder), env={"PACK_HOME": f"{folder}/.pack", "NO_COLOR": "1"}, advice=advice)
    return run([golang.crane(), "digest", name], advice=advice).strip()
