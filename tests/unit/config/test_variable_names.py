from __future__ import annotations

import re
from pathlib import Path

import pytest

from github_assets.config import settings
from github_assets.config.settings import OWN_VARIABLES, Environment
from github_assets.config.variable_names import check_variable_names, names_meant
from github_assets.errors import MOST_ERRORS, SeveralFailed
from github_assets.errors.config import VariableUnknown
from github_assets.messages import message
from tests.messages import parts_of

from .conftest import App


def unknown(name: str) -> str:
    with pytest.raises(VariableUnknown) as raised:
        check_variable_names(Environment(None, {name: "x"}), ())
    said = parts_of(raised.value)
    assert said.headline == f"{name} is set, but this buildpack has no such variable."
    return said.advice


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("BP_GITHUB_ASSET_TAG", "BP_GITHUB_ASSET_VERSION"),
        ("BP_GITHUB_ASSET_RELEASE", "BP_GITHUB_ASSET_VERSION"),
        ("BP_GITHUB_ASSETS_VERSION", "BP_GITHUB_ASSET_VERSION"),
        ("BP_GITHUB_ASSETS_REPO", "BP_GITHUB_ASSET_REPO"),
        ("BP_GITHUB_ASSET_REPOS", "BP_GITHUB_ASSET_REPO"),
        ("BP_GITHUB_ASSET_NAME", "BP_GITHUB_ASSET_TARGET"),
        ("BP_GITHUB_ASSET", "BP_GITHUB_ASSETS"),
        ("BP_GITHUB_ASSETS_EXECUTABLE", "BP_GITHUB_ASSET_EXECUTABLE"),
        ("BP_GITHUB_ASSETS_EXTRACT", "BP_GITHUB_ASSET_EXTRACT"),
        ("BP_GITHUB_ASSETS_TIMOUT", "BP_GITHUB_ASSETS_TIMEOUT"),
        ("BP_GITHUB_ASSET_LIBC", "BP_GITHUB_ASSETS_LIBC"),
        ("BP_GITHUB_ASSETS_ENABLE", "BP_GITHUB_ASSETS_ENABLED"),
        ("BP_GITHUB_ASSETS_PATH", "GITHUB_ASSETS_PATH"),
        ("GITHUB_ASSET_PATH", "GITHUB_ASSETS_PATH"),
        ("BP_GITHUB_ASET_REPO", "BP_GITHUB_ASSET_REPO"),
        ("BP_GITUHB_ASSETS", "BP_GITHUB_ASSETS"),
        ("bp_github_asset_repo", "BP_GITHUB_ASSET_REPO"),
        ("BP-GITHUB-ASSETS", "BP_GITHUB_ASSETS"),
        ("bp.github.asset.repo", "BP_GITHUB_ASSET_REPO"),
    ],
)
def test_a_name_with_our_prefix_that_is_not_ours(name: str, nearest: str) -> None:
    assert unknown(name) == f"Did you mean {nearest}?"


@pytest.mark.parametrize(
    ("name", "key"),
    [("BP_GITHUB_ASSET_SHA256", "sha256"), ("BP_GITHUB_ASSETS_CHECKSUM", "sha256"), ("BP_GITHUB_ASSET_LAYER", "layer")],
)
def test_a_key_that_has_no_variable(name: str, key: str) -> None:
    assert unknown(name).startswith(f"{key} has no variable. Configure the asset in a file")


@pytest.mark.parametrize(
    "name",
    [
        *OWN_VARIABLES,
        "GITHUB_ASSETS_PATH",
        "GITHUB_ACTIONS",
        "GITHUB_REPOSITORY",
        "GITHUB_TOKEN",
        "BP_GO_TARGETS",
        "BP_NODE_RUN_SCRIPTS",
        "BP_DEPENDENCY_MIRROR_GITHUB_COM",
        "ASSETS",
    ],
)
def test_names_of_ours_and_of_others(name: str) -> None:
    check_variable_names(Environment(None, {name: "x"}), ())


