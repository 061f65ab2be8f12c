"""`choose`: which of these names a build for a platform would take."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from github_assets.config.patterns import parse_pattern
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.locations import Options
from github_assets.log import Log
from github_assets.messages import message
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose

UNDECIDED = 3


def run(argv: Sequence[str]) -> int:
    """Print the chosen name and return 0, or print the candidates to standard error and return 3.

    Raises SettingInvalid where `--file` is no pattern, and SystemExit for the command's own usage.
    """
    options = _parser().parse_args(argv)
    names = options.names or [line.strip() for line in sys.stdin if line.strip()]
    log = Log()
    source = Options("the command line")
    try:
        pattern = parse_pattern(options.file, source.setting("file")) if options.file else None
        query = AssetQuery(options.repo, options.tag, pattern, options.target)
        name = choose(names, Platform(options.os, options.arch, options.libc), query)
    except (AssetAmbiguous, AssetNotFound, NoAssetForPlatform) as error:
        error.source = source
        log.error(message(error))
        return UNDECIDED
    log.title(name)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="github-assets choose",
        description="Print which asset of a release is for a platform.",
        epilog="Exit status: 0, or 3 where no asset or more than one is; the candidates are then on standard error.",
    )
    parser.add_argument("--os", default="linux", help="Go's name of the operating system (default: %(default)s)")
    parser.add_argument("--arch", required=True, help="Go's name of the architecture: amd64, arm64, …")
    parser.add_argument("--libc", choices=("musl", "gnu"), help="the C library of the run image")
    parser.add_argument("--repo", metavar="OWNER/NAME", help="the repository")
    parser.add_argument("--tag", help="the release's tag")
    parser.add_argument("--file", metavar="PATTERN", help="FILE: a name, glob, /regular expression/ or template")
    parser.add_argument("--target", metavar="NAME", help="TARGET: what the executable is called")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an asset's name (default: standard input's lines)")
    return parser
