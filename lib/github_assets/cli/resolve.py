"""`resolve`: which assets a build without a lock file would take now."""

from __future__ import annotations

from github_assets.cli.application import Application
from github_assets.log import Log
from github_assets.resolution.plan import find_releases, resolve_all
from github_assets.text import human_size


def run(application: Application) -> None:
    """Print a line per asset and platform: repository, tag, platform, asset, size, digest."""
    requests, session = application.requests, application.session
    releases = find_releases(requests, session)
    out = Log()
    for platform in application.platforms(None):
        for each in resolve_all(requests, releases, session, platform):
            asset = each.asset
            digest = each.digest or "no digest"
            release = f"{each.request.repository} {each.release.tag}"
            out.title(f"{release} {platform} {asset.name} {human_size(asset.size)} {digest}")
