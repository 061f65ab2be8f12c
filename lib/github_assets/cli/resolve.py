"""`resolve`: prints the assets that a build without a lock file would install now."""

from __future__ import annotations

from github_assets.cli.application import Application
from github_assets.log import Log
from github_assets.text import human_size


def run(application: Application) -> None:
    """Print a line for each asset and platform: repository, tag, platform, asset, size, digest."""
    out = Log()
    for platform, planned in application.resolve().items():
        for each in planned:
            asset = each.asset
            digest = each.digest or "no digest"
            release = f"{each.request.repository} {each.release.tag}"
            out.title(f"{release} {platform} {asset.name} {human_size(asset.size)} {digest}")
