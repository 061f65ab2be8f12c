"""Shared by all end-to-end tests: images built by pack, and containers to probe."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from examples.seed_case import PROBE, REPOSITORY, authority, free_port
from examples.seed_case import VERSION as LATEST
from testing.githubd import Repository, Server
from testing.toolchain import golang, images
from testing.toolchain.engine import Engine
from testing.toolchain.pack import pack_build

__all__ = ["LATEST", "PROBE", "REPOSITORY", "SEED", "Stage", "eventually", "publish"]

SEED = {"REPO": REPOSITORY, "FILE": "grpc_health_probe-linux-amd64", "TARGET": "grpc_health_probe"}


def publish(repository: Repository, tag: str, suffix: bytes = b"", **fields: Any) -> None:
    """Give the repository a release of the real probe; a suffix makes its bytes other ones, which still run."""
    release = repository.release(tag, **fields)
    for arch in ("amd64", "arm64"):
        program = golang.probe(arch)
        release.asset(program.name, program.read_bytes() + suffix)


class Stage:
    """One test's images and containers; both are gone when it ends."""

    def __init__(self, docker: Engine, buildpack: Path, github: Server, app: Path, folder: Path) -> None:
        self.docker = docker
        self.buildpack = buildpack
        self.github = github
        self.app = app
        self.image = f"github-assets-cnb/e2e-{uuid.uuid4().hex[:12]}"
        self.folder = folder
        self.binding = authority(github, folder / "ca")
        self._containers: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for container in self._containers:
            self.docker.docker("rm", "--force", container)
        self.docker.docker("rmi", "--force", self.image, check=False)

    def build(
        self,
        env: Mapping[str, str] = SEED,
        *,
        builder: str | None = None,
        buildpacks: Sequence[str | Path] | None = None,
        app: Path | None = None,
        volumes: Mapping[Path, str] | None = None,
        **options: Any,
    ) -> subprocess.CompletedProcess[str]:
        """Build the image with the language-like buildpack and ours; the output is in `stdout`."""
        return pack_build(
            self.docker,
            self.image,
            app or self.app,
            builder=builder or images.test_builder(self.docker),
            buildpacks=[images.GO_BINARY, self.buildpack] if buildpacks is None else buildpacks,
            env={"GITHUB_API_URL": self.github.api_url, **env},
            volumes={self.binding: "/platform/bindings/ca", **(volumes or {})},
            **options,
        )

    def run(self, *arguments: str, options: Sequence[str] = ()) -> tuple[str, int]:
        """Start the image's service on a free port; return the container and the port."""
        port = free_port()
        container = self.docker.docker(
            "run", "--detach", "--network=host", f"--env=PORT={port}", *options, self.image, *arguments
        ).stdout.strip()
        self._containers.append(container)
        return container, port

    def exec(self, container: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the container as a kubelet does: without shell and without launcher."""
        return self.docker.docker("exec", container, *command, check=False)

    def probe(self, container: str, port: int, *options: str, path: str = PROBE) -> subprocess.CompletedProcess[str]:
        """Run the installed probe against the container's service."""
        return self.exec(container, path, f"-addr=127.0.0.1:{port}", "-connect-timeout=5s", *options)


def eventually(fact: Callable[[], bool], seconds: float = 30) -> bool:
    """Return whether the fact comes true in time."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
