"""A machine of its own for a command: private processes, mounts and network, and nothing left afterwards.

`python -m testing.kube.machine COMMAND…` is its first process.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from testing.kube import ADDRESSES, CGROUP, FOLDER, NAMESERVER, NODE

_CGROUPS = Path("/sys/fs/cgroup")
_SYSCTLS = (
    *("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"),
    *("kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes"),
)
"""What a kubelet sets for the whole kernel; here it sets a copy."""
_PRIVATE = ("/run", "/var/lib", "/var/log")


def run(command: Sequence[str]) -> int:
    """Run a command in new namespaces; return its exit status."""
    with _control_groups():
        unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        return subprocess.run([*unshare, sys.executable, "-m", __spec__.name, *command]).returncode


@contextlib.contextmanager
def _control_groups() -> Iterator[None]:
    """Give the kubelet a group in each hierarchy (cgroup v1), or one with all controllers (v2)."""
    controllers = _CGROUPS / "cgroup.controllers"
    if controllers.exists():
        parents = [_CGROUPS]
        _delegate(controllers.read_text().split())
    else:
        parents = [path for path in _CGROUPS.iterdir() if path.is_dir() and path.is_mount()]
    groups = [parent / CGROUP for parent in parents]
    for group in groups:
        group.mkdir(exist_ok=True)
    try:
        yield
    finally:
        for group in groups:
            _remove(group)


def _delegate(controllers: Sequence[str]) -> None:
    """Give the controllers to the groups below the top one, which must be empty of processes for that (v2)."""
    leaf = _CGROUPS / "init"
    leaf.mkdir(exist_ok=True)
    for pid in (_CGROUPS / "cgroup.procs").read_text().split():
        with contextlib.suppress(OSError):  # it has ended, or is the kernel's
            (leaf / "cgroup.procs").write_text(pid)
    (_CGROUPS / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in controllers))


def _remove(group: Path) -> None:
    for _ in range(50):
        with contextlib.suppress(OSError):  # the kernel may still be at work on the last processes
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)
        if not group.exists():
            return
        time.sleep(0.1)


def _set_up() -> None:
    _call("ip", "link", "set", "lo", "up")
    for address in ADDRESSES:
        _call("ip", "address", "add", f"{address}/32", "dev", "lo")
    for path in _PRIVATE:
        _call("mount", "-t", "tmpfs", "tmpfs", path)
    for name in _SYSCTLS:
        sysctl = Path("/proc/sys", name)
        _shadow(sysctl, sysctl.read_text())
    _shadow(Path("/etc/resolv.conf"), f"nameserver {NAMESERVER}\n")
    _shadow(Path("/etc/hosts"), f"127.0.0.1 localhost\n{NODE} node\n")


def _shadow(path: Path, content: str) -> None:
    """Put another file in the place of one, for this machine alone."""
    copy = FOLDER / "etc" / str(path).strip("/").replace("/", ".")
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(content)
    _call("mount", "--bind", str(copy), str(path))


def _call(*command: str) -> None:
    subprocess.run(command, check=True)


def main() -> int:
    """Be the first process: set the machine up, start the command, reap whatever ends; return its exit status."""
    _set_up()
    child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
