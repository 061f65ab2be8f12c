"""The variables for keys that some refusals make necessary: whoever has variables alone needs no file."""

from __future__ import annotations

import pytest

from github_assets.config.asset_variables import read_asset_variables
from github_assets.config.settings import Environment
from github_assets.errors import GithubAssetsError, SeveralFailed
from github_assets.errors.config import SettingInvalid, SettingMissing, SettingsConflict
from github_assets.messages import message


def read(**variables: str) -> dict[str, object]:
    asset = read_asset_variables(Environment(None, {"REPO": "a/b", **variables}))
    assert asset
    return {key: getattr(asset, key) for key in ("path", "extract", "executable")}


def refused(**variables: str) -> GithubAssetsError:
    with pytest.raises(GithubAssetsError) as caught:
        read(**variables)
    return caught.value


def test_keys_as_in_a_table() -> None:
    assert read() == {"path": (), "extract": "executables", "executable": True}
    assert read(BP_GITHUB_ASSET_PATH="x/*", BP_GITHUB_ASSET_EXTRACT="all", BP_GITHUB_ASSET_EXECUTABLE="False") == {
        "path": ("x/*",),
        "extract": "all",
        "executable": False,
    }


def test_an_empty_value_is_not_set() -> None:
    assert read(BP_GITHUB_ASSET_PATH="", BP_GITHUB_ASSET_EXTRACT=" ", BP_GITHUB_ASSET_EXECUTABLE="") == read()


def test_the_short_names_belong_to_others() -> None:
    assert read(PATH="/usr/bin", EXTRACT="x", EXECUTABLE="false") == read()


def test_all_that_is_wrong_is_told() -> None:
    error = refused(
        BP_GITHUB_ASSET_PATH="/x", BP_GITHUB_ASSET_EXTRACT="some", BP_GITHUB_ASSET_EXECUTABLE="no", FILE="/(/"
    )

    assert isinstance(error, SeveralFailed)
    for name in ("PATH", "EXTRACT", "EXECUTABLE"):
        assert f"BP_GITHUB_ASSET_{name} is invalid" in message(error)
    assert "FILE is invalid" in message(error)


def test_keys_that_mean_nothing_together() -> None:
    assert isinstance(refused(BP_GITHUB_ASSET_PATH="x", BP_GITHUB_ASSET_EXTRACT="none"), SettingsConflict)
    assert isinstance(
        refused(TARGET="x", BP_GITHUB_ASSET_EXTRACT="all", BP_GITHUB_ASSET_EXECUTABLE="false"), SettingsConflict
    )


@pytest.mark.parametrize("name", ["PATH", "EXTRACT", "EXECUTABLE"])
def test_they_need_a_repository(name: str) -> None:
    error = refused(REPO="", **{f"BP_GITHUB_ASSET_{name}": "x"})

    assert isinstance(error, SettingMissing)
    assert error.because == f"BP_GITHUB_ASSET_{name} is set"


def test_a_value_that_is_no_boolean() -> None:
    error = refused(BP_GITHUB_ASSET_EXECUTABLE="off")

    assert isinstance(error, SettingInvalid)
    assert error.expected == "true or false"
