"""Runs every command in the documentation as written.

Only programs that access the network are replaced, by wrappers that adapt them to this machine: the builder is one for
tests, containers share the host's network, and a proxy routes github.com to loopback.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from testing.githubd.exchange import Role
from testing.toolchain import golang, images
from testing.toolchain.pack import image_files
from tests.contract.proxy import Proxy
from tests.documents import ROOT, blocks
from tests.e2e.stage import LATEST, SEED, Stage, publish

CI = ROOT / "examples" / "ci"
NAMES: dict[str, Role] = {"api.github.com": "api", "github.com": "web", "artifacts.example.com": "other"}
BUILDER = "paketobuildpacks/ubuntu-noble-builder"
LANGUAGE = "paketo-buildpacks/go"
PUBLISHED = "docker://ghcr.io/cage1016/github-assets-cnb:3.0.0"
TOKEN = "ghp_pastedByTheReaderOfTheDocuments01234"

PACK = """#!/bin/sh
set -eu
verb=$1; shift
case "$*" in
*--builder*) ;;
*) set -- "$@" --builder {builder} --buildpack {language} --buildpack {buildpack} ;;
esac
for word; do
  shift
  case $word in
  {language}) word={go_binary} ;;
  {published}) word={buildpack} ;;
  esac
  set -- "$@" "$word"
done
exec {pack} "$verb" --network host "$@" --path {app} --pull-policy never --docker-host inherit --trust-builder \\
  --trust-extra-buildpacks --env HTTPS_PROXY={proxy} --volume {binding}:/platform/bindings/ca
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
export PYTHONPATH={lib} HTTPS_PROXY={proxy} SSL_CERT_FILE={authority}
exec {python} -m github_assets "$@"
"""
MAKE = """#!/bin/sh
# `make test` is what runs this test.
[ "$*" = test ] || exec {make} "$@"
"""


def commands() -> Iterator[tuple[str, str]]:
    """Yield the blocks of commands, but for those of docs/install.md, which test_release.py runs."""
    return ((name, block) for name, block in blocks("sh") if not name.startswith("docs/install.md"))


def pipelines() -> Iterator[tuple[str, str]]:
    """Yield the scripts of the example pipelines."""
    actions = yaml.safe_load((CI / "github-actions.yml").read_text())["jobs"]["image"]["steps"]
    yield "github-actions", "".join(step["run"] for step in actions if step.get("name") in ("Build", "Test"))
    lines = yaml.safe_load((CI / "gitlab-ci.yml").read_text())["build-image"]["script"]
    yield "gitlab-ci", "\n".join(line for line in lines if "CI_REGISTRY" not in line)


@pytest.mark.parametrize(
    ("schema", "file"), [("github-workflows", "github-actions.yml"), ("gitlab-ci", "gitlab-ci.yml")]
)
def test_the_pipelines_are_valid(schema: str, file: str) -> None:
    validator = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    assert subprocess.run([*validator, CI / file]).returncode == 0


@pytest.mark.parametrize(
    ("name", "block"), [*commands(), *pipelines()], ids=lambda value: value if "\n" not in value else ""
)
def test_the_commands_run(stage: Stage, proxy: Proxy, readers: Path, name: str, block: str, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    stage.docker.docker("tag", images.test_builder(stage.docker), BUILDER)
    replaced = {
        "pack": PACK.format(
            language=LANGUAGE,
            published=PUBLISHED,
            go_binary=images.GO_BINARY,
            pack=golang.pack(),
            builder=BUILDER,
            buildpack=stage.buildpack,
            app=stage.app if "--path examples" in block else readers,
            proxy=f"http://{proxy.address}",
            binding=stage.binding,
        ),
        "docker": DOCKER.format(docker=shutil.which("docker")),
        "github-assets": COMMAND.format(
            lib=ROOT / "lib",
            proxy=f"http://{proxy.address}",
            authority=stage.github.ca_path,
            python=sys.executable,
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
        "TOKEN": TOKEN,
    }
    if name in ("github-actions", "gitlab-ci"):
        env |= {"BUILDER": BUILDER, "BUILDPACK": str(stage.buildpack), "GITHUB_TOKEN": TOKEN}

    if "docker run" in block and "pack build" not in block:
        stage.build()
        stage.docker.docker("tag", stage.image, "grpc-service")

    done = subprocess.run(
        ["sh", "-eu", "-c", block],
        cwd=readers if "pack build app" in block else ROOT,
        env=env,
        input=TOKEN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    assert done.returncode == 0, done.stdout
    assert TOKEN not in done.stdout
    if "pack build app" in block:
        files = list(image_files(stage.docker, "app"))
        assert [file.path for file in files if TOKEN.encode() in file.content] == []
        assert [file.path for file in files if "/releases/download/" in file.path] == []
    if "docker exec" in block or "make run" in block:
        assert "status: SERVING" in done.stdout


@pytest.fixture
def readers(stage: Stage, tmp_path: Path) -> Path:
    """The reader's application, which asks for the probe."""
    folder = tmp_path / "app"
    shutil.copytree(stage.app, folder)
    (folder / "project.toml").write_text(
        "".join(f'[[build.env]]\nname = "{name}"\nvalue = "{value}"\n' for name, value in SEED.items())
    )
    return folder


@pytest.fixture
def proxy(stage: Stage) -> Iterator[Proxy]:
    """The internet: github.com with a private repository, and a company's mirror of it."""
    server = stage.github
    publish(server.github.repository("octo/private", private=True, readers={TOKEN}), LATEST)
    routes = {f"{name}:443": urlsplit(server.site.urls[role]).netloc for name, role in NAMES.items()}
    server.site.urls = {**server.site.urls, "web": "https://github.com"}
    with Proxy(routes=routes) as running:
        yield running
    stage.docker.docker("rmi", "--force", "app", "grpc-service", check=False)


def test_there_are_commands() -> None:
    names = {name for name, _ in blocks("sh")}
    assert {"README.md-1", "README.md-2"} <= names
