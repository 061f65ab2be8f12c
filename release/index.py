"""The image index: one name for the packages of all architectures, of which pack and kpack take what they need."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from release import CHECKOUT, ReleaseError
from runtime.recipe import ARCHITECTURES
from testing.toolchain import golang
from testing.toolchain.store import run


def publish(name: str, pack: Path) -> str:
    """Publish the folders of dist/ as an image index; return its digest, `sha256:<hex>`.

    Pack takes for each target what is in the folder <os>/<arch> beside buildpack.toml. Raises ReleaseError and
    ToolchainError.
    """
    with tempfile.TemporaryDirectory(dir=CHECKOUT / "dist") as folder:
        root = Path(folder)
        for file in ("buildpack.toml", "package.toml"):
            shutil.copyfile(CHECKOUT / file, root / file)
        targets = []
        for architecture in ARCHITECTURES:
            shutil.copytree(CHECKOUT / "dist" / f"linux-{architecture}", root / "linux" / architecture)
            targets += ["--target", f"linux/{architecture}"]
        done = subprocess.run(
            [
                pack,
                "buildpack",
                "package",
                name,
                "--config",
                "package.toml",
                "--publish",
                "--no-color",
                *targets,
            ],
            cwd=root,
            env={**os.environ, "PACK_HOME": f"{folder}/.pack", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        raise ReleaseError(f"pack could not publish {name}: {done.stdout.strip()}")
    return run([golang.crane(), "digest", name], advice=f"is {name} there?").strip()
