"""Everything that the configuration asks for, from all its sources."""

from __future__ import annotations

from github_assets.config.asset_variables import read_asset_variables
from github_assets.config.files import misnamed_files, read_files
from github_assets.config.request import AssetRequest, Configuration, check_destinations, check_variables
from github_assets.config.settings import (
    ASSETS,
    GITHUB_API_URL,
    GITHUB_SERVER_URL,
    REPO,
    Environment,
    read_enabled,
    read_libc,
    read_own_token,
    read_provide,
    read_timeout,
    read_url,
)
from github_assets.config.variable_names import check_variable_names, names_meant
from github_assets.errors import ErrorCollector


def read_configuration(app_dir: str, environment: Environment, plan_path: str | None = None) -> Configuration:
    """Return the assets of REPO, BP_GITHUB_ASSETS, the files and, where given, the buildpack plan, in this order.

    Raises the errors of `errors.config`, all of them together, SeveralFailed for several.
    """
    errors = ErrorCollector()
    assets, warnings = list[AssetRequest](), list[str]()
    with errors:
        if environment.is_set(ASSETS):
            from github_assets.config.specs import read_specs

            assets += read_specs(environment)
    with errors:
        files = read_files(app_dir, environment)
        assets += files.assets
        warnings += files.warnings
    with errors:
        if plan_path is not None:
            from github_assets.config.build_plan import read_plan_requests

            assets += read_plan_requests(plan_path, environment)
    named = None
    with errors:
        named = read_asset_variables(environment, others=bool(assets))
    with errors:
        check_variable_names(environment, [asset.token.setting for asset in assets if asset.token])
    for read_switch in (read_enabled, read_provide):
        with errors:
            read_switch(environment)
    if named:
        assets.insert(0, named)
    if assets or errors.errors:
        _check_settings(environment, errors)
    with errors:
        check_destinations((asset.destination, asset.source) for asset in assets)
    with errors:
        check_variables(assets)
    errors.raise_collected()
    return Configuration(assets, [*warnings, *_hints(app_dir, environment, named)] if assets else warnings)


def _check_settings(environment: Environment, errors: ErrorCollector) -> None:
    """Read what every build with assets reads, so that what is wrong with it is told together with the rest."""
    for read in (read_libc, read_timeout, read_own_token):
        with errors:
            read(environment)
    for name in (GITHUB_SERVER_URL, GITHUB_API_URL):
        with errors:
            read_url(environment, name)


def _hints(app_dir: str, environment: Environment, named: AssetRequest | None) -> list[str]:
    files = [f"{name} is not read. Did you mean {meant}?" for name, meant in misnamed_files(app_dir, environment)]
    return files + [
        f"{name} is set, but not read. Did you mean {meant}?"
        for name, meant in names_meant(environment)
        if named or meant in (REPO, ASSETS)
    ]
