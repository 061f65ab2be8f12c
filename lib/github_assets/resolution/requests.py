"""Reads the configured assets, for both front doors."""

from __future__ import annotations

from github_assets.config.configuration import read_configuration
from github_assets.config.request import AssetRequest, Configuration, Token
from github_assets.config.settings import Environment, read_own_token
from github_assets.errors import ErrorCollector
from github_assets.errors.config import NoAssetsConfigured
from github_assets.log import Log


def read_asset_requests(
    app_dir: str, environment: Environment, platform_dir: str | None, log: Log, plan_path: str | None = None
) -> list[AssetRequest]:
    """Return the requested assets, at least one. Logs warnings, and redacts the assets' tokens from then on.

    Raises NoAssetsConfigured, and what `read_configuration` raises, together with what a session would.
    """
    errors, requests = ErrorCollector(), Configuration([], [])
    with errors:
        requests = read_configuration(app_dir, environment, plan_path)
    if errors.errors:
        from github_assets.resolution.session import Session

        with errors:
            Session(environment, platform_dir, log)
    errors.raise_collected()
    tokens = [read_own_token(environment), *(request.token for request in requests.assets)]
    log.add_secrets([token.secret for token in tokens if isinstance(token, Token)])
    for warning in requests.warnings:
        first, _, form = warning.partition("\n\n")
        log.warning(first)
        if form:
            log.block(form)
    if not requests.assets:
        raise NoAssetsConfigured
    return requests.assets
