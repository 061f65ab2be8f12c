"""Releases of every shape, through the lifecycle's own detector and builder."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import os
import shutil
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from backports import zstd

from examples.seed_case import authority
from testing.githubd import GitHub, Server
from testing.toolchain import golang, phases

LAYERS = "layers/cage1016_github-assets-cnb"
ARCHES = {"amd64": ("amd64", "x86_64-unknown-linux-musl"), "arm64": ("arm64", "aarch64-unknown-linux-gnu")}
SIDECARS = ("sha256sum.txt", "jq-1.7.1.tar.gz", "jq-1.7.1.zip")


@functools.cache
def program(arch: str = "amd64") -> bytes:
    return golang.probe(arch).read_bytes()


def tar(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, (content, mode) in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@functools.cache
def packed_xz(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)


@functools.cache
def packed_bz2(content: bytes) -> bytes:
    return bz2.compress(content, 1)


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compresslevel=1, compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class World:
    """A GitHub with releases of many shapes, and a lifecycle that builds from it."""

    def __init__(self, server: Server, buildpack: Path, work: Path) -> None:
        self.server = server
        self.buildpacks = [buildpack]
        self._work = work
        self.app = work / "source"
        self.app.mkdir()
        authority(server, work / "ca")

    def build(self, env: Mapping[str, str] | None = None, arch: str = "amd64") -> str:
        """Return what detector and builder print."""
        (self._work / "platform" / "bindings").mkdir(parents=True, exist_ok=True)
        shutil.copytree(self._work / "ca", self._work / "platform" / "bindings" / "ca", dirs_exist_ok=True)
        done = phases.run_phases(
            self._work,
            self.app,
            self.buildpacks,
            env={"GITHUB_API_URL": self.server.api_url, **(env or {})},
            arch=arch,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def layer(self, name: str = "github-assets") -> dict[str, bytes]:
        """Return the layer's files by their path; those that can be executed end in a star."""
        root = self._work / LAYERS / name
        files = [Path(folder) / file for folder, _, names in os.walk(root) for file in names]
        return {
            f"{file.relative_to(root)}{'*' if os.access(file, os.X_OK) else ''}": file.read_bytes() for file in files
        }

    def processes(self) -> set[str]:
        launch = tomllib.loads((self._work / LAYERS / "launch.toml").read_text())
        return {process["type"] for process in launch.get("processes", [])}


@pytest.fixture
def world(buildpack: Path) -> Iterator[World]:
    with Server(shapes()) as server, phases.workspace() as work:
        yield World(server, buildpack, work)


@functools.cache
def shapes() -> GitHub:
    """Return one for all tests: they ask, and change nothing but what they add."""
    github = GitHub()
    jq = github.repository("jqlang/jq").release("jq-1.7.1")
    for arch in ARCHES:
        jq.asset(f"jq-linux-{arch}", program(arch))
        jq.asset(f"jq-macos-{arch}", b"\xcf\xfa\xed\xfe" + bytes(64))
    jq.asset("jq-linux64", program())
    jq.asset("jq-windows-amd64.exe", b"MZ" + bytes(64))
    for name in SIDECARS:
        jq.asset(name, b"not a program")

    ripgrep = github.repository("BurntSushi/ripgrep").release("14.1.1")
    for arch, (_, triple) in ARCHES.items():
        folder = f"ripgrep-14.1.1-{triple}"
        archive = tar(
            {
                f"{folder}/rg": (program(arch), 0o755),
                f"{folder}/README.md": (b"# ripgrep", 0o755),
                f"{folder}/doc/rg.1": (b".TH RG 1", 0o644),
                f"{folder}/complete/_rg": (b"#compdef rg", 0o644),
            }
        )
        ripgrep.asset(f"{folder}.tar.gz", gzip.compress(archive, 1))
        ripgrep.asset(f"{folder}.tar.gz.sha256", b"0" * 64)

    age = github.repository("FiloSottile/age").release("v1.2.0")
    age.asset(
        "age-v1.2.0-linux-amd64.zip",
        zipped({"age/age": program(), "age/age-keygen": program() + b"\0", "age/LICENSE": b"BSD"}),
    )

    tool = github.repository("acme/tools")
    release = tool.release("v2.0.0")
    release.asset("zstd-tool-linux-amd64.tar.zst", zstd.compress(tar({"tool": (program(), 0o755)})))
    release.asset("xz-tool-linux-amd64.xz", packed_xz(program()))
    release.asset("bz-tool-linux-amd64.bz2", packed_bz2(program()))
    release.asset(
        "helix-linux-amd64.tar.xz",
        lzma.compress(tar({"helix/hx": (program(), 0o755), "helix/runtime/themes/dark.toml": (b"dark", 0o644)})),
    )

    clients = github.repository("bitwarden/clients")
    for tag in ("cli-v2026.1.0", "cli-v2026.2.0", "web-v2026.3.0", "desktop-v2026.4.0"):
        product, _, number = tag.partition("-v")
        clients.release(tag).asset(f"bw-{product}-linux-{number}.zip", zipped({"bw": program()}))

    return github


