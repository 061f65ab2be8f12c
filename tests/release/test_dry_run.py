"""A release to a registry on loopback, and what users make of it: pack, project.toml, a builder, arm64."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from github_assets.config.request import Repository
from github_assets.errors.resolution import AttestationRefused
from github_assets.resolution.attestations import Subject, check, read_roots
from release import files
from release.__main__ import make
from testing.githubd import GitHub, Server
from testing.toolchain import engine, golang, images, pack, registry
from testing.toolchain.engine import Engine
from testing.toolchain.images import Member
from tests.e2e.stage import LATEST, PROBE, REPOSITORY, Stage, publish
from tests.integration.resolution.sigstore_instance import Instance

ARCHITECTURES = ["amd64", "arm64"]
PULL = ["--pull-policy", "if-not-present"]
SIGNER = "https://github.com/cage1016/github-assets-cnb/.github/workflows/release.yml@refs/tags/v3.0.0"


@pytest.fixture(scope="module")
def docker() -> Iterator[Engine]:
    with engine.running() as found:
        yield found


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release's files."""
    return tmp_path_factory.mktemp("release") / "files"


@pytest.fixture(scope="module")
def image(output: Path) -> Iterator[str]:
    """The published index, by tag."""
    with registry.running() as address:
        make(f"{address}/cage1016/github-assets-cnb", output, dry_run=True)
        yield f"{address}/cage1016/github-assets-cnb:3.0.0"


@pytest.fixture
def github() -> Iterator[Server]:
    state = GitHub()
    publish(state.repository(REPOSITORY), LATEST)
    with Server(state) as server:
        yield server


@pytest.fixture
def stage(docker: Engine, github: Server, image: str, tmp_path: Path) -> Iterator[Stage]:
    """Builds that use the published image in place of a folder."""
    app = tmp_path / "app"
    app.mkdir()
    shutil.copy(golang.service(), app)
    with Stage(docker, Path(image), github, app, tmp_path) as each:
        yield each


def crane(*arguments: str) -> bytes:
    return subprocess.run([golang.crane(), *arguments], capture_output=True, check=True).stdout


def has_probe(stage: Stage) -> bool:
    return PROBE in {file.path for file in pack.image_files(stage.docker, stage.image)}


def test_the_index_has_every_architecture(image: str, output: Path) -> None:
    index = json.loads(crane("manifest", image))

    assert [each["platform"]["architecture"] for each in index["manifests"]] == ARCHITECTURES
    assert f"@{crane('digest', image).decode().strip()}" in (output / "registry-request.md").read_text()


@pytest.mark.parametrize(("architecture", "machine"), [("amd64", 62), ("arm64", 183)])
def test_each_architecture_has_its_own_interpreter(image: str, architecture: str, machine: int) -> None:
    exported = crane("export", "--platform", f"linux/{architecture}", image, "-")

    with tarfile.open(fileobj=io.BytesIO(exported)) as files:
        python = files.extractfile("cnb/buildpacks/cage1016_github-assets-cnb/3.0.0/runtime/lib/python")
        assert python
        assert int.from_bytes(python.read(20)[18:], "little") == machine


def test_pack_builds_with_the_published_image(stage: Stage, image: str) -> None:
    stage.build(buildpacks=[images.GO_BINARY, f"docker://{image}"], extra=PULL)

    assert has_probe(stage)


def test_project_toml_names_the_published_image(stage: Stage, image: str) -> None:
    lines = ['[_]\nschema-version = "0.2"']
    lines += [f'[[io.buildpacks.group]]\nuri = "{uri}"' for uri in (images.GO_BINARY, f"docker://{image}")]
    (stage.app / "project.toml").write_text("\n".join(lines))

    stage.build(buildpacks=[], extra=PULL)

    assert has_probe(stage)


def test_it_is_added_to_a_builder_whose_order_stays(stage: Stage, image: str) -> None:
    """`--post-buildpack` leaves detection to the builder, where `--buildpack` replaces its order."""
    builder = images.builder(
        stage.docker, "test-builder-go", images.base_image(stage.docker), [[Member(images.GO_BINARY)]]
    )

    built = stage.build(buildpacks=[], builder=builder, extra=[*PULL, "--post-buildpack", f"docker://{image}"])

    assert "cage1016/github-assets-cnb 3.0.0" in built.stdout
    assert has_probe(stage)


def test_a_builder_is_made_of_the_published_image(stage: Stage, image: str) -> None:
    base, name = images.base_image(stage.docker), "github-assets-cnb/test-builder-published:latest"
    config = stage.folder / "builder.toml"
    config.write_text(
        f'''
        [lifecycle]
        uri = "file://{images.lifecycle_archive()}"
        [build]
        image = "{base}"
        [[run.images]]
        image = "{base}"
        [[buildpacks]]
        uri = "file://{images.GO_BINARY}"
        [[buildpacks]]
        uri = "docker://{image}"
        [[order]]
        group = [{{ id = "test/go-binary" }}, {{ id = "cage1016/github-assets-cnb", optional = true }}]
        '''
    )
    try:
        pack.run_pack(stage.docker, "builder", "create", name, "--config", config, *PULL)
        stage.build(buildpacks=[], builder=name)
        assert has_probe(stage)
    finally:
        stage.docker.docker("rmi", "--force", name, check=False)


@pytest.mark.usefixtures("image")
def test_the_files_verify(output: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=output, check=True, capture_output=True)
    assert {path.suffix for path in output.iterdir()} == {".cnb", ".json", ".md", ""}


@pytest.mark.usefixtures("image")
def test_the_provenance_is_signed_and_verified_as_releases_are(output: Path, tmp_path: Path) -> None:
    """The workflow signs with GitHub's attest action; the bundle has the same format with authorities made here."""
    instance = Instance("sigstore.dev", public=True)
    statement = json.loads((output / "provenance.intoto.json").read_text())
    bundle = instance.bundle(statement, SIGNER, source="https://github.com/cage1016/github-assets-cnb")
    roots = tmp_path / "roots.json"
    roots.write_text(json.dumps(instance.trusted_root()))
    [package] = output.glob("*-linux-amd64.cnb")
    subject = Subject(Repository("cage1016", "github-assets-cnb"), "v3.0.0", package.name, files.sha256(package))

    assert check(json.dumps(bundle).encode(), subject, read_roots(str(roots))).signer == SIGNER
    with pytest.raises(AttestationRefused):
        check(json.dumps(bundle).encode(), subject._replace(sha256="0" * 64), read_roots(str(roots)))
