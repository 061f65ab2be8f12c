"""`choose`: prints which of the given asset names a build for a platform would install."""

from __future__ import annotations

import argparse
import os
import sys

from github_assets.cli.application import Application
from github_assets.cli.asset_argument import COMMAND_LINE
from github_assets.cli.options import NO, add_json, any_platform, architecture, default_platform, repository
from github_assets.config.patterns import parse_pattern
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.messages import message
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose

SUMMARY = "print which of the given asset names matches a platform"
EXAMPLES = (
    ("github-assets choose --platform linux/arm64 tool-linux-amd64 tool-linux-arm64", "names as arguments"),
    ("printf 'a-linux-x64\\na-darwin-x64\\n' | github-assets choose --platform x86_64", "names from a pipe"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH",
        type=any_platform,
        default=default_platform(os.uname().machine),
        help="linux/amd64 or any other, named as Go does; without OS/, linux (default: linux with this machine's"
        " architecture)",
    )
    parser.add_argument("--os", help=argparse.SUPPRESS)  # the halves of --platform, for scripts that have them apart
    parser.add_argument("--arch", type=architecture, help=argparse.SUPPRESS)
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
    os_, _, arch = options.platform.partition("/")
    names = options.names or [line.strip() for line in sys.stdin if line.strip()]
    if not names:
        options.usage_error("no asset names, neither as arguments nor on standard input")
    pattern = parse_pattern(options.file, COMMAND_LINE.setting("file")) if options.file else None
    query = AssetQuery(options.repo and str(options.repo), options.tag, pattern, options.target)
    try:
        name = choose(names, Platform(options.os or os_, options.arch or arch, options.libc), query)
    except (AssetAmbiguous, AssetNotFound, NoAssetForPlatform) as error:
        error.source = COMMAND_LINE
        application.log.error(message(error))
        return NO
    application.print([name], {"asset": name})
    return 0
