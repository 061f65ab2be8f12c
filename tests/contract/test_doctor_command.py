"""`github-assets doctor`: what every command and every build needs."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from github_assets.cli.commands import doctor
from testing.githubd import GitHub, Server, faults
from testing.githubd.state import RateLimits
from tests.contract.conftest import Command
from tests.contract.lifecycle import Lifecycle, Run
from tests.contract.proxy import Proxy
from tests.contract.samples import TOKEN

REPO = "grpc-ecosystem/grpc-health-probe"

pytestmark = pytest.mark.usefixtures("release")


@pytest.fixture
def command(command_here: Command, lifecycle: Lifecycle, server: Server) -> Command:
    lifecycle.process["GITHUB_SERVER_URL"] = server.web_url
    return command_here


def checks(run: Run) -> dict[str, tuple[str, str]]:
    return {each["name"]: (each["status"], each["detail"]) for each in json.loads(run.out)["checks"]}


def test_all_is_well(command: Command, server: Server, lifecycle: Lifecycle) -> None:
    run = command("doctor", settings={"REPO": REPO, "TOKEN": TOKEN})

    api, web = urlsplit(server.api_url).netloc, urlsplit(server.web_url).netloc
    assert (run.status, run.err) == (0, "")
    assert TOKEN not in run.out
    lines = run.out.splitlines()
    assert lines[0].startswith("ok      version: ")
    assert lines[1:4] == [
        f"ok      configuration: {REPO}",
        "ok      github-assets.lock: none",
        f"ok      certificates: {server.ca_path}",
    ]
    assert lines[4] == f"ok      proxy for {api}: none"
    assert lines[5].startswith(f"ok      {api}: reached; 5000 of 5000 requests left until ")
    assert lines[6:] == [f"ok      token for {api}: TOKEN", f"ok      {web}: reached"]
    assert list(lifecycle.app.iterdir()) == []


def test_it_does_not_count_against_the_rate_limit(command: Command, github: GitHub) -> None:
    github.rate_limits = RateLimits(anonymous=5)

    for _ in range(2):
        run = command("doctor", "--json", settings={})
        [(status, detail)] = [each for each in checks(run).values() if "requests left" in each[1]]
        assert (run.status, status) == (0, doctor.WARNING)
        assert "5 of 5 requests left" in detail


def test_a_token_that_is_refused(command: Command, server: Server) -> None:
    run = command("doctor", "--json", settings={"REPO": REPO, "TOKEN": "ghp_revoked"})

    assert run.status == 3
    token = checks(run)[f"token for {urlsplit(server.api_url).netloc}"]
    assert token == (doctor.ERROR, "TOKEN is wrong, expired or revoked")
    assert "ghp_revoked" not in run.log


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.Refused(), "refused"),
        (faults.WrongJson(), "returned something other than GitHub API JSON"),
        (faults.Status(502), "returned status 502"),
    ],
)
def test_a_server_that_does_not_answer(fault: faults.Fault, expected: str, command: Command, server: Server) -> None:
    server.fail("api", fault)

    run = command("doctor", "--json", settings={"REPO": REPO})

    assert run.status == 3
    status, detail = checks(run)[urlsplit(server.api_url).netloc]
    assert status == doctor.ERROR
    assert expected in detail
    assert checks(run)[urlsplit(server.web_url).netloc] == (doctor.OK, "reached")


def test_an_authority_that_is_not_trusted(command: Command, server: Server, lifecycle: Lifecycle) -> None:
    del lifecycle.process["SSL_CERT_FILE"]

    run = command("doctor", "--json", settings={"REPO": REPO})

    assert run.status == 3
    for url in (server.api_url, server.web_url):
        status, detail = checks(run)[urlsplit(url).netloc]
        assert status == doctor.ERROR
        assert "certificate" in detail


def test_a_proxy(command: Command, server: Server) -> None:
    with Proxy(user="me:secret") as proxy:
        settings = {"REPO": REPO, "ALL_PROXY": f"http://me:secret@{proxy.address}"}
        run = command("doctor", "--json", settings=settings)
        without = command("doctor", "--json", settings={**settings, "NO_PROXY": "127.0.0.1,localhost"})

    name = f"proxy for {urlsplit(server.api_url).netloc}"
    assert (run.status, without.status) == (0, 0)
    assert checks(run)[name] == (doctor.OK, f"{proxy.address}, by ALL_PROXY")
    assert checks(without)[name] == (doctor.OK, "none, by NO_PROXY in spite of ALL_PROXY")
    assert "secret" not in run.log


def test_where_github_stores_assets(command: Command, server: Server, lifecycle: Lifecycle) -> None:
    """github.com redirects downloads to a host of its own, which a firewall may not let through."""
    del lifecycle.process["GITHUB_SERVER_URL"], lifecycle.process["GITHUB_API_URL"]
    hosts = {"api.github.com": server.api_url, "github.com": server.web_url}
    store = urlsplit(doctor.STORE).netloc
    routes = {f"{host}:443": urlsplit(url).netloc for host, url in hosts.items()}
    settings = {"REPO": REPO, "TOKEN": TOKEN}

    with Proxy(routes={**routes, f"{store}:443": urlsplit(server.site.urls["store"]).netloc}) as proxy:
        all_of_them = command("doctor", "--json", settings={**settings, "HTTPS_PROXY": f"http://{proxy.address}"})
    with Proxy(routes={**routes, f"{store}:443": "127.0.0.1:1"}) as proxy:
        without = command("doctor", "--json", settings={**settings, "HTTPS_PROXY": f"http://{proxy.address}"})

    assert all_of_them.status == 0, all_of_them.out
    assert {*hosts, store} <= checks(all_of_them).keys()
    assert without.status == 3
    assert [name for name, (status, _) in checks(without).items() if status == doctor.ERROR] == [store]


def test_a_mirror(command: Command, tmp_path: Path, server: Server) -> None:
    run = command("doctor", "--json", settings={"REPO": REPO, "BP_DEPENDENCY_MIRROR": f"file://{tmp_path}/mirror"})

    assert run.status == 0
    web = urlsplit(server.web_url).netloc
    assert checks(run)["mirror"] == (doctor.OK, f"BP_DEPENDENCY_MIRROR, instead of {web}")
    assert web not in checks(run)


def test_a_lock_file_that_does_not_match(command: Command) -> None:
    assert command("lock", settings={"REPO": REPO}).status == 0
    assert checks(command("doctor", "--json", settings={"REPO": REPO}))["github-assets.lock"][0] == doctor.OK

    run = command("doctor", "--json", settings={"REPO": REPO, "VERSION": "^1"})

    assert run.status == 3
    assert checks(run)["github-assets.lock"] == (
        *(doctor.ERROR, "it does not match the configuration; update it with github-assets lock"),
    )


@pytest.mark.parametrize(
    ("settings", "name"),
    [({"REPO": "nonsense"}, "configuration"), ({"REPO": REPO, "HTTPS_PROXY": "socks5://x"}, "settings")],
)
def test_settings_that_are_wrong(settings: dict[str, str], name: str, command: Command) -> None:
    run = command("doctor", "--json", settings=settings)

    assert run.status == 3
    assert checks(run)[name][0] == doctor.ERROR
