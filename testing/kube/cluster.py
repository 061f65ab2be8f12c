"""The cluster: its processes, and what tests ask of it."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import requests
import trustme

from testing.kube import (
    API,
    CGROUP,
    FOLDER,
    GITHUB,
    GITHUB_NAMES,
    NAMESERVER,
    NODE,
    PODS,
    REGISTRY,
    SERVICES,
    nameserver,
    registry,
)
from testing.toolchain import debian, golang
from testing.toolchain.store import ToolchainError

_USERS = {
    "admin": 'admin,1,"system:masters"',
    "kubelet": 'system:node:node,2,"system:nodes"',
    "controller-manager": "system:kube-controller-manager,3",
    "scheduler": "system:kube-scheduler,4",
}
_START_SECONDS = 180


class Cluster:
    """A running cluster; a context manager that starts it. It ends with the machine that it runs on."""

    def __init__(self, images: Sequence[Path]) -> None:
        """Take the storages whose images the registry has from the start."""
        self._images = images
        self.programs = golang.kubernetes()
        self.keys = FOLDER / "keys"
        self.logs = FOLDER / "logs"
        self.files = FOLDER / "files"
        """What `FILES` serves."""
        self._stack = contextlib.ExitStack()
        self._socket = FOLDER / "containerd.sock"
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> Self:
        for folder in (self.keys, self.logs, self.files):
            folder.mkdir(parents=True, exist_ok=True)
        self._make_keys()
        self._stack.enter_context(
            nameserver.serving(NAMESERVER, {GITHUB_NAMES[role]: GITHUB[role] for role in GITHUB_NAMES})
        )
        self._stack.enter_context(_file_server(self.files))
        self._stack.enter_context(registry.serving(_merged(self._images), REGISTRY, self.logs / "registry.log"))
        self._start_containerd()
        self._start_control_plane()
        self._start_kubelet()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _make_keys(self) -> None:
        authority = trustme.CA(organization_name="cluster")
        names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
        server = authority.issue_cert(*names, API, "127.0.0.1")
        authority.cert_pem.write_to_path(self.keys / "ca.crt")
        server.private_key_and_cert_chain_pem.write_to_path(self.keys / "server.pem")
        # Whoever signs the service accounts' tokens: the same key will do.
        server.private_key_pem.write_to_path(self.keys / "server.key")
        lines = [f"{name}-token,{about}\n" for name, about in _USERS.items()]
        (self.keys / "tokens.csv").write_text("".join(lines))
        for user in _USERS:
            cluster = {"server": f"https://{API}", "certificate-authority": str(self.keys / "ca.crt")}
            config = {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "it", "cluster": cluster}],
                "users": [{"name": user, "user": {"token": f"{user}-token"}}],
                "contexts": [{"name": "it", "context": {"cluster": "it", "user": user}}],
                "current-context": "it",
            }
            (self.keys / f"{user}.conf").write_text(json.dumps(config))
        self._session.verify = str(self.keys / "ca.crt")
        self._session.headers["Authorization"] = "Bearer admin-token"

    def _start_containerd(self) -> None:
        hosts = FOLDER / "hosts" / REGISTRY / "hosts.toml"
        hosts.parent.mkdir(parents=True)
        hosts.write_text(
            f'server = "http://{REGISTRY}"\n[host."http://{REGISTRY}"]\ncapabilities = ["pull", "resolve"]\n'
        )
        network = FOLDER / "network" / "10-pods.conflist"
        network.parent.mkdir()
        addresses = {"type": "host-local", "subnet": PODS, "routes": [{"dst": "0.0.0.0/0"}]}
        plugins = [{"type": "ptp", "ipam": addresses}]
        network.write_text(json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": plugins}))
        config = FOLDER / "containerd.toml"
        config.write_text(f"""version = 2
