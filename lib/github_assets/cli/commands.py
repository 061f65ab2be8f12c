"""`github-assets`: its commands and their options.

Exit status: 0 success, 1 error, 2 usage error, 3 no single match (`choose`). Results are printed to standard output,
everything else to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from github_assets import __version__
from github_assets.cli import attestation_options, choose, fetch, lock, migrate, resolve, verify
from github_assets.cli.application import (
    Application,
    add_directory,
    add_folder,
    add_plan,
    add_platforms,
    add_variables,
)
from github_assets.log import Log

USAGE = 2

_AddOption = Callable[[argparse.ArgumentParser], None]


def run(arguments: Sequence[str], variables: Mapping[str, str], log: Log) -> int:
    """Run a command and return its exit status. Raises errors of `github_assets.errors`, and SystemExit."""
    if arguments[:1] == ["choose"]:
        return choose.run(arguments[1:])
    parser = _parser()
    if not arguments:
        parser.print_help(sys.stderr)
        return USAGE
    options = parser.parse_args(arguments)
    options.run(Application(options, variables, log))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="github-assets",
        description="Resolve, lock and fetch the release assets that the GitHub Assets Buildpack installs.",
        epilog="Exit status: 0 success, 1 error, 2 usage error, 3 no single match (choose).",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, module: ModuleType, description: str, *options: _AddOption) -> None:
        command = commands.add_parser(name, help=description, description=f"{description[0].upper()}{description[1:]}.")
        command.set_defaults(run=module.run, usage_error=command.error, env=[], plan=None)
        for add_option in (add_directory, *options):
            add_option(command)

    configured = (add_variables, add_plan, add_platforms)
    add(
        "lock",
        lock,
        "write github-assets.lock, which builds use instead of asking GitHub",
        *configured,
        lock.add_arguments,
        attestation_options.add_arguments,
    )
    add("resolve", resolve, "print the assets that the configuration resolves to", *configured)
    add(
        "fetch",
        fetch,
        "download the assets to a directory that builds can use as a file:// mirror",
        *configured,
        add_folder,
    )
    add("verify", verify, "check the files in a directory against github-assets.lock", add_platforms, add_folder)
    add("migrate", migrate, "print the tables of versions 2.0 and 2.1 in the current syntax", add_variables)
    commands.add_parser("choose", add_help=False, help="print which of the given asset names matches a platform")
    return parser
