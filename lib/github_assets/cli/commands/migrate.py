"""`migrate`: prints the settings of versions 1.x, 2.0 and 2.1 in the current syntax."""

from __future__ import annotations

import argparse

from github_assets.cli.application import Application
from github_assets.cli.editing import asset_lines
from github_assets.cli.options import add_directory, add_variables
from github_assets.config.asset_variables import read_asset_variables
from github_assets.config.files import assets_file, decode, read_application_file, read_files
from github_assets.locations import Variables
from github_assets.log import Log

SUMMARY = "print the settings of versions 1.x, 2.0 and 2.1 in the current syntax"
EXAMPLES = (
    ("github-assets migrate", "the tables and variables in this directory's project.toml"),
    ("github-assets migrate -e REPO=jqlang/jq -e FILE=jq-linux-amd64 -e TARGET=jq", "variables, as a table"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_directory(parser)
    add_variables(parser)


def run(application: Application) -> int:
    """Print the tables to paste, and log what they replace.

    Raises what `read_files`, `read_asset_variables` and `assets_file` raise.
    """
    forms = []
    for warning in read_files(application.directory, application.environment).warnings:
        what, _, form = warning.partition("\n\n")
        application.log.warning(what)
        forms += [form] if form else []
    forms += _of_variables(application)
    if forms:
        Log().block("\n".join(forms), indent="")
    else:
        application.log.step("Nothing to migrate")
    return 0


def _of_variables(application: Application) -> list[str]:
    """Return the table that REPO and its companions can be, if they are set. They need not be replaced."""
    environment = application.environment
    request = read_asset_variables(environment)
    if request is None:
        return []
    names = dict(request.source.variables) if isinstance(request.source, Variables) else {}
    table: dict[str, object] = dict(request.source.asset)
    replaced = [names[key] for key in table]
    if environment.is_set(names["token"]):
        table["token_env"] = names["token"]
    file, keys = assets_file(application.directory, environment)
    data = read_application_file(application.directory, file)
    lines = asset_lines(decode(data, file) if data else "", file, keys, table)
    application.log.step(f"{', '.join(replaced)} can stay. To have more options, replace them with this in {file}:")
    return ["\n".join([*lines, ""])]
