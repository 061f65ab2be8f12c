"""An application that nobody has reviewed: what it says leads no secret of the platform to where the operator did not.

The operator's variables are in the process, as a builder's configuration is; the user's and those of project.toml are
in the platform's directory, where a lifecycle finds both.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from testing.githubd import GitHub, Server
from tests.contract.attacker import Attacker
from tests.contract.lifecycle import HANGS, SOURCE, Lifecycle, Run
from tests.contract.proxy import Proxy
from tests.contract.refusal import refused
from tests.contract.samples import ASKED, PROBE, TOKEN

SECRET = "ghp_theOperatorsOwnWhichNobodyElseMayHave"
EVIL = "evil.example.com"
REPO = "octo/private"
CLOUD = ["GH_TOKEN", "GITHUB_TOKEN"]
ENTERPRISE = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
OURS = ["TOKEN", "BP_GITHUB_ASSET_TOKEN"]


def bind(root: Path, name: str, **entries: str) -> None:
    (root / name).mkdir(parents=True)
    for entry, text in entries.items():
        (root / name / entry).write_text(text)


@pytest.fixture
def attacker(lifecycle: Lifecycle, tmp_path: Path) -> Iterator[Attacker]:
    """A server that the DNS and a public authority know by these names, on the way of builds that go to github.com."""
    del lifecycle.process["GITHUB_API_URL"]
    with (
        Attacker(EVIL, f"api.{EVIL}", "api.evil.ghe.com") as running,
        Proxy(routes=running.routes) as proxy,
    ):
        (tmp_path / "public.pem").write_text(running.authority)
        lifecycle.process.update(SSL_CERT_FILE=str(tmp_path / "public.pem"), HTTPS_PROXY=f"http://{proxy.address}")
        yield running


def project(variables: Mapping[str, str], header: str = "[[build.env]]") -> str:
    return "".join(f'{header}\nname = "{name}"\nvalue = "{value}"\n' for name, value in variables.items())


# where a token goes


@pytest.mark.parametrize(
    "named",
    [
        {"GITHUB_SERVER_URL": f"https://{EVIL}/x.ghe.com"},
        {"GH_HOST": f"{EVIL}/x.ghe.com", "GITHUB_API_URL": f"https://api.{EVIL}"},
        {"GITHUB_SERVER_URL": f"https://{EVIL}/github.com"},
        {"GITHUB_SERVER_URL": f"https://{EVIL}/api/v3?.ghe.com"},
        {"GITHUB_SERVER_URL": "https://evil.ghe.com"},
    ],
    ids=lambda named: "-".join(named.values()),
)
@pytest.mark.parametrize("variable", CLOUD)
def test_a_token_for_github_goes_to_no_other_host(
    lifecycle: Lifecycle, attacker: Attacker, variable: str, named: dict[str, str]
) -> None:
    lifecycle.process[variable] = SECRET

    run = lifecycle.build({**named, "REPO": REPO})

    assert run.status == 1
    assert not attacker.was_sent(SECRET)


WAYS = {
    "GITHUB_SERVER_URL": {"REPO": REPO, "GITHUB_SERVER_URL": f"https://{EVIL}"},
    "GH_HOST": {"REPO": f"https://{EVIL}/{REPO}", "GH_HOST": EVIL},
    "GITHUB_API_URL": {"REPO": REPO, "GITHUB_API_URL": f"https://{EVIL}/api/v3"},
    "REPO": {"REPO": f"https://{EVIL}/{REPO}"},
    "BP_GITHUB_ASSETS": {"BP_GITHUB_ASSETS": f"https://{EVIL}/{REPO}"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("variable", ["GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "TOKEN"])
def test_no_variable_of_the_application_redirects_the_operators_token(
    lifecycle: Lifecycle, attacker: Attacker, variable: str, way: str
) -> None:
    lifecycle.process[variable] = SECRET

    assert lifecycle.build(WAYS[way]).status == 1
    assert attacker.heads
    assert not attacker.was_sent(SECRET)


@pytest.mark.parametrize("way", ["GITHUB_SERVER_URL", "GH_HOST", "GITHUB_API_URL", "REPO"])
@pytest.mark.parametrize("variable", ["GH_ENTERPRISE_TOKEN", "TOKEN"])
def test_project_toml_does_not_redirect_a_users_token(
    lifecycle: Lifecycle, attacker: Attacker, variable: str, way: str
) -> None:
    (lifecycle.app / "project.toml").write_text(project(WAYS[way]))

    run = lifecycle.build({**WAYS[way], variable: SECRET})

    assert run.status == 1
    assert attacker.heads
    assert not attacker.was_sent(SECRET)
    if variable == "TOKEN" or way != "GITHUB_API_URL":
        assert f"Warning: {variable} was not sent to {EVIL}" in run.out


@pytest.mark.parametrize(
    "text",
    [
        project(WAYS["GITHUB_SERVER_URL"], "[[io.buildpacks.build.env]]"),
        project(WAYS["GITHUB_SERVER_URL"], "[[io.buildpacks.env.build]]"),
        project(WAYS["GITHUB_SERVER_URL"]).upper().replace("HTTPS://EVIL.EXAMPLE.COM", f"https://{EVIL} "),
        project(WAYS["GITHUB_SERVER_URL"]) + "[not TOML",
        "\xff",
    ],
    ids=["later schemas", "deprecated", "upper case", "not TOML", "not UTF-8"],
)
def test_nor_in_any_other_spelling(lifecycle: Lifecycle, attacker: Attacker, text: str) -> None:
    (lifecycle.app / "project.toml").write_text(text, encoding="latin-1")

    lifecycle.build({**WAYS["GITHUB_SERVER_URL"], "TOKEN": SECRET})

    assert attacker.heads
    assert not attacker.was_sent(SECRET)


@pytest.mark.parametrize("variable", [*CLOUD, *ENTERPRISE, *OURS])
@pytest.mark.parametrize(
    "keys",
    [f'repo = "https://{EVIL}/{REPO}"', f'repo = "{REPO}"\napi_url = "https://{EVIL}"'],
    ids=["repo", "api_url"],
)
def test_no_file_of_the_application_redirects_a_token(
    lifecycle: Lifecycle, attacker: Attacker, variable: str, keys: str
) -> None:
    (lifecycle.app / "github-assets.toml").write_text(f'[[assets]]\n{keys}\n\n[[assets]]\n{keys}\ntarget = "b"\n')

    run = lifecycle.build({variable: SECRET})
    (lifecycle.app / "github-assets.toml").write_text(f'[[assets]]\n{keys}\ntoken_env = "{variable}"\n')
    named = lifecycle.build({variable: SECRET})

    assert (run.status, named.status) == (1, 1)
    assert named.err.startswith(f"ERROR: {variable} must not be sent to {EVIL}.")
    assert attacker.heads
    assert not attacker.was_sent(SECRET)


def test_an_enterprise_token_does_not_go_to_github(lifecycle: Lifecycle, attacker: Attacker) -> None:
    """The operator has named another host for it, with GH_HOST; the application names github.com."""
    lifecycle.process.update(GH_HOST="ghe.example.com", TOKEN=SECRET, GH_ENTERPRISE_TOKEN=SECRET)
    with Attacker("api.github.com") as github, Proxy(routes=github.routes) as proxy:
        Path(lifecycle.process["SSL_CERT_FILE"]).write_text(github.authority)
        lifecycle.process["HTTPS_PROXY"] = f"http://{proxy.address}"
        (lifecycle.app / "github-assets.toml").write_text(f'[[assets]]\nrepo = "https://github.com/{REPO}"\n')
        lifecycle.build({"REPO": REPO})

    assert github.heads
    assert not github.was_sent(SECRET)


@pytest.mark.parametrize(
    "text", ["[not TOML\n", project({"GH_HOST": "ghe.example.com"})], ids=["unreadable", "the same"]
)
def test_nor_if_the_application_disputes_the_host(lifecycle: Lifecycle, attacker: Attacker, text: str) -> None:
    """The user has named a host for the token; project.toml makes it look like the application's."""
    (lifecycle.app / "project.toml").write_text(text)
    with Attacker("api.github.com") as github, Proxy(routes=github.routes) as proxy:
        Path(lifecycle.process["SSL_CERT_FILE"]).write_text(github.authority)
        lifecycle.process["HTTPS_PROXY"] = f"http://{proxy.address}"
        lifecycle.build({"REPO": f"https://github.com/{REPO}", "GH_HOST": "ghe.example.com", "TOKEN": SECRET})

    assert github.heads
    assert not github.was_sent(SECRET)


