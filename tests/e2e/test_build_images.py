"""Minimal build images, and environments that would break an interpreter."""

from __future__ import annotations

from testing.toolchain import golang, images
from testing.toolchain.pack import image_files
from tests.e2e.stage import PROBE, SEED, Stage

HOSTILE = {
    "PYTHONHOME": "/nonexistent",
    "PYTHONPATH": "/workspace/evil",
    "PYTHONSTARTUP": "/workspace/evil.py",
    "LD_LIBRARY_PATH": "/workspace/evil",
    "LD_PRELOAD": "/workspace/evil.so",
    "LANG": "tlh_KX.klingon",
    "LC_ALL": "tlh_KX.klingon",
    "OPENSSL_CONF": "/workspace/evil.cnf",
    "TMPDIR": "/nonexistent",
    "HOME": "/nonexistent",
}


def installed(stage: Stage) -> list[bytes]:
    return [file.content for file in image_files(stage.docker, stage.image) if file.path == PROBE]


def test_debian_without_python_and_curl_in_a_hostile_environment(stage: Stage) -> None:
    (stage.folder / "app").mkdir()
    for name in ("evil.py", "evil.so", "evil.cnf", "sitecustomize.py", "requests.py", "yaml.py"):
        (stage.folder / "app" / name).write_text("raise SystemExit('hijacked')")

    output = stage.build({**SEED, **HOSTILE}, buildpacks=[stage.buildpack], app=stage.folder / "app").stdout

    assert "hijacked" not in output
    assert installed(stage) == [golang.probe("amd64").read_bytes()]


def test_musl(stage: Stage) -> None:
    stage.build(builder=images.musl_builder(stage.docker))

    assert installed(stage) == [golang.probe("amd64").read_bytes()]


def test_an_untrusted_builder(stage: Stage) -> None:
    images.lifecycle_image(stage.docker)

    stage.build(trust_builder=False)

    assert installed(stage) == [golang.probe("amd64").read_bytes()]


def test_the_cnb_file(stage: Stage) -> None:
    (package,) = stage.buildpack.parent.glob("github-assets-cnb-*-linux-amd64.cnb")

    stage.build(buildpacks=[images.GO_BINARY, package])

    assert installed(stage) == [golang.probe("amd64").read_bytes()]
