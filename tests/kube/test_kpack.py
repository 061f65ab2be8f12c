"""kpack: what its users do, with the manifests of examples/kpack."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from testing.githubd.log import Record
from testing.kube import REGISTRY, kpack, registry
from testing.toolchain import tar
from testing.toolchain.store import CHECKOUT
from tests.e2e.stage import publish
from tests.kube.stage import PROBE, REPOSITORY, SETTINGS, VERSION, Stage, example

TOKEN = "github_pat_thatMustNotBeFound0123456789"
NAME = "grpc-service"
Evidence = Callable[[str, object], None]


@pytest.fixture(scope="module", autouse=True)
def builders(stage: Stage) -> None:
    """kpack, and the builder of the example; `bare` is the same on a base that does not trust the local GitHub."""
    kpack.install(stage.cluster)
    objects = example("kpack/builder.yaml")
    names = {"base": "bare", "builder": "bare"}
    bare = example("kpack/builder.yaml", **{"/base": "/bare", "/builder": "/bare"})
    for one in bare:
        if one["kind"] == "ClusterBuilder":
            one["spec"]["stack"]["name"] = "bare"
        if one["kind"] in ("ClusterStack", "ClusterBuilder"):
            one["metadata"]["name"] = names[one["metadata"]["name"]]
            objects.append(one)
    stage.cluster.apply(*objects)
    for one in objects:
        if one["kind"] != "ServiceAccount":
            stage.wait_for("Ready", one)


@pytest.fixture(scope="module")
def first(stage: Stage, builders: None) -> tuple[kpack.Build, str]:
    """The first build of the example's Image, and its requests in words."""
    stage.source(f"{NAME}.tgz")
    with stage.requests() as requests:
        stage.cluster.apply(*example("kpack/image.yaml"))
        build = kpack.build(stage.cluster, NAME)
    return build, stage.summary(requests)


@pytest.fixture(scope="module")
def second(stage: Stage, first: tuple[kpack.Build, str]) -> tuple[kpack.Build, str]:
    """The next one, of a changed source."""
    return rebuild(stage, first[0], "2")


def rebuild(stage: Stage, last: kpack.Build, content: str, name: str = NAME) -> tuple[kpack.Build, str]:
    """Change the Image's source and return the build that follows, and its requests in words."""
    url = stage.source(f"{NAME}-{content}.tgz", {"change": content.encode()})
    with stage.requests() as requests:
        stage.patch("image.kpack.io", name, {"source": {"blob": {"url": url}}})
        build = kpack.build(stage.cluster, name, after=last.name)
    return build, stage.summary(requests)


def changed(name: str, **build: Any) -> dict[str, Any]:
    """Return the example's Image under another name, with other values in `spec.build`."""
    (found,) = example("kpack/image.yaml", **{f"/{NAME}": f"/{name}", f"name: {NAME}": f"name: {name}"})
    found["spec"]["source"]["blob"]["url"] = found["spec"]["source"]["blob"]["url"].replace(
        f"/{name}.tgz", f"/{NAME}.tgz"
    )
    found["spec"]["build"] |= build
    return found


