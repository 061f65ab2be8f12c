"""`github-assets verify` of images: what a build has put into them is what is locked."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pyzstd

from testing.githubd import GitHub, Release, Server
from tests.contract.conftest import Command
from tests.contract.lifecycle import BUILDPACK, LAYER, Lifecycle
from tests.contract.samples import ARM_PROBE, ASKED, DIGEST, PROBE, TEMPLATE
from tests.unit.install.archive_files import Member, tar

REPO = ASKED["REPO"]
NAME = f"{REPO} v0.4.45: grpc_health_probe-linux-amd64"
PROGRAM = f"layers/{BUILDPACK}/{LAYER}/bin/grpc_health_probe"
LABEL = "io.github.cage1016.github-assets"
Compress = Callable[[bytes], bytes]


def layer(files: Mapping[str, bytes]) -> bytes:
    return tar(*(Member(name, content, mode=0o755) for name, content in files.items()))


def config(label: object, arch: str = "amd64") -> bytes:
    labels = {} if label is None else {LABEL: label if isinstance(label, str) else json.dumps(label)}
    return json.dumps({"os": "linux", "architecture": arch, "config": {"Labels": labels}}).encode()


def archive(path: Path, files: Mapping[str, bytes]) -> Path:
    path.write_bytes(tar(*(Member(name, content) for name, content in files.items())))
    return path


def docker_archive(path: Path, label: object, *layers: bytes) -> Path:
    """As `docker save` of older versions writes it."""
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": "config.json", "RepoTags": ["app:latest"], "Layers": names}]
    files = dict(zip(names, layers, strict=True)) | {"config.json": config(label)}
    return archive(path, {**files, "manifest.json": json.dumps(manifest).encode()})


def oci_layout(images: list[tuple[bytes, list[bytes]]]) -> dict[str, bytes]:
    """The files of an OCI layout with images, and one that BuildKit attests, below an index of their own."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def blob(content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        files[f"blobs/sha256/{digest}"] = content
        return {"digest": f"sha256:{digest}", "size": len(content)}

    manifests = []
    for settings, layers in images:
        manifest = {"config": blob(settings), "layers": [blob(each) for each in layers]}
        manifests.append(blob(json.dumps(manifest).encode()))
    manifests.append({"digest": "sha256:none", "platform": {"os": "unknown", "architecture": "unknown"}})
    index = blob(json.dumps({"manifests": manifests}).encode())
    files["index.json"] = json.dumps({"manifests": [index]}).encode()
    return files


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url
    return command_here


@pytest.fixture
def label(release: Release, command: Command, lifecycle: Lifecycle) -> list[dict[str, str]]:
    """What a build with the lock file writes into the image's label."""
    assert release.tag in NAME
    assert command("lock", "--platform", "linux/amd64", settings=TEMPLATE).status == 0
    assert lifecycle.build(TEMPLATE).status == 0
    [found] = lifecycle.toml("launch.toml")["labels"]
    assert found["key"] == LABEL
    parsed: list[dict[str, str]] = json.loads(found["value"])
    return parsed


def test_docker_save(command: Command, label: list[dict[str, str]], tmp_path: Path) -> None:
    image = docker_archive(tmp_path / "image.tar", label, layer({"etc/passwd": b"root"}), layer({PROGRAM: PROBE}))

    run = command("verify", str(image))

    assert (run.status, run.out, run.err) == (0, "bin/grpc_health_probe\n", "  Verified the image for linux/amd64\n")


@pytest.mark.parametrize("compress", [bytes, gzip.compress, pyzstd.compress])
@pytest.mark.parametrize("packed", [False, True])
def test_an_oci_layout(
    compress: Compress, packed: bool, command: Command, label: list[dict[str, str]], tmp_path: Path
) -> None:
    files = oci_layout([(config(label), [compress(layer({PROGRAM: PROBE}))])])
    path = tmp_path / "layout"
    if packed:
        archive(path, files)
    for name, content in {} if packed else files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)

    run = command("verify", str(path), "--json")

    assert run.status == 0, run.err
    assert json.loads(run.out) == {"files": ["bin/grpc_health_probe"]}


def test_several_platforms(command: Command, label: list[dict[str, str]], tmp_path: Path) -> None:
    command("lock", "--platform", "amd64", "--platform", "arm64", settings=TEMPLATE)
    other = [{**label[0], "asset": "grpc_health_probe-linux-arm64", "sha256": hashlib.sha256(ARM_PROBE).hexdigest()}]
    images = [
        (config(label), [layer({PROGRAM: PROBE})]),
        (config(other, "arm64"), [layer({PROGRAM: PROBE})]),
        (config(None, "s390x"), [layer({})]),
    ]
    path = archive(tmp_path / "image.tar", oci_layout(images))

    run = command("verify", str(path))

    assert run.status == 1
    arm = NAME.replace("amd64", "arm64")
    assert f"  linux/arm64: bin/grpc_health_probe is not {arm}\n" in run.err
    assert "linux/amd64:" not in run.err
    assert command("verify", str(path), "--platform", "x86_64").status == 0


