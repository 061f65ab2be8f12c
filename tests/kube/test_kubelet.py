"""The probes of examples/kubernetes on a real kubelet, with an image that no platform built."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from testing.kube import REGISTRY, registry
from testing.toolchain import golang, tar
from tests.kube.stage import PROBE, Stage, example

IMAGE = f"{REGISTRY}/probed:1"
Evidence = Callable[[str, object], None]


@pytest.fixture(scope="module", autouse=True)
def image(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    layer = tmp_path_factory.mktemp("probed") / "layer.tar"
    programs = {"workspace/grpc-service": golang.service(), PROBE.lstrip("/"): golang.probe("amd64")}
    with layer.open("wb") as file:
        tar.write(file, [tar.file(path, program.read_bytes(), 0o755) for path, program in programs.items()])
    registry.crane("append", "--base", f"{REGISTRY}/base:1", "--new_layer", layer, "--new_tag", IMAGE)
    registry.crane("mutate", IMAGE, "--tag", IMAGE, "--entrypoint=/workspace/grpc-service")


def deployed(stage: Stage, file: str, *arguments: str) -> str:
    """Apply the example with one replica and these arguments of the service; return the pod's name."""
    (found,) = example(f"kubernetes/{file}", **{f"{REGISTRY}/grpc-service:1.0.0": IMAGE})
    found["spec"]["replicas"] = 1
    container = found["spec"]["template"]["spec"]["containers"][0]
    container["args"] = [*container.get("args", []), *arguments]
    return stage.deploy(found)


@pytest.mark.parametrize("file", ["grpc-service.yaml", "native-grpc.yaml", "http-get.yaml"])
def test_health_is_noticed(stage: Stage, file: str, record_property: Evidence) -> None:
    """Probes by `exec`, `grpc` and `httpGet`: NOT_SERVING makes a pod un-ready, then restarts it; it is ready again."""
    pod = deployed(stage, file)
    stage.wait_for_pod(pod, "Ready")
    stage.signal(pod, "USR1")
    stage.wait_for_pod(pod, "Ready=false")
    stage.cluster.eventually(f"{pod} is restarted", lambda: stage.restarts(pod) == 1)
    stage.wait_for_pod(pod, "Ready")
    record_property("evidence", file)
    stage.remove(file.removesuffix(".yaml"))


def test_a_socket_says_little(stage: Stage, record_property: Evidence) -> None:
    """A probe by `tcpSocket`: a server that reports NOT_SERVING stays ready."""
    pod = deployed(stage, "tcp-socket.yaml")
    stage.wait_for_pod(pod, "Ready")
    stage.signal(pod, "USR1")
    stage.cluster.eventually("NOT_SERVING", lambda: "NOT_SERVING" in stage.probe(pod))
    time.sleep(6)  # three probes
    assert stage.is_ready(pod)
    assert stage.restarts(pod) == 0
    record_property("evidence", "tcp-socket.yaml")
    stage.remove("tcp-socket")


def test_a_file(stage: Stage, record_property: Evidence) -> None:
    """A probe by `exec` of `test -f`: ready while there is a file."""
    pod = deployed(stage, "exec-file.yaml")
    stage.cluster.eventually("it runs", lambda: stage.pod(pod)["status"]["phase"] == "Running")
    assert not stage.is_ready(pod)
    stage.cluster.kubectl("exec", pod, "--", "touch", "/tmp/ready")
    stage.wait_for_pod(pod, "Ready")
    stage.cluster.kubectl("exec", pod, "--", "rm", "/tmp/ready")
    stage.wait_for_pod(pod, "Ready=false")
    record_property("evidence", "exec-file.yaml")
    stage.remove("exec-file")


def test_a_readiness_gate(stage: Stage, record_property: Evidence) -> None:
    """A readiness gate: a pod whose probe succeeds is not ready before its condition is set."""
    pod = deployed(stage, "readiness-gate.yaml")
    stage.wait_for_pod(pod, "ContainersReady")
    assert not stage.is_ready(pod)
    status = {"conditions": [{"type": "example.com/in-load-balancer", "status": "True"}]}
    stage.cluster.kubectl("patch", "pod", pod, "--subresource=status", "--patch", json.dumps({"status": status}))
    stage.wait_for_pod(pod, "Ready")
    record_property("evidence", "readiness-gate.yaml")
    stage.remove("readiness-gate")


@pytest.mark.parametrize("file", ["grpc-service.yaml", "native-grpc.yaml", "http-get.yaml"])
def test_a_slow_start_is_no_restart(stage: Stage, file: str, record_property: Evidence) -> None:
    """`startupProbe` comes before liveness: a server that is slow to serve is not restarted."""
    pod = deployed(stage, file, "-serving=false")
    stage.cluster.eventually("NOT_SERVING", lambda: "NOT_SERVING" in stage.probe(pod))
    time.sleep(20)  # the liveness probe alone would have restarted it
    assert stage.restarts(pod) == 0
    assert not stage.is_ready(pod)
    stage.signal(pod, "USR2")
    stage.wait_for_pod(pod, "Ready")
    record_property("evidence", file)
    stage.remove(file.removesuffix(".yaml"))


def test_an_orderly_end(stage: Stage, record_property: Evidence) -> None:
    """SIGTERM: the server finishes and exits with 0, well within `terminationGracePeriodSeconds`."""
    (found,) = example("kubernetes/native-grpc.yaml", **{f"{REGISTRY}/grpc-service:1.0.0": IMAGE})
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ends", "namespace": "default"}}
    # A finalizer keeps the object after its end, for a look at its exit status.
    pod["metadata"]["finalizers"] = ["example.com/look"]
    stage.cluster.apply({**pod, "spec": {**found["spec"]["template"]["spec"], "restartPolicy": "Never"}})
    stage.wait_for_pod("ends", "Ready")
    stage.cluster.kubectl("delete", "pod", "ends", "--wait=false")
    stage.cluster.eventually("the pod ends", lambda: bool(terminated(stage, "ends")), seconds=60)
    ended = terminated(stage, "ends")
    stage.cluster.kubectl("patch", "pod", "ends", "--type=merge", "--patch", '{"metadata": {"finalizers": []}}')
    record_property("evidence", f"exit status {ended['exitCode']}, reason {ended['reason']}")
    assert ended["exitCode"] == 0


def terminated(stage: Stage, pod: str) -> dict[str, Any]:
    """Return how the pod's container ended; empty while it runs."""
    (container,) = stage.pod(pod)["status"]["containerStatuses"]
    return dict(container["state"].get("terminated", {}))
