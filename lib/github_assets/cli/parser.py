"""`github-assets`: its commands, their help, and their exit statuses.

Results are printed to standard output, everything else to standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

from github_assets import __version__
from github_assets.cli.application import Application
from github_assets.cli.commands import (
    add,
    choose,
    completion,
    doctor,
    explain,
    fetch,
    lock,
    migrate,
    mirror,
    outdated,
    probe,
    resolve,
    verify,
)
from github_assets.cli.options import NO, add_common
from github_assets.config.settings import Environment, read_debugging
from github_assets.log import Log

USAGE = 2
EXIT_STATUSES = {
    0: "success",
    1: "error",
    USAGE: "usage error",
    NO: "no single match (choose, explain), newer releases (outdated), or a problem (doctor)",
    141: "the reader of the output has ended",
}


class Command(Protocol):
    """A module of `commands`."""

    @property
    def SUMMARY(self) -> str:  # noqa: N802
        """What it does, in one line."""

    @property
    def EXAMPLES(self) -> Sequence[tuple[str, str]]:  # noqa: N802
        """Command lines, each with what it is for; docs/command-line.md has them, and a test runs them."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add its arguments."""

    def run(self, application: Application) -> int:
        """Carry it out, and return the exit status."""


COMMANDS: Mapping[str, Command] = {
    "fetch": fetch,
    "resolve": resolve,
    "explain": explain,
    "add": add,
    "outdated": outdated,
    "lock": lock,
    "mirror": mirror,
    "verify": verify,
    "migrate": migrate,
    "probe": probe,
    "doctor": doctor,
    "choose": choose,
    "completion": completion,
}


def run(arguments: Sequence[str], variables: Mapping[str, str], log: Log) -> int:
    """Run a command and return its exit status. Raises errors of `github_assets.errors`, and SystemExit."""
    parser = make_parser()
    if not arguments:
        parser.print_help(sys.stderr)
        return USAGE
    options = parser.parse_args(arguments)
    log.quiet = options.quiet
    log.debugging = options.verbose or read_debugging(Environment(None, variables))
    for name, value in options.env:
        if value is None and name not in variables:
            log.warning(f"{name} is not set in the shell: --env {name} does nothing.")
    command: Command = options.command
    return command.run(Application(options, variables, log))


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="github-assets",
        allow_abbrev=False,  # of `--to` argparse would make `--token-env`
        description="Resolve, lock and fetch GitHub release assets, as the GitHub Assets Buildpack does.",
        epilog=f"Exit status: {', '.join(f'{status} {meaning}' for status, meaning in EXIT_STATUSES.items())}.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        added = commands.add_parser(
            name,
            help=command.SUMMARY,
            description=f"{command.SUMMARY[0].upper()}{command.SUMMARY[1:]}.",
            epilog="examples:\n" + "\n".join(f"  # {use}\n  {line}" for line, use in command.EXAMPLES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        added.set_defaults(command=command, usage_error=added.error, env=[], plan=None)
        add_common(added)
        command.add_arguments(added)
    return parser