def test_all_unknown_names_are_reported(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env/BP_GITHUB_ASSET_B").write_bytes(b"\xff")
    (tmp_path / "env/BP_GITHUB_ASSET_C").write_text("\n")

    with pytest.raises(SeveralFailed) as raised:
        check_variable_names(Environment(str(tmp_path), {"BP_GITHUB_ASSET_A": "x", "BP_GITHUB_ASSET_D": ""}), ())

    names = [error.name for error in raised.value.errors if isinstance(error, VariableUnknown)]
    assert names == ["BP_GITHUB_ASSET_A", "BP_GITHUB_ASSET_B"]


def test_not_all_of_very_many_names_are_reported() -> None:
    with pytest.raises(SeveralFailed) as raised:
        check_variable_names(Environment(None, {f"BP_GITHUB_ASSET_{number}": "x" for number in range(20_000)}), ())

    assert len(raised.value.errors) == MOST_ERRORS
    assert message(raised.value).startswith("ERROR: At least 100 settings are invalid:\n")


def test_a_name_that_the_configuration_gives_a_meaning(app: App) -> None:
    app.write("github-assets.toml", '[[assets]]\nrepo = "a/b"\ntoken_env = "BP_GITHUB_ASSET_TOKEN_OF_ACME"\n')

    assert app.only({"BP_GITHUB_ASSET_TOKEN_OF_ACME": "t"}).token


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("REPOS", "REPO"),
        ("RPEO", "REPO"),
        ("repo", "REPO"),
        ("BP_REPO", "REPO"),
        ("GITHUB_ASSET_VERSION", "VERSION"),
        ("GITHUB_ASSETS_REPO", "REPO"),
        ("BP_GITHUB_REPO", "REPO"),
        ("BP_ASSET_FILE", "FILE"),
        ("BP_GITHUB_TOKEN", "TOKEN"),
        ("TAG", "VERSION"),
        ("ASSET", "FILE"),
        ("VERSIONS", "VERSION"),
        ("TARGE", "TARGET"),
        ("TOKENS", "TOKEN"),
        ("FILES", "FILE"),
    ],
)
def test_a_name_that_is_nearly_a_short_one(name: str, meant: str) -> None:
    assert names_meant(Environment(None, {name: "x"})) == [(name, meant)]
    assert names_meant(Environment(None, {name: "x", meant: "y"})) == []
    assert names_meant(Environment(None, {name: "x", f"BP_GITHUB_ASSET_{meant}": "y"})) == []


@pytest.mark.parametrize("name", ["GITHUB_ASSETS", "GH_ASSETS"])
def test_a_name_that_is_nearly_that_of_the_short_specs(app: App, name: str) -> None:
    environment = {name: "a/b"}

    assert names_meant(Environment(None, environment)) == [(name, "BP_GITHUB_ASSETS")]
    assert names_meant(Environment(None, {**environment, "BP_GITHUB_ASSETS": "a/b"})) == []
    assert app.read({**environment, "REPO": "a/b"}).warnings == [
        f"{name} is set, but not read. Did you mean BP_GITHUB_ASSETS?"
    ]


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "MY_REPO", "REPO", "PATH", "HOME", "PROFILE", "REPOSITORY", "GH_TOKEN", "FI"]
)
def test_names_of_other_things(name: str) -> None:
    assert names_meant(Environment(None, {name: "x"})) == []


def test_every_variable_of_ours_is_known_and_documented() -> None:
    names = {
        value
        for value in vars(settings).values()
        if isinstance(value, str) and re.fullmatch("BP_GITHUB_ASSETS?(_[A-Z]+)?", value)
    }
    document = (Path(__file__).parents[3] / "docs/settings.md").read_text()

    assert names <= set(OWN_VARIABLES)
    assert [name for name in OWN_VARIABLES if f"`{name}`" not in document] == []
