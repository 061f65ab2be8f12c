"""What a run of a probe costs: by its absolute path, and through the launcher.

The parts are real: the lifecycle builds the layers, its launcher starts the probe, and a service answers it.
Run it with `python -m benchmarks.probe`, after `make package`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Contender, in_turns
from examples.seed_case import BUILDPACK, PROBE, SETTINGS, authority, free_port, local_github
from testing.toolchain import golang, images, phases

ROUNDS = 150
LAYERS, VARIABLES = 6, 3
"""Of the buildpack for a language: layers that set variables at launch, and how many each."""


def main() -> int:
    """Print a table."""
    with local_github() as server, phases.workspace() as work, tempfile.TemporaryDirectory() as temporary:
        app = Path(temporary)
        (app / "grpc-service").symlink_to(golang.service())
        binding = work / "platform/bindings/ca"
        binding.parent.mkdir(parents=True)
        authority(server, binding)
        env = {**SETTINGS, "GITHUB_API_URL": server.api_url}
        built = phases.run_phases(work, app, [images.GO_BINARY, BUILDPACK], env=env)
        if built.returncode:
            print(built.stdout)
            return built.returncode
        port = free_port()
        with subprocess.Popen([golang.service(), f"-addr=:{port}"], stderr=subprocess.DEVNULL) as service:
            time.sleep(1)
            try:
                _print_table(work, f"-addr=127.0.0.1:{port}")
            finally:
                service.terminate()
    return 0


def _print_table(work: Path, option: str) -> None:
    absolute, process = work / PROBE.lstrip("/"), work / "cnb/process/grpc_health_probe"
    process.parent.mkdir(parents=True)
    process.symlink_to(golang.lifecycle() / "launcher")
    environment = {
        "CNB_APP_DIR": str(work / "workspace"),
        "CNB_LAYERS_DIR": str(work / "layers"),
        "CNB_PLATFORM_API": phases.PLATFORM_API,
        "PATH": os.environ["PATH"],
    }
    print("| command | time | CPU time |\n|---|---|---|")
    commands = {"the absolute path": [absolute, option], "the process type": [process, option]}
    for name, line in measured(commands, environment).items():
        print(f"| {name} | {line} |")
    (language,) = (folder for folder in (work / "layers").iterdir() if folder.name.endswith("_go-binary"))
    _furnish(language, exec_d=False)
    more = f"the process type, {LAYERS} layers with {VARIABLES} variables each"
    for name, line in measured({more: [process, option]}, environment).items():
        print(f"| {name} | {line} |")
    _furnish(language, exec_d=True)
    for name, line in measured({f"{more}, and a shell script in `exec.d`": [process, option]}, environment).items():
        print(f"| {name} | {line} |")


def measured(commands: Mapping[str, Sequence[str | Path]], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the medians of time and CPU time of each command, as cells of a table; the commands take turns."""
    contenders = {name: Contender(command, environment) for name, command in commands.items()}
    with tempfile.TemporaryDirectory() as folder:
        series = in_turns(contenders, Path(folder), ROUNDS)
    return {name: f"{1000 * one.seconds:.1f} ms | {1000 * one.cpu:.1f} ms" for name, one in series.items()}


def _furnish(buildpack: Path, *, exec_d: bool) -> None:
    """Add what a launcher reads and runs: layers as those of the buildpack of a language."""
    for layer in range(LAYERS):
        folder = buildpack / f"layer{layer}" / "env.launch"
        folder.mkdir(parents=True, exist_ok=True)
        for variable in range(VARIABLES):
            (folder / f"VARIABLE_{layer}_{variable}.default").write_text("value")
    if exec_d:
        helper = buildpack / "layer0" / "exec.d" / "helper"
        helper.parent.mkdir()
        helper.write_text("#!/bin/sh\n")
        helper.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
