"""`migrate`: prints the tables of versions 2.0 and 2.1 in the current syntax."""

from __future__ import annotations

from github_assets.cli.application import Application
from github_assets.config.files import read_files
from github_assets.log import Log


def run(application: Application) -> None:
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
