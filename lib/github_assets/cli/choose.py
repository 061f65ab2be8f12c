"""`choose`: prints which of the given asset names a build for a platform would install."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence

from github_assets.config.patterns import parse_pattern
from github_assets.errors.selection import AssetAmbiguous, AssetNotFound, NoAssetForPlatform
from github_assets.locations import Location, literal
from github_assets.log import Log
from github_assets.messages import message
from github_assets.platforms import Platform
from github_assets.selection.asset_choice import AssetQuery, choose

UNDECIDED = 3


class Options(Location):
    """The options of a command."""

    def setting(self, key: str) -> str:
        """Return the option's name."""
        return f"--{key}"

    def assignment(self, key: str, value: str | bool) -> str:
        """Return the option with the value, ready to paste into a shell."""
        return f"--{key} {shlex.quote(str(literal(key, value)))}"


def run(argv: Sequence[str]) -> int:
    """Print the chosen name and return 0, or print the candidates to standard error and return 3.

    Raises SettingInvalid if `--file` is not a valid pattern, and SystemExit for usage errors.
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
        description="Print the name of the release asset that matches a platform.",
        epilog="Exit status: 0, or 3 if no asset or several match; the candidates are printed to standard error.",
    )
    parser.add_argument("--os", default="linux", help="operating system, as Go names it (default: %(default)s)")
    parser.add_argument("--arch", required=True, help="architecture, as Go names it: amd64, arm64, …")
    parser.add_argument("--libc", choices=("musl", "gnu"), help="C library of the run image")
    parser.add_argument("--repo", metavar="OWNER/NAME", help="repository")
    parser.add_argument("--tag", help="tag of the release")
    parser.add_argument(
        "--file", metavar="PATTERN", help="same as FILE: a name, glob, /regular expression/ or template"
    )
    parser.add_argument("--target", metavar="NAME", help="same as TARGET: name of the executable")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="asset names (default: read from standard input, one per line)"
    )
    return parser