@pytest.mark.parametrize("arch", ARCHES)
def test_a_raw_binary_by_platform(world: World, arch: str) -> None:
    world.build({"REPO": "jqlang/jq", "FILE": "jq-linux-*"}, arch)
    assert world.layer() == {f"bin/jq-linux-{arch}*": program(arch)}

    world.build({"REPO": "jqlang/jq", "TARGET": "jq"}, arch)
    assert world.layer() == {"bin/jq*": program(arch)}
    assert world.processes() == {"jq"}


@pytest.mark.parametrize("arch", ARCHES)
def test_an_archive_with_documents_and_completions(world: World, arch: str) -> None:
    world.build({"REPO": "BurntSushi/ripgrep"}, arch)

    assert world.layer() == {"bin/rg*": program(arch)}


def test_a_zip_of_two_binaries(world: World) -> None:
    world.build({"REPO": "FiloSottile/age"})
    assert world.layer() == {"bin/age*": program(), "bin/age-keygen*": program() + b"\0"}
    assert world.processes() == {"age", "age-keygen"}

    world.build({"REPO": "FiloSottile/age", "TARGET": "age-keygen"})
    assert world.layer() == {"bin/age-keygen*": program() + b"\0"}


@pytest.mark.parametrize("file", ["zstd-tool-*", "xz-tool-*", "bz-tool-*"])
def test_every_compression(world: World, file: str) -> None:
    world.build({"REPO": "acme/tools", "FILE": file, "TARGET": "tool"})

    assert world.layer() == {"bin/tool*": program()}


def test_a_whole_tree(world: World) -> None:
    (world.app / "github-assets.toml").write_text(
        '[[assets]]\nrepo = "acme/tools"\nfile = "helix-*"\nextract = "all"\nstrip_components = 1\nlayer = "helix"\n'
    )

    world.build()

    assert world.layer("helix") == {
        "hx*": program(),
        "bin/hx*": program(),
        "runtime/themes/dark.toml": b"dark",
    }


def test_the_product_of_a_monorepo(world: World) -> None:
    (world.app / "github-assets.yaml").write_text(
        'assets:\n  - repo: bitwarden/clients\n    tag_pattern: "cli-v*"\n    target: bw\n'
    )

    output = world.build()

    assert "cli-v2026.2.0" in output
    assert world.layer() == {"bin/bw*": program()}


@pytest.mark.parametrize(
    ("version", "tag"), [("^1.2", "v1.2.0"), (">=1 <2", "v1.2.0"), ("1.x", "v1.2.0"), ("1.2", "v1.2.0")]
)
def test_ranges(world: World, version: str, tag: str) -> None:
    world.server.github.find("FiloSottile/age").release("v2.0.0").asset("age-v2.0.0-linux-amd64.zip", b"PK")

    output = world.build({"REPO": "FiloSottile/age", "VERSION": version})

    assert f": {tag}, age-" in output


