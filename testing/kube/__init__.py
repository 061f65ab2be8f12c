"""A Kubernetes of one node for tests: real control plane, kubelet and containerd, in namespaces without a network.

`python -m testing.kube` makes the parts, which takes the network, and then runs pytest over `tests/kube` as if on a
machine of its own: nothing that runs there reaches the network, and nothing of it is left when pytest ends. Linux,
root, x86-64.
"""

from collections.abc import Mapping
from typing import Final

from testing.githubd.exchange import Role
from testing.toolchain.store import CACHE

FOLDER: Final = CACHE.parent / "kube"
"""What a run writes; its logs are left there."""
RUN: Final = "GITHUB_ASSETS_CNB_KUBE"
"""The variable that a run sets: the platforms whose images were made, separated by commas."""
CGROUP: Final = "github-assets-cnb"
"""The control group below which the kubelet puts pods."""

NODE: Final = "10.89.0.1"
REGISTRY: Final = f"{NODE}:5000"
FILES: Final = f"http://{NODE}:8080"
GITHUB: Final[Mapping[Role, str]] = {
    "api": "10.89.0.2",
    "web": "10.89.0.3",
    "store": "10.89.0.4",
    "other": "10.89.0.5",
    "plain": "10.89.0.6",
}
GITHUB_NAMES: Final[Mapping[Role, str]] = {
    "api": "api.github.com",
    "web": "github.com",
    "store": "release-assets.githubusercontent.com",
    "other": "artifacts.example.com",
}
NAMESERVER: Final = "10.89.0.10"
API: Final = "10.96.0.1"
"""The API server, and the address of its Service: what a kube-proxy would do."""
PODS: Final = "10.88.0.0/16"
SERVICES: Final = "10.96.0.0/24"
"""Only the API's Service has somebody who answers; webhooks are reached at their pods."""

ADDRESSES: Final = (NODE, *GITHUB.values(), NAMESERVER, API)
"""All of the machine's; they are on its loopback interface."""
