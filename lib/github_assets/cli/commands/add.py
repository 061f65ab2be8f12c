"""`add`: writes an asset into the file of the application that lists assets."""

from __future__ import annotations

import argparse
import os

from github_assets.cli.application import Application
from github_assets.cli.asset_argument import add_asset, asset_table
from github_assets.cli.editing import with_asset
from github_assets.cli.options import OPTIONAL, add_directory, add_json, add_keys, add_platforms, add_variables
from github_assets.config.configuration import read_configuration
from github_assets.config.files import LOCK_FILE, assets_file, decode, read_application_file
from github_assets.config.request import AssetRequest, check_destinations
from github_assets.config.tables import KEYS
from github_assets.errors.config import TargetConflict
from github_assets.files import write_atomically
from github_assets.github.servers import GITHUB
from github_assets.resolution.lock import LOCK_COMMAND

SUMMARY = "add an asset to github-assets.toml, github-assets.yaml or project.toml"
EXAMPLES = (
    ("github-assets add jqlang/jq@^1.7 --target jq", "what resolves now, on the platforms that are locked or usual"),
    ("github-assets add octo/private --token-env BP_GITHUB_ASSET_TOKEN_OCTO --no-resolve", "without asking GitHub"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_asset(parser)
    parser.add_argument("--no-resolve", action="store_true", help="do not ask GitHub whether there is such an asset")
    add_platforms(parser)
    add_directory(parser)
    add_variables(parser)
    add_json(parser)
    add_keys(parser, *OPTIONAL)


def run(application: Application) -> int:
    """Write the file and print its name. If anything is wrong, raises and leaves the file unchanged."""
    directory, environment = application.directory, application.environment
    if application.options.no_resolve and application.options.platform:
        application.options.usage_error("--platform: not with --no-resolve")
    [request] = application.requests
    _check(request, read_configuration(directory, environment).assets)
    if not application.options.no_resolve:
        application.resolve()
    file, keys = assets_file(directory, environment)
    data = read_application_file(directory, file)
    table = _ordered(request, asset_table(application.options))
    text = with_asset(decode(data, file) if data else "", file, keys, table)
    is_locked = application.lock is not None
    write_atomically(os.path.join(directory, file), text)
    application.log.step(f"Added {request.repository} to {file}")
    if is_locked:
        application.log.step(f"Update {LOCK_FILE}: {LOCK_COMMAND}")
    application.print([file], {"file": file, "asset": table})
    return 0


def _check(request: AssetRequest, configured: list[AssetRequest]) -> None:
    """Raise TargetConflict if the asset is configured already, or another one that would write its file."""
    for each in configured:
        if _identity(each) == _identity(request):
            target = request.target or request.repository.name
            raise TargetConflict(target=target, sources=[str(each.source), str(request.source)])
    check_destinations((each.destination, each.source) for each in (*configured, request))


def _identity(request: AssetRequest) -> tuple[object, ...]:
    repository, server = request.repository, request.repository.server or GITHUB
    return server, repository.owner.lower(), repository.name.lower(), request.file, request.target, request.layer


def _ordered(request: AssetRequest, table: dict[str, object]) -> dict[str, object]:
    """Return the keys in their usual order, the repository without the URL of github.com."""
    repository = request.repository
    named = repository._replace(server=None) if repository.server == GITHUB else repository
    return {key: str(named) if key == "repo" else table[key] for key in KEYS if key in table}
