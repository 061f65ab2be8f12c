"""`resolve`: prints the assets that a build without a lock file would install now."""

from __future__ import annotations

import argparse

from github_assets.cli.application import Application
from github_assets.cli.asset_argument import add_asset
from github_assets.cli.options import SELECTING, add_configuration, add_json, add_keys, add_platforms
from github_assets.cli.results import asset_result
from github_assets.text import human_size

SUMMARY = "print the assets that the configuration, or an argument, resolves to now"
EXAMPLES = (
    ("github-assets resolve", "what is configured in this directory"),
    ("github-assets resolve jqlang/jq@^1.7 --platform aarch64", "one asset that is not"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_asset(parser, optional=True)
    add_configuration(parser)
    add_platforms(parser)
    add_json(parser)
    add_keys(parser, *SELECTING)


def run(application: Application) -> int:
    """Print a line for each asset and platform: repository, tag, platform, asset, size, digest."""
    found = [(each, platform) for platform, planned in application.resolve().items() for each in planned]
    application.print(
        (
            f"{each.request.repository} {each.release.tag} {platform} {each.asset.name}"
            f" {human_size(each.asset.size)} {each.digest or 'no digest'}"
            for each, platform in found
        ),
        {"assets": [asset_result(each, platform) for each, platform in found]},
    )
    return 0