@pytest.mark.parametrize("place", ["the process", "the platform"])
@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("github-assets.toml", "[[assets]]\nrepo = 'octo/private'\ntoken_env = 'NPM_TOKEN'\n"),
        ("project.toml", "[[metadata.githubassets]]\nrepo = 'octo/private'\nasset = 'x'\ntoken_env = 'NPM_TOKEN'\n"),
    ],
    ids=["token_env", "2.1"],
)
@pytest.mark.usefixtures("release")
def test_no_other_secret_is_sent_as_a_token(
    lifecycle: Lifecycle, server: Server, place: str, file: str, table: str
) -> None:
    (lifecycle.app / file).write_text(table)
    secret = {"NPM_TOKEN": SECRET}
    if place == "the process":
        lifecycle.process.update(secret)

    what, advice = refused(lifecycle.build({} if place == "the process" else secret), lifecycle, SECRET)

    assert what.startswith("token_env of [[")
    assert what.endswith('is invalid: "NPM_TOKEN".')
    assert "BP_GITHUB_ASSET_TOKEN_" in advice
    assert server.requests() == []


@pytest.mark.usefixtures("release")
def test_a_variable_of_our_name_may_be_named(lifecycle: Lifecycle, server: Server, github: GitHub) -> None:
    github.repository(REPO, private=True, readers={TOKEN}).release("v1.0.0").asset("tool", PROBE)
    (lifecycle.app / "github-assets.toml").write_text(
        f'[[assets]]\nrepo = "{REPO}"\nfile = "tool"\ntoken_env = "BP_GITHUB_ASSET_TOKEN_OCTO"\n'
    )

    run = lifecycle.build({"BP_GITHUB_ASSET_TOKEN_OCTO": TOKEN})

    assert (run.status, run.err) == (0, "")
    assert {r.role for r in server.requests() if "authorization" in r.headers} == {"api"}


