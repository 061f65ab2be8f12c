"""The lifecycle's side of the Buildpack API, without containers: a buildpack's input, and what is restored later.

`GITHUB_ASSETS_CNB_DIR` names a packaged buildpack whose bin/detect and bin/build are run; without it the source is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import toml

SOURCE = Path(__file__).parents[2]
RUN = f"import sys; sys.path.insert(0, {str(SOURCE / 'lib')!r}); from github_assets.__main__ import run; run()"
"""Code that runs a command as the package does, for a Python that sees no environment variables."""
BUILDPACK = "cage1016_github-assets-cnb"
LAYER = "github-assets"
HANGS = 60
"""Seconds after which a run counts as hung; no run needs a tenth of it."""


class Run(NamedTuple):
    """How one phase ended."""

    status: int
    out: str
    err: str

    @property
    def log(self) -> str:
        """Everything that it printed."""
        return self.out + self.err


class Lifecycle:
    """One image that is built, and built again: its application, platform and layers directories."""

    def __init__(self, root: Path, process: Mapping[str, str]) -> None:
        self.process = {"PATH": os.environ["PATH"], "CNB_TARGET_OS": "linux", "CNB_TARGET_ARCH": "amd64", **process}
        """The process environment of every run, to be changed at will."""
        self.app = root / "workspace"
        self.platform = root / "platform"
        self.all_layers = root / "layers"
        self.layers = self.all_layers / BUILDPACK
        self.plan = root / "plan.toml"
        for folder in (self.app, self.platform / "env", self.layers):
            folder.mkdir(parents=True)
        self.plan.touch()

    @property
    def layer(self) -> Path:
        """The directory of our layer."""
        return self.layers / LAYER

    def set(self, settings: Mapping[str, str | bytes]) -> None:
        """Write the user's variables as the platform does, a file each, in place of the former ones."""
        shutil.rmtree(self.platform / "env")
        (self.platform / "env").mkdir()
        for name, value in settings.items():
            (self.platform / "env" / name).write_bytes(value if isinstance(value, bytes) else value.encode())

    def detect(self, settings: Mapping[str, str | bytes] | None = None, **options: Any) -> Run:
        """Run bin/detect, with other settings where they are given."""
        return self.finish(self.start("detect", settings, **options))

    def build(self, settings: Mapping[str, str | bytes] | None = None, **options: Any) -> Run:
        """Run bin/build, with other settings where they are given."""
        return self.finish(self.start("build", settings, **options))

    def start(
        self, phase: str, settings: Mapping[str, str | bytes] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        """Start a phase as the lifecycle does: variables and the older arguments say the same."""
        if settings is not None:
            self.set(settings)
        cnb, arguments = self._handed_to(phase)
        return self._start(phase, cnb, arguments, options)

    def run_alone(self, phase: str, *, without: str) -> Run:
        """Run a phase by hand, with all variables of a lifecycle but one, and no arguments."""
        cnb, _ = self._handed_to(phase)
        del cnb[without]
        return self.finish(self._start(phase, cnb, [], {}))

    def _handed_to(self, phase: str) -> tuple[dict[str, str], list[str]]:
        buildpack, platform = os.environ.get("GITHUB_ASSETS_CNB_DIR", str(SOURCE)), str(self.platform)
        cnb = {"CNB_BUILDPACK_DIR": buildpack, "CNB_PLATFORM_DIR": platform}
        plan, layers = str(self.plan), str(self.layers)
        if phase == "detect":
            return {**cnb, "CNB_BUILD_PLAN_PATH": plan}, [platform, plan]
        return {**cnb, "CNB_LAYERS_DIR": layers, "CNB_BP_PLAN_PATH": plan}, [layers, platform, plan]

    def _start(
        self, phase: str, cnb: Mapping[str, str], arguments: list[str], options: Mapping[str, Any]
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*_program(phase), *arguments],
            cwd=self.app,
            env={**_source_only(), **self.process, **cnb},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            **options,
        )

    def finish(self, process: subprocess.Popen[str]) -> Run:
        """Wait for a phase that was started."""
        with process:
            try:
                out, err = process.communicate(timeout=HANGS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Run(process.returncode, out, err)

    def restore(self) -> None:
        """Do what analyzer and restorer do before a rebuild for a launch layer (lifecycle, phase/restorer.go).

        Of the layer its metadata comes back, without types, and its SBOM; the rest is gone.
        """
        metadata = {path.name: self.toml(path.name)["metadata"] for path in self.layers.glob(f"{LAYER}*.toml")}
        for path in self.layers.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif ".sbom." not in path.name:
                path.unlink()
        for name, table in metadata.items():
            (self.layers / name).write_text(toml.dumps({"metadata": table}))

    def toml(self, name: str) -> dict[str, Any]:
        """Read one of the files that a lifecycle would read."""
        return tomllib.loads((self.layers / name).read_text("utf-8"))

    def files(self) -> dict[str, bytes | None]:
        """Everything in the layers directory by relative path; None is a directory."""
        paths = sorted(self.layers.rglob("*"))
        return {str(p.relative_to(self.layers)): None if p.is_dir() else p.read_bytes() for p in paths}


def _program(phase: str) -> list[str]:
    packaged = os.environ.get("GITHUB_ASSETS_CNB_DIR")
    return [f"{packaged}/bin/{phase}"] if packaged else [sys.executable, "-m", "github_assets", phase]


def _source_only() -> dict[str, str]:
    return {} if "GITHUB_ASSETS_CNB_DIR" in os.environ else {"PYTHONPATH": str(SOURCE / "lib")}