@pytest.mark.parametrize(
    ("change", "files", "expected"),
    [
        ({}, {PROGRAM: b"evil"}, f"bin/grpc_health_probe is not {NAME}"),
        ({}, {}, "bin/grpc_health_probe is missing"),
        ({"sha256": "0" * 64}, {PROGRAM: PROBE}, f"{NAME} has sha256:{'0' * 64}, locked as sha256:{DIGEST}"),
        ({"tag": "v0.4.44"}, {PROGRAM: PROBE}, f"{NAME.replace('45', '44')} is not locked\n  {NAME} is missing"),
        ({"tag": None}, {PROGRAM: PROBE}, f"{NAME} is missing"),
    ],
)
def test_what_differs(
    change: dict[str, Any],
    files: dict[str, bytes],
    expected: str,
    command: Command,
    label: list[dict[str, str]],
    tmp_path: Path,
) -> None:
    image = docker_archive(tmp_path / "image.tar", [{**label[0], **change}], layer(files))

    run = command("verify", str(image))

    assert run.status == 1
    assert f"ERROR: {image} does not match github-assets.lock:\n  {expected}\n" in run.err


@pytest.mark.usefixtures("label")
@pytest.mark.parametrize("value", [None, "", "[", "{}", '["x"]', "7", '[{"repository": "x"}]'])
def test_an_image_of_another_origin(value: str | None, command: Command, tmp_path: Path) -> None:
    run = command("verify", str(docker_archive(tmp_path / "image.tar", value, layer({PROGRAM: PROBE}))))

    assert run.status == 1
    assert f"it has no label {LABEL}" in run.err or f"{NAME} is missing" in run.err


def test_a_later_layer_counts(command: Command, label: list[dict[str, str]], tmp_path: Path) -> None:
    folder, _, name = PROGRAM.rpartition("/")
    good, removed = layer({PROGRAM: PROBE}), layer({f"{folder}/.wh.{name}": b""})
    emptied, replaced = layer({f"{folder}/.wh..wh..opq": b""}), layer({PROGRAM: b"evil"})

    statuses = [
        command("verify", str(docker_archive(tmp_path / "image.tar", label, *layers))).status
        for layers in ((good, replaced), (good, removed), (good, emptied), (replaced, good), (good, removed, good))
    ]

    assert statuses == [1, 1, 1, 0, 0]


def test_what_was_in_an_archive(
    command: Command, lifecycle: Lifecycle, github: GitHub, label: list[dict[str, str]], tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        info = tarfile.TarInfo("tool")
        info.size, info.mode = len(PROBE), 0o755
        file.addfile(info, io.BytesIO(PROBE))
    github.repository("octo/tool").release("v1").asset("tool-linux-amd64.tar.gz", packed.getvalue())
    settings = {"REPO": "octo/tool", "TARGET": "tool"}
    command("lock", settings=settings)
    assert lifecycle.build(settings).status == 0
    [found] = lifecycle.toml("launch.toml")["labels"]
    program = PROGRAM.replace("grpc_health_probe", "tool")

    run = command("verify", str(docker_archive(tmp_path / "a.tar", found["value"], layer({program: PROBE}))))
    without = command("verify", str(docker_archive(tmp_path / "b.tar", found["value"], layer({}))))

    assert (run.status, run.out) == (0, "bin/tool\n")
    assert without.status == 1


@pytest.mark.usefixtures("label")
@pytest.mark.parametrize(
    "content",
    [b"", b"no tar", tar(Member("x")), tar(Member("manifest.json", b"[]x")), tar(Member("manifest.json", b"[7]"))],
)
def test_what_is_no_image(content: bytes, command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)

    run = command("verify", str(tmp_path / "file"))

    assert (run.status, run.out) == (1, "")
    assert f"Cannot read {tmp_path / 'file'}" in run.err


@pytest.mark.usefixtures("label")
def test_no_image_for_the_platforms(command: Command, tmp_path: Path) -> None:
    path = archive(tmp_path / "image.tar", oci_layout([(config(None, "arm64"), [])]))

    run = command("verify", str(path))

    assert run.status == 1
    assert "Nothing was verified" in run.err