def env(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def test_image(stage: Stage, first: tuple[kpack.Build, str], record_property: Evidence) -> None:
    """An Image with settings in `spec.build.env` gets the asset."""
    build, requests = first
    record_property("evidence", requests)
    assert build.succeeded, build.log
    assert kpack.ready(stage.cluster, NAME)[0] == "True"
    assert stage.files(build.image)[PROBE].mode == 0o755
    assert requests.startswith("API requests: 1,")


def test_deployment(stage: Stage, first: tuple[kpack.Build, str], record_property: Evidence) -> None:
    """A Deployment of that image: ready by our probes, restarted when NOT_SERVING, ready again."""
    (deployment,) = example("kubernetes/grpc-service.yaml", **{f"{REGISTRY}/grpc-service:1.0.0": first[0].image})
    deployment["spec"]["replicas"] = 1
    pod = stage.deploy(deployment)
    stage.wait_for_pod(pod, "Ready")
    assert "status: SERVING" in stage.probe(pod)
    launched = stage.cluster.kubectl("exec", pod, "--", "/cnb/process/grpc_health_probe", "-addr=:10021")
    assert "status: SERVING" in launched
    stage.signal(pod, "USR1")
    stage.wait_for_pod(pod, "Ready=false")
    stage.cluster.eventually(f"{pod} is restarted", lambda: stage.restarts(pod) == 1)
    stage.wait_for_pod(pod, "Ready")
    record_property("evidence", f"restarts: {stage.restarts(pod)}")
    stage.remove("grpc-service")


def test_rebuild(
    stage: Stage, first: tuple[kpack.Build, str], second: tuple[kpack.Build, str], record_property: Evidence
) -> None:
    """A changed source: the layer is reused, no asset byte, at most one API request."""
    build, requests = second
    record_property("evidence", requests)
    assert build.succeeded, build.log
    assert "Reusing layer 'cage1016/github-assets-cnb:github-assets'" in build.log
    assert stage.layer(build.image) == stage.layer(first[0].image)
    assert requests.startswith(("API requests: 0,", "API requests: 1,"))
    assert requests.endswith("asset bytes: 0")


def test_new_run_image(
    stage: Stage, second: tuple[kpack.Build, str], record_property: Evidence, tmp_path: Path
) -> None:
    """A changed run image: a rebase without a request, with the same layer."""
    layer = tmp_path / "patch.tar"
    with layer.open("wb") as file:
        tar.write(file, [tar.file("etc/patched", b"")])
    patched = f"{REGISTRY}/base:2"
    registry.crane("append", "--base", f"{REGISTRY}/base:1", "--new_layer", layer, "--new_tag", patched)
    with stage.requests() as requests:
        stage.patch("clusterstack.kpack.io", "base", {"runImage": {"image": patched}})
        build = kpack.build(stage.cluster, NAME, after=second[0].name)
    record_property("evidence", f"build reason {build.reason}, containers {' '.join(build.containers)}")
    assert build.succeeded, build.log
    assert "rebase" in build.containers
    assert requests == []
    assert "/etc/patched" in stage.files(build.image)
    assert stage.layer(build.image) == stage.layer(second[0].image)


def test_new_release(stage: Stage, first: tuple[kpack.Build, str], record_property: Evidence) -> None:
    """A new release under `latest`: the next build installs it and says what has changed."""
    stage.cluster.apply(changed("latest"))
    before = kpack.build(stage.cluster, "latest")
    repository = stage.github.github.find(REPOSITORY)
    assert repository
    publish(repository, "v0.4.46", b"another")
    try:
        url = stage.source("latest-2.tgz", {"change": b"2"})
        stage.patch("image.kpack.io", "latest", {"source": {"blob": {"url": url}}})
        after = kpack.build(stage.cluster, "latest", after=before.name)
    finally:
        del repository.releases[-1]
    record_property("evidence", f"{VERSION} → v0.4.46")
    assert after.succeeded, after.log
    assert "v0.4.46" in after.log
    assert stage.layer(after.image) != stage.layer(before.image)


def test_wrong_repository(stage: Stage, first: tuple[kpack.Build, str], record_property: Evidence) -> None:
    """A wrong REPO: the Image is not ready, though the buildpack is optional, and the build's log says why."""
    stage.cluster.apply(changed("wrong", env=env(REPO="not a repo")))
    build = kpack.build(stage.cluster, "wrong")
    status, message = kpack.ready(stage.cluster, "wrong")
    record_property("evidence", f"Ready: {status}, {textwrap.shorten(message, 100)}")
    assert status == "False"
    assert "build-pod" in message or "exit code" in message or "log" in message.lower()
    assert "not a repo" in build.log
    assert "REPO" in build.log


def test_optional(stage: Stage, first: tuple[kpack.Build, str]) -> None:
    """Nothing configured: the optional buildpack takes no part, the image is built."""
    stage.cluster.apply(changed("nothing", env=[]))
    build = kpack.build(stage.cluster, "nothing")
    assert build.succeeded, build.log
    assert PROBE not in stage.files(build.image)


def test_required(stage: Stage, first: tuple[kpack.Build, str]) -> None:
    """Nothing configured, in a namespaced Builder where the buildpack is required: the build fails and says why."""
    (builder,) = example("kpack/required.yaml")
    stage.cluster.apply(builder)
    stage.wait_for("Ready", builder)
    objects = [changed("strict-nothing", env=[]), changed("strict")]
    for one in objects:
        one["spec"]["builder"] = {"kind": "Builder", "name": builder["metadata"]["name"]}
    stage.cluster.apply(*objects)
    without, configured = (kpack.build(stage.cluster, one["metadata"]["name"]) for one in objects)
    assert not without.succeeded
    assert "REPO" in without.log
    assert configured.succeeded, configured.log


def test_project_toml(stage: Stage, first: tuple[kpack.Build, str]) -> None:
    """Settings in project.toml: a table of ours, and kpack's `io.buildpacks.build.env`."""
    settings = f'[_]\nschema-version = "0.2"\n[[_.metadata.github-assets]]\nrepo = "{REPOSITORY}"\n'
    settings += f'file = "{SETTINGS["FILE"]}"\ntarget = "by-table"\n'
    settings += f'[[io.buildpacks.build.env]]\nname = "BP_GITHUB_ASSETS"\nvalue = "{REPOSITORY}>by-variable"\n'
    image = changed("project", env=[])
    image["spec"]["source"]["blob"]["url"] = stage.source("project.tgz", {"project.toml": settings.encode()})
    stage.cluster.apply(image)
    build = kpack.build(stage.cluster, "project")
    assert build.succeeded, build.log
    folder = PROBE.rpartition("/")[0]
    assert {f"{folder}/by-table", f"{folder}/by-variable"} <= set(stage.files(build.image))


@pytest.fixture(scope="module")
def private(stage: Stage, first: tuple[kpack.Build, str]) -> tuple[kpack.Build, list[Record]]:
    """The build of the example with a private asset, on the base that does not trust the local GitHub; its requests."""
    publish(stage.github.github.repository("octo/private", private=True, readers={TOKEN}), VERSION)
    authority = Path(stage.github.ca_path).read_text().strip().replace("\n", "\n    ")
    objects = example("kpack/private.yaml", github_pat_REPLACE_ME=TOKEN, REPLACE_ME=authority)
    objects[-1]["spec"]["builder"]["name"] = "bare"
    with stage.requests() as requests:
        stage.cluster.apply(*objects)
        build = kpack.build(stage.cluster, f"{NAME}-private")
    return build, requests


def test_private_asset(stage: Stage, private: tuple[kpack.Build, list[Record]], record_property: Evidence) -> None:
    """A private asset and a company's CA by bindings; the token is in no layer, configuration, log or event."""
    build, requests = private
    record_property("evidence", stage.summary(requests))
    assert build.succeeded, build.log
    assert PROBE in stage.files(build.image)
    assert {one.role for one in requests if TOKEN in repr(one)} == {"api"}
    for image in (build.image, f"{build.image.partition('@')[0]}-cache"):
        assert [part for part, content in registry.contents(image) if TOKEN.encode() in content] == []
    assert TOKEN not in build.log
    for kind in ("events", "pods", "builds.kpack.io", "images.kpack.io"):
        assert TOKEN not in stage.cluster.kubectl("get", kind, "--all-namespaces", "-o", "json")


def test_rebuild_with_a_token(
    stage: Stage, private: tuple[kpack.Build, list[Record]], record_property: Evidence
) -> None:
    """A changed source, with a token: the one API request is conditional, and does not count."""
    build, requests = rebuild(stage, private[0], "private-2", f"{NAME}-private")
    record_property("evidence", requests)
    assert build.succeeded, build.log
    assert requests == "API requests: 1, answered with 304: 1, asset bytes: 0"
    assert stage.layer(build.image) == stage.layer(private[0].image)


def test_missing_authority(stage: Stage, first: tuple[kpack.Build, str], record_property: Evidence) -> None:
    """Without the CA's binding: the Image is not ready, and the log says which certificate is not trusted."""
    image = changed("no-authority")
    image["spec"]["builder"]["name"] = "bare"
    stage.cluster.apply(image)
    build = kpack.build(stage.cluster, "no-authority")
    assert not build.succeeded
    assert "certificate" in build.log
    assert "ca-certificates" in build.log


def test_queue(stage: Stage, first: tuple[kpack.Build, str], record_property: Evidence, tmp_path: Path) -> None:
    """Many Images of one builder at once: one API request each, and none for those whose source has a lock file."""
    count = int(os.environ.get("IMAGES", "6"))
    locked = stage.source("locked.tgz", {"github-assets.lock": lock_file(stage, tmp_path)})
    images = [changed(f"queue-{number}") for number in range(count)]
    for image in images[: count // 2]:
        image["spec"]["source"]["blob"]["url"] = locked
    begin = time.monotonic()
    with stage.requests() as requests:
        stage.cluster.apply(*images)
        builds = [kpack.build(stage.cluster, image["metadata"]["name"], seconds=60 * count) for image in images]
    seconds = time.monotonic() - begin
    record_property("evidence", f"{count} images in {seconds:.0f} s: {stage.summary(requests)}")
    assert [build.log for build in builds if not build.succeeded] == []
    assert len([one for one in requests if one.role == "api"]) == count - count // 2


def lock_file(stage: Stage, folder: Path) -> bytes:
    """Return the lock file that the command line writes for the example's settings."""
    settings = {**SETTINGS, "SSL_CERT_FILE": stage.github.ca_path, "PYTHONPATH": str(CHECKOUT / "lib")}
    del settings["VERSION"]
    command: list[str | Path] = [sys.executable, "-m", "github_assets", "lock", "--directory", folder]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return (folder / "github-assets.lock").read_bytes()
