"""A release to a registry on loopback, and what users make of it, as docs/install.md says."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from github_assets.config.request import Repository
from github_assets.errors.resolution import AttestationRefused
from github_assets.resolution.attestations import Subject, check, read_roots
from release import CHECKOUT, IMAGE, URL, assets
from release.__main__ import make
from testing.toolchain import golang, images, registry
from testing.toolchain.engine import Engine
from testing.toolchain.pack import pack_environment, run_pack
from tests.e2e.stage import PROBE, Stage
from tests.integration.resolution.sigstore_instance import Instance

GUIDE = CHECKOUT / "docs" / "install.md"
SIGNER = f"{URL}/.github/workflows/release.yml@refs/tags/v3.0.0"
PYTHON = "/cnb/buildpacks/cage1016_github-assets-cnb/3.0.0/runtime/lib/python"
AMD64, ARM64 = 62, 183
PACK = """
verb=$1; shift
case $verb in
build) set -- "$@" --network host --docker-host inherit --trust-builder --trust-extra-buildpacks \\
  --env GITHUB_API_URL={api} --volume {binding}:/platform/bindings/ca ;;
esac
exec {pack} "$verb" "$@" --pull-policy if-not-present
"""


@pytest.fixture(scope="module")
def name() -> Iterator[str]:
    """The image's name in a registry on loopback."""
    with registry.running() as address:
        yield f"{address}/{IMAGE.partition('/')[2]}"