def test_five_assets_in_two_layers_ask_once_for_a_release(world: World) -> None:
    (world.app / "project.toml").write_text(
        """[_]
schema-version = "0.2"

[[_.metadata.github-assets]]
repo = "jqlang/jq"
target = "jq"

[[_.metadata.github-assets]]
repo = "BurntSushi/ripgrep"
layer = "search"

[[_.metadata.github-assets]]
repo = "acme/tools"
file = "zstd-tool-*"
target = "zstd-tool"

[[_.metadata.github-assets]]
repo = "acme/tools"
file = "xz-tool-*"
target = "xz-tool"
layer = "search"
"""
    )

    world.build({"BP_GITHUB_ASSETS": "acme/tools@v2.0.0:bz-tool-linux-amd64.bz2>bz-tool"})

    assert set(world.layer()) == {"bin/jq*", "bin/zstd-tool*", "bin/bz-tool*"}
    assert set(world.layer("search")) == {"bin/rg*", "bin/xz-tool*"}
    asked = [record.path for record in world.server.requests("api")]
    assert len(asked) == len(set(asked)) == 4


def test_the_predecessors_2_0_table(world: World) -> None:
    (world.app / "project.toml").write_text(
        '[[metadata.githubasset]]\nrepo = "jqlang/jq"\nfile = "jq-linux64"\ntarget = "jq"\nversion = "jq-1.7.1"\n'
    )

    output = world.build()

    assert "deprecated" in output.lower()
    assert world.layer("jqlang_jq") == {"bin/jq*": program()}


def test_the_predecessors_2_1_table(world: World) -> None:
    (world.app / "project.toml").write_text(
        '[[metadata.githubassets]]\nrepo = "BurntSushi/ripgrep"\n'
        'asset = "ripgrep-14.1.1-x86_64-unknown-linux-musl.tar.gz"\ntag = "14.1.1"\n'
        'destination = "bin"\nstrip_components = 1\n'
    )

    output = world.build()

    assert "deprecated" in output.lower()
    assert world.layer("BurntSushi_ripgrep")["bin/rg*"] == program()


def test_a_binary_for_another_architecture_is_refused_with_the_right_one(world: World) -> None:
    with pytest.raises(AssertionError) as refused:
        world.build({"REPO": "jqlang/jq", "FILE": "jq-linux-amd64"}, arch="arm64")

    assert "jq-linux-amd64 is an executable for linux/amd64, but the image is for linux/arm64" in str(refused.value)
    assert "FILE=jq-linux-arm64" in str(refused.value)


def test_another_buildpack_requires_an_asset(world: World, tmp_path: Path) -> None:
    requirer = tmp_path / "requirer"
    (requirer / "bin").mkdir(parents=True)
    (requirer / "buildpack.toml").write_text(
        'api = "0.10"\n[buildpack]\nid = "test/requirer"\nversion = "1.0.0"\nname = "requirer"\n'
        '[[targets]]\nos = "linux"\n'
    )
    (requirer / "bin" / "detect").write_text(
        '#!/bin/sh\ncat >"$CNB_BUILD_PLAN_PATH" <<\'END\'\n[[requires]]\nname = "github-assets"\n'
        '[requires.metadata]\nrepo = "jqlang/jq"\ntarget = "jq"\nEND\n'
    )
    (requirer / "bin" / "build").write_text("#!/bin/sh\n")
    for name in ("detect", "build"):
        (requirer / "bin" / name).chmod(0o755)
    world.buildpacks.append(requirer)

    world.build({"BP_GITHUB_ASSETS_PROVIDE": "true"})

    assert world.layer() == {"bin/jq*": program()}
