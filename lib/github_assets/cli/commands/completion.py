"""`completion`: prints a script that completes commands and options in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from github_assets.cli.application import Application
from github_assets.log import Log

SUMMARY = "print a script that completes commands, options and files in a shell"
EXAMPLES = (
    ('eval "$(github-assets completion bash)"', "in ~/.bashrc"),
    ("github-assets completion zsh > ~/.zfunc/_github-assets", "once, for zsh with ~/.zfunc in its fpath"),
    ("github-assets completion fish > ~/.config/fish/completions/github-assets.fish", "once, for fish"),
)
SHELLS = ("bash", "fish", "powershell", "tcsh", "zsh")
_FILES, _DIRECTORIES = ("FILE", "PATH"), ("DIR",)
"""The metavars of paths."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("shell", choices=SHELLS, help="shell that is to read it")


def run(application: Application) -> int:
    """Print the script."""
    import shtab

    from github_assets.cli.parser import make_parser

    parser = make_parser()
    for action in _actions(parser):
        if action.metavar in (*_FILES, *_DIRECTORIES):
            vars(action)["complete"] = shtab.FILE if action.metavar in _FILES else shtab.DIRECTORY
    Log().block(shtab.complete(parser, application.options.shell), indent="")
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the options and arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        for command in action.choices.values() if isinstance(action, argparse._SubParsersAction) else ():
            yield from _actions(command)
