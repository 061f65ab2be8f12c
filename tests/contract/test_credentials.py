"""Which token is sent where: bindings, GitHub's own variables, and tokens that are rejected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from testing.githubd import GitHub, Server, faults
from testing.githubd.exchange import Role
from testing.githubd.faults import Fault
from tests.contract.lifecycle import Lifecycle
from tests.contract.proxy import Proxy
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, PROBE, TOKEN

pytestmark = pytest.mark.usefixtures("release")

PRIVATE = {**ASKED, "REPO": "octo/private"}
OTHER_TOKEN = "ghp_anotherOneThatIsNeverPrinted"
REFUSALS = [faults.Status(401), faults.SamlRequired(), faults.IpNotAllowed(), faults.Forbidden()]


@pytest.fixture(autouse=True)
def private(github: GitHub) -> None:
    repository = github.repository("octo/private", private=True, readers={TOKEN})
    repository.release("v1.0.0").asset(ASKED["FILE"], PROBE)


def bind(root: Path, name: str, **entries: str) -> None:
    """Mount a binding as Kubernetes does: entries are links to files in a directory with a date, behind `..data`."""
    dated = root / name / "..2026_01_01"
    dated.mkdir(parents=True)
    (root / name / "..data").symlink_to(dated.name)
    for entry, text in entries.items():
        (dated / entry).write_text(text)
        (root / name / entry).symlink_to(f"..data/{entry}")


def roles_with_token(server: Server, token: str = TOKEN) -> set[str]:
    """The hosts that were sent a token, wherever in the request."""
    return {r.role for r in server.requests() if token in f"{r.path}?{r.query}{r.headers}"}


@pytest.fixture
def bindings(lifecycle: Lifecycle) -> Path:
    return lifecycle.platform / "bindings"


@pytest.fixture
def called_by_name(lifecycle: Lifecycle, server: Server) -> Iterator[Proxy]:
    """github.com and others by their own names, which a proxy leads to the local GitHub."""
    del lifecycle.process["GITHUB_API_URL"]
    api, other = (urlsplit(url).netloc for url in (server.api_url, server.other_url))
    names = {"api.github.com:443": api, "api.octo.ghe.com:443": api, "ghe.example.com:443": other}
    with Proxy(routes=names) as proxy:
        lifecycle.process["HTTPS_PROXY"] = f"http://{proxy.address}"
        yield proxy


# bindings


@pytest.mark.usefixtures("called_by_name")
@pytest.mark.parametrize("variable", [None, "SERVICE_BINDING_ROOT", "CNB_BINDINGS"])
def test_a_binding_wherever_it_is_mounted(
    lifecycle: Lifecycle, server: Server, tmp_path: Path, variable: str | None
) -> None:
    root = tmp_path / "mounted" if variable else lifecycle.platform / "bindings"
    bind(root, "company", type="GitHub\n", token=f" {TOKEN}\n")
    if variable:
        lifecycle.process[variable] = str(root)

    run = lifecycle.build(PRIVATE)

    assert (run.status, run.err) == (0, "")
    assert roles_with_token(server) == {"api"}
    assert TOKEN not in run.log


def test_a_binding_for_another_host_is_not_for_this_one(lifecycle: Lifecycle, server: Server, bindings: Path) -> None:
    bind(bindings, "company", type="github", token=TOKEN, host="ghe.example.com")

    refused(lifecycle.build(PRIVATE), lifecycle)

    assert roles_with_token(server) == set()


def test_the_binding_of_the_host_that_the_asset_is_on(lifecycle: Lifecycle, server: Server, bindings: Path) -> None:
    bind(bindings, "a", type="github", token=OTHER_TOKEN)
    bind(bindings, "b", type="github", token=TOKEN, host=urlsplit(server.other_url).netloc)

    run = lifecycle.build({**PRIVATE, "REPO": f"{server.other_url}/octo/private"})

    assert run.status == 0, run.log
    assert roles_with_token(server) == {"other"}
    assert roles_with_token(server, OTHER_TOKEN) == set()


def test_a_binding_without_a_token(lifecycle: Lifecycle, bindings: Path) -> None:
    bind(bindings, "company", type="github", password=TOKEN)

    what, advice = refused(lifecycle.build(PRIVATE), lifecycle)

    assert what == 'the binding company is invalid: "type github".'
    assert advice == "Expected: a non-empty entry `token`."


# order


@pytest.mark.usefixtures("called_by_name")
def test_the_first_token_that_is_set_is_used(lifecycle: Lifecycle, bindings: Path, server: Server) -> None:
    lifecycle.process.update(GITHUB_TOKEN=OTHER_TOKEN, BP_GITHUB_ASSET_TOKEN_MINE=TOKEN)
    settings = dict(PRIVATE)
    lifecycle.app.joinpath("github-assets.toml").write_text(
        '[[assets]]\nrepo = "octo/private"\nfile = "*"\ntarget = "second"\ntoken_env = "BP_GITHUB_ASSET_TOKEN_MINE"\n'
    )
    bind(bindings, "company", type="github", token=TOKEN)

    run = lifecycle.build(settings)

    assert run.status == 0, run.log
    assert roles_with_token(server, OTHER_TOKEN) == set()


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_githubs_own_variables(lifecycle: Lifecycle, server: Server, name: str, called_by_name: Proxy) -> None:
    lifecycle.process[name] = TOKEN

    run = lifecycle.build(PRIVATE)

    assert (run.status, run.err) == (0, "")
    assert roles_with_token(server) == {"api"}
    assert "api.github.com:443" in called_by_name.asked


@pytest.mark.usefixtures("called_by_name")
def test_a_public_asset_costs_one_api_request_with_a_shared_token(lifecycle: Lifecycle, server: Server) -> None:
    lifecycle.process["GITHUB_TOKEN"] = TOKEN

    assert lifecycle.build(ASKED).status == 0
    assert len(server.requests("api")) == 1
    assert len(server.requests("web")) == 1


@pytest.mark.usefixtures("called_by_name")
def test_the_enterprise_server_only_gets_its_own_token(lifecycle: Lifecycle, server: Server) -> None:
    lifecycle.process.update(GITHUB_TOKEN=OTHER_TOKEN, GH_ENTERPRISE_TOKEN=TOKEN, GH_HOST="ghe.example.com")
    server.github.tokens.add(OTHER_TOKEN)

    run = lifecycle.build({**PRIVATE, "REPO": "https://ghe.example.com/octo/private"})

    assert run.status == 0, run.log
    assert roles_with_token(server) == {"other"}
    assert roles_with_token(server, OTHER_TOKEN) == set()


@pytest.mark.parametrize("variables", [{"GITHUB_TOKEN": TOKEN}, {"GH_ENTERPRISE_TOKEN": TOKEN}])
@pytest.mark.usefixtures("called_by_name")
def test_no_token_is_sent_to_a_server_named_only_by_the_repository(
    lifecycle: Lifecycle, server: Server, variables: dict[str, str]
) -> None:
    lifecycle.process.update(variables)

    refused(lifecycle.build({**PRIVATE, "REPO": "https://ghe.example.com/octo/private"}), lifecycle)

    assert server.requests("other")
    assert roles_with_token(server) == set()


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "a binding"])
def test_no_token_is_sent_to_an_api_set_by_the_application(
    lifecycle: Lifecycle, server: Server, bindings: Path, name: str
) -> None:
    """GITHUB_API_URL may come from project.toml, which is not the operator's."""
    if name == "a binding":
        bind(bindings, "company", type="github", token=TOKEN)
    else:
        lifecycle.process[name] = TOKEN

    refused(lifecycle.build(PRIVATE), lifecycle)

    assert server.requests("api")
    assert roles_with_token(server) == set()


