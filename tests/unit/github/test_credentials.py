"""For whom a token is."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_assets.config.bindings import Binding
from github_assets.config.request import AssetRequest, Repository
from github_assets.config.settings import Environment
from github_assets.errors.config import SettingInvalid
from github_assets.github.credentials import Credentials, read_credentials
from github_assets.github.servers import read_servers
from github_assets.locations import Location
from github_assets.secrets import Secret

CLOUD, COMPANY, RESIDENT = "https://api.github.com", "https://ghe.example.com/api/v3", "https://api.octo.ghe.com"
ASSET = AssetRequest(Repository("octo", "tool"), Location("test"))
AT_COMPANY = {"GITHUB_SERVER_URL": "https://ghe.example.com"}


def read(variables: dict[str, str], *bindings: Binding) -> Credentials:
    environment = Environment(None, variables)
    return read_credentials(environment, bindings, read_servers(environment))


def binding(folder: Path, **entries: str) -> Binding:
    for name, text in entries.items():
        (folder / name).write_text(text)
    return Binding(folder.name, "github", {name: str(folder / name) for name in entries})


def sent(credentials: Credentials, api: str, asset: AssetRequest = ASSET) -> str | None:
    credential = credentials.of(asset, api)
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
        ({"GITHUB_ENTERPRISE_TOKEN": "b", "GH_HOST": "ghe.example.com"}, None, "b", None),
        ({"GITHUB_ENTERPRISE_TOKEN": "b", "GH_HOST": "github.com"}, None, None, None),
        ({"GITHUB_ENTERPRISE_TOKEN": "b", "GH_TOKEN": "a", **AT_COMPANY}, "a", "b", None),
    ],
)
def test_a_variable_s_token_is_for(
    variables: dict[str, str], cloud: str | None, company: str | None, resident: str | None
) -> None:
    credentials = read(variables)

    assert [sent(credentials, api) for api in (CLOUD, COMPANY, RESIDENT)] == [cloud, company, resident]
    for neighbour in ("https://api.github.com:8443", "http://api.github.com", "https://github.com", "https://ghe.com"):
        assert sent(credentials, neighbour) is None


@pytest.mark.parametrize("server", [{}, {"GITHUB_SERVER_URL": "https://github.com"}, AT_COMPANY])
def test_an_api_url_leads_no_shared_token_to_another_host(tmp_path: Path, server: dict[str, str]) -> None:
    """An application's project.toml may set it; the operator's token is not the application's to give away."""
    elsewhere = "https://cache.example.com/github"
    variables = {"GITHUB_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "b", "GITHUB_API_URL": elsewhere, **server}
    host = {"host": "ghe.example.com"} if server == AT_COMPANY else {}

    for credentials in (read(variables), read(variables, binding(tmp_path, token="c", **host))):
        assert sent(credentials, elsewhere) is None
        assert sent(credentials, CLOUD) in ("a", "c")
    assert sent(read(variables, binding(tmp_path, token="c", host="cache.example.com")), elsewhere) == "c"
    assert sent(read({**variables, "GH_HOST": "cache.example.com"}), elsewhere) == "b"


def test_an_asset_s_own_token_comes_first(tmp_path: Path) -> None:
    credentials = read({"GITHUB_TOKEN": "a", "TOKEN": "mine"}, binding(tmp_path, token="b"))
    own = ASSET._replace(token=Secret("mine"))

    assert sent(credentials, CLOUD, own) == "mine"
    assert sent(credentials, COMPANY, own) == "mine"
    assert sent(credentials, CLOUD) == "b"


@pytest.mark.parametrize(
    ("host", "api"),
    [
        (None, CLOUD),
        ("", CLOUD),
        ("github.com", CLOUD),
        ("GitHub.com", CLOUD),
        ("https://github.com/", CLOUD),
        ("ghe.example.com", COMPANY),
        ("https://ghe.example.com", COMPANY),
        ("ghe.example.com:8443", "https://ghe.example.com:8443/api/v3"),
        ("octo.ghe.com", RESIDENT),
    ],
)
def test_a_binding_is_for_its_host(tmp_path: Path, host: str | None, api: str) -> None:
    credentials = read({}, binding(tmp_path, token="a", **({} if host is None else {"host": host})))

    assert [each for each in (CLOUD, COMPANY, RESIDENT, api) if sent(credentials, each)] == [
        each for each in (CLOUD, COMPANY, RESIDENT, api) if each == api
    ]


@pytest.mark.parametrize("host", ["http://ghe.example.com", "me:s3cret@ghe.example.com", "a b", "ghe.example.com:x"])
def test_a_binding_s_host_that_is_none(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read({}, binding(tmp_path, token="a", host=host))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("token", ["s3cret two", "s3crét"])
def test_a_token_that_is_none_is_not_shown(tmp_path: Path, token: str) -> None:
    for variables, bindings in (({"GH_TOKEN": token}, []), ({}, [binding(tmp_path, token=token)])):
        with pytest.raises(SettingInvalid) as caught:
            read(variables, *bindings)
        assert "s3cr" not in str(caught.value)


def test_what_a_token_is_called(tmp_path: Path) -> None:
    credentials = read({"BP_GITHUB_ASSET_TOKEN": "mine"}, binding(tmp_path, token="b"))
    named = {
        "BP_GITHUB_ASSET_TOKEN": ASSET._replace(token=Secret("mine")),
        "ITS_OWN": ASSET._replace(token=Secret("x"), token_env="ITS_OWN"),
        "token of test": ASSET._replace(token=Secret("y")),
        f"token of the binding {tmp_path.name}": ASSET,
    }

    for setting, asset in named.items():
        credential = credentials.of(asset, CLOUD)
        assert credential
        assert credential.setting == setting


def test_shared_is_what_is_for_all_of_github() -> None:
    credentials = read({"GH_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "b", **AT_COMPANY})
    cloud, company = credentials.of(ASSET, CLOUD), credentials.of(ASSET, COMPANY)
    own = credentials.of(ASSET._replace(token=Secret("x")), CLOUD)

    assert cloud
    assert company
    assert own
    assert (cloud.shared, company.shared, own.shared) == (True, False, False)


def test_all_shared_tokens_are_kept_secret() -> None:
    assert {each.reveal() for each in read({"GH_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "b", **AT_COMPANY}).secrets} == {
        "a",
        "b",
    }
