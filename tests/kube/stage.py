"""What tests of all platforms do: apply the examples, give builds their source, look at images and requests."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from examples.seed_case import PROBE, REPOSITORY, SETTINGS, VERSION
from testing.githubd import Server
from testing.githubd.log import Record
from testing.kube import FILES, REGISTRY, registry
from testing.kube.cluster import Cluster, condition
from testing.toolchain import golang, images
from testing.toolchain.store import CHECKOUT, ToolchainError

__all__ = ["GO_BINARY", "PROBE", "REPOSITORY", "SETTINGS", "VERSION", "Stage", "example"]

GO_BINARY = images.GO_BINARY
"""The buildpack that is like a language's: it runs the example's service."""

PODS = "/api/v1/namespaces/default/pods"

#: What an example names, and what there is instead.
_PLACEHOLDERS = {
    "registry.example.com": REGISTRY,
    "https://files.example.com": FILES,
    "paketo-buildpacks/go": "test/go-binary",
}


def example(path: str, **replaced: str) -> list[dict[str, Any]]:
    """Return the objects of a file in examples/, with this cluster's names in place of its placeholders."""
    text = (CHECKOUT / "examples" / path).read_text()
    for placeholder, name in {**_PLACEHOLDERS, **replaced}.items():
        text = text.replace(placeholder, name)
    return list(yaml.safe_load_all(text))


class Stage:
    """The cluster and its GitHub."""

    def __init__(self, cluster: Cluster, github: Server) -> None:
        self.cluster = cluster
        self.github = github

    def source(self, name: str, files: Mapping[str, bytes] | None = None) -> str:
        """Offer an archive of the example's service and these files; return its URL."""
        service = golang.service()
        with tarfile.open(self.cluster.files / name, "w:gz", compresslevel=1) as archive:
            archive.add(service.resolve(), service.name)
            for path, content in (files or {}).items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return f"{FILES}/{name}"

    def wait_for(self, condition: str, one: Mapping[str, Any]) -> None:
        """Wait until an object has a condition. Raises ToolchainError if it has not within two minutes."""
        group = one["apiVersion"].rpartition("/")[0].partition("/")[0]
        kind = f"{one['kind'].lower()}.{group}" if group else one["kind"].lower()
        namespace = one["metadata"].get("namespace", "default")
        name = f"{kind}/{one['metadata']['name']}"
        try:
            self.cluster.kubectl(
                "wait", f"--for=condition={condition}", "--timeout=120s", f"--namespace={namespace}", name
            )
        except ToolchainError as error:
            found = self.cluster.kubectl("get", f"--namespace={namespace}", name, "-o", "yaml", check=False)
            raise ToolchainError(error.what, error.advice, f"{error.output}\n{found}") from error

    def patch(self, kind: str, name: str, spec: Mapping[str, Any]) -> None:
        """Change fields of an object's spec."""
        self.cluster.kubectl("patch", kind, name, "--type=merge", "--patch", json.dumps({"spec": spec}))

    def deploy(self, deployment: Mapping[str, Any]) -> str:
        """Apply a Deployment of one replica; return its pod's name."""
        self.cluster.apply(deployment)
        name = deployment["metadata"]["name"]
        path = f"{PODS}?labelSelector=app%3D{name}"
        self.cluster.eventually(f"{name} has a pod", lambda: len(self.cluster.get(path)["items"]) == 1)
        return str(self.cluster.get(path)["items"][0]["metadata"]["name"])

    def remove(self, deployment: str) -> None:
        """Delete a Deployment and wait until its pods are gone."""
        self.cluster.kubectl("delete", "deployment", deployment, "--cascade=foreground", "--timeout=90s")

    def pod(self, name: str) -> dict[str, Any]:
        """Return a pod."""
        return self.cluster.get(f"{PODS}/{name}")

    def wait_for_pod(self, name: str, state: str) -> None:
        """Wait until a pod has a condition ("Ready") or has not ("Ready=false")."""
        self.cluster.kubectl("wait", f"--for=condition={state}", "--timeout=120s", f"pod/{name}")

    def is_ready(self, pod: str) -> bool:
        """Return whether a pod is ready."""
        return condition(self.pod(pod), "Ready") == "True"

    def restarts(self, pod: str) -> int:
        """Return how often the pod's container was restarted."""
        return int(self.pod(pod)["status"]["containerStatuses"][0]["restartCount"])

    def signal(self, pod: str, name: str) -> None:
        """Send a signal to the pod's first process."""
        self.cluster.kubectl("exec", pod, "--", "sh", "-c", f"kill -{name} 1")

    def probe(self, pod: str, *options: str) -> str:
        """Return what the probe prints in the pod."""
        return self.cluster.kubectl("exec", pod, "--", PROBE, "-addr=:10021", *options, check=False)

    @contextlib.contextmanager
    def requests(self) -> Iterator[list[Record]]:
        """Give a list that holds the block's requests to GitHub when it ends."""
        before = len(self.github.requests())
        found: list[Record] = []
        yield found
        found += self.github.requests()[before:]

    @staticmethod
    def summary(requests: list[Record]) -> str:
        """Return requests in a few words, for the table."""
        api = [one.status for one in requests if one.role == "api"]
        sent = sum(one.sent for one in requests if one.role == "store")
        return f"API requests: {len(api)}, answered with 304: {api.count(304)}, asset bytes: {sent:,}"

    @staticmethod
    def files(image: str) -> dict[str, tarfile.TarInfo]:
        """Return the files of all layers of an image, by absolute path."""
        found = {}
        for name, content in registry.contents(image):
            if name.startswith("sha256:"):
                with tarfile.open(fileobj=io.BytesIO(content)) as layer:
                    found.update({f"/{member.name.lstrip('./')}": member for member in layer})
        return found

    @staticmethod
    def layer(image: str) -> str:
        """Return the digest of the layer that holds the probe."""
        for name, content in registry.contents(image):
            if name.startswith("sha256:") and PROBE.lstrip("/").encode() in content:
                return name
        raise LookupError(f"{image} has no {PROBE}")
