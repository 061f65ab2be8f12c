"""`explain`: prints why an asset is chosen, and why each other one of the release is not."""

from __future__ import annotations

import argparse
import time

from github_assets.cli.application import Application
from github_assets.cli.asset_argument import add_asset
from github_assets.cli.options import (
    NO,
    SELECTING,
    add_directory,
    add_json,
    add_keys,
    add_platform,
    add_variables,
)
from github_assets.errors import ErrorSource
from github_assets.messages import message
from github_assets.selection.release_choice import find_release, version_request
from github_assets.selection.resolved import explain

SUMMARY = "print why an asset is chosen, and why each other one is not"
EXAMPLES = (
    ("github-assets explain BurntSushi/ripgrep --platform arm64", "for an image on 64-bit ARM"),
    ("github-assets explain grpc-ecosystem/grpc-health-probe --file '*-linux-*'", "with a pattern"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_asset(parser)
    add_platform(parser)
    add_directory(parser)
    add_variables(parser)
    add_json(parser)
    add_keys(parser, *SELECTING)


def run(application: Application) -> int:
    """Print the release, and a line for each of its assets; return 3 where no single one is chosen."""
    [request], platform = application.requests, application.platform
    with ErrorSource(request.source):
        wanted = version_request(request)
        release, skipped = find_release(application.session.api(request), request.repository, wanted, time.time())
        decision = explain(request, release, platform)
    chosen = decision.outcome if isinstance(decision.outcome, str) else None
    reasons = sorted(decision.reasons.items(), key=lambda item: (item[0] != chosen, item[0]))
    application.print(
        [
            f"{request.repository} {wanted.version}: release {release.tag}",
            *(f"  not {each.tag}: {each.reason}" for each in skipped),
            f"{chosen or 'No single asset'} for {platform}",
            *(f"  {'' if name == chosen else 'not '}{name}: {reason}" for name, reason in reasons),
        ],
        {
            "repository": str(request.repository),
            "tag": release.tag,
            "platform": platform.name,
            "asset": chosen,
            "skipped_releases": [each._asdict() for each in skipped],
            "assets": [{"asset": name, "reason": reason} for name, reason in reasons],
        },
    )
    if isinstance(decision.outcome, str):
        return 0
    decision.outcome.source = request.source
    application.log.error(message(decision.outcome))
    return NO
