"""A GitHub on loopback for all tools alike: real host names, TLS by nginx, which also serves the asset store.

In a mount namespace of its own, /etc/hosts names loopback addresses for GitHub's hosts, so that no tool needs a setting
to find them. nginx passes what is for the API and the web on to `testing.githubd`, whose redirects lead to the store.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import trustme

from benchmarks import programs
from testing.githubd import GitHub, Server
from testing.githubd.exchange import Role

CLONED = "GITHUB_ASSETS_BENCH_NAMESPACE"
HOSTS: Mapping[Role, str] = {
    "api": "api.github.com",
    "web": "github.com",
    "store": "release-assets.githubusercontent.com",
}
ADDRESSES = {"api": "127.0.0.41", "web": "127.0.0.42", "store": "127.0.0.43"}
TOKEN = "ghp_" + "b" * 36
"""What gh asks for before it asks anybody else; valid here only."""


class Stage(NamedTuple):
    """A running GitHub."""

    ca: Path
    github: GitHub
    server: Server

    def api_requests(self) -> int:
        """Return how many requests reached the API since the start."""
        return len(self.server.requests("api"))


def in_namespace(arguments: Sequence[str]) -> None:
    """Start this program again where /etc/hosts is its own, unless it is there already."""
    if CLONED not in os.environ:
        os.environ[CLONED] = "yes"
        unshare = ["unshare", "--mount", "--fork", sys.executable, "-m", "benchmarks", *arguments]
        sys.exit(subprocess.run(unshare, check=False).returncode)


@contextlib.contextmanager
def running(folder: Path, *, bytes_per_second: int = 0, first_byte_ms: float = 0) -> Iterator[Stage]:
    """Yield a GitHub whose store sends that much per connection, 0 for all it can; its files are below `folder`."""
    hosts = folder / "hosts"
    hosts.write_text("".join(f"{ADDRESSES[role]} {name}\n" for role, name in HOSTS.items()) + "127.0.0.1 localhost\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    authority = trustme.CA()
    ca, key = folder / "ca.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(ca))
    authority.issue_cert(*HOSTS.values()).private_key_and_cert_chain_pem.write_to_path(str(key))
    github = GitHub(tokens={TOKEN})
    with Server(github, tls=False) as server:
        backends = {role: server.site.urls[role] for role in ("api", "web", "store")}
        server.site.urls = {**server.site.urls, **{role: f"https://{name}" for role, name in HOSTS.items()}}
        if first_byte_ms:
            # nginx cannot wait before it answers: the whole store is the test GitHub's own then.
            server.shape("store", first_byte_ms=first_byte_ms, bytes_per_second=bytes_per_second or None)
        config = folder / "nginx.conf"
        config.write_text(_nginx(folder, key, backends, bytes_per_second, from_disk=not first_byte_ms))
        nginx = subprocess.Popen([programs.debian("nginx-light", "nginx"), "-c", config, "-e", folder / "nginx.log"])
        try:
            time.sleep(0.5)
            if nginx.poll() is not None:
                raise RuntimeError(f"nginx ended at once: {(folder / 'nginx.log').read_text()}")
            yield Stage(ca, github, server)
        finally:
            nginx.terminate()
            nginx.wait()
            subprocess.run(["umount", "/etc/hosts"], check=True)


def publish(stage: Stage, folder: Path, repository: str, tags: Sequence[str], files: Sequence[Path]) -> None:
    """Release the files under each tag, and lay them where nginx finds the store's objects."""
    owner = stage.github.repository(repository)
    for release, file in itertools.product([owner.release(tag) for tag in tags], files):
        asset = release.asset(file.name, str(file))
        place = folder / "store" / "github-production-release-asset" / str(owner.id) / str(asset.id)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        os.link(file, place)


def _nginx(folder: Path, key: Path, backends: dict[str, str], rate: int, *, from_disk: bool) -> str:
    passed = "proxy_pass {}; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_buffering off;"
    locations = {role: f"location / {{ {passed.format(backend)} }}" for role, backend in backends.items()}
    # gh asks for drafts there, which there are none of.
    response = '{"data":{"repository":{"release":null}}}'
    locations["api"] += f" location /graphql {{ default_type application/json; return 200 '{response}'; }}"
    if from_disk:
        served = f"root {folder}/store; default_type application/octet-stream; limit_rate {rate};"
        locations["store"] = f"location / {{ {served} }}"
    servers = "".join(
        f"server {{ listen {ADDRESSES[role]}:443 ssl; ssl_certificate {key}; ssl_certificate_key {key}; {location} }}\n"
        for role, location in locations.items()
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid;\nevents {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; sendfile on; keepalive_requests 100000; {temporary}\n{servers}}}\n"
    )