# a binding's token


@pytest.fixture
def company(lifecycle: Lifecycle, server: Server, github: GitHub) -> Iterator[None]:
    """github.com, with two private repositories that the operator's token may read."""
    github.tokens.add(SECRET)
    for name in ("company/tool", "company/secrets", "other/tool"):
        github.repository(name, private=True, readers={SECRET}).release("v1").asset("tool", PROBE)
    del lifecycle.process["GITHUB_API_URL"]
    with Proxy(routes={"api.github.com:443": urlsplit(server.api_url).netloc}) as proxy:
        lifecycle.process["HTTPS_PROXY"] = f"http://{proxy.address}"
        yield


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("repositories", ["company/tool", "octo/x,\n Company/Tool\n", "company/*"])
def test_a_binding_token_is_only_for_its_repositories(lifecycle: Lifecycle, server: Server, repositories: str) -> None:
    bind(lifecycle.platform / "bindings", "company", type="github", token=SECRET, repositories=repositories)

    other = lifecycle.build({"REPO": "other/tool", "FILE": "tool"})
    assert other.status == 1
    assert not [r for r in server.requests() if "authorization" in r.headers]
    run = lifecycle.build({"REPO": "company/tool", "FILE": "tool"})
    assert (run.status, run.err) == (0, "")


