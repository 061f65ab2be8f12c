"""docs/command-line.md describes the commands as the parser has them."""

from __future__ import annotations

import json

import jsonschema
import pytest

from docs.command_line import PAGE, SCHEMA, page
from github_assets.cli.parser import COMMANDS, make_parser


def test_the_page_is_up_to_date() -> None:
    """To write it anew: PYTHONPATH=lib:. python docs/command_line.py."""
    assert PAGE.read_text() == page()


def test_options_that_help_does_not_show_are_not_on_the_page() -> None:
    """Those that argparse.SUPPRESS hides from `--help`."""
    assert "SUPPRESS" not in page()
    assert "`--os" not in page()


def test_the_schema_describes_every_command_that_prints_json() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    described = [command for command in COMMANDS if command in schema["$defs"]]
    for command in COMMANDS:
        arguments = {"fetch": ["a/b"], "explain": ["a/b"], "add": ["a/b"], "mirror": ["x"], "verify": ["x"]} | {
            "probe": ["--port", "1"],
            "choose": ["--arch", "amd64"],
            "completion": ["bash"],
        }
        options = make_parser().parse_args([command, *arguments.get(command, [])])
        assert hasattr(options, "json") is (command in described), command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples(command: str) -> None:
    lines = [line for line, _ in COMMANDS[command].EXAMPLES]
    assert lines
    assert all(f"github-assets {command}" in line for line in lines)
