"""Writes docs/command-line.md: the commands and options as the parser has them, and what `--json` prints."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from github_assets.cli.parser import COMMANDS, EXIT_STATUSES, make_parser

PAGE = Path(__file__).with_name("command-line.md")
SCHEMA = Path(__file__).with_name("command-line.schema.json")
INTRODUCTION = """\
# The command line

<!-- Written by docs/command_line.py. -->

`github-assets` needs Python 3.11, and is installed from a release:

```text
pip install https://github.com/cage1016/github-assets-cnb/releases/download/v3.0.0/github_assets_cnb-3.0.0-py3-none-any.whl
```

Verifying attestations needs more packages, which the extra `attestations` has:

```text
pip install "github-assets-cnb[attestations] @ https://github.com/cage1016/github-assets-cnb/releases/download/v3.0.0/github_assets_cnb-3.0.0-py3-none-any.whl"
```

The package is on no index. Do not install one of that name from an index: it is somebody else's.

It reads the same configuration as a build: the application's files in `--directory`, the build-time variables in
project.toml, and the environment. `ASSET` is `owner/repo[@version]`, as in `BP_GITHUB_ASSETS`, or the URL of a
repository, a release or an asset. [lock.md](lock.md) describes the lock file.

![github-assets fetch](fetch.svg)

Results are printed to standard output, everything else to standard error; a progress bar is only shown on terminals.
With `--json`, the results are one JSON object, described [below](#what---json-prints) and in
[command-line.schema.json](command-line.schema.json).

## Exit status
"""
SHARED = """
## Options of several commands
"""
KEYS = """
`--file`, `--target` and so on are the [keys of the asset](assets.md#keys), with hyphens.
"""
SHARED_BY = ("quiet", "verbose", "json", "directory", "env", "plan")


def page() -> str:
    """Return the page."""
    statuses = _table(("status", "meaning"), _exit_statuses())
    return "\n".join([INTRODUCTION, *statuses, SHARED, *_shared(), KEYS, *_commands(), *_results(), ""])


def _exit_statuses() -> Iterator[tuple[str, str]]:
    yield from ((str(status), meaning) for status, meaning in EXIT_STATUSES.items())


def _parsers() -> dict[str, argparse.ArgumentParser]:
    [commands] = (each for each in make_parser()._actions if isinstance(each, argparse._SubParsersAction))
    return dict(commands.choices)


def _shared() -> Iterator[str]:
    actions = {each.dest: each for parser in _parsers().values() for each in parser._actions}
    yield from _table(("option", "meaning"), ((_names(actions[name]), _help(actions[name])) for name in SHARED_BY))


def _commands() -> Iterator[str]:
    for name, parser in _parsers().items():
        yield f"## {name}\n"
        yield f"{parser.description}\n"
        keys = parser.get_default("keys") or ()
        visible = [each for each in parser._actions if not _hidden(each)]
        actions = [each for each in visible if each.dest not in ("help", *SHARED_BY, *keys)]
        if actions:
            yield from _table(("argument", "meaning"), ((_names(each), _help(each)) for each in actions))
            yield ""
        shared = [each.option_strings for each in visible if each.dest in (*SHARED_BY, *keys)]
        yield f"Also {', '.join(f'`{next(it for it in names if len(it) > 2)}`' for names in shared)}.\n"
        yield "```console"
        for line, use in COMMANDS[name].EXAMPLES:
            yield f"$ {line}  # {use}"
        yield "```\n"


def _hidden(action: argparse.Action) -> bool:
    return action.help == argparse.SUPPRESS


def _names(action: argparse.Action) -> str:
    value = "{" + ",".join(action.choices) + "}" if action.choices else action.metavar or action.dest.upper()
    if isinstance(action, argparse.BooleanOptionalAction) or action.nargs == 0:
        value = ""
    if not action.option_strings:
        return f"`{value}`"
    value = {"?": f"[={value}]", "*": f" [{value} …]", "+": f" {value} …"}.get(str(action.nargs), value and f" {value}")
    return ", ".join(f"`{option}{value}`" for option in action.option_strings)


def _help(action: argparse.Action) -> str:
    text = (action.help or "").replace("%(default)s", str(action.default))
    return f"required: {text}" if action.option_strings and action.required else text


def _results() -> Iterator[str]:
    definitions = json.loads(SCHEMA.read_text())["$defs"]
    yield "## What `--json` prints"
    for command in COMMANDS:
        if command in definitions:
            yield f"\n### {command} --json\n"
            yield from _table(("field", "meaning"), _fields(definitions[command], definitions))


def _fields(schema: dict[str, Any], definitions: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in schema.get("properties", {}).items():
        described = definitions[field["$ref"].rpartition("/")[2]] if "$ref" in field else field
        yield f"`{prefix}{name}`", described["description"]
        yield from _fields(field.get("items", {}), definitions, f"{prefix}{name}[].")


def _table(header: tuple[str, str], rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"| {header[0]} | {header[1]} |"
    yield "|---|---|"
    yield from (f"| {first.replace('|', chr(92) + '|')} | {second} |" for first, second in rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