@pytest.fixture(scope="module")
def output(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release's files, once it is published."""
    folder = tmp_path_factory.mktemp("release")
    make(name, folder / "release", dry_run=True)
    return folder / "release"


@pytest.fixture
def image(docker: Engine, name: str, output: Path) -> Iterator[str]:
    """The published index, by tag. Pack would take the engine's copy, whatever its architecture."""
    docker.docker("rmi", "--force", f"{name}:3.0.0", check=False)
    yield f"{name}:3.0.0"
    docker.docker("rmi", "--force", f"{name}:3.0.0", check=False)


def crane(*arguments: str) -> bytes:
    return subprocess.run([golang.crane(), *arguments], capture_output=True, check=True).stdout


def machine(elf: bytes) -> int:
    """Return the architecture that an executable is for (elf(5), e_machine)."""
    return int.from_bytes(elf[18:20], "little")


def test_the_index_has_every_architecture(name: str, output: Path) -> None:
    image = f"{name}:3.0.0"
    index = json.loads(crane("manifest", image))
    digest = crane("digest", image).decode().strip()

    assert [each["platform"]["architecture"] for each in index["manifests"]] == ["amd64", "arm64"]
    assert f"@{digest}" in (output / "registry-request.toml").read_text()
    assert f"`{image}` ({digest})" in (output / "notes.md").read_text()


@pytest.mark.parametrize(("architecture", "number"), [("amd64", AMD64), ("arm64", ARM64)])
def test_each_architecture_has_its_own_interpreter(name: str, output: Path, architecture: str, number: int) -> None:
    image = f"{name}:3.0.0"
    config = json.loads(crane("config", "--platform", f"linux/{architecture}", image))
    exported = crane("export", "--platform", f"linux/{architecture}", image, "-")

    assert config["config"]["Labels"]["org.opencontainers.image.source"] == URL
    with tarfile.open(fileobj=io.BytesIO(exported)) as files:
        python = files.extractfile(PYTHON)
        assert python
        assert machine(python.read(20)) == number


def test_the_same_commit_gives_the_same_release(name: str, output: Path, tmp_path: Path) -> None:
    make(f"{name}-again", tmp_path, dry_run=True)

    checksums = (tmp_path / "assets" / "SHA256SUMS", output / "assets" / "SHA256SUMS")
    assert checksums[0].read_text() == checksums[1].read_text()
    assert crane("digest", f"{name}-again:3.0.0") == crane("digest", f"{name}:3.0.0")


def sections() -> Iterator[tuple[str, str]]:
    for section in GUIDE.read_text().split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        yield title, text


@pytest.mark.parametrize(("title", "text"), list(sections()), ids=lambda value: value if "\n" not in value else "")
def test_the_guide(stage: Stage, image: str, output: Path, title: str, text: str) -> None:
    """Runs what docs/install.md says in the application's directory. A TOML block's first line names its file."""
    base = images.base_image(stage.docker)
    app = stage.folder / "app"
    app.mkdir()
    shutil.copy(golang.service(), app)
    for asset in (output / "assets").iterdir():
        (app / asset.name).symlink_to(asset)
    for there, here in {
        f"{IMAGE}:3.0.0": image,
        f"{URL}/releases/download/v3.0.0": str(app),
        "docker://docker.io/paketobuildpacks/go:4.18.1": images.GO_BINARY.as_uri(),
        "docker://docker.io/paketobuildpacks/go": images.GO_BINARY.as_uri(),
        'version = "4.18.1"': 'version = "1.0.0"',
        "docker.io/paketobuildpacks/ubuntu-noble-build": base,
        "docker.io/paketobuildpacks/ubuntu-noble-run": base,
        "paketobuildpacks/ubuntu-noble-builder": images.go_builder(stage.docker),
        "paketo-buildpacks/go": "test/go-binary",
        "my-app": stage.image,
        "my-builder": f"{stage.image}-builder",
        # The lifecycle comes from GitHub unless builder.toml names one.
        "[build]\n": f'[lifecycle]\nuri = "{images.lifecycle_archive().as_uri()}"\n[build]\n',
    }.items():
        text = text.replace(there, here)
    for block, file in re.findall(r"^```toml\n(# (\S+)\n.*?)^```$", text, re.M | re.S):
        (app / file).write_text(block)
    commands = "".join(re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S))
    programs = stage.folder / "venv" / "bin"
    if "pip install" in commands:
        venv.create(programs.parent)
        write_program(programs / "pip", f'exec {sys.executable} -m pip --python {programs.parent} "$@"')
        commands += "github-assets choose --arch arm64 tool-linux-amd64 tool-linux-arm64"
    programs.mkdir(parents=True, exist_ok=True)
    write_program(programs / "pack", PACK.format(pack=golang.pack(), api=stage.github.api_url, binding=stage.binding))

    done = subprocess.run(
        ["sh", "-eu", "-c", commands],
        cwd=app,
        env={**os.environ, **pack_environment(stage.docker), "PATH": f"{programs}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    stage.docker.docker("rmi", "--force", f"{stage.image}-builder", check=False)

    assert done.returncode == 0, done.stdout
    if builds := commands.count("pack build "):
        assert done.stdout.count("GitHub Assets Buildpack 3.0.0") == builds, done.stdout
        run = stage.docker.docker("run", "--rm", "--network=host", "--entrypoint", PROBE, stage.image, "-version")
        assert run.stdout.startswith(golang.PROBE_VERSION)
    else:
        assert done.stdout.endswith("\ntool-linux-arm64\n")


def write_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\nset -eu\n{script}\n")
    path.chmod(0o755)


def test_a_composite_buildpack_is_packaged_for_arm64(stage: Stage, image: str) -> None:
    """Pack takes the package for the target's architecture from the index."""
    (stage.folder / "buildpack.toml").write_text(
        """
        api = "0.10"
        [buildpack]
        id = "example/composite"
        version = "1.0.0"
        [[order]]
        group = [{ id = "cage1016/github-assets-cnb", version = "3.0.0" }]
        """
    )
    (stage.folder / "package.toml").write_text(f'[buildpack]\nuri = "."\n[[dependencies]]\nuri = "docker://{image}"\n')
    made = stage.folder / "composite.cnb"
    options = ["--format", "file", "--target", "linux/arm64", "--pull-policy", "if-not-present"]

    run_pack(stage.docker, "buildpack", "package", made, "--config", stage.folder / "package.toml", *options)

    with tarfile.open(made) as packaged:
        index = json.load(extracted(packaged, "/index.json"))
        manifest = json.load(extracted(packaged, blob(index["manifests"][0])))
        machines = []
        for each in manifest["layers"]:
            with tarfile.open(fileobj=extracted(packaged, blob(each))) as layer:
                machines += [machine(extracted(layer, name).read(20)) for name in layer.getnames() if name == PYTHON]
    assert machines == [ARM64]


def extracted(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    assert file
    return file


def blob(descriptor: dict[str, str]) -> str:
    return f"/blobs/{descriptor['digest'].replace(':', '/')}"


def test_the_files_verify(output: Path) -> None:
    folder = output / "assets"
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)


def test_the_provenance_is_verified(output: Path, tmp_path: Path) -> None:
    """GitHub's attest action signs a statement over SHA256SUMS; here authorities of our own sign it."""
    checksums = (output / "assets" / "SHA256SUMS").read_text().splitlines()
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": line[66:], "digest": {"sha256": line[:64]}} for line in checksums],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {},
    }
    instance = Instance("sigstore.dev", public=True)
    bundle = json.dumps(instance.bundle(statement, SIGNER, source=URL)).encode()
    (tmp_path / "roots.json").write_text(json.dumps(instance.trusted_root()))
    roots = read_roots(str(tmp_path / "roots.json"))

    for path in (output / "assets").glob("github*"):
        subject = Subject(Repository("cage1016", "github-assets-cnb"), "v3.0.0", path.name, assets.sha256(path))
        assert check(bundle, subject, roots).signer == SIGNER
        with pytest.raises(AttestationRefused):
            check(bundle, subject._replace(sha256="0" * 64), roots)
