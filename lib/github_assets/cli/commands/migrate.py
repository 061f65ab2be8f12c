"""`migrate`: prints the tables of versions 2.0 and 2.1 in the current syntax."""

from __future__ import annotations

import argparse

from github_assets.cli.application import Application
from github_assets.cli.options import add_directory, add_variables
from github_assets.config.files import read_files
from github_assets.log import Log

SUMMARY = "print the tables of versions 2.0 and 2.1 in the current syntax"
EXAMPLES = (("github-assets migrate", "the tables in this directory's project.toml"),)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_directory(parser)
    add_variables(parser)


def run(application: Application) -> int:
    """Print the tables to paste, and log what they replace. Raises what `read_files` raises."""
    forms = []
    for warning in read_files(application.directory, application.environment).warnings:
        what, _, form = warning.partition("\n\n")
        application.log.warning(what)
        forms += [form] if form else []
    if forms:
        Log().block("\n".join(forms), indent="")
    else:
        application.log.step("Nothing to migrate")
    return 0