root = "{FOLDER}/containers"
state = "/run/containerd"
[grpc]
address = "{self._socket}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{REGISTRY}/pause:1"
disable_apparmor = true
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{debian.unpacked("containernetworking-plugins")}/usr/lib/cni"
conf_dir = "{network.parent}"
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "{FOLDER}/hosts"
""")
        self._start("containerd", debian.program("containerd", "containerd"), "--config", config)

    def _start_control_plane(self) -> None:
        keys, client = self.keys, "http://127.0.0.1:2379"
        self._start(
            "etcd",
            debian.program("etcd", "etcd-server"),
            f"--data-dir={FOLDER}/etcd",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            "--listen-peer-urls=http://127.0.0.1:2380",
            "--unsafe-no-fsync",
        )
        self._start(
            "kube-apiserver",
            self.programs / "kube-apiserver",
            f"--etcd-servers={client}",
            f"--bind-address={API}",
            "--secure-port=443",
            f"--advertise-address={NODE}",
            f"--service-cluster-ip-range={SERVICES}",
            f"--tls-cert-file={keys}/server.pem",
            f"--tls-private-key-file={keys}/server.key",
            f"--token-auth-file={keys}/tokens.csv",
            "--authorization-mode=Node,RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={keys}/server.key",
            f"--service-account-signing-key-file={keys}/server.key",
            "--enable-aggregator-routing=true",  # webhooks are called at their pods: there is no kube-proxy
            "--profiling=false",
        )
        self.eventually("the API server is ready", self._ready)
        common = ["--leader-elect=false", "--bind-address=127.0.0.1", "--profiling=false"]
        self._start(
            "kube-controller-manager",
            self.programs / "kube-controller-manager",
            f"--kubeconfig={keys}/controller-manager.conf",
            f"--service-account-private-key-file={keys}/server.key",
            f"--root-ca-file={keys}/ca.crt",
            "--use-service-account-credentials=true",
            *common,
        )
        self._start("kube-scheduler", self.programs / "kube-scheduler", f"--kubeconfig={keys}/scheduler.conf", *common)

    def _start_kubelet(self) -> None:
        config = FOLDER / "kubelet.json"
        settings = {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "containerRuntimeEndpoint": f"unix://{self._socket}",
            "address": NODE,
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"},
            "clusterDNS": [NAMESERVER],
            "clusterDomain": "cluster.local",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{CGROUP}",
            "oomScoreAdj": 0,  # to lower it takes CAP_SYS_RESOURCE
            "enforceNodeAllocatable": [],
            "failSwapOn": False,
            "localStorageCapacityIsolation": False,
            "makeIPTablesUtilChains": False,
            "evictionHard": dict.fromkeys(("memory.available", "nodefs.available", "nodefs.inodesFree"), "0%")
            | {"imagefs.available": "0%"},
            "imageGCHighThresholdPercent": 100,
            "serializeImagePulls": False,
            "registryPullQPS": 0,
            "maxPods": 250,
            "volumePluginDir": str(FOLDER / "volume-plugins"),
        }
        config.write_text(json.dumps(settings))
        self._start(
            "kubelet",
            self.programs / "kubelet",
            f"--config={config}",
            f"--kubeconfig={self.keys}/kubelet.conf",
            f"--root-dir={FOLDER}/kubelet",
            f"--cert-dir={FOLDER}/kubelet-keys",
            "--hostname-override=node",
            f"--node-ip={NODE}",
        )
        self.eventually("the node is ready", lambda: condition(self.get("/api/v1/nodes/node"), "Ready") == "True")

    def _start(self, name: str, *command: str | Path) -> None:
        log = self._stack.enter_context((self.logs / f"{name}.log").open("wb"))
        path = f"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:{os.environ['PATH']}"
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "PATH": path})
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)

    def _ready(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return self._session.get(f"https://{API}/readyz", timeout=10).text == "ok"
        return False

    def get(self, path: str) -> dict[str, Any]:
        """Return an object of the API, or an empty dictionary where there is none."""
        found = self._session.get(f"https://{API}{path}", timeout=30)
        return dict(found.json()) if found.ok else {}

    def pod_log(self, pod: str) -> str:
        """Return what the containers of a pod printed, one after the other; of those that never started, nothing."""
        path = f"/api/v1/namespaces/default/pods/{pod}"
        spec = self.get(path)["spec"]
        found = []
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            # kubectl's --all-containers gives no log at all as long as one of them waits.
            log = self._session.get(f"https://{API}{path}/log", params={"container": container["name"]}, timeout=30)
            found += [log.text] if log.ok else []
        return "".join(found)

    def kubectl(self, *arguments: str, data: str | None = None, check: bool = True) -> str:
        """Run kubectl; return its output, errors included. Raises ToolchainError when it fails."""
        done = subprocess.run(
            [self.programs / "kubectl", *arguments],
            env={**os.environ, "KUBECONFIG": str(self.keys / "admin.conf"), "HOME": str(FOLDER)},
            input=data,
            stdin=None if data is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if check and done.returncode:
            raise ToolchainError(f"`kubectl {' '.join(arguments[:3])} …` failed", "its output is above", done.stdout)
        return done.stdout

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Create objects, or change them."""
        self.kubectl("apply", "-f", "-", data=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def eventually(self, what: str, fact: Callable[[], bool], seconds: float = _START_SECONDS) -> None:
        """Wait until the fact comes true. Raises ToolchainError if it does not in time."""
        end = time.monotonic() + seconds
        while not fact():
            if time.monotonic() > end:
                raise ToolchainError(f"not within {seconds} s: {what}", f"look at {self.logs}", self.state())
            time.sleep(0.2)

    def state(self) -> str:
        """Return what a reader of a failure wants to see: the pods, and the newest events."""
        pods = self.kubectl("get", "pods", "--all-namespaces", "-o", "wide", check=False)
        events = self.kubectl("get", "events", "--all-namespaces", "--sort-by=.lastTimestamp", check=False)
        return "\n".join([pods, *events.splitlines()[-25:]])


def condition(found: Mapping[str, Any], kind: str, field: str = "status") -> str:
    """Return a condition's status ("True", "False", "Unknown"), or another field; empty where there is none."""
    conditions: Sequence[Mapping[str, str]] = found.get("status", {}).get("conditions", [])
    return next((one.get(field, "") for one in conditions if one["type"] == kind), "")


def _merged(storages: Sequence[Path]) -> Path:
    """Return a directory that begins with the content of all of these; what is written there stays out of them."""
    changes, work, merged = (FOLDER / "registry" / name for name in ("changes", "work", "merged"))
    for folder in (changes, work, merged):
        folder.mkdir(parents=True)
    options = f"lowerdir={':'.join(map(str, storages))},upperdir={changes},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, merged], check=True)
    return merged


@contextlib.contextmanager
def _file_server(folder: Path) -> Iterator[None]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer((NODE, 8080), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()
