"""docs/scale.md: how many requests a build makes, and the mirror that keeps them from GitHub."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from examples.seed_case import free_port
from testing.githubd import GitHub, Server
from testing.githubd.exchange import Role
from testing.toolchain import debian
from tests.contract.conftest import Command
from tests.contract.lifecycle import SOURCE, Lifecycle
from tests.contract.proxy import Proxy
from tests.contract.samples import ASKED, PROBE, TOKEN
from tests.e2e.stage import eventually

PAGE = (SOURCE / "docs/scale.md").read_text().partition("\n## ")[0]
TABLE = re.findall(r"^\| ((?:nothing|`TOKEN`|a ).*?) \| (.*) \|$", PAGE, re.M)
ANONYMOUS, AUTHENTICATED = 60, 5000
"""GitHub's limits of API requests an hour: of an address without a token, and of a token's owner."""

pytestmark = pytest.mark.usefixtures("release")
NAMES: dict[str, Role] = {"api.github.com": "api", "github.com": "web", "artifacts.example.com": "other"}
Setting = Callable[[Lifecycle, Server, Command], Mapping[str, str]]


@pytest.fixture(autouse=True)
def internet(lifecycle: Lifecycle, server: Server) -> Iterator[None]:
    """A proxy leads to the local GitHub under its real names."""
    routes = {f"{name}:443": urlsplit(server.site.urls[role]).netloc for name, role in NAMES.items()}
    server.site.urls = {**server.site.urls, **{role: f"https://{name}" for name, role in NAMES.items()}}
    with Proxy(routes=routes) as proxy:
        lifecycle.process |= {"HTTPS_PROXY": f"http://{proxy.address}", "NO_PROXY": "127.0.0.1"}
        del lifecycle.process["GITHUB_API_URL"]
        yield


def nothing(lifecycle: Lifecycle, server: Server, command: Command) -> Mapping[str, str]:
    return ASKED


def token(lifecycle: Lifecycle, server: Server, command: Command) -> Mapping[str, str]:
    return {**ASKED, "TOKEN": TOKEN}


def binding(lifecycle: Lifecycle, server: Server, command: Command) -> Mapping[str, str]:
    folder = lifecycle.platform / "bindings/github"
    folder.mkdir(parents=True)
    for name, text in {"type": "github", "token": TOKEN}.items():
        (folder / name).write_text(text)
    return ASKED


def mirror(lifecycle: Lifecycle, server: Server, command: Command) -> Mapping[str, str]:
    return {**ASKED, "BP_DEPENDENCY_MIRROR": "https://artifacts.example.com"}


def lock(lifecycle: Lifecycle, server: Server, command: Command) -> Mapping[str, str]:
    assert command("lock", settings=ASKED).status == 0
    return ASKED


def lock_and_mirror(lifecycle: Lifecycle, server: Server, command: Command) -> Mapping[str, str]:
    return {**lock(lifecycle, server, command), **mirror(lifecycle, server, command)}


SETTINGS: dict[str, Setting] = {
    "nothing": nothing,
    "`TOKEN`": token,
    "a `github` binding": binding,
    "a mirror": mirror,
    "a lock file": lock,
    "a lock file and a mirror": lock_and_mirror,
}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_requests_of_a_build(
    row: tuple[str, str], lifecycle: Lifecycle, server: Server, github: GitHub, command: Command
) -> None:
    settings = SETTINGS[row[0]](lifecycle, server, command)
    limit = AUTHENTICATED if row[0] in ("`TOKEN`", "a `github` binding") else ANONYMOUS
    cells = []
    hourly = []
    for _ in ("first build", "rebuild"):
        server.log.clear()
        used = sum(github.rate(who)["used"] for who in (None, TOKEN))
        run = lifecycle.build(settings)
        assert run.status == 0, run.err
        counted = sum(github.rate(who)["used"] for who in (None, TOKEN)) - used
        api = server.requests("api")
        downloads = len(server.requests("web")) + len([one for one in api if "/assets/" in one.path])
        cells += [f"{len(api)}, {counted} counted", str(downloads)]
        hourly.append(f"{limit // counted:,}" if counted else "no limit")
        lifecycle.restore()
    assert " | ".join([*cells, *hourly]) == row[1]


def test_all_settings_are_in_the_table() -> None:
    assert [name for name, _ in TABLE] == list(SETTINGS)


@pytest.fixture
def cache(server: Server, lifecycle: Lifecycle, tmp_path: Path) -> Iterator[str]:
    """The mirror of examples/mirror on this machine; gives its URL."""
    authority, port = trustme.CA(), free_port()
    key = tmp_path / "mirror.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(key)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(Path(server.ca_path).read_bytes() + authority.cert_pem.bytes())
    lifecycle.process["SSL_CERT_FILE"] = str(trusted)
    web = urlsplit(server.web_url).netloc
    here = {
        "/var/cache/nginx/github": f"{tmp_path}/cache",
        "443 ssl": f"127.0.0.1:{port} ssl",
        "/etc/nginx/tls/server.crt": str(key),
        "/etc/nginx/tls/server.key": str(key),
        "https://github.com": f"https://{web}",
        # nginx takes no address for a certificate's name, and the local GitHub's store has no other name.
        "proxy_ssl_verify on": "proxy_ssl_verify off",
    }
    text = (SOURCE / "examples/mirror/nginx.conf").read_text()
    for placeholder, value in here.items():
        assert placeholder in text
        text = text.replace(placeholder, value)
    folders = "".join(
        f"    {name}_temp_path {tmp_path}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {\n", f"http {{\n    access_log off;\n{folders}")
    config = tmp_path / "nginx.conf"
    config.write_text(f"user root;\ndaemon off;\npid {tmp_path}/nginx.pid;\n{text}")
    program = debian.program("nginx", "nginx")
    with subprocess.Popen([program, "-c", config, "-e", tmp_path / "error.log"]) as nginx:
        assert eventually((tmp_path / "nginx.pid").exists)
        yield f"https://127.0.0.1:{port}"
        nginx.terminate()


def test_a_pull_through_mirror(cache: str, lifecycle: Lifecycle, server: Server, command: Command) -> None:
    """The first build fetches the asset through the mirror; what builds other images fetches nothing from GitHub."""
    settings = {**lock(lifecycle, server, command), "BP_DEPENDENCY_MIRROR_GITHUB_COM": cache}
    server.log.clear()
    first = lifecycle.build(settings)
    assert first.status == 0, first.err
    assert [one.role for one in server.requests()] == ["web", "store"]
    another = Lifecycle(lifecycle.app.parent.parent / "another", lifecycle.process)
    (another.app / "github-assets.lock").write_bytes((lifecycle.app / "github-assets.lock").read_bytes())
    server.log.clear()
    second = another.build(settings)
    assert second.status == 0, second.err
    assert (another.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert server.requests() == []