@pytest.mark.parametrize("repositories", ["", " ,", "tool", "company/tool/x", "*/tool", "company/to*"])
def test_invalid_repositories(lifecycle: Lifecycle, repositories: str) -> None:
    bind(lifecycle.platform / "bindings", "company", type="github", token=SECRET, repositories=repositories)

    what, advice = refused(lifecycle.build(ASKED), lifecycle, SECRET)

    assert what.startswith("repositories of the binding company is invalid: ")
    assert advice == "Expected: owner/name or owner/*, separated by commas or white space."


# interception


@pytest.fixture
def intercepted(lifecycle: Lifecycle) -> Iterator[Attacker]:
    """The application's proxy, and behind it a server that calls itself api.github.com; the operator has a binding."""
    for name in ("GITHUB_API_URL", "SSL_CERT_FILE"):
        del lifecycle.process[name]
    bind(lifecycle.platform / "bindings", "company", type="github", token=SECRET)
    with Attacker("api.github.com", "github.com") as running:
        (lifecycle.app / "ca.pem").write_text(running.authority)
        (lifecycle.app / "authorities").mkdir()
        (lifecycle.app / "authorities" / "ca.pem").symlink_to("../ca.pem")
        bind(lifecycle.app / "bindings", "ca", type="ca-certificates", pem=running.authority)
        subject = subprocess.run(
            ["openssl", "x509", "-hash", "-noout", "-in", lifecycle.app / "ca.pem"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        (lifecycle.app / "authorities" / f"{subject}.0").symlink_to("ca.pem")
        yield running


def intercept(lifecycle: Lifecycle, intercepted: Attacker, place: str, **setting: str) -> Run:
    lifecycle.process.update({"GH_TOKEN": SECRET})
    with Proxy(routes=intercepted.routes) as proxy:
        setting["HTTPS_PROXY"] = f"http://{proxy.address}"
        if place == "the process":
            lifecycle.process.update(setting)
            setting = {}
        run = lifecycle.build({"REPO": REPO, "EVIL": intercepted.authority, **setting})
    assert not intercepted.was_sent(SECRET)
    return run


@pytest.mark.parametrize("place", ["the process", "the platform"])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("SSL_CERT_FILE", "{app}/ca.pem"),
        ("SSL_CERT_FILE", "ca.pem"),
        ("SSL_CERT_FILE", "/nonexistent/..{app}/ca.pem"),
        ("SSL_CERT_FILE", "{link}/ca.pem"),
        ("SSL_CERT_FILE", "/proc/self/cwd/ca.pem"),
        ("SSL_CERT_FILE", "{platform}/env/EVIL"),
        ("SSL_CERT_DIR", "/etc/ssl/certs:{app}/authorities"),
        ("SSL_CERT_DIR", "{link}/authorities"),
        ("SERVICE_BINDING_ROOT", "{app}/bindings"),
        ("CNB_BINDINGS", "bindings"),
        ("SERVICE_BINDING_ROOT", "{link}/bindings"),
        ("SERVICE_BINDING_ROOT", "{mixed}"),
    ],
)
def test_certificates_and_bindings_of_the_application_are_refused(
    lifecycle: Lifecycle, intercepted: Attacker, tmp_path: Path, place: str, name: str, path: str
) -> None:
    (tmp_path / "link").symlink_to(lifecycle.app)
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "ca").symlink_to(lifecycle.app / "bindings/ca")
    places = {"app": lifecycle.app, "platform": lifecycle.platform, "link": tmp_path / "link"}
    path = path.format(**places, mixed=tmp_path / "mixed")

    run = intercept(lifecycle, intercepted, place, **{name: path})

    assert intercepted.heads == []
    what, advice = refused(run, lifecycle, SECRET)
    assert what.startswith(f"{name} names ")
    assert "a binding" in advice


