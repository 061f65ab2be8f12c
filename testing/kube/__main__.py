"""Runs tests/kube on a machine of its own, after making all that the network is needed for."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys

from testing.kube import FOLDER, RUN, machine, registry
from testing.toolchain import debian, golang
from testing.toolchain.store import CHECKOUT, ToolchainError, apt_install, locked

KUBELET = "kubelet"
PLATFORMS = [KUBELET, *registry.PLATFORMS]


def main() -> int:
    """Return pytest's exit status, or 1 after printing what failed and what to do."""
    parser = argparse.ArgumentParser(prog="python -m testing.kube", description=__doc__)
    parser.add_argument(
        "--only", choices=PLATFORMS, action="append", default=[], help="a platform; all where none is named"
    )
    parser.add_argument("pytest", nargs="*", metavar="ARGUMENT", help="after --: pytest's own")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    chosen = options.only or PLATFORMS
    platforms = [name for name in chosen if name != KUBELET]
    try:
        prepare(platforms)
    except ToolchainError as error:
        print(error, file=sys.stderr)
        return 1
    tests = [
        "tests/kube",
        *(f"--ignore=tests/kube/test_{name}.py" for name in PLATFORMS if name not in chosen),
    ]
    os.chdir(CHECKOUT)
    os.environ[RUN] = ",".join(platforms)
    with locked("kube"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        try:
            return machine.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests, *options.pytest])
        finally:
            for path in FOLDER.iterdir():  # containers and images take gigabytes
                if path.name != "logs":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def prepare(platforms: list[str]) -> None:
    """Make everything that the network is needed for. Raises ToolchainError."""
    if os.geteuid():
        raise ToolchainError("namespaces and mounts need root", "run this as root")
    for package, name in (("iproute2", "ip"), ("containerd", "containerd"), ("runc", "runc")):
        if not shutil.which(name, path=debian.PATH):
            apt_install(package)
    debian.unpacked("containernetworking-plugins")
    debian.program("etcd", "etcd-server")
    debian.program("docker-registry", "docker-registry")
    golang.pack()
    golang.service()
    golang.probe("amd64")
    golang.kubernetes()
    registry.base_images()
    for name in platforms:
        golang.manifests(name)
        registry.PLATFORMS[name]()


if __name__ == "__main__":
    sys.exit(main())
