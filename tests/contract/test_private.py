"""A token is sent to its API and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from testing.githubd import GitHub, Server, faults
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, PROBE, TOKEN

PRIVATE = {**ASKED, "REPO": "octo/private"}


@pytest.fixture(autouse=True)
def private(github: GitHub) -> None:
    repository = github.repository("octo/private", private=True, readers={TOKEN})
    repository.release("v1.0.0").asset(ASKED["FILE"], PROBE)


def roles_with_token(server: Server) -> set[str]:
    """The hosts that were sent any credential at all, wherever in the request."""
    return {
        request.role
        for request in server.requests()
        if "authorization" in request.headers or TOKEN in f"{request.path}?{request.query}{request.headers}"
    }


def test_without_a_token_it_does_not_exist(lifecycle: Lifecycle, server: Server) -> None:
    what, advice = refused(lifecycle.build(PRIVATE), lifecycle)

    assert what.startswith("Repository octo/private not found on ")
    assert advice == (
        "Check the name. If the repository is private,"
        " set TOKEN to a token that can read the repository (fine-grained: Contents, read-only), or provide one in"
        " a binding of type github."
    )
    assert roles_with_token(server) == set()


def test_with_a_token_it_comes_through_the_asset_api(lifecycle: Lifecycle, server: Server) -> None:
    detected = lifecycle.detect({**PRIVATE, "TOKEN": TOKEN})
    run = lifecycle.build()

    assert (detected.status, run.status, run.err) == (0, 0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert roles_with_token(server) == {"api"}
    assert server.requests("web") == []
    [asset] = [request for request in server.requests("api") if "/assets/" in request.path]
    assert asset.headers["accept"] == "application/octet-stream"
    assert [request.status for request in server.requests("store")] == [200]


@pytest.mark.parametrize("name", ["TOKEN", "BP_GITHUB_ASSET_TOKEN"])
def test_the_token_is_left_nowhere(lifecycle: Lifecycle, name: str) -> None:
    runs = [lifecycle.detect({**PRIVATE, name: TOKEN, "BP_LOG_LEVEL": "DEBUG"}), lifecycle.build()]
    lifecycle.restore()
    runs.append(lifecycle.build())

    assert [run.status for run in runs] == [0, 0, 0]
    for run in runs:
        assert TOKEN not in run.log
        assert "sig=" not in run.log
    everything = [path for path in lifecycle.all_layers.parent.rglob("*") if path.is_file()]
    holders = [path for path in everything if TOKEN.encode() in path.read_bytes()]
    assert holders == [lifecycle.platform / "env" / name]


def test_a_platform_file_with_a_trailing_line_break(lifecycle: Lifecycle) -> None:
    assert lifecycle.build({**PRIVATE, "TOKEN": f"{TOKEN}\n"}).status == 0


def test_a_wrong_token(lifecycle: Lifecycle) -> None:
    wrong = f"{TOKEN}x"

    what, advice = refused(lifecycle.build({**PRIVATE, "TOKEN": wrong}), lifecycle, wrong)

    assert what.endswith("rejected the credentials (401).")
    assert advice == "TOKEN is wrong, expired or revoked. Replace it."


def test_a_renamed_private_repository(lifecycle: Lifecycle, server: Server, github: GitHub) -> None:
    found = github.find("octo/private")
    assert found
    found.rename("octo/secret")

    assert lifecycle.build({**PRIVATE, "TOKEN": TOKEN}).status == 0
    assert roles_with_token(server) == {"api"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("match", ["/releases/latest", "/releases/assets/"])
def test_the_token_is_dropped_on_a_redirect_to_another_host(
    lifecycle: Lifecycle, server: Server, status: int, match: str
) -> None:
    server.fail("api", faults.Redirect(status, to="other"), match=match)

    refused(lifecycle.build({**PRIVATE, "TOKEN": TOKEN}), lifecycle)

    assert server.requests("other")
    assert roles_with_token(server) == {"api"}


def test_the_token_is_not_sent_to_another_port_of_the_host(
    lifecycle: Lifecycle, server: Server, github: GitHub, tmp_path: Path
) -> None:
    with Server(github, directory=str(tmp_path)) as neighbour:
        bundle = tmp_path / "both.pem"
        bundle.write_text("".join(Path(path).read_text() for path in (server.ca_path, neighbour.ca_path)))
        lifecycle.process["SSL_CERT_FILE"] = str(bundle)
        server.fail("api", faults.Redirect(to=f"{neighbour.api_url}/repos/octo/private/releases/latest"))
        refused(lifecycle.build({**PRIVATE, "TOKEN": TOKEN}), lifecycle)

        assert neighbour.requests("api")
        assert roles_with_token(neighbour) == set()


def test_a_token_dropped_on_a_redirect_is_not_sent_again(lifecycle: Lifecycle, server: Server) -> None:
    path = "/repos/octo/private/releases/latest"
    server.fail("api", faults.Redirect(to="other"), times=1)
    server.fail("other", faults.Redirect(to="api"))

    refused(lifecycle.build({**PRIVATE, "TOKEN": TOKEN}), lifecycle)

    sent = ["authorization" in request.headers for request in server.requests() if request.path == path]
    assert sent[:3] == [True, False, False]


def test_the_netrc_of_the_build_user_is_not_read(lifecycle: Lifecycle, server: Server, tmp_path: Path) -> None:
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    netrc = (
        "".join(f"machine {host}\nlogin me\npassword {TOKEN}\n" for host in hosts)
        + f"default login me password {TOKEN}\n"
    )
    (tmp_path / ".netrc").write_text(netrc)
    (tmp_path / ".netrc").chmod(0o600)
    lifecycle.process.update(HOME=str(tmp_path), NETRC=str(tmp_path / ".netrc"))
    server.github.repository("octo/public").release("v1").asset(ASKED["FILE"], PROBE)

    refused(lifecycle.build(PRIVATE), lifecycle)
    assert lifecycle.build({**PRIVATE, "REPO": "octo/public"}).status == 0
    assert roles_with_token(server) == set()