def test_data_residency(lifecycle: Lifecycle, server: Server, called_by_name: Proxy) -> None:
    lifecycle.process.update(GITHUB_TOKEN=TOKEN, GITHUB_SERVER_URL="https://octo.ghe.com")

    run = lifecycle.build(PRIVATE)

    assert run.status == 0, run.log
    assert called_by_name.asked[0] == "api.octo.ghe.com:443"
    assert roles_with_token(server) == {"api"}


def test_a_login_page_at_the_browser_url(lifecycle: Lifecycle, server: Server, called_by_name: Proxy) -> None:
    """A server in private mode shows it to whoever has no session."""
    server.fail("web", faults.HtmlPage())
    lifecycle.process.update(GITHUB_TOKEN=TOKEN, GITHUB_SERVER_URL="https://octo.ghe.com")

    run = lifecycle.build(PRIVATE)

    assert (run.status, run.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE
    assert urlsplit(server.web_url).netloc in called_by_name.asked


# refused


@pytest.mark.usefixtures("called_by_name")
@pytest.mark.parametrize("fault", REFUSALS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("name", ["TOKEN", "GITHUB_TOKEN", "a binding"])
def test_a_token_that_a_public_repository_rejects_is_dropped(
    lifecycle: Lifecycle, server: Server, bindings: Path, fault: Fault, name: str
) -> None:
    server.fail("api", fault, authorized=True)
    if name == "a binding":
        bind(bindings, "company", type="github", token=TOKEN)
        name = "token of the binding company"
    else:
        lifecycle.process[name] = TOKEN

    run = lifecycle.build(
        {**ASKED, "BP_GITHUB_ASSETS": "grpc-ecosystem/grpc-health-probe:grpc_health_probe-linux-amd64>again"}
    )

    assert (run.status, run.err) == (0, "")
    [warning] = [line for line in run.out.splitlines() if "Warning" in line]
    assert warning.endswith(f"Continuing without {name}.")
    assert TOKEN not in run.log
    assert roles_with_token(server) == {"api"}
    assert len([r for r in server.requests("api") if "authorization" in r.headers]) == 1


@pytest.mark.usefixtures("called_by_name")
@pytest.mark.parametrize("fault", REFUSALS, ids=lambda fault: type(fault).__name__)
def test_if_the_request_also_fails_without_the_token_the_refusal_is_raised(
    lifecycle: Lifecycle, server: Server, fault: Fault
) -> None:
    server.fail("api", fault, authorized=True)
    lifecycle.process["GITHUB_TOKEN"] = TOKEN

    what, _ = refused(lifecycle.build(PRIVATE), lifecycle)

    assert "(401)" in what or "(403)" in what
    assert [r.status for r in server.requests("api")][-1] == 404


@pytest.mark.usefixtures("called_by_name")
def test_the_error_names_the_setting(lifecycle: Lifecycle) -> None:
    lifecycle.process["GH_TOKEN"] = OTHER_TOKEN

    _, advice = refused(lifecycle.build(PRIVATE), lifecycle, OTHER_TOKEN)

    assert advice == "GH_TOKEN is wrong, expired or revoked. Replace it."


# two ways to the bytes


def test_the_browser_url_is_tried_if_the_api_fails(lifecycle: Lifecycle, server: Server) -> None:
    server.fail("api", faults.Forbidden(), match="/assets/")
    lifecycle.process["TOKEN"] = TOKEN

    run = lifecycle.build(ASKED)

    assert (run.status, run.err) == (0, "")
    assert [r.role for r in server.requests() if r.status == 302] == ["web"]
    assert roles_with_token(server) == {"api"}


@pytest.mark.parametrize("fault", [faults.Status(404), faults.Status(403), faults.Refused()])
def test_the_api_is_tried_if_the_browser_url_fails(lifecycle: Lifecycle, server: Server, fault: Fault) -> None:
    server.fail("web", fault)

    run = lifecycle.build(ASKED)

    assert (run.status, run.err) == (0, "")
    assert (lifecycle.layer / "bin/grpc_health_probe").read_bytes() == PROBE


# what is said


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ('[[build.env]]\nname = "TOKEN"\nvalue = "x"\n', ["TOKEN"]),
        ('[[build.env]]\nname = "GITHUB_TOKEN"\nvalue = "x"\n', ["GITHUB_TOKEN"]),
        ('[_]\nschema-version = "0.2"\n[[io.buildpacks.build.env]]\nname = "TOKEN"\nvalue = "x"\n', ["TOKEN"]),
        ('[[build.env]]\nname = "SONAR_TOKEN"\nvalue = "x"\n', []),
        ('[[build.env]]\nname = "TOKEN"\nvalue = ""\n', []),
        ('[project]\nname = "TOKEN"\n', []),
        ("[project\nTOKEN", []),
        ("[build]\nenv = 'TOKEN'\n", []),
    ],
)
def test_a_token_in_the_project_descriptor_causes_a_warning(
    lifecycle: Lifecycle, settings: str, warned: list[str]
) -> None:
    (lifecycle.app / "project.toml").write_text(settings)

    run = lifecycle.build(ASKED)

    assert run.status == 0, run.log
    warnings = [line.split()[1] for line in run.out.splitlines() if line.startswith("  Warning: ")]
    assert warnings == warned


@pytest.mark.usefixtures("called_by_name")
def test_no_secret_is_kept(lifecycle: Lifecycle, bindings: Path) -> None:
    bind(bindings, "company", type="github", token=TOKEN)

    assert lifecycle.build({**PRIVATE, "BP_LOG_LEVEL": "DEBUG"}).status == 0
    for path, content in lifecycle.files().items():
        assert TOKEN.encode() not in (content or b""), path


@pytest.mark.parametrize(
    ("closed", "match", "settings", "instead"),
    [("web", "", {}, "api"), ("api", "/assets/", {"TOKEN": TOKEN}, "web")],
    ids=["the browser's URL", "the asset API"],
)
def test_the_fallback_is_logged(
    lifecycle: Lifecycle, server: Server, closed: Role, match: str, settings: dict[str, str], instead: Role
) -> None:
    server.fail(closed, faults.Status(404), match=match)

    run = lifecycle.build({**ASKED, **settings})

    assert (run.status, run.err) == (0, "")
    (line,) = (line for line in run.out.splitlines() if "instead" in line)
    assert f"Trying {urlsplit(server.site.urls[instead]).hostname}" in line