def test_user_certificates_in_a_layer_of_another_buildpack_are_refused(
    lifecycle: Lifecycle, intercepted: Attacker
) -> None:
    """Packages of the application, for instance, which another buildpack has installed there."""
    modules = lifecycle.all_layers / "npm/modules"
    modules.mkdir(parents=True)
    (modules / "ca.pem").write_text(intercepted.authority)

    run = intercept(lifecycle, intercepted, "the platform", SSL_CERT_FILE=str(modules / "ca.pem"))

    assert intercepted.heads == []
    assert run.err.startswith("ERROR: SSL_CERT_FILE names ")


def test_certificates_of_a_buildpack_are_not_the_applications(
    lifecycle: Lifecycle, intercepted: Attacker, server: Server
) -> None:
    """Paketo's buildpack for ca-certificates puts them into a layer, and names it in the environment of the others."""
    layer = lifecycle.all_layers / "paketo-buildpacks_ca-certificates/ca-certificates"
    layer.mkdir(parents=True)
    (layer / "ca.pem").write_text(Path(server.ca_path).read_text())
    lifecycle.process.update(SSL_CERT_FILE=str(layer / "ca.pem"), GITHUB_API_URL=server.api_url)
    server.github.repository(REPO).release("v1").asset("tool", PROBE)

    assert lifecycle.build({"REPO": REPO, "FILE": "tool"}).status == 0


def test_a_proxy_set_by_the_application_sees_no_secret(lifecycle: Lifecycle, intercepted: Attacker) -> None:
    """It learns which hosts are asked, and can keep them from being reached: no certificate of its own is trusted."""
    run = intercept(lifecycle, intercepted, "the platform")

    assert run.err.startswith("ERROR: ")
    assert intercepted.heads == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.usefixtures("release")
def test_a_proxy_set_by_the_application_sees_no_unencrypted_request(
    lifecycle: Lifecycle, server: Server, name: str
) -> None:
    """The operator's API is at a loopback address, which needs no TLS: nor does it need a proxy."""
    plain = server.site.urls["plain"]
    lifecycle.process.update(GITHUB_API_URL=f"{plain}/api/v3", TOKEN=TOKEN)
    with Proxy() as proxy:
        run = lifecycle.build({**ASKED, name: f"http://{proxy.address}", "NO_PROXY": "127.0.0.3,127.0.0.2"})

    assert (run.status, run.err) == (0, "")
    assert [r for r in server.requests("plain") if "authorization" in r.headers]
    assert not any(TOKEN in head for head in proxy.heads)
    assert urlsplit(plain).netloc not in proxy.asked


# files of the build container


@pytest.fixture
def bait(lifecycle: Lifecycle, github: GitHub) -> dict[str, str]:
    """An asset of an attacker's repository that has the size of a secret, and settings that ask for it."""
    bind(lifecycle.platform / "bindings", "company", type="other", password=SECRET)
    github.repository("evil/own").release("v1").asset("x", b"." * len(SECRET), digest=None)
    return {"REPO": "evil/own", "FILE": "x", "TARGET": "x"}


BELOW = "evil/own/releases/download/v1/x"


