"""`choose`: prints which of the given asset names a build for a platform would install."""

from __future__ import annotations

import argparse
import sys

from github_assets.cli.application import Application
from github_assets.cli.asset_argument import COMMAND_LINE
from github_assets.cli.options import NO, add_json, architecture, repository
from github_assets.config.patterns import parse_pattern
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.messages import message
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose

SUMMARY = "print which of the given asset names matches a platform"
EXAMPLES = (
    ("github-assets choose --arch aarch64 tool-linux-amd64 tool-linux-arm64", "names as arguments"),
    ("printf 'a-linux-x64\\na-darwin-x64\\n' | github-assets choose --arch x86_64", "names from a pipe"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--os", default="linux", help="operating system, as Go names it (default: %(default)s)")
    parser.add_argument("--arch", required=True, type=architecture, help="architecture: amd64 or x86_64, arm64, …")
    parser.add_argument("--libc", choices=("musl", "gnu"), help="C library of the run image")
    parser.add_argument("--repo", metavar="OWNER/NAME", type=repository, help="repository")
    parser.add_argument("--tag", help="tag of the release")
    parser.add_argument("--file", metavar="PATTERN", help="a name, glob, /regular expression/ or template")
    parser.add_argument("--target", metavar="NAME", help="name of the executable")
    add_json(parser)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="asset names (default: read from standard input, one per line)"
    )


def run(application: Application) -> int:
    """Print the chosen name and return 0, or print the candidates to standard error and return 3.

    Raises SettingInvalid if `--file` is not a valid pattern.
    """
    options = application.options
    names = options.names or [line.strip() for line in sys.stdin if line.strip()]
    pattern = parse_pattern(options.file, COMMAND_LINE.setting("file")) if options.file else None
    query = AssetQuery(options.repo and str(options.repo), options.tag, pattern, options.target)
    try:
        name = choose(names, Platform(options.os, options.arch, options.libc), query)
    except (AssetAmbiguous, AssetNotFound, NoAssetForPlatform) as error:
        error.source = COMMAND_LINE
        application.log.error(message(error))
        return NO
    application.print([name], {"asset": name})
    return 0
