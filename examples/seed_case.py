"""The main job, end to end: a gRPC service built by pack, whose image holds the probe that Kubernetes runs.

A GitHub on loopback serves the real grpc_health_probe as its release; with LIVE=1 it is github.com. Where no
Docker Engine can be had, the lifecycle's own detector and builder put the same asset into the same layer.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from testing.githubd import GitHub, Server
from testing.toolchain import engine, golang, images, phases
from testing.toolchain.pack import pack_build
from testing.toolchain.store import ToolchainError

ROOT = Path(__file__).parents[1]
BUILDPACK = ROOT / "dist" / "linux-amd64"
MANIFEST = ROOT / "examples" / "kubernetes" / "grpc-service.yaml"
REPOSITORY = "grpc-ecosystem/grpc-health-probe"
VERSION = "v0.4.45"
IMAGE = "github-assets-cnb/grpc-service"
PROBE = "/layers/cage1016_github-assets-cnb/github-assets/bin/grpc_health_probe"
SETTINGS = {
    "REPO": REPOSITORY,
    "FILE": "grpc_health_probe-linux-amd64",
    "TARGET": "grpc_health_probe",
    "VERSION": VERSION,
}


def main() -> int:
    """Return 0 when the probe printed `status: SERVING`."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        bindings: dict[Path, str] = {}
        settings = dict(SETTINGS)
        if os.environ.get("LIVE") == "1":
            heading("The release is github.com's")
        else:
            server = stack.enter_context(local_github())
            settings["GITHUB_API_URL"] = server.api_url
            bindings[authority(server, folder / "ca")] = "/platform/bindings/ca"
            heading(f"A GitHub on loopback serves {REPOSITORY} {VERSION}")
        app = folder / "app"
        app.mkdir()
        shutil.copy(golang.service(), app)
        try:
            docker = stack.enter_context(engine.running())
        except engine.EngineUnavailableError as error:
            say(f"{error}")
            heading("Without Docker: the lifecycle's detector and builder")
            status = by_phases(app, settings, bindings)
        else:
            status = by_pack(docker, app, settings, bindings)
    heading(f"In a Kubernetes manifest ({MANIFEST.relative_to(ROOT)})")
    say("readinessProbe:")
    say("  exec:")
    say(f'    command: ["{PROBE}", "-addr=:10021"]')
    return status


def by_pack(docker: engine.Engine, app: Path, settings: Mapping[str, str], bindings: Mapping[Path, str]) -> int:
    """Build the image, start it, and run the probe in it as a kubelet does; return the probe's exit status."""
    shown = " ".join(f"-e {name}={value}" for name, value in settings.items())
    heading(f"pack build {IMAGE} -b dist/linux-amd64 {shown}")
    built = pack_build(
        docker,
        IMAGE,
        app,
        builder=images.test_builder(docker),
        buildpacks=[images.GO_BINARY, BUILDPACK],
        env=settings,
        volumes=bindings,
    )
    say(built.stdout.rstrip())
    port = str(free_port())
    container = docker.docker("run", "--detach", "--network=host", f"--env=PORT={port}", IMAGE).stdout.strip()
    try:
        command = [PROBE, f"-addr=:{port}", "-connect-timeout=20s"]
        heading(f"docker exec grpc-service {' '.join(command[:2])}")
        probed = docker.docker("exec", container, *command, check=False)
        say(probed.stdout.rstrip())
        return probed.returncode
    finally:
        docker.docker("rm", "--force", container)


def by_phases(app: Path, settings: Mapping[str, str], bindings: Mapping[Path, str]) -> int:
    """Run the lifecycle's phases on this machine, and the probe out of the layer; return the probe's exit status."""
    with phases.workspace() as work:
        for source, target in bindings.items():
            shutil.copytree(source, work / target.lstrip("/"))
        built = phases.run_phases(work, app, [BUILDPACK], env=settings)
        say(built.stdout.rstrip())
        if built.returncode:
            return built.returncode
        port = str(free_port())
        with subprocess.Popen([app / "grpc-service", f"-addr=:{port}"]) as service:
            try:
                probe = work / PROBE.lstrip("/")
                heading(f"{PROBE} -addr=:{port}")
                probed = subprocess.run([probe, f"-addr=:{port}", "-connect-timeout=20s"], check=False)
                return probed.returncode
            finally:
                service.terminate()


@contextlib.contextmanager
def local_github() -> Iterator[Server]:
    """Give a GitHub whose release of the probe was built here from its source, for this platform."""
    state = GitHub()
    program = golang.probe("amd64")
    state.repository(REPOSITORY).release(VERSION).asset(program.name, program.read_bytes())
    with Server(state) as server:
        yield server


def authority(server: Server, folder: Path) -> Path:
    """Write the service binding by which the build trusts the server's certificate; return its directory."""
    folder.mkdir()
    (folder / "type").write_text("ca-certificates")
    (folder / "ca.pem").write_bytes(Path(server.ca_path).read_bytes())
    return folder


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def heading(text: str) -> None:
    """Print what comes now."""
    say(f"\n=== {text}")


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    started = time.monotonic()
    try:
        result = main()
    except ToolchainError as error:
        say(f"{error}")
        result = 1
    say(f"\n{'Done' if result == 0 else 'Failed'} in {time.monotonic() - started:.0f} s")
    sys.exit(result)
