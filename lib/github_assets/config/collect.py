"""Everything that the configuration asks for, from all its sources."""

from __future__ import annotations

from github_assets.config.files import read_files
from github_assets.config.request import AssetRequest, Requests, check_targets_unique
from github_assets.config.settings import (
    ASSETS,
    GITHUB_API_URL,
    GITHUB_SERVER_URL,
    Environment,
    read_asset_request,
    read_token,
    read_url,
)

_GITHUB = "https://github.com"


def read_requests(app_dir: str, environment: Environment, plan_path: str | None = None) -> Requests:
    """Return the assets of REPO, BP_GITHUB_ASSETS, the files and, where given, the buildpack plan, in this order.

    An asset without a token of its own gets the environment's, if it is on the GitHub that this token is for.
    Raises the errors of the sources, and TargetConflict where two assets would write one file.
    """
    assets = []
    if environment.words(ASSETS):
        from github_assets.config.specs import read_specs

        assets += read_specs(environment)
    files = read_files(app_dir, environment)
    assets += files.assets
    if plan_path is not None:
        from github_assets.config.build_plan import read_plan_requests

        assets += read_plan_requests(plan_path, environment)
    named = read_asset_request(environment, others=bool(assets))
    assets = _with_token(assets, named, environment)
    if named:
        assets.insert(0, named)
    check_targets_unique((asset.place, asset.source) for asset in assets if asset.place)
    return Requests(assets, files.warnings)


def _with_token(assets: list[AssetRequest], named: AssetRequest | None, environment: Environment) -> list[AssetRequest]:
    token = read_token(environment) if assets else None
    if token is None:
        return assets
    usual = read_url(environment, GITHUB_SERVER_URL) or _GITHUB
    server = (named and named.repository.server) or usual
    apis = (None, read_url(environment, GITHUB_API_URL))

    def meant(asset: AssetRequest) -> bool:
        return asset.token is None and asset.api_url in apis and (asset.repository.server or usual) == server

    return [asset._replace(token=token) if meant(asset) else asset for asset in assets]
