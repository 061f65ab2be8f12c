"""REPO and its companions, which describe one asset."""

from __future__ import annotations

from github_assets.config.patterns import Pattern, parse_pattern
from github_assets.config.request import AssetRequest, Repository, check_target, parse_repository
from github_assets.config.settings import (
    EXECUTABLE,
    EXTRACT,
    FILE,
    PATH,
    PREFIX,
    REPO,
    TARGET,
    TOKEN,
    VERSION,
    Environment,
    Setting,
    read_switch,
)
from github_assets.config.variable_names import names_meant
from github_assets.config.versions import LATEST, Version, parse_version
from github_assets.errors import ErrorCollector
from github_assets.errors.config import SettingInvalid, SettingMissing
from github_assets.locations import Variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_OPTIONS = (PATH, EXTRACT, EXECUTABLE)


def read_asset_variables(environment: Environment, *, others: bool = False) -> AssetRequest | None:
    """Return the asset that REPO and its companions describe, or None where REPO is not set.

    `others` tells that there are other assets, which a token may be for. Raises SettingInvalid, SettingMissing,
    ValueQuoted, SeveralFailed for several.
    """
    repo = environment.asset_setting(REPO)
    if repo is None or not repo.value:
        _check_nothing_is_meant(environment, repo, others=others)
        return None
    errors = ErrorCollector()
    with errors:
        repository = _repository(repo)
    with errors:
        version = _version(environment.asset_setting(VERSION))
    with errors:
        file = _file(environment.asset_setting(FILE))
    with errors:
        target = _target(environment.asset_setting(TARGET))
    options: dict[str, Any] = {}
    if any(environment.is_set(PREFIX + name) for name in _OPTIONS):
        with errors:
            options = _read_options(environment, repo)
    errors.raise_collected()
    return AssetRequest(repository, _location(environment, repo), version, file, target, **options)


def _check_nothing_is_meant(environment: Environment, repo: Setting | None, *, others: bool) -> None:
    """Raise SettingMissing where the companions of a missing REPO are set.

    With our prefix each of them tells. Other tools use the short names too, but not FILE and TARGET together; an empty
    BP_GITHUB_ASSET_REPO says that they are not for us.
    """
    similar = next((name for name, meant in names_meant(environment) if meant == REPO), None)
    for name in (FILE, TARGET, VERSION, *_OPTIONS, *(() if others else (TOKEN,))):
        if environment.get(PREFIX + name):
            raise SettingMissing(name=PREFIX + REPO, because=f"{PREFIX + name} is set", similar=similar)
    if (repo is None or repo.name == REPO) and environment.get(FILE) and environment.get(TARGET):
        raise SettingMissing(name=REPO, because=f"{FILE} and {TARGET} are set", similar=similar)


def _read_options(environment: Environment, repo: Setting) -> dict[str, Any]:
    """Return the options of an asset that have variables, which only what refuses it makes necessary."""
    from github_assets.config.tables import KEYS, check_extract

    errors = ErrorCollector()
    options: dict[str, Any] = {}
    with errors:
        options["executable"] = read_switch(environment, PREFIX + EXECUTABLE)
    for name in (PATH, EXTRACT):
        text = environment.get(PREFIX + name)
        with errors:
            if text:
                options[name.lower()] = KEYS[name.lower()].read(text, PREFIX + name)
    errors.raise_collected()
    target = environment.asset_setting(TARGET)
    check_extract({**options, "target": target and target.value}, _location(environment, repo))
    return options


def _location(environment: Environment, repo: Setting) -> Variables:
    variables: list[tuple[str, str]] = []
    asset: list[tuple[str, str | bool]] = []
    for name in (REPO, VERSION, FILE, TARGET, TOKEN):
        usual = repo.name.removesuffix(REPO) + name
        variable = next((each for each in (PREFIX + name, name) if environment.is_set(each)), usual)
        variables.append((name.lower(), variable))
        value = environment.get(variable) if name != TOKEN else None
        if value:
            asset.append((name.lower(), value))
    for name in _OPTIONS:
        variables.append((name.lower(), PREFIX + name))
        value = environment.get(PREFIX + name)
        if value:
            asset.append((name.lower(), read_switch(environment, PREFIX + name) if name == EXECUTABLE else value))
    return Variables(f"{repo.name} in the environment", tuple(asset), tuple(variables))


def _repository(setting: Setting) -> Repository:
    try:
        return parse_repository(setting.value, setting.name)
    except SettingInvalid as error:
        error.shared_name = setting.name == REPO
        raise


def _version(setting: Setting | None) -> Version:
    return parse_version(setting.value, setting.name) if setting and setting.value else LATEST


def _file(setting: Setting | None) -> Pattern | None:
    return parse_pattern(setting.value, setting.name) if setting and setting.value else None


def _target(setting: Setting | None) -> str | None:
    return check_target(setting.value, setting.name) if setting else None
