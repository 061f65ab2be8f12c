"""Tekton in the cluster: its installation, and runs of a Task."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from testing.kube import REGISTRY
from testing.kube.cluster import Cluster, condition
from testing.toolchain import golang

_HOOK = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/validation.webhook.pipeline.tekton.dev"
_RUNS = "/apis/tekton.dev/v1/namespaces/default/taskruns"
_PROGRAM = re.compile(r"ko://github\.com/tektoncd/pipeline/cmd/(\w+)")
_SHELL = re.compile(r'cgr\.dev/chainguard/busybox@[^"]+')


class Run(NamedTuple):
    """A TaskRun that has ended."""

    name: str
    succeeded: bool
    message: str
    """What Tekton says about it."""
    log: str
    """What all its steps printed."""


def install(cluster: Cluster) -> None:
    """Install Tekton Pipelines by its own manifests, with our images."""
    cluster.kubectl("apply", "--server-side", "-f", "-", data=yaml.safe_dump_all(_manifests()))
    for deployment in ("tekton-pipelines-controller", "tekton-pipelines-webhook"):
        rollout = ("rollout", "status", f"deployment/{deployment}", "--timeout=180s")
        cluster.kubectl("--namespace=tekton-pipelines", *rollout)
    # The webhook writes its own certificate there; before that, it cannot be called.
    cluster.eventually("Tekton's webhook is registered", lambda: _has_authority(cluster.get(_HOOK)))


def _manifests() -> Iterator[dict[str, Any]]:
    """Yield Tekton's manifests without cloud events, remote resolvers and autoscaling."""
    folder = golang.manifests("tekton")
    names = [*folder.glob("100-namespace/*"), *folder.glob("2*"), *folder.glob("300-crds/*"), *folder.glob("500*")]
    names += [
        *folder.glob("config-*"),
        *folder.glob("clusterrole-*"),
        *folder.glob("controller*"),
        folder / "webhook.yaml",
    ]
    for file in names:
        text = _PROGRAM.sub(rf"{REGISTRY}/tekton/\1:1", file.read_text())
        yield from filter(None, yaml.safe_load_all(_SHELL.sub(f"{REGISTRY}/tekton/shell:1", text)))


def _has_authority(hook: dict[str, Any]) -> bool:
    return any(one["clientConfig"].get("caBundle") for one in hook.get("webhooks", ()))


def run(cluster: Cluster, name: str) -> Run:
    """Wait until a TaskRun has ended."""
    path = f"{_RUNS}/{name}"
    ended = ("True", "False")
    cluster.eventually(f"task run {name} ends", lambda: condition(cluster.get(path), "Succeeded") in ended)
    found = cluster.get(path)
    return Run(
        name=name,
        succeeded=condition(found, "Succeeded") == "True",
        message=condition(found, "Succeeded", "message"),
        log=cluster.pod_log(found["status"]["podName"]),
    )
