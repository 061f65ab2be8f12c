"""`resolve`: which assets a build without a lock file would take now."""

from __future__ import annotations

import argparse

from github_assets.buildpack.planning import find_releases, resolve_all
from github_assets.cli.application import Application
from github_assets.log import Log
from github_assets.text import human_size


def run(options: argparse.Namespace, application: Application) -> None:
    """Print a line per asset and platform: repository, tag, platform, asset, size, digest."""
    requests = application.requests()
    outside = application.outside()
    releases = find_releases(requests, outside, application.log)
    out = Log()
    for platform in application.platforms(options.platform, None):
        for each in resolve_all(requests, releases, outside, platform, application.log):
            asset = each.resolved.asset
            digest = each.entry.digest or "no digest"
            out.title(
                f"{each.entry.repository} {each.entry.tag} {platform} {asset.name} {human_size(asset.size)} {digest}"
            )
