"""`python3 -m testing.toolchain [PART]`: builds the parts, or starts and stops the Docker Engine.

Without PART: every program, and nothing that needs a Docker Engine.
"""

import argparse
import logging
import sys
from collections.abc import Callable

from testing.toolchain import engine, golang, images, nodejs
from testing.toolchain.store import ToolchainError

PROGRAMS: dict[str, Callable[[], object]] = {
    "pack": golang.pack,
    "lifecycle": images.lifecycle_archive,
    "probe": lambda: golang.probe("amd64"),
    "arm64-probe": lambda: golang.probe("arm64"),
    "service": golang.service,
    "prism": nodejs.prism,
}
PARTS: dict[str, Callable[[], object]] = {
    **PROGRAMS,
    "release-pack": golang.release_pack,
    "base": images.base_root,
    "kubernetes": golang.kubernetes,
    "kpack": golang.kpack,
    "tekton": golang.tekton,
    "skaffold": golang.skaffold,
    "consul": golang.consul,
    "lifecycles": lambda: [golang.lifecycle(version) for version in golang.LIFECYCLES],
    "crane": golang.crane,
    "engine": engine.install,
    "images": lambda: images.all_images(engine.start()),
}


def docker(action: str) -> None:
    """Start or stop the engine, or print how to reach it."""
    if action == "start":
        print(engine.start().host)
    elif action == "env":
        if not (found := engine.find()):
            raise engine.EngineUnavailableError("no Docker Engine answers", "`docker start` starts one")
        print(f"export DOCKER_HOST={found.host}")
    else:
        engine.stop(purge=action == "purge")


def main() -> int:
    """Return the exit status: 0, or 1 after printing what failed and what to do."""
    parser = argparse.ArgumentParser(prog="python3 -m testing.toolchain", description=__doc__)
    commands = parser.add_subparsers(dest="part", metavar="PART")
    for name in PARTS:
        commands.add_parser(name, help=f"only the {name}")
    sub = commands.add_parser("docker", help="the Docker Engine; purge stops our own and removes its images")
    sub.add_argument("action", choices=("start", "stop", "purge", "env"))
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    try:
        if options.part == "docker":
            docker(options.action)
        else:
            parts = PROGRAMS if options.part is None else PARTS
            for name, make in parts.items():
                if options.part in (None, name):
                    make()
    except ToolchainError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
