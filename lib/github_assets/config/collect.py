"""Everything that the configuration asks for, from all its sources."""

from __future__ import annotations

from github_assets.config.files import read_files
from github_assets.config.request import Requests, check_targets_unique, check_token
from github_assets.config.settings import ASSETS, TOKEN, Environment, read_asset_request


def read_requests(app_dir: str, environment: Environment, plan_path: str | None = None) -> Requests:
    """Return the assets of REPO, BP_GITHUB_ASSETS, the files and, where given, the buildpack plan, in this order.

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
    if named:
        assets.insert(0, named)
    token = environment.asset_setting(TOKEN)
    if assets and token and token.value:
        check_token(token.value, token.name)  # detect says what is wrong with it, too
    check_targets_unique((asset.place, asset.source) for asset in assets if asset.place)
    return Requests(assets, files.warnings)
