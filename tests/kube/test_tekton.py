"""Tekton: the lifecycle's phases step by step, with the task of examples/tekton."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from testing.kube import FOLDER, REGISTRY, registry, tekton
from testing.toolchain import golang, images, tar
from testing.toolchain.store import CHECKOUT
from tests.e2e.stage import publish
from tests.kube.stage import GO_BINARY, PROBE, REPOSITORY, VERSION, Stage, example

TOKEN = "github_pat_thatMustNotBeFound9876543210"
OURS = "cage1016_github-assets-cnb/3.0.0"
SOURCE = FOLDER / "source"
Evidence = Callable[[str, object], None]


@pytest.fixture(scope="module", autouse=True)
def task(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tekton, the task, a builder, and a volume with the application."""
    tekton.install(stage.cluster)
    make_builder(f"{REGISTRY}/tekton/builder", tmp_path_factory.mktemp("builder"))
    SOURCE.mkdir()
    (SOURCE / "grpc-service").write_bytes(golang.service().read_bytes())
    (SOURCE / "grpc-service").chmod(0o755)
    size = {"storage": "1Gi"}
    volume = {
        "capacity": size,
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "",
        "hostPath": {"path": str(SOURCE)},
    }
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "",
        "volumeName": "source",
        "resources": {"requests": size},
    }
    stage.cluster.apply(
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "source"}, "spec": volume},
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "source", "namespace": "default"},
            "spec": claim,
        },
        *example("tekton/task.yaml"),
    )


def make_builder(reference: str, scratch: Path) -> None:
    """Push a builder on the base that trusts the local GitHub: the lifecycle, two buildpacks, their order."""
    layer = scratch / "lifecycle.tar"
    order = '[[order]]\n[[order.group]]\nid = "test/go-binary"\nversion = "1.0.0"\n'
    order += '[[order.group]]\nid = "cage1016/github-assets-cnb"\nversion = "3.0.0"\noptional = true\n'
    files = [tar.file("cnb/order.toml", order.encode())]
    files += [tar.file("cnb/run.toml", f'[[images]]\nimage = "{REGISTRY}/base:1"\n'.encode())]
    files += [tar.folder("layers", 0o755, images.USER_ID, images.GROUP_ID)]
    with layer.open("wb") as file:
        tar.write(file, [*images.lifecycle_layer(images.lifecycle_archive()), *files])
    buildpacks = scratch / "buildpacks.tar"
    with tarfile.open(buildpacks, "w") as archive:
        for folder, name in ((GO_BINARY, "test_go-binary/1.0.0"), (CHECKOUT / "dist/linux-amd64", OURS)):
            archive.add(folder, f"cnb/buildpacks/{name}")
    base = f"{REGISTRY}/base:1"
    registry.crane("append", "--base", base, "--new_layer", layer, "--new_layer", buildpacks, "--new_tag", reference)


def started(stage: Stage, name: str, image: str = "grpc-service", **env: str) -> tekton.Run:
    """Run the example's TaskRun under another name, with these variables instead of its own if there are any."""
    (found,) = example("tekton/taskrun.yaml")
    found["metadata"]["name"] = name
    set_parameter(found, "image", f"{REGISTRY}/tekton/{image}")
    if env:
        set_parameter(found, "env", [f"{variable}={value}" for variable, value in env.items()])
    stage.cluster.apply(found)
    return tekton.run(stage.cluster, name)


def set_parameter(run: Mapping[str, Any], name: str, value: Any) -> None:
    next(one for one in run["spec"]["params"] if one["name"] == name)["value"] = value


@pytest.fixture(scope="module")
def first(stage: Stage) -> tuple[tekton.Run, str]:
    """The example's run, and its requests in words."""
    with stage.requests() as requests:
        stage.cluster.apply(*example("tekton/taskrun.yaml"))
        run = tekton.run(stage.cluster, "grpc-service")
    return run, stage.summary(requests)


def test_phases(stage: Stage, first: tuple[tekton.Run, str], record_property: Evidence) -> None:
    """The phases one by one; a value with blanks and `=`, the range `>=0.4.40 <1`, arrives whole."""
    run, requests = first
    record_property("evidence", requests)
    assert run.succeeded, run.log
    assert VERSION in run.log
    assert stage.files(f"{REGISTRY}/tekton/grpc-service")[PROBE].mode == 0o755


def test_again(stage: Stage, first: tuple[tekton.Run, str], record_property: Evidence) -> None:
    """The same image again: the layer is reused, no asset byte."""
    before = stage.layer(f"{REGISTRY}/tekton/grpc-service")
    with stage.requests() as requests:
        run = started(stage, "again")
    record_property("evidence", stage.summary(requests))
    assert run.succeeded, run.log
    assert "Reusing layer 'cage1016/github-assets-cnb:github-assets'" in run.log
    assert stage.layer(f"{REGISTRY}/tekton/grpc-service") == before
    assert [one for one in requests if one.role == "store"] == []


def test_several_assets(stage: Stage, first: tuple[tekton.Run, str]) -> None:
    """Several assets in one value without `=` or blanks, for tasks that cut there: BP_GITHUB_ASSETS."""
    run = started(stage, "several", "several", BP_GITHUB_ASSETS=f"{REPOSITORY}@^0.4>one,{REPOSITORY}@{VERSION}>two")
    assert run.succeeded, run.log
    folder = PROBE.rpartition("/")[0]
    assert {f"{folder}/one", f"{folder}/two"} <= set(stage.files(f"{REGISTRY}/tekton/several"))


def test_wrong_repository(stage: Stage, first: tuple[tekton.Run, str], record_property: Evidence) -> None:
    """A wrong REPO: the run fails, though the buildpack is optional, and its log says why."""
    run = started(stage, "wrong", "wrong", REPO="not a repo")
    record_property("evidence", run.message)
    assert not run.succeeded
    assert "not a repo" in run.log
    assert "step-build" in run.message


def test_private_asset(stage: Stage, first: tuple[tekton.Run, str], record_property: Evidence) -> None:
    """A private asset and a company's CA by bindings in workspaces; the token is in no layer, log or event."""
    publish(stage.github.github.repository("octo/private-tekton", private=True, readers={TOKEN}), VERSION)
    authority = Path(stage.github.ca_path).read_text().strip().replace("\n", "\n    ")
    replaced = {"github_pat_REPLACE_ME": TOKEN, "REPLACE_ME": authority, "octo/private": "octo/private-tekton"}
    with stage.requests() as requests:
        stage.cluster.apply(*example("tekton/private.yaml", **replaced))
        run = tekton.run(stage.cluster, "grpc-service-private")
    record_property("evidence", stage.summary(requests))
    assert run.succeeded, run.log
    assert {one.role for one in requests if TOKEN in repr(one)} == {"api"}
    contents = registry.contents(f"{REGISTRY}/tekton/grpc-service-private")
    assert [part for part, content in contents if TOKEN.encode() in content] == []
    assert TOKEN not in run.log
    for kind in ("events", "pods", "taskruns.tekton.dev"):
        assert TOKEN not in stage.cluster.kubectl("get", kind, "--all-namespaces", "-o", "json")
