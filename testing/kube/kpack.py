"""kpack in the cluster: its installation, and builds of Images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from testing.kube import REGISTRY
from testing.kube.cluster import Cluster, condition
from testing.toolchain import golang

API = "/apis/kpack.io/v1alpha2"
_HOOK = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/validation.webhook.kpack.io"
_NAMESPACE = "/namespaces/default"


class Build(NamedTuple):
    """A build that has ended."""

    name: str
    succeeded: bool
    reason: str
    """What it was for, as kpack puts it: CONFIG, COMMIT, BUILDPACK, STACK, TRIGGER."""
    log: str
    """What all its containers printed."""
    containers: tuple[str, ...]
    image: str
    """The image with its digest; empty where there is none."""


def install(cluster: Cluster) -> None:
    """Install kpack by its own manifests, with our images."""
    late = [one for one in _manifests() if one["kind"] == "ClusterLifecycle"]
    cluster.apply(*(one for one in _manifests() if one not in late))
    for deployment in ("kpack-controller", "kpack-webhook"):
        cluster.kubectl("--namespace=kpack", "rollout", "status", f"deployment/{deployment}", "--timeout=180s")
    # The webhook writes its own certificate there; before that, it cannot be called.
    cluster.eventually("kpack's webhook is registered", lambda: _has_authority(cluster.get(_HOOK)))
    cluster.apply(*late)


def _manifests() -> Iterator[dict[str, Any]]:
    """Yield kpack's manifests: templates in which only values are missing."""
    programs = [name.replace("-", "_") for name in (*golang.KPACK_PROGRAMS, "build-waiter")]
    values = {f"{name}.image": f"{REGISTRY}/kpack/{name.replace('_', '-')}:1" for name in programs}
    values |= {"lifecycle.image": f"{REGISTRY}/lifecycle:1", "kpack_version": golang.KPACK_VERSION}
    for file in sorted(golang.manifests("kpack").glob("*.yaml")):
        if file.name != "schema.yaml":
            lines = [line for line in file.read_text().splitlines() if not line.startswith("#@")]
            text = re.sub(r"#@ data\.values\.(\S+)", lambda match: values[match[1]], "\n".join(lines))
            yield from filter(None, yaml.safe_load_all(text))


def _has_authority(hook: dict[str, Any]) -> bool:
    return any(one["clientConfig"].get("caBundle") for one in hook.get("webhooks", ()))


def build(cluster: Cluster, name: str, after: str = "", *, seconds: float = 180) -> Build:
    """Wait until the Image's first build has ended, or the one *after* another."""
    number = _number(after) + 1 if after else 1
    path = f"{API}{_NAMESPACE}/builds/{name}-build-{number}"
    found = _wait_for(cluster, path, "Succeeded", seconds)
    pod = cluster.get(f"/api/v1{_NAMESPACE}/pods/{found['status']['podName']}")
    containers = tuple(one["name"] for one in pod["spec"]["initContainers"])
    return Build(
        name=found["metadata"]["name"],
        succeeded=condition(found, "Succeeded") == "True",
        reason=found["metadata"]["annotations"]["image.kpack.io/reason"],
        log=cluster.pod_log(pod["metadata"]["name"]),
        containers=containers,
        image=found["status"].get("latestImage", ""),
    )


def ready(cluster: Cluster, name: str) -> tuple[str, str]:
    """Return the Image's Ready condition once it is True or False, and its message."""
    found = _wait_for(cluster, f"{API}{_NAMESPACE}/images/{name}", "Ready", 60)
    return condition(found, "Ready"), condition(found, "Ready", "message")


def _wait_for(cluster: Cluster, path: str, kind: str, seconds: float) -> dict[str, Any]:
    """Return an object as soon as its condition is known."""
    what = f"{path.rpartition('/')[2]}: {kind} is known"
    cluster.eventually(what, lambda: condition(cluster.get(path), kind) in ("True", "False"), seconds)
    return cluster.get(path)


def _number(build_name: str) -> int:
    return int(build_name.rpartition("-")[2])
