"""Every command in the documents runs as it stands there.

Only what reaches outside is replaced, by programs of the same name that add what this machine needs: the builder is one
of the tests' own, the release is served on loopback, containers share the host's network.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import Stage
from tests.toolchain import golang, images

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BUILDER = "paketobuildpacks/builder-noble-base"
LANGUAGE = "paketo-buildpacks/go"

PACK = """#!/bin/sh
set -eu
verb=$1; shift
for word; do
  shift
  case $word in {language}) word={go_binary} ;; esac
  set -- "$@" "$word"
done
exec {pack} "$verb" "$@" --path {app} --pull-policy never --network host --docker-host inherit --trust-builder \\
  --trust-extra-buildpacks --env GITHUB_API_URL={api} --volume {binding}:/platform/bindings/ca
"""
DOCKER = """#!/bin/sh
set -eu
verb=$1; shift
case "$verb $*" in
*--network=host*) ;;
run*) set -- --network=host "$@" ;;
esac
exec {docker} "$verb" "$@"
"""
COMMAND = """#!/bin/sh
export PYTHONPATH={lib} GITHUB_API_URL={api} SSL_CERT_FILE={authority}
exec {python} -m github_assets "$@"
"""
MAKE = """#!/bin/sh
# `make test` is what runs this test.
[ "$*" = test ] || exec {make} "$@"
"""


def blocks() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for number, block in enumerate(re.findall(r"^```sh\n(.*?)^```$", document.read_text(), re.M | re.S), 1):
            yield f"{document.relative_to(ROOT)}-{number}", block


@pytest.mark.parametrize(("name", "block"), list(blocks()), ids=lambda value: value if "\n" not in value else "")
def test_the_commands_run(stage: Stage, name: str, block: str, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    stage.docker.docker("tag", images.test_builder(stage.docker), BUILDER)
    replaced = {
        "pack": PACK.format(
            language=LANGUAGE,
            go_binary=images.GO_BINARY,
            pack=golang.pack(),
            app=stage.app,
            api=stage.github.api_url,
            binding=stage.binding,
        ),
        "docker": DOCKER.format(docker=shutil.which("docker")),
        "github-assets": COMMAND.format(
            lib=ROOT / "lib", api=stage.github.api_url, authority=stage.github.ca_path, python=sys.executable
        ),
        "make": MAKE.format(make=shutil.which("make")),
    }
    for program, text in replaced.items():
        (programs / program).write_text(text)
        (programs / program).chmod(0o755)
    env = {
        **os.environ,
        "DOCKER_HOST": stage.docker.host,
        "HOME": str(tmp_path),
        "PACK_VOLUME_KEY": "github-assets-cnb",
        "PATH": f"{programs}:{os.environ['PATH']}",
    }

    done = subprocess.run(
        ["sh", "-eu", "-c", block], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )

    assert done.returncode == 0, done.stdout
    if "grpc_health_probe -addr" in block or "make run" in block:
        assert "status: SERVING" in done.stdout


def test_there_are_commands() -> None:
    names = {name for name, _ in blocks()}
    assert {"README.md-1", "README.md-2"} <= names
