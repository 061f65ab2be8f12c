"""GitHub Enterprise Server, and the proxies and certificate authorities of closed networks."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from testing.githubd import GitHub, Server, faults
from tests.contract.lifecycle import Lifecycle
from tests.contract.proxy import Proxy
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, PROBE, TOKEN

pytestmark = pytest.mark.usefixtures("release")

PASSWORD = "pr0xy%40Passw0rd"
LOGIN_PAGE = r"/releases/download/"


@pytest.fixture
def enterprise(lifecycle: Lifecycle, server: Server, github: GitHub) -> Server:
    """A GitHub Enterprise Server: API and web on one host, with a repository that only those see who are known."""
    del lifecycle.process["GITHUB_API_URL"]
    server.site.urls = {**server.site.urls, "web": server.other_url}
    github.repository("octo/internal", private=True, readers={TOKEN}).release("v1.0.0").asset(ASKED["FILE"], PROBE)
    return server


def at_enterprise(server: Server, way: str) -> dict[str, str]:
    """Settings that name the server in one of the ways in which this can be done."""
    url = server.other_url
    return {
        "the repository's URL": {"REPO": f"{url}/octo/internal", "GH_HOST": urlsplit(url).netloc},
        "GITHUB_SERVER_URL": {"REPO": "octo/internal", "GITHUB_SERVER_URL": url},
        "GITHUB_API_URL": {"REPO": "octo/internal", "GITHUB_API_URL": f"{url}/api/v3"},
        "both": {"REPO": "octo/internal", "GITHUB_SERVER_URL": url, "GITHUB_API_URL": f"{url}/api/v3/"},
    }[way]


WAYS = ["the repository's URL", "GITHUB_SERVER_URL", "GITHUB_API_URL", "both"]


@pytest.mark.parametrize("way", WAYS)
def test_an_enterprise_server(lifecycle: Lifecycle, enterprise: Server, way: str) -> None:
    run = lifecycle.build({**ASKED, **at_enterprise(enterprise, way), "TOKEN": TOKEN})

    assert (run.status, run.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert {r.role for r in enterprise.requests() if "authorization" in r.headers} == {"other"}
    assert {r.role for r in enterprise.requests()} == {"other", "store"}
    assert all(r.path.startswith("/api/v3/repos/") for r in enterprise.requests("other"))


def test_api_url_of_one_asset(lifecycle: Lifecycle, enterprise: Server) -> None:
    lifecycle.process.update(BP_GITHUB_ASSET_TOKEN_COMPANY=TOKEN, GH_HOST=urlsplit(enterprise.other_url).netloc)
    (lifecycle.app / "github-assets.toml").write_text(
        f'[[assets]]\nrepo = "octo/internal"\nfile = "{ASKED["FILE"]}"\ntoken_env = "BP_GITHUB_ASSET_TOKEN_COMPANY"\n'
        f'api_url = "{enterprise.other_url}/api/v3"\n'
    )

    run = lifecycle.build({})

    assert (run.status, run.err) == (0, "")
    assert {r.role for r in enterprise.requests() if "authorization" in r.headers} == {"other"}


def test_the_enterprise_variable(lifecycle: Lifecycle, enterprise: Server) -> None:
    enterprise.fail("other", faults.HtmlPage(), match=LOGIN_PAGE)

    run = lifecycle.build({**ASKED, **at_enterprise(enterprise, "both"), "GH_ENTERPRISE_TOKEN": TOKEN})

    assert (run.status, run.err) == (0, "")
    assert [r for r in enterprise.requests("other") if "/download/" in r.path] == []


def test_only_the_api_of_an_enterprise_server_gets_the_token(lifecycle: Lifecycle, enterprise: Server) -> None:
    enterprise.fail("other", faults.Forbidden(), match="/releases/assets/")

    run = lifecycle.build({**ASKED, "GITHUB_SERVER_URL": enterprise.other_url, "TOKEN": TOKEN})

    assert (run.status, run.err) == (0, "")
    assert [r.path for r in enterprise.requests("other") if LOGIN_PAGE in r.path]
    bearers = [r.path for r in enterprise.requests() if "authorization" in r.headers]
    assert all(path.startswith("/api/v3/") for path in bearers)


def test_an_enterprise_server_by_a_binding(lifecycle: Lifecycle, enterprise: Server) -> None:
    binding = lifecycle.platform / "bindings/company"
    binding.mkdir(parents=True)
    for name, text in {"type": "github", "token": TOKEN, "host": urlsplit(enterprise.other_url).netloc}.items():
        (binding / name).write_text(text)

    run = lifecycle.build({**ASKED, "REPO": f"{enterprise.other_url}/octo/internal"})

    assert (run.status, run.err) == (0, "")
    assert {r.role for r in enterprise.requests() if "authorization" in r.headers} == {"other"}


# proxies


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy(user="me:pr0xy@Passw0rd") as running:
        yield running


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("place", ["the platform", "the process"])
def test_everything_goes_through_the_proxy(
    lifecycle: Lifecycle, server: Server, proxy: Proxy, name: str, place: str
) -> None:
    setting = {name: f"http://me:{PASSWORD}@{proxy.address}"}
    lifecycle.process.update(setting if place == "the process" else {name.lower(): "http://127.0.0.9:9"})

    run = lifecycle.build({**ASKED, **({} if place == "the process" else setting)})

    assert (run.status, run.err) == (0, "")
    assert set(proxy.asked) == {urlsplit(url).netloc for url in (server.api_url, server.web_url, server.store_url)}
    assert all(head.startswith("CONNECT ") for head in proxy.heads)
    assert "pr0xy" not in run.log


def test_hosts_that_need_no_proxy(lifecycle: Lifecycle, server: Server, proxy: Proxy) -> None:
    lifecycle.process["HTTPS_PROXY"] = f"http://me:{PASSWORD}@{proxy.address}"

    assert lifecycle.build({**ASKED, "NO_PROXY": "127.0.0.1, 127.0.0.2"}).status == 0
    assert set(proxy.asked) == {urlsplit(server.web_url).netloc}


def test_a_proxy_that_rejects_the_credentials(lifecycle: Lifecycle, proxy: Proxy) -> None:
    settings = {"HTTPS_PROXY": f"http://me:wr0ng@{proxy.address}", "BP_GITHUB_ASSETS_TIMEOUT": "1.5"}

    what, advice = refused(lifecycle.build({**ASKED, **settings}), lifecycle, "wr0ng")

    assert f"through the proxy {proxy.address} failed: the proxy returned status 407" in what
    assert "with user and password" in advice


def test_a_silent_proxy(lifecycle: Lifecycle) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        settings = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.getsockname()[1]}", "BP_GITHUB_ASSETS_TIMEOUT": "1.5"}

        what, _ = refused(lifecycle.build({**ASKED, **settings}), lifecycle)

    assert what.startswith("Timed out after 1.5 s")


@pytest.mark.parametrize(
    "url",
    ["socks5://me:s3cret@h:1", "https://me:s3cret@h:1", "http://me:s3cret@h:x", "http://", "http://me:s3cret@h\xe4"],
)
def test_an_invalid_proxy(lifecycle: Lifecycle, url: str) -> None:
    what, advice = refused(lifecycle.build({**ASKED, "HTTPS_PROXY": url}), lifecycle, "s3cret")

    assert what == "HTTPS_PROXY is invalid: (not shown)."
    assert advice.startswith("Expected: an http:// URL")


# authorities


def test_a_folder_of_authorities(lifecycle: Lifecycle, server: Server, tmp_path: Path) -> None:
    del lifecycle.process["SSL_CERT_FILE"]
    name = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", server.ca_path], capture_output=True, text=True, check=True
    ).stdout.strip()
    (tmp_path / "authorities").mkdir()
    (tmp_path / "authorities" / f"{name}.0").symlink_to(server.ca_path)

    run = lifecycle.build({**ASKED, "SSL_CERT_DIR": f"/nonexistent:{tmp_path}/authorities"})

    assert (run.status, run.err) == (0, "")
