"""Which hosts and repositories a token is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_assets.config.application_files import ApplicationFiles
from github_assets.config.bindings import Binding
from github_assets.config.request import AssetRequest, Repository, Token
from github_assets.config.settings import APPLICATION, OPERATOR, PLATFORM, Environment
from github_assets.errors.config import SettingInvalid
from github_assets.errors.github import TokenNotForHost
from github_assets.github.credentials import Credentials
from github_assets.locations import Location
from github_assets.secrets import Secret

CLOUD, COMPANY, RESIDENT = "https://api.github.com", "https://ghe.example.com/api/v3", "https://api.octo.ghe.com"
APIS = (CLOUD, COMPANY, RESIDENT)
ASSET = AssetRequest(Repository("octo", "tool"), Location("test"))
AT_COMPANY = {"GITHUB_SERVER_URL": "https://ghe.example.com"}
HOST = {"GH_HOST": "ghe.example.com"}


def read(variables: dict[str, str], *bindings: Binding) -> Credentials:
    return Credentials(Environment(None, variables), bindings)


def binding(folder: Path, **entries: str) -> Binding:
    folder.mkdir(exist_ok=True)
    for name, text in entries.items():
        (folder / name).write_text(text)
    return Binding(folder.name, "github", {name: str(folder / name) for name in entries})


def sent(credentials: Credentials, api: str, asset: AssetRequest = ASSET) -> str | None:
    try:
        credential = credentials.of(asset, api)
    except TokenNotForHost:
        return None
    return credential and credential.token.reveal()


@pytest.mark.parametrize(
    ("variables", "cloud", "company", "resident"),
    [
        ({}, None, None, None),
        ({"GITHUB_TOKEN": "a"}, "a", None, None),
        ({"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, "a", None, None),
        ({"GH_TOKEN": "", "GITHUB_TOKEN": "b"}, "b", None, None),
        ({"GITHUB_TOKEN": "a", **AT_COMPANY}, "a", None, None),
        ({"GITHUB_TOKEN": "a", "GITHUB_SERVER_URL": "https://octo.ghe.com"}, "a", None, "a"),
        ({"GITHUB_TOKEN": "a", "GH_HOST": "octo.ghe.com"}, "a", None, "a"),
        ({"GH_ENTERPRISE_TOKEN": "a"}, None, None, None),
        ({"GH_ENTERPRISE_TOKEN": "a", "GITHUB_ENTERPRISE_TOKEN": "b", **AT_COMPANY}, None, "a", None),
        ({"GITHUB_ENTERPRISE_TOKEN": "b", **HOST}, None, "b", None),
        ({"GITHUB_ENTERPRISE_TOKEN": "b", "GH_HOST": "github.com"}, None, None, None),
        ({"GITHUB_ENTERPRISE_TOKEN": "b", "GH_HOST": "octo.ghe.com"}, None, None, None),
        ({"GITHUB_ENTERPRISE_TOKEN": "b", "GH_TOKEN": "a", **AT_COMPANY}, "a", "b", None),
        ({"TOKEN": "a"}, "a", None, None),
        ({"BP_GITHUB_ASSET_TOKEN": "a", "TOKEN": "b"}, "a", None, None),
        ({"BP_GITHUB_ASSET_TOKEN": "", "TOKEN": "b"}, None, None, None),
        ({"TOKEN": "a", **AT_COMPANY}, None, "a", None),
        ({"TOKEN": "a", **HOST}, None, "a", None),
        ({"TOKEN": "a", **HOST, "GITHUB_SERVER_URL": "https://github.com"}, "a", "a", None),
        ({"TOKEN": "a", **HOST, "GITHUB_SERVER_URL": "https://octo.ghe.com"}, None, "a", "a"),
        ({"TOKEN": "a", "GITHUB_API_URL": COMPANY}, None, "a", None),
        ({"TOKEN": "a", "GITHUB_API_URL": COMPANY, **HOST}, None, "a", None),
        ({"TOKEN": "a", "GITHUB_API_URL": "https://cache.example.com", **AT_COMPANY}, None, None, None),
        ({"TOKEN": "a", "GITHUB_SERVER_URL": "https://github.com:443/"}, "a", None, None),
        ({"TOKEN": "a", "REPO": "https://ghe.example.com/octo/tool"}, "a", None, None),
        ({"TOKEN": "a", "GH_TOKEN": "b", **AT_COMPANY}, "b", "a", None),
    ],
)
def test_the_hosts_of_a_variables_token(
    variables: dict[str, str], cloud: str | None, company: str | None, resident: str | None
) -> None:
    credentials = read(variables)

    assert [sent(credentials, api) for api in APIS] == [cloud, company, resident]
    for neighbour in ("https://api.github.com:8443", "http://api.github.com", "https://github.com", "https://ghe.com"):
        assert sent(credentials, neighbour) is None


@pytest.mark.parametrize("name", ["GITHUB_SERVER_URL", "GH_HOST"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com/x.ghe.com",
        "evil.example.com/github.com",
        "evil.example.com?x.ghe.com",
        "evil.example.com#.ghe.com",
        "evil.example.com\\.ghe.com",
        "x.ghe.com@evil.example.com",
        "evil.example.com:.ghe.com",
    ],
)
def test_a_server_is_only_a_host(name: str, host: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        read({"GITHUB_TOKEN": "a", name: f"https://{host}"})
    assert refused.value.where == name


@pytest.mark.parametrize(
    "host", ["evil-ghe.com", "ghe.com", "x.y.ghe.com", "octo.ghe.com:8443", "octo.ghe.com.", ".ghe.com"]
)
def test_hosts_that_look_like_githubs(host: str) -> None:
    try:
        credentials = read({"GITHUB_TOKEN": "a", "GH_HOST": host})
    except SettingInvalid:
        return
    for api in (f"https://api.{host}", f"https://{host}/api/v3"):
        assert sent(credentials, api) is None


@pytest.mark.parametrize("server", [{}, {"GITHUB_SERVER_URL": "https://github.com"}, AT_COMPANY])
def test_an_api_url_leads_no_shared_token_to_another_host(tmp_path: Path, server: dict[str, str]) -> None:
    """Such a token is for what its own tools call a host; GITHUB_API_URL is not theirs."""
    elsewhere = "https://cache.example.com/github"
    variables = {"GITHUB_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "b", "GITHUB_API_URL": elsewhere, **server}
    host = {"host": "ghe.example.com"} if server == AT_COMPANY else {}

    for credentials in (read(variables), read(variables, binding(tmp_path, token="c", **host))):
        assert sent(credentials, elsewhere) is None
        assert sent(credentials, CLOUD) in ("a", "c")
    assert sent(read(variables, binding(tmp_path, token="c", host="cache.example.com")), elsewhere) == "c"
    assert sent(read({**variables, "GH_HOST": "cache.example.com"}), elsewhere) == "b"


# who says so

TOKENS = ["TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN"]
NAMES = {
    "GITHUB_SERVER_URL": "https://octo.ghe.com",
    "GH_HOST": "ghe.example.com",
    "GITHUB_API_URL": "https://api.example.com",
    "REPO": "https://repo.example.com/octo/tool",
}
NAMED = [RESIDENT, COMPANY, "https://api.example.com", "https://repo.example.com/api/v3"]


def environment(tmp_path: Path, variables: dict[str, tuple[str, int]]) -> Environment:
    """Return variables with their values, each set by somebody."""
    project, process = "", {}
    (tmp_path / "env").mkdir(parents=True)
    for name, (value, by) in variables.items():
        if by == OPERATOR:
            process[name] = value
            continue
        (tmp_path / "env" / name).write_text(value)
        if by == APPLICATION:
            project += f'[[build.env]]\nname = "{name}"\nvalue = "{value}"\n'
    (tmp_path / "project.toml").write_text(project)
    return Environment(str(tmp_path), process, ApplicationFiles(str(tmp_path), str(tmp_path)))


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(("by", "names_by"), [(OPERATOR, PLATFORM), (OPERATOR, APPLICATION), (PLATFORM, APPLICATION)])
def test_a_less_trusted_source_cannot_name_a_tokens_host(tmp_path: Path, token: str, by: int, names_by: int) -> None:
    variables = {name: (value, names_by) for name, value in NAMES.items()}
    credentials = Credentials(environment(tmp_path, {token: ("a", by), **variables}), [])

    assert [api for api in [*NAMED, CLOUD] if sent(credentials, api)] == (
        [] if token == "GH_ENTERPRISE_TOKEN" or (token == "TOKEN" and by == PLATFORM) else [CLOUD]
    )


@pytest.mark.parametrize("by", [APPLICATION, PLATFORM, OPERATOR])
def test_an_equally_trusted_source_can(tmp_path: Path, by: int) -> None:
    variables = {name: (value, max(by, PLATFORM)) for name, value in NAMES.items()}
    for token, apis in (
        ("TOKEN", [COMPANY, "https://api.example.com"]),
        ("GH_TOKEN", [RESIDENT, CLOUD]),
        ("GH_ENTERPRISE_TOKEN", [COMPANY]),
    ):
        credentials = Credentials(environment(tmp_path / token, {token: ("a", by), **variables}), [])
        expected = [*apis, "https://repo.example.com/api/v3"] if (token, by) == ("TOKEN", APPLICATION) else apis
        if (token, by) == ("GH_ENTERPRISE_TOKEN", APPLICATION):
            expected = [COMPANY, "https://repo.example.com/api/v3"]
        assert {api for api in [*NAMED, CLOUD] if sent(credentials, api)} == set(expected)


def test_the_operators_host_is_not_overridden_by_the_application(tmp_path: Path) -> None:
    variables = environment(tmp_path, {"GH_HOST": ("evil.example.com", PLATFORM)})
    operator = {"GH_ENTERPRISE_TOKEN": "a", **HOST}
    credentials = Credentials(Environment(str(tmp_path), operator, variables.application), [])

    assert [api for api in (COMPANY, "https://evil.example.com/api/v3") if sent(credentials, api)] == [COMPANY]


@pytest.mark.parametrize("name", ["", "not TOML", '[[build.env]]\nname = "GH_HOST"\nvalue = "ghe.example.com"'])
def test_a_host_set_by_the_user_next_to_a_project_toml(tmp_path: Path, name: str) -> None:
    variables = environment(tmp_path, {"GH_HOST": ("ghe.example.com", PLATFORM), "TOKEN": ("a", PLATFORM)})
    (tmp_path / "project.toml").write_text(name)

    assert sent(Credentials(variables, []), COMPANY) == (None if name else "a")


# an asset's own


@pytest.mark.parametrize(
    ("setting", "apis"),
    [
        ("TOKEN", [COMPANY]),
        ("BP_GITHUB_ASSET_TOKEN_OCTO", [COMPANY]),
        ("GITHUB_TOKEN", [CLOUD]),
        ("GITHUB_ENTERPRISE_TOKEN", [COMPANY]),
    ],
)
def test_an_asset_names_a_token_but_not_its_host(setting: str, apis: list[str]) -> None:
    asset = ASSET._replace(token=Token(Secret("a"), setting, OPERATOR))

    assert [api for api in APIS if sent(read(HOST), api, asset)] == apis


def test_a_token_of_the_application_goes_where_it_says() -> None:
    asset = ASSET._replace(token=Token(Secret("a"), "token of project.toml", APPLICATION))

    assert [api for api in APIS if sent(read({}), api, asset)] == list(APIS)


def test_the_token_of_an_asset_comes_first(tmp_path: Path) -> None:
    credentials = read({"GITHUB_TOKEN": "a", "TOKEN": "mine"}, binding(tmp_path, token="b"))
    own = ASSET._replace(token=Token(Secret("own"), "BP_GITHUB_ASSET_TOKEN_OCTO", OPERATOR))

    assert sent(credentials, CLOUD, own) == "own"
    assert sent(credentials, CLOUD) == "mine"
    assert sent(read({"GITHUB_TOKEN": "a"}, binding(tmp_path, token="b")), CLOUD) == "b"


def test_a_token_for_another_host_is_an_error_that_names_its_hosts() -> None:
    own = ASSET._replace(token=Token(Secret("own"), "GH_TOKEN", OPERATOR))

    with pytest.raises(TokenNotForHost) as refused:
        read({}).of(own, COMPANY)
    error = refused.value
    assert (error.setting, error.host, error.hosts) == ("GH_TOKEN", "ghe.example.com", ["api.github.com"])


@pytest.mark.parametrize(
    ("variables", "server", "api", "setting"),
    [
        ({"TOKEN": "a"}, "https://ghe.example.com", COMPANY, "TOKEN"),
        ({"TOKEN": "a"}, "https://github.com", "https://cache.example.com", "TOKEN"),
        ({"TOKEN": "a"}, "https://github.com", CLOUD, None),
        ({"GITHUB_TOKEN": "a"}, "https://ghe.example.com", COMPANY, None),
        ({"GITHUB_TOKEN": "a"}, "https://octo.ghe.com", RESIDENT, "GITHUB_TOKEN"),
        ({"GH_ENTERPRISE_TOKEN": "a"}, "https://ghe.example.com", COMPANY, "GH_ENTERPRISE_TOKEN"),
        ({"GH_ENTERPRISE_TOKEN": "a"}, "https://octo.ghe.com", RESIDENT, None),
        ({}, "https://ghe.example.com", COMPANY, None),
    ],
)
def test_which_token_would_be_for_a_server(
    variables: dict[str, str], server: str, api: str, setting: str | None
) -> None:
    assert read(variables).withheld(server, api) == setting


# bindings


@pytest.mark.parametrize(
    ("host", "api"),
    [
        (None, CLOUD),
        ("", CLOUD),
        ("github.com", CLOUD),
        ("GitHub.com", CLOUD),
        ("https://github.com/", CLOUD),
        ("github.com:443", CLOUD),
        ("ghe.example.com", COMPANY),
        ("https://ghe.example.com", COMPANY),
        ("ghe.example.com:8443", "https://ghe.example.com:8443/api/v3"),
        ("octo.ghe.com", RESIDENT),
    ],
)
def test_a_binding_is_for_its_host(tmp_path: Path, host: str | None, api: str) -> None:
    credentials = read({}, binding(tmp_path, token="a", **({} if host is None else {"host": host})))

    assert [each for each in (*APIS, api) if sent(credentials, each)] == [each for each in (*APIS, api) if each == api]


@pytest.mark.parametrize(
    "host",
    ["http://ghe.example.com", "me:s3cret@ghe.example.com", "a b", "ghe.example.com:x", "evil.example.com/x.ghe.com"],
)
def test_an_invalid_host_in_a_binding(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read({}, binding(tmp_path, token="a", host=host))
    assert "s3cret" not in str(caught.value)


def test_the_binding_that_names_the_repository_comes_first(tmp_path: Path) -> None:
    bindings = [
        binding(tmp_path / "a", token="any"),
        binding(tmp_path / "b", token="one", repositories="Octo/Tool, octo/other"),
        binding(tmp_path / "c", token="owner", repositories="acme/*\n"),
    ]
    credentials = read({}, *bindings)

    for repository, token in {
        "octo/tool": "one",
        "OCTO/other": "one",
        "octo/third": "any",
        "acme/x": "owner",
        "acme2/x": "any",
    }.items():
        asset = ASSET._replace(repository=Repository(*repository.split("/")))
        assert sent(credentials, CLOUD, asset) == token
        assert sent(credentials, COMPANY, asset) is None


# what is said


@pytest.mark.parametrize("token", ["s3cret two", "s3crét"])
def test_an_invalid_token_is_not_shown(tmp_path: Path, token: str) -> None:
    for variables, bindings in (({"GH_TOKEN": token}, []), ({}, [binding(tmp_path, token=token)])):
        with pytest.raises(SettingInvalid) as caught:
            read(variables, *bindings)
        assert "s3cr" not in str(caught.value)


def test_the_setting_of_a_token(tmp_path: Path) -> None:
    own = ASSET._replace(token=Token(Secret("x"), "BP_GITHUB_ASSET_TOKEN_OCTO", OPERATOR))
    bound = binding(tmp_path, token="b")
    for setting, variables, asset in (
        ("BP_GITHUB_ASSET_TOKEN", {"BP_GITHUB_ASSET_TOKEN": "mine"}, ASSET),
        ("BP_GITHUB_ASSET_TOKEN_OCTO", {}, own),
        (f"token of the binding {tmp_path.name}", {"GH_TOKEN": "a"}, ASSET),
    ):
        credential = read(variables, bound).of(asset, CLOUD)
        assert credential
        assert credential.setting == setting


def test_shared_is_what_is_for_all_of_github(tmp_path: Path) -> None:
    credentials = read({"GH_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "b", **AT_COMPANY})
    own = ASSET._replace(token=Token(Secret("x"), "GH_TOKEN", OPERATOR))
    found = [
        credentials.of(ASSET, CLOUD),
        credentials.of(ASSET, COMPANY),
        credentials.of(own, CLOUD),
        read({}, binding(tmp_path, token="a")).of(ASSET, CLOUD),
        read({}, binding(tmp_path, token="a", repositories="octo/*")).of(ASSET, CLOUD),
    ]

    assert [credential and credential.shared for credential in found] == [True, False, False, True, False]


def test_all_tokens_are_kept_secret(tmp_path: Path) -> None:
    variables = {"TOKEN": "t", "GH_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "b"}

    secrets = read(variables, binding(tmp_path, token="c")).secrets

    assert {each.reveal() for each in secrets} == {"t", "a", "b", "c"}