@pytest.mark.parametrize("place", ["the process", "the platform"])
@pytest.mark.parametrize(
    "mirror",
    [
        "file://{platform}/bindings/company/password,skip-path=/" + BELOW,
        "file://{outside}/password,skip-path=/" + BELOW,
        "file://{app}/mirror",
        "file://{outside}/mirror",
        "file://{platform}/mirror",
        "file:///proc/self/cwd/mirror",
        "file://{app}/../../outside/mirror",
    ],
)
@pytest.mark.parametrize("digest", [False, True], ids=["no digest", "its digest"])
def test_no_file_of_the_build_ends_up_in_the_image(
    lifecycle: Lifecycle, bait: dict[str, str], github: GitHub, tmp_path: Path, mirror: str, place: str, digest: bool
) -> None:
    """Neither where nobody knows the digest, nor where it is known what the secret might be."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "password").write_text(SECRET)
    for root in (lifecycle.app, outside, lifecycle.platform):
        link = root / "mirror" / BELOW
        link.parent.mkdir(parents=True)
        link.symlink_to(lifecycle.platform / "bindings/company/password")
    if digest:
        found = github.find("evil/own")
        assert found
        [asset] = found.releases[0].assets
        asset.content = SECRET.encode()
        asset.digest = f"sha256:{asset.sha256()}"
    value = mirror.format(app=lifecycle.app, outside=outside, platform=lifecycle.platform)
    setting = {"BP_DEPENDENCY_MIRROR": value}
    if place == "the process":
        lifecycle.process.update(setting)

    run = lifecycle.build({**bait, **(setting if place == "the platform" else {})})

    refused(run, lifecycle, SECRET)


def test_a_folder_is_not_a_mirror_for_assets_without_a_digest(
    lifecycle: Lifecycle, bait: dict[str, str], tmp_path: Path
) -> None:
    """Not even the operator's: its files would be taken for what the application asks for."""
    file = tmp_path / "mirror" / BELOW
    file.parent.mkdir(parents=True)
    file.write_bytes(b"." * len(SECRET))
    bind(lifecycle.platform / "bindings", "mirror", type="dependency-mirror", default=f"file://{tmp_path}/mirror")

    what, advice = refused(lifecycle.build(bait), lifecycle)
    assert what == "default of the binding mirror is a directory, but the digest of x is not known."
    assert "sha256" in advice


# the command line


def command(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "github_assets", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE / "lib"), **variables},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )


@pytest.mark.parametrize("way", ["GITHUB_SERVER_URL", "GH_HOST", "GITHUB_API_URL", "REPO"])
@pytest.mark.parametrize("variable", ["GH_TOKEN", "GH_ENTERPRISE_TOKEN", "TOKEN"])
def test_the_command_in_a_hostile_checkout(lifecycle: Lifecycle, attacker: Attacker, variable: str, way: str) -> None:
    """The developer has named a host of the company's, which the checkout's project.toml overrides."""
    (lifecycle.app / "project.toml").write_text(project(WAYS[way]))
    names = ("SSL_CERT_FILE", "HTTPS_PROXY")
    variables = {name: lifecycle.process[name] for name in names}

    done = command(lifecycle.app, "resolve", **variables, **{variable: SECRET, "GH_HOST": "ghe.example.com"})

    assert done.returncode == 1
    assert attacker.heads
    assert not attacker.was_sent(SECRET)


@pytest.mark.parametrize("options", [["--env", f"GH_HOST={EVIL}"], []], ids=["an option", "a variable"])
def test_a_user_names_the_host(lifecycle: Lifecycle, attacker: Attacker, options: list[str]) -> None:
    (lifecycle.app / "project.toml").write_text(project(WAYS["REPO"]))
    variables = {name: lifecycle.process[name] for name in ("SSL_CERT_FILE", "HTTPS_PROXY")}
    if not options:
        variables["GH_HOST"] = EVIL

    command(lifecycle.app, "resolve", *options, **variables, GH_ENTERPRISE_TOKEN=SECRET)

    assert attacker.was_sent(SECRET)


def test_certificates_in_the_checkout_are_refused(lifecycle: Lifecycle, intercepted: Attacker) -> None:
    with Proxy(routes=intercepted.routes) as proxy:
        settings = {"REPO": REPO, "SSL_CERT_FILE": "ca.pem", "HTTPS_PROXY": f"http://{proxy.address}"}
        (lifecycle.app / "project.toml").write_text(project(settings))

        done = command(lifecycle.app.parent, "resolve", "--directory", str(lifecycle.app), GH_TOKEN=SECRET)

    assert done.returncode == 1
    assert intercepted.heads == []
